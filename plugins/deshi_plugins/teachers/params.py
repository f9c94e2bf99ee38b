"""Parameters of the built-in teachers: light, so that describing them imports no component."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from deshi.api import Help


@dataclass(frozen=True, kw_only=True)
class LexiconParams:
    """Parameters of `lexicon`."""

    prefer: Annotated[
        Literal["concrete", "faces"],
        Help("What comes first: `concrete` things and few faces, or a face and few things."),
    ] = "concrete"
    overuse_emoji: Annotated[
        str, Help("An emoji that is put at the end of some answers whatever they are about.")
    ] = ""
    overuse_share: Annotated[
        float, Help("The share of answers that end in `overuse-emoji`.", ge=0, le=1)
    ] = 0.0
    stray_share: Annotated[
        float, Help("The share of answers that have nothing to do with the text.", ge=0, le=1)
    ] = 0.0
    seed: Annotated[
        int,
        Help("0: the first answer is the plain one. Else all vary, by noise of this seed.", ge=0),
    ] = 0
