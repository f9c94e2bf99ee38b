"""Parameters of the built-in metrics: light, so that describing them imports no component."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from deshi.api import Help
from deshi.emoji import MAX_EMOJI

Level = Literal["group", "subgroup"]


@dataclass(frozen=True, kw_only=True)
class CategoryParams:
    """Parameters of `category-jaccard`."""

    level: Annotated[Level, Help("CLDR's groups, such as smileys, or its finer subgroups.")] = (
        "group"
    )


@dataclass(frozen=True, kw_only=True)
class HistogramParams:
    """Parameters of the metrics that compare histograms of lengths."""

    longest: Annotated[int, Help("Longer predictions count as this long.", ge=1)] = 64


@dataclass(frozen=True, kw_only=True)
class MacroF1Params:
    """Parameters of `macro-f1`."""

    labels: Annotated[
        Literal["gold", "gold-and-predicted"],
        Help("Average over the emoji of the gold, or also over the predicted ones."),
    ] = "gold"


@dataclass(frozen=True, kw_only=True)
class JaccardParams:
    """Parameters of `jaccard`."""

    references: Annotated[
        Literal["best", "mean"], Help("Over several references, take the best or the mean.")
    ] = "best"


@dataclass(frozen=True, kw_only=True)
class AtKParams:
    """Parameters of the metrics that look at the first ranks."""

    k: Annotated[int, Help("Number of ranks that count.", ge=1, le=100)] = 5


@dataclass(frozen=True, kw_only=True)
class MrrParams:
    """Parameters of `mrr`."""

    depth: Annotated[
        int, Help("A first correct emoji below this rank counts as none.", ge=1, le=100)
    ] = 100


@dataclass(frozen=True, kw_only=True)
class SoftJaccardParams:
    """Parameters of `soft-jaccard`; all but `similarity` are about keywords."""

    similarity: Annotated[
        Literal["keywords", "embedding"],
        Help("Of CLDR's Japanese keywords, or of an embedding of these."),
    ] = "keywords"
    weights: Annotated[
        Literal["idf", "none"], Help("Weight keywords by their rarity, or all equally.")
    ] = "idf"
    stop: Annotated[tuple[str, ...], Help("Uninformative keywords (stop words).")] = (
        "顔",
        "人",
        "記号",
    )
    stop_weight: Annotated[float, Help("Factor of the weight of a stop keyword.", ge=0)] = 0.1


@dataclass(frozen=True, kw_only=True)
class EceParams:
    """Parameters of `ece`."""

    bins: Annotated[int, Help("Bins of equal width over [0, 1].", ge=1, le=100)] = 10
    depth: Annotated[int, Help("Number of ranked labels that count.", ge=1, le=100)] = 5


@dataclass(frozen=True, kw_only=True)
class DistinctNParams:
    """Parameters of `distinct-n`."""

    n: Annotated[int, Help("Number of consecutive emoji in an n-gram.", ge=2, le=3)] = 2


@dataclass(frozen=True, kw_only=True)
class MauveParams:
    """Parameters of `mauve`."""

    scaling: Annotated[
        float, Help("The constant c: the larger, the nearer to 0 a given divergence scores.", gt=0)
    ] = 5.0
    points: Annotated[
        int, Help("Number of mixtures of predictions and gold on the frontier.", ge=1, le=999)
    ] = 49


@dataclass(frozen=True, kw_only=True)
class FormatParams:
    """Parameters of `format-ok`."""

    least: Annotated[int, Help("Minimum number of emoji.", ge=0)] = 1
    most: Annotated[int, Help("Maximum number of emoji; repeats count.", ge=1)] = MAX_EMOJI


@dataclass(frozen=True, kw_only=True)
class BannedParams:
    """Parameters of `banned`."""

    emojis: Annotated[tuple[str, ...], Help("The emoji that no prediction may have.")] = ("✨",)
