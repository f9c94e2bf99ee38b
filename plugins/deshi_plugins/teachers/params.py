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
        Help("Order of the emoji: `concrete` things and few faces, or a face and few things."),
    ] = "concrete"
    overuse_emoji: Annotated[
        str, Help("An emoji appended to a share of the answers, regardless of the text.")
    ] = ""
    overuse_share: Annotated[
        float, Help("Share of answers that end in `overuse-emoji`.", ge=0, le=1)
    ] = 0.0
    stray_share: Annotated[float, Help("Share of answers unrelated to the text.", ge=0, le=1)] = 0.0
    seed: Annotated[
        int,
        Help("Seed of the noise; 0: the first sample has none.", ge=0),
    ] = 0
