"""The specs of all built-in metrics, in the order in which they are listed."""

from __future__ import annotations

from typing import Literal

from deshi.api import MetricSpec

Direction = Literal["higher", "lower", "none"]
Bounds = tuple[float | None, float | None]

_HERE = "deshi_plugins.metrics"
_SHARE: Bounds = (0.0, 1.0)
_FROM_0: Bounds = (0.0, None)
_FROM_1: Bounds = (1.0, None)
_MATCHED = "refs:best-jaccard|unknown:wrong|empty:1"
_RANKS = "refs:best-jaccard|repeats:keep-rank|unknown:no-rank|empty:1"
_LENGTHS = "refs:first|repeats:count|unknown:no"
_COUNTS = "micro|repeats:count|unknown:no"
_COUNTS_GOLD = f"{_COUNTS}|refs:first"


def _spec(
    name: str,
    target: str,
    summary: str,
    signature: str,
    *,
    direction: Direction = "higher",
    bounds: Bounds = _SHARE,
    params: str | None = None,
) -> MetricSpec:
    return MetricSpec(
        name=name,
        target=f"{_HERE}.{target}",
        params=params and f"{_HERE}.params:{params}",
        summary=summary,
        direction=direction,
        bounds=bounds,
        signature=signature,
    )


def metric_specs() -> tuple[MetricSpec, ...]:
    """Return the specs of all built-in metrics."""
    families = (
        _overlap,
        _exact,
        _pooled,
        _ranked,
        _semantic,
        _lengths,
        _length_distributions,
        _variety,
        _concentration,
        _against_gold,
        _repetition,
    )
    return tuple(spec for family in families for spec in family())


def _overlap() -> tuple[MetricSpec, ...]:
    return (
        _spec(
            "jaccard",
            "overlap:Jaccard",
            "Jaccard index of the label sets, mean over texts.",
            "set|mean|unknown:wrong|empty:1",
            params="JaccardParams",
        ),
        _spec(
            "multiset-jaccard",
            "overlap:MultisetJaccard",
            "Jaccard index of the label counts, so that repetition costs.",
            f"multiset|mean|{_MATCHED}",
        ),
        _spec(
            "sample-f1",
            "overlap:SampleF1",
            "F1 of the label sets, mean over texts.",
            f"set|mean|{_MATCHED}",
        ),
        _spec(
            "sample-precision",
            "overlap:SamplePrecision",
            "Precision of the label sets, mean over texts.",
            f"set|mean|{_MATCHED}",
        ),
        _spec(
            "sample-recall",
            "overlap:SampleRecall",
            "Recall of the label sets, mean over texts.",
            f"set|mean|{_MATCHED}",
        ),
    )


def _exact() -> tuple[MetricSpec, ...]:
    return (
        _spec(
            "exact-match",
            "overlap:ExactMatch",
            "Share of texts whose label set is exactly right.",
            f"set|mean|{_MATCHED}",
        ),
        _spec(
            "exact-sequence",
            "overlap:ExactSequence",
            "Share of texts whose labels are right in order and number too.",
            "sequence|mean|refs:any|unknown:wrong|empty:1",
        ),
    )


def _pooled() -> tuple[MetricSpec, ...]:
    return (
        _spec(
            "micro-precision",
            "micro:MicroPrecision",
            "Precision over all labels of all texts.",
            f"set|micro|{_MATCHED}",
        ),
        _spec(
            "micro-recall",
            "micro:MicroRecall",
            "Recall over all labels of all texts.",
            f"set|micro|{_MATCHED}",
        ),
        _spec(
            "micro-f1",
            "micro:MicroF1",
            "F1 over all labels of all texts.",
            f"set|micro|{_MATCHED}",
        ),
        _spec(
            "macro-f1",
            "macro:MacroF1",
            "F1 of each emoji, mean over emoji.",
            "set|macro|refs:best-jaccard|unknown:one-label",
            params="MacroF1Params",
        ),
    )


def _ranked() -> tuple[MetricSpec, ...]:
    return (
        _spec(
            "hit-at-k",
            "ranked:HitAtK",
            "Share of texts with a right emoji among the first k.",
            f"ranks|mean|{_RANKS}",
            params="AtKParams",
        ),
        _spec(
            "precision-at-k",
            "ranked:PrecisionAtK",
            "Right emoji among the first k, over k.",
            f"ranks|mean|{_RANKS}",
            params="AtKParams",
        ),
        _spec(
            "recall-at-k",
            "ranked:RecallAtK",
            "Right emoji among the first k, over the size of the gold.",
            f"ranks|mean|{_RANKS}",
            params="AtKParams",
        ),
        _spec(
            "mrr",
            "ranked:Mrr",
            "Reciprocal rank of the first right emoji.",
            f"ranks|mean|{_RANKS}",
            params="MrrParams",
        ),
        _spec(
            "ndcg",
            "ranked:Ndcg",
            "Discounted gain of the first k over the best possible.",
            f"ranks|mean|gain:binary|discount:log2|{_RANKS}",
            params="AtKParams",
        ),
    )


