"""Parameters, in a module that imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from deshi.api import Help
from deshi_plugins.students import TrainingParams


@dataclass(frozen=True, kw_only=True)
class CharacterParams(TrainingParams):
    """Parameters of `characters`: those of the training loop, and the size of the model."""

    learning_rate: Annotated[float, Help("Maximum learning rate of AdamW.", gt=0)] = 0.02
    width: Annotated[int, Help("Width of an embedding.", ge=1)] = 96
    buckets: Annotated[
        int, Help("Number of embeddings, shared by characters of the same hash.", ge=1)
    ] = 20_000
