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

    longest: Annotated[int, Help("Longer answers count as this long.", ge=1)] = 64


@dataclass(frozen=True, kw_only=True)
class MacroF1Params:
    """Parameters of `macro-f1`."""

    labels: Annotated[
        Literal["gold", "gold-and-predicted"],
        Help("Average over the emoji of the gold, or over those that were predicted as well."),
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

    k: Annotated[int, Help("How many ranks count.", ge=1, le=100)] = 5


@dataclass(frozen=True, kw_only=True)
class MrrParams:
    """Parameters of `mrr`."""

    depth: Annotated[
        int, Help("A first right emoji below this rank counts as none.", ge=1, le=100)
    ] = 100


@dataclass(frozen=True, kw_only=True)
class SoftJaccardParams:
    """Parameters of `soft-jaccard`; all but `similarity` are about keywords."""

    similarity: Annotated[
        Literal["keywords", "embedding"],
        Help("Of CLDR's Japanese keywords, or of an embedding of these."),
    ] = "keywords"
    weights: Annotated[
        Literal["idf", "none"], Help("Weigh keywords by how rare they are, or all alike.")
    ] = "idf"
    stop: Annotated[tuple[str, ...], Help("Keywords that say next to nothing.")] = (
        "顔",
        "人",
        "記号",
    )
    stop_weight: Annotated[float, Help("What a stop keyword weighs, of its weight.", ge=0)] = 0.1


@dataclass(frozen=True, kw_only=True)
class EceParams:
    """Parameters of `ece`."""

    bins: Annotated[int, Help("Bins of equal width over [0, 1].", ge=1, le=100)] = 10
    depth: Annotated[int, Help("How many labels of a ranking count.", ge=1, le=100)] = 5


@dataclass(frozen=True, kw_only=True)
class DistinctNParams:
    """Parameters of `distinct-n`."""

    n: Annotated[int, Help("How many emoji side by side count as one.", ge=2, le=3)] = 2


@dataclass(frozen=True, kw_only=True)
class MauveParams:
    """Parameters of `mauve`."""

    scaling: Annotated[
        float, Help("The constant c: what is far from the gold is the nearer to 0.", gt=0)
    ] = 5.0
    points: Annotated[
        int, Help("How many mixtures of answers and gold make the frontier.", ge=1, le=999)
    ] = 49


@dataclass(frozen=True, kw_only=True)
class FormatParams:
    """Parameters of `format-ok`."""

    least: Annotated[int, Help("Fewer emoji are too few.", ge=0)] = 1
    most: Annotated[int, Help("More emoji are too many; repeats count.", ge=1)] = MAX_EMOJI


@dataclass(frozen=True, kw_only=True)
class BannedParams:
    """Parameters of `banned`."""

    emojis: Annotated[tuple[str, ...], Help("The emoji that no answer may have.")] = ("✨",)
