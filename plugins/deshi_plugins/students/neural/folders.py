"""Folders of fitted students: what transformers can load, and student.json with the decoding."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from deshi.api import Json
from deshi_plugins.students.neural.quiet import quiet

_STATE = "student.json"


def write_folder(folder: Path, model: Any, tokenizer: Any, state: Json) -> None:  # noqa: ANN401
    """Write a model, its tokenizer, and what decoding needs."""
    with quiet():
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    text = json.dumps(state, ensure_ascii=False, indent=1)
    (folder / _STATE).write_text(text + "\n", encoding="utf-8")


def read_folder(folder: Path, kind: Any) -> tuple[Any, Any, Json]:  # noqa: ANN401
    """Return the model, the tokenizer and the state; `kind` is a class of transformers."""
    import transformers

    state = json.loads((folder / _STATE).read_text(encoding="utf-8"))
    with quiet():
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
        model = kind.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
    return model, tokenizer, state
