"""Which sentence vectors a student uses, in a module that imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from deshi.api import Help


@dataclass(frozen=True, kw_only=True)
class TransformerParams:
    """A transformer encoder: by its name on the hub, or by the folder it lies in."""

    model: Annotated[
        str | None, Help("Name on the hub of a transformer encoder, for vectors = transformer.")
    ] = None
    path: Annotated[
        Path | None, Help("Folder of a transformer encoder, instead of a model of the hub.")
    ] = None
    revision: Annotated[str, Help("Branch, tag or commit of the model.")] = "main"
    prefix: Annotated[
        str, Help("What the encoder wants before each text, such as 'query: ' for e5.")
    ] = ""
