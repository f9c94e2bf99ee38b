"""The specs of the metrics of the predictions alone: length, diversity, format."""

from __future__ import annotations

from deshi.api import MetricSpec
from deshi_plugins.metrics.spec_builder import FROM_0, FROM_1, spec_of

_LENGTHS = "refs:first|repeats:count|unknown:no"
_COUNTS = "micro|repeats:count|unknown:no"
_COUNTS_GOLD = f"{_COUNTS}|refs:first"


def prediction_specs() -> tuple[MetricSpec, ...]:
    """Return the specs of lengths, variety, repetition and rates."""
    families = (
        _lengths,
        _length_distributions,
        _variety,
        _concentration,
        _against_gold,
        _repetition,
        _rates,
    )
    return tuple(spec for family in families for spec in family())


def _lengths() -> tuple[MetricSpec, ...]:
    return (
        spec_of(
            "emoji-per-text",
            "length:EmojiPerText",
            "Emoji per prediction.",
            "length|mean|repeats:count|unknown:no",
            direction="none",
            bounds=FROM_0,
        ),
        spec_of(
            "length-error",
            "length:LengthError",
            "Predicted minus expected number of emoji; above 0 is too many.",
            f"length|mean|signed|{_LENGTHS}",
            direction="none",
            bounds=(None, None),
        ),
        spec_of(
            "length-mae",
            "length:LengthMae",
            "Absolute difference between the predicted and expected number of emoji.",
            f"length|mean|absolute|{_LENGTHS}",
            direction="lower",
            bounds=FROM_0,
        ),
    )


def _length_distributions() -> tuple[MetricSpec, ...]:
    return (
        spec_of(
            "length-emd",
            "length:LengthEmd",
            "Earth mover's distance between the histograms of lengths.",
            f"length|w1|{_LENGTHS}",
            direction="lower",
            bounds=FROM_0,
            params="HistogramParams",
        ),
        spec_of(
            "length-ks",
            "length:LengthKs",
            "Widest gap between the cumulative histograms of lengths.",
            f"length|ks|{_LENGTHS}",
            direction="lower",
            params="HistogramParams",
        ),
        spec_of(
            "length-correlation",
            "length:LengthCorrelation",
            "Pearson correlation of the predicted and expected lengths.",
            f"length|pearson|{_LENGTHS}",
            bounds=(-1.0, 1.0),
        ),
    )


def _variety() -> tuple[MetricSpec, ...]:
    return (
        spec_of(
            "entropy",
            "diversity:Entropy",
            "Entropy of the predicted emoji, in nats.",
            f"{_COUNTS}|nats",
            direction="none",
            bounds=FROM_0,
        ),
        spec_of(
            "effective-emoji",
            "diversity:EffectiveEmoji",
            "Effective number of different emoji: the exponential of the entropy.",
            f"{_COUNTS}|hill:1",
            direction="none",
            bounds=FROM_1,
        ),
        spec_of(
            "inverse-simpson",
            "diversity:InverseSimpson",
            "Effective number of frequent emoji: one over the sum of squared shares.",
            f"{_COUNTS}|hill:2",
            direction="none",
            bounds=FROM_1,
        ),
    )


def _concentration() -> tuple[MetricSpec, ...]:
    return (
        spec_of(
            "distinct-1",
            "diversity:Distinct1",
            "Different emoji over all predicted emoji; falls as texts are added.",
            f"{_COUNTS}|types/tokens",
            direction="none",
        ),
        spec_of(
            "distinct-n",
            "ngrams:DistinctN",
            "Different emoji n-grams over all n-grams; falls as texts are added.",
            "sequence|micro|types/tokens|linear-counting:32768|unknown:no",
            direction="none",
            params="DistinctNParams",
        ),
        spec_of(
            "top5-share",
            "diversity:Top5Share",
            "Share of the predictions' own five most frequent emoji.",
            f"{_COUNTS}|top:own-5",
            direction="none",
        ),
    )


def _against_gold() -> tuple[MetricSpec, ...]:
    return (
        spec_of(
            "non-top5",
            "diversity:NonTop5",
            "Share of predicted emoji outside the gold's five most frequent.",
            f"{_COUNTS_GOLD}|top:gold-5",
            direction="none",
        ),
        spec_of(
            "coverage",
            "diversity:Coverage",
            "Share of the gold's different emoji that were predicted at all.",
            f"{_COUNTS_GOLD}|types",
        ),
        spec_of(
            "collapse-index",
            "diversity:CollapseIndex",
            "Mode collapse: shortfall of the effective number of emoji from the gold's.",
            f"{_COUNTS_GOLD}|hill:1",
            direction="lower",
        ),
        spec_of(
            "js-divergence",
            "diversity:JsDivergence",
            "Jensen-Shannon divergence of the predicted and expected emoji, in bits.",
            f"{_COUNTS_GOLD}|bits",
            direction="lower",
        ),
        spec_of(
            "mauve",
            "frontier:Mauve",
            "Exploratory: area under the divergence frontier of predicted and expected emoji.",
            f"{_COUNTS_GOLD}|frontier",
            params="MauveParams",
        ),
    )


def _repetition() -> tuple[MetricSpec, ...]:
    return (
        spec_of(
            "repetition",
            "repetition:Repetition",
            "Share of a prediction that repeats its own emoji.",
            "sequence|mean|empty:left-out|unknown:no",
            direction="lower",
        ),
        spec_of(
            "longest-run",
            "repetition:LongestRun",
            "Longest run of one emoji within a prediction.",
            "sequence|mean|empty:left-out|unknown:no",
            direction="lower",
            bounds=FROM_1,
        ),
        spec_of(
            "non-emoji",
            "non_emoji:NonEmoji",
            "Share of non-emoji tokens in the predictions.",
            "pieces|micro",
            direction="lower",
        ),
    )


def _rates() -> tuple[MetricSpec, ...]:
    return (
        spec_of(
            "format-ok",
            "rates:FormatOk",
            "Share of predictions of emoji alone, neither too few nor too many.",
            "rate|repeats:count|unknown:wrong",
            params="FormatParams",
            share=True,
        ),
        spec_of(
            "no-answer",
            "rates:NoAnswer",
            "Share of predictions without any emoji.",
            "rate|unknown:no",
            direction="lower",
            share=True,
        ),
        spec_of(
            "banned",
            "rates:Banned",
            "Share of predictions with a banned emoji.",
            "rate",
            direction="lower",
            params="BannedParams",
            share=True,
        ),
    )
