"""Parameters of sentence vectors, in a module that imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from deshi.api import Help


@dataclass(frozen=True, kw_only=True)
class TransformerParams:
    """A transformer encoder: by its name on the Hugging Face Hub, or by its folder."""

    model: Annotated[
        str | None, Help("Transformer encoder on the Hugging Face Hub, for vectors = transformer.")
    ] = None
    path: Annotated[
        Path | None, Help("Folder of a transformer encoder, instead of a model on the Hub.")
    ] = None
    revision: Annotated[str, Help("Branch, tag or commit of the model.")] = "main"
    prefix: Annotated[str, Help("Prefix of each text, such as 'query: ' for e5.")] = ""
