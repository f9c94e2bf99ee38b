"""Checkpoints: a folder in the layout of the Hugging Face Hub, or a model on the Hub."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from deshi.api import DeshiError, Env, NotReadyError, UsageError, install_command
from deshi_plugins.corpora.hub_errors import failures, hub_error
from deshi_plugins.students.neural.params import CheckpointParams

T = TypeVar("T")

_WEIGHTS = ("*.safetensors", "pytorch_model*.bin")
_SMALL = ("*.json", "*.model", "*.txt")
_TOKENIZERS = ("tokenizer.json", "*.model", "vocab.txt", "vocab.json")
_LOG = logging.getLogger("deshi.student")


@dataclass(frozen=True)
class Checkpoint:
    """A folder with config.json, weights and a tokenizer; `name` is its name in messages."""

    folder: Path
    name: str
    entry: str
    commit: str = ""

    def config(self) -> dict[str, Any]:
        """Return config.json.

        Raises:
            UsageError: a file is missing or config.json is invalid.
        """
        self._require("config.json", ("config.json",))
        self._require("model.safetensors", _WEIGHTS)
        self._require("tokenizer.json", _TOKENIZERS)
        try:
            content = json.loads((self.folder / "config.json").read_text(encoding="utf-8"))
        except ValueError as error:
            raise self.fault("config.json", f"is not JSON: {error}") from None
        if not isinstance(content, dict) or "model_type" not in content:
            raise self.fault("config.json", "has no 'model_type'")
        return content

    def tokenizer(self) -> Any:  # noqa: ANN401
        """Return the tokenizer.

        Raises:
            UsageError: its files cannot be read.
            NotReadyError: it needs a library that is not installed.
        """
        import transformers

        load = transformers.AutoTokenizer.from_pretrained
        return self.read("its tokenizer", lambda: load(self.folder, local_files_only=True))

    def read(self, what: str, read: Callable[[], T]) -> T:
        """Return what `read` reads from a file or files; `what` names them.

        Raises:
            UsageError: what is there cannot be read.
            NotReadyError: a library that it needs is missing.
        """
        try:
            return read()
        except DeshiError:
            raise
        except ImportError as error:
            lines = [line for line in str(error).splitlines() if line.strip()]
            raise NotReadyError(
                f"{what} needs a library: {lines[0] if lines else error}",
                where=f"student {self.entry}: {self.name}",
                fix=f"run `{install_command('offline', 'transformers')}`",
            ) from error
        except Exception as error:
            first = (str(error).strip().splitlines() or [""])[0]
            raise self.fault(what, f"cannot be read: {type(error).__name__}: {first}") from error

    def fault(self, file: str, what: str) -> UsageError:
        """Return the error for a file that is missing or wrong."""
        return UsageError(
            f"{file} {what}",
            where=f"student {self.entry}: {self.name}",
            fix="save the model again with transformers' save_pretrained, or name another",
        )

    def _require(self, file: str, patterns: tuple[str, ...]) -> None:
        if not any(file.is_file() for p in patterns for file in self.folder.glob(p)):
            others = [pattern for pattern in patterns if pattern != file]
            also = f" (or {', '.join(others)})" if others else ""
            raise self.fault(f"{file}{also}", "is missing")


def resolve_checkpoint(params: CheckpointParams, env: Env) -> Checkpoint:
    """Return the checkpoint that the parameters name, downloaded where it is not here yet.

    Raises:
        UsageError: there is no such model or revision, or it may not be read.
        NotReadyError: the run is offline and the model is not in the cache.
        ComponentError: the Hugging Face Hub did not respond.
    """
    if params.path is not None:
        return Checkpoint(params.path, str(params.path), env.entry)
    assert params.checkpoint is not None
    folder = _downloaded(params.checkpoint, params.revision)
    commit = folder.name
    if params.revision != commit:
        (env.log or _LOG).warning(
            "%s: revision '%s' may move to another commit; to train from the same one again, "
            'set revision = "%s"',
            params.checkpoint,
            params.revision,
            commit,
        )
    return Checkpoint(folder, params.checkpoint, env.entry, commit)


def _downloaded(name: str, revision: str) -> Path:
    """Return the folder of a snapshot: weights as safetensors, or else in torch's own format."""
    import huggingface_hub
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    folder = Path()
    for weights in _WEIGHTS:
        try:
            folder = Path(
                huggingface_hub.snapshot_download(
                    name,
                    revision=revision,
                    allow_patterns=[*_SMALL, weights],
                    library_name="deshi",
                )
            )
        except failures() as error:
            raise hub_error(error, name, revision, "*", kind="model") from None
        if any(folder.glob(weights)):
            break
    return folder
