"""A transformer encoder of the Hugging Face Hub or a folder, pooled into one vector per text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from deshi.api import Env, Json, NotReadyError, UsageError, install_command
from deshi_plugins.encoders.params import TransformerParams

Pooling: TypeAlias = str
_BATCH = 32
_LONGEST = 256
_POOLINGS = ("mean", "cls", "max")


class TransformerEncoder:
    """The mean of the last hidden states over the tokens of a text, scaled to length 1.

    Where the checkpoint has the layout of sentence-transformers (`modules.json`), its pooling is used:
    mean, cls or max. Texts are cut at 256 tokens or at the checkpoint's own limit.
    """

    def __init__(self, params: TransformerParams, env: Env) -> None:
        self._params = params
        self._env = env
        self._source = str(params.path or params.model)

    @cached_property
    def identity(self) -> str:
        """The content of the folder or the commit of the model, with prefix and pooling."""
        if self._params.path is not None:
            content = _digest(self._params.path)
        else:
            content = f"{self._params.model}@{self._load[1].config._commit_hash}"  # noqa: SLF001
        return f"transformer {content} {self._layout[0]} {self._layout[1]} {self._params.prefix!r}"

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return vectors of length 1, shape (texts, dimensions)."""
        import torch

        order = np.argsort([len(text) for text in texts], kind="stable")
        rows: list[npt.NDArray[np.float32]] = [np.zeros(0, dtype=np.float32)] * len(texts)
        with torch.inference_mode():
            for start in range(0, len(texts), _BATCH):
                indices = order[start : start + _BATCH].tolist()
                vectors = self._pooled([self._params.prefix + texts[index] for index in indices])
                for index, vector in zip(indices, vectors, strict=True):
                    rows[index] = vector
        return np.stack(rows)

    def _pooled(self, texts: list[str]) -> npt.NDArray[np.float32]:
        import torch
        from torch.nn import functional

        tokenizer, model = self._load
        pooling, longest = self._layout
        batch = tokenizer(
            texts, padding=True, truncation=True, max_length=longest, return_tensors="pt"
        ).to(self._env.device)
        states = model(**batch).last_hidden_state.float()
        mask = batch["attention_mask"].unsqueeze(-1)
        if pooling == "cls":
            pooled = states[:, 0]
        elif pooling == "max":
            pooled = states.masked_fill(mask == 0, -torch.inf).amax(1)
        else:
            pooled = (states * mask).sum(1) / mask.sum(1).clamp(min=1)
        vectors: npt.NDArray[np.float32] = functional.normalize(pooled, dim=-1).cpu().numpy()
        return vectors

    @cached_property
    def _load(self) -> tuple[Any, Any]:
        """The tokenizer and the model.

        Raises:
            NotReadyError: transformers is not installed.
            UsageError: there is no such model, or a file of it is missing or wrong.
        """
        try:
            from transformers import AutoModel, AutoTokenizer
        except ImportError:
            raise NotReadyError(
                "needs the extra 'transformers', which is not installed",
                where="vectors 'transformer'",
                fix=f"run `{install_command('transformers')}`, or choose other vectors",
            ) from None
        at = {} if self._params.path else {"revision": self._params.revision}
        try:
            tokenizer = AutoTokenizer.from_pretrained(self._source, **at)
            model = AutoModel.from_pretrained(self._source, **at)
        except (OSError, ValueError, KeyError) as error:
            raise UsageError(
                f"cannot be read as a transformer: {str(error).splitlines()[0]}",
                where=f"encoder '{self._source}'",
                fix="check that the folder has config.json, the tokenizer and the weights",
            ) from error
        return tokenizer, model.eval().to(self._env.device)

    @cached_property
    def _layout(self) -> tuple[Pooling, int]:
        """The pooling and the longest text in tokens.

        Raises:
            UsageError: the checkpoint has a part after the pooling that is not known here.
        """
        longest = self._file("sentence_bert_config.json") or {}
        limit = int(longest.get("max_seq_length") or _LONGEST)
        pooling = "mean"
        for module in self._file("modules.json") or ():
            kind = str(module["type"]).rpartition(".")[2]
            if kind == "Pooling":
                pooling = self._pooling(self._file(f"{module['path']}/config.json") or {})
            elif kind not in ("Transformer", "Normalize"):
                raise UsageError(
                    f"has the module '{kind}', and deshi supports Transformer, Pooling and Normalize",
                    where=f"encoder '{self._source}': modules.json",
                    fix="choose an encoder without it",
                )
        return pooling, min(limit, _LONGEST)

    def _pooling(self, config: Mapping[str, Json]) -> Pooling:
        named = config.get("pooling_mode")
        flags = {"mean": "mean_tokens", "cls": "cls_token", "max": "max_tokens"}
        active = [named] if named else [n for n in flags if config.get(f"pooling_mode_{flags[n]}")]
        if len(active) != 1 or active[0] not in _POOLINGS:
            raise UsageError(
                f"pools by {' and '.join(map(str, active)) or 'an unknown method'}",
                where=f"encoder '{self._source}': 1_Pooling/config.json",
                fix=f"choose an encoder that pools by {', '.join(_POOLINGS)}",
            )
        return str(active[0])

    def _file(self, name: str) -> Any:  # noqa: ANN401
        """Return the content of a JSON file of the checkpoint, None where it has none."""
        from transformers.utils.hub import cached_file

        path = cached_file(
            self._source,
            name,
            revision=None if self._params.path else self._params.revision,
            _raise_exceptions_for_missing_entries=False,
            _raise_exceptions_for_connection_errors=False,
            _raise_exceptions_for_gated_repo=False,
        )
        return json.loads(Path(path).read_text(encoding="utf-8")) if path else None


def _digest(folder: Path) -> str:
    """Return the sha256 of the names and contents of a folder's files."""
    total = hashlib.sha256()
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        total.update(f"{file.relative_to(folder).as_posix()}:{digest}\n".encode())
    return total.hexdigest()
