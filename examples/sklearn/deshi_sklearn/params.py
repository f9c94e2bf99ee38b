"""Parameters, in a module that imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from deshi.api import Help


@dataclass(frozen=True, kw_only=True)
class NgramParams:
    """Parameters of `ngram-lr`; of several values the best on validation is chosen."""

    c: Annotated[
        tuple[float, ...], Help("Inverse strength of the regularisation.", min_length=1)
    ] = (1.0,)
    ngram: Annotated[tuple[int, ...], Help("Longest character n-gram.", min_length=1)] = (5,)
