"""The specs of the metrics that compare each prediction with its gold."""

from __future__ import annotations

from deshi.api import MetricSpec
from deshi_plugins.metrics.spec_builder import FROM_0, spec_of

_MATCHED = "refs:best-jaccard|unknown:wrong|empty:1"
_RANKS = "refs:best-jaccard|repeats:keep-rank|unknown:no-rank|empty:1"
_PLACES = "refs:best-jaccard|unknown:no-rank|empty:1"


def matching_specs() -> tuple[MetricSpec, ...]:
    """Return the specs of overlap, ranks, meaning, positions and scores."""
    families = (
        _overlap,
        _exact,
        _pooled,
        _ranked,
        _semantic,
        _position,
        _calibration,
    )
    return tuple(spec for family in families for spec in family())


def _overlap() -> tuple[MetricSpec, ...]:
    return (
        spec_of(
            "jaccard",
            "overlap:Jaccard",
            "Jaccard index of the label sets, mean over texts.",
            "set|mean|unknown:wrong|empty:1",
            params="JaccardParams",
        ),
        spec_of(
            "multiset-jaccard",
            "overlap:MultisetJaccard",
            "Jaccard index of the label counts, which penalises repetition.",
            f"multiset|mean|{_MATCHED}",
        ),
        spec_of(
            "sample-f1",
            "overlap:SampleF1",
            "F1 of the label sets, mean over texts.",
            f"set|mean|{_MATCHED}",
        ),
        spec_of(
            "sample-precision",
            "overlap:SamplePrecision",
            "Precision of the label sets, mean over texts.",
            f"set|mean|{_MATCHED}",
        ),
        spec_of(
            "sample-recall",
            "overlap:SampleRecall",
            "Recall of the label sets, mean over texts.",
            f"set|mean|{_MATCHED}",
        ),
    )


def _exact() -> tuple[MetricSpec, ...]:
    return (
        spec_of(
            "exact-match",
            "overlap:ExactMatch",
            "Share of texts with exactly the gold's label set.",
            f"set|mean|{_MATCHED}",
            share=True,
        ),
        spec_of(
            "exact-sequence",
            "overlap:ExactSequence",
            "Share of texts with exactly the gold's labels, in order and number.",
            "sequence|mean|refs:any|unknown:wrong|empty:1",
            share=True,
        ),
    )


def _pooled() -> tuple[MetricSpec, ...]:
    return (
        spec_of(
            "micro-precision",
            "micro:MicroPrecision",
            "Precision over all labels of all texts.",
            f"set|micro|{_MATCHED}",
        ),
        spec_of(
            "micro-recall",
            "micro:MicroRecall",
            "Recall over all labels of all texts.",
            f"set|micro|{_MATCHED}",
        ),
        spec_of(
            "micro-f1",
            "micro:MicroF1",
            "F1 over all labels of all texts.",
            f"set|micro|{_MATCHED}",
        ),
        spec_of(
            "macro-f1",
            "macro:MacroF1",
            "F1 of each emoji, mean over emoji.",
            "set|macro|refs:best-jaccard|unknown:one-label",
            params="MacroF1Params",
        ),
    )


def _ranked() -> tuple[MetricSpec, ...]:
    return (
        spec_of(
            "hit-at-k",
            "ranked:HitAtK",
            "Share of texts with a correct emoji among the first k.",
            f"ranks|mean|{_RANKS}",
            params="AtKParams",
            share=True,
        ),
        spec_of(
            "precision-at-k",
            "ranked:PrecisionAtK",
            "Correct emoji among the first k, over k.",
            f"ranks|mean|{_RANKS}",
            params="AtKParams",
        ),
        spec_of(
            "recall-at-k",
            "ranked:RecallAtK",
            "Correct emoji among the first k, over the size of the gold.",
            f"ranks|mean|{_RANKS}",
            params="AtKParams",
        ),
        spec_of(
            "mrr",
            "ranked:Mrr",
            "Reciprocal rank of the first correct emoji.",
            f"ranks|mean|{_RANKS}",
            params="MrrParams",
        ),
        spec_of(
            "ndcg",
            "ranked:Ndcg",
            "Discounted gain of the first k over the best possible.",
            f"ranks|mean|gain:binary|discount:log2|{_RANKS}",
            params="AtKParams",
        ),
    )


def _semantic() -> tuple[MetricSpec, ...]:
    return (
        spec_of(
            "category-jaccard",
            "category:CategoryJaccard",
            "Jaccard index of the CLDR groups of the labels.",
            "set|mean|refs:best|unknown:wrong|empty:1",
            params="CategoryParams",
        ),
        spec_of(
            "soft-jaccard",
            "soft:SoftJaccard",
            "Jaccard index with partial credit for emoji of similar meaning.",
            "set|mean|matching:optimal|refs:best|unknown:wrong|empty:1",
            params="SoftJaccardParams",
        ),
    )


def _position() -> tuple[MetricSpec, ...]:
    return (
        spec_of(
            "first-position",
            "position:FirstPosition",
            "Share of texts whose first emoji is the gold's first.",
            f"sequence|mean|{_PLACES}",
            share=True,
        ),
        spec_of(
            "exact-position",
            "position:ExactPosition",
            "Positions with the gold's emoji, over the longer of prediction and gold.",
            "sequence|mean|over:longer|refs:best-jaccard|unknown:wrong|empty:1",
        ),
        spec_of(
            "kendall-tau",
            "position:KendallTau",
            "Kendall's tau of the order of the emoji that prediction and gold share.",
            "sequence|mean|tau|common:<2-left-out|refs:best-jaccard",
            bounds=(-1.0, 1.0),
        ),
    )


def _calibration() -> tuple[MetricSpec, ...]:
    return (
        spec_of(
            "ece",
            "calibration:Ece",
            "Expected calibration error of the scores of the first labels ranked.",
            "pairs|equal-width|right-closed|refs:best-jaccard|no-ranking:left-out",
            direction="lower",
            params="EceParams",
        ),
        spec_of(
            "brier",
            "calibration:Brier",
            "Brier score, summed over labels; unranked labels score 0.",
            "texts|sum-over-labels|unranked:0|refs:best-jaccard|no-ranking:left-out",
            direction="lower",
            bounds=FROM_0,
        ),
    )