def _semantic() -> tuple[MetricSpec, ...]:
    return (
        _spec(
            "category-jaccard",
            "category:CategoryJaccard",
            "Jaccard index of the CLDR groups of the labels.",
            "set|mean|refs:best|unknown:wrong|empty:1",
            params="CategoryParams",
        ),
        _spec(
            "soft-jaccard",
            "soft:SoftJaccard",
            "Jaccard index with part of a point for emoji of similar meaning.",
            "set|mean|matching:optimal|similarity:cldr-ja|refs:best|unknown:wrong|empty:1",
            params="SoftJaccardParams",
        ),
    )


def _lengths() -> tuple[MetricSpec, ...]:
    return (
        _spec(
            "emoji-per-text",
            "length:EmojiPerText",
            "Emoji in an answer.",
            "length|mean|repeats:count|unknown:no",
            direction="none",
            bounds=_FROM_0,
        ),
        _spec(
            "length-error",
            "length:LengthError",
            "Emoji in an answer minus emoji expected; above 0 is too many.",
            f"length|mean|signed|{_LENGTHS}",
            direction="none",
            bounds=(None, None),
        ),
        _spec(
            "length-mae",
            "length:LengthMae",
            "Absolute difference between emoji answered and expected.",
            f"length|mean|absolute|{_LENGTHS}",
            direction="lower",
            bounds=_FROM_0,
        ),
    )


def _length_distributions() -> tuple[MetricSpec, ...]:
    return (
        _spec(
            "length-emd",
            "length:LengthEmd",
            "Earth mover's distance between the histograms of lengths.",
            f"length|w1|{_LENGTHS}",
            direction="lower",
            bounds=_FROM_0,
            params="HistogramParams",
        ),
        _spec(
            "length-ks",
            "length:LengthKs",
            "Widest gap between the cumulative histograms of lengths.",
            f"length|ks|{_LENGTHS}",
            direction="lower",
            params="HistogramParams",
        ),
        _spec(
            "length-correlation",
            "length:LengthCorrelation",
            "Pearson correlation of the lengths answered and expected.",
            f"length|pearson|{_LENGTHS}",
            bounds=(-1.0, 1.0),
        ),
    )


def _variety() -> tuple[MetricSpec, ...]:
    return (
        _spec(
            "entropy",
            "diversity:Entropy",
            "Entropy of the answered emoji, in nats.",
            f"{_COUNTS}|nats",
            direction="none",
            bounds=_FROM_0,
        ),
        _spec(
            "effective-emoji",
            "diversity:EffectiveEmoji",
            "Effective number of different emoji: the exponential of the entropy.",
            f"{_COUNTS}|hill:1",
            direction="none",
            bounds=_FROM_1,
        ),
        _spec(
            "inverse-simpson",
            "diversity:InverseSimpson",
            "Effective number of frequent emoji: one over the sum of squared shares.",
            f"{_COUNTS}|hill:2",
            direction="none",
            bounds=_FROM_1,
        ),
    )


def _concentration() -> tuple[MetricSpec, ...]:
    return (
        _spec(
            "distinct-1",
            "diversity:Distinct1",
            "Different emoji over all emoji answered; falls as texts are added.",
            f"{_COUNTS}|types/tokens",
            direction="none",
        ),
        _spec(
            "top5-share",
            "diversity:Top5Share",
            "Share of the answers' own five most frequent emoji.",
            f"{_COUNTS}|top:own-5",
            direction="none",
        ),
    )


def _against_gold() -> tuple[MetricSpec, ...]:
    return (
        _spec(
            "non-top5",
            "diversity:NonTop5",
            "Share of answered emoji outside the gold's five most frequent.",
            f"{_COUNTS_GOLD}|top:gold-5",
            direction="none",
        ),
        _spec(
            "coverage",
            "diversity:Coverage",
            "Share of the gold's different emoji that were answered at all.",
            f"{_COUNTS_GOLD}|types",
        ),
        _spec(
            "collapse-index",
            "diversity:CollapseIndex",
            "Mode collapse: how far the effective emoji fall short of the gold's.",
            f"{_COUNTS_GOLD}|hill:1",
            direction="lower",
        ),
        _spec(
            "js-divergence",
            "diversity:JsDivergence",
            "Jensen-Shannon divergence of the emoji answered and expected, in bits.",
            f"{_COUNTS_GOLD}|bits",
            direction="lower",
        ),
    )


def _repetition() -> tuple[MetricSpec, ...]:
    return (
        _spec(
            "repetition",
            "repetition:Repetition",
            "Share of an answer that repeats its own emoji.",
            "sequence|mean|empty:left-out|unknown:no",
            direction="lower",
        ),
        _spec(
            "longest-run",
            "repetition:LongestRun",
            "Longest run of one emoji within an answer.",
            "sequence|mean|empty:left-out|unknown:no",
            direction="lower",
            bounds=_FROM_1,
        ),
        _spec(
            "non-emoji",
            "non_emoji:NonEmoji",
            "Share of the pieces of answers that are no emoji.",
            "pieces|micro",
            direction="lower",
        ),
    )
