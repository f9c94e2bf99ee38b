"""Parameters of the built-in losses, in a module that imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from deshi.api import Help


@dataclass(frozen=True, kw_only=True)
class CrossEntropyParams:
    """Parameters of `ce`."""

    label_smoothing: Annotated[
        float, Help("Share of the target that is spread evenly over all classes.", ge=0, lt=1)
    ] = 0.0


@dataclass(frozen=True, kw_only=True)
class FocalParams:
    """Parameters of `focal`."""

    gamma: Annotated[
        float, Help("How fast the loss of the easy fades; 0 is cross-entropy.", ge=0)
    ] = 2.0
    alpha: Annotated[
        float,
        Help("Weight of positive labels, 1 - alpha of negative ones; not for tokens.", ge=0, le=1),
    ] = 0.25
