"""The checks of a metric."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np

from deshi.api import Expected, Prediction
from deshi.emoji import Alphabet, inventory
from deshi.testing import samples
from deshi.testing.check import Checks, expect, shown
from deshi.testing.exercise import dense, statistics
from deshi.testing.subject import Subject
from deshi.testing.verdict import Broken, NotApplicable

CHECKS = Checks()
ALWAYS = 8
_SMALL = Alphabet.of(list(inventory())[:12])
_SIGNATURE = re.compile(r"[^\s]+")


@CHECKS.add(
    "signature-and-bounds",
    "The signature has no space, and the lower bound is below the upper one.",
    "name what else could have been meant: 'set|mean|unknown:wrong'",
)
def _(subject: Subject) -> None:
    signature = subject.spec.signature
    expect(_SIGNATURE.fullmatch(signature), f"the signature is {shown(signature)}")
    low, high = subject.spec.bounds
    expect(low is None or high is None or low < high, f"the bounds are {(low, high)}")


@CHECKS.add(
    "counts-have-one-width",
    "`statistics` gives one row per item, of constant width; no rows for no items.",
    "let k depend on parameters and alphabet alone",
)
def _(subject: Subject) -> None:
    with subject.opened() as metric:
        for alphabet in (_SMALL, Alphabet.full()):
            many = statistics(metric, 24, alphabet)
            few = statistics(metric, 3, alphabet)
            none = dense(metric.statistics([], [], alphabet))
            expect(many.ndim == 2 and len(many) == 24, f"24 items give the shape {many.shape}")
            expect(few.shape == (3, many.shape[1]), f"3 items give {few.shape}, 24 {many.shape}")
            expect(none.shape == (0, many.shape[1]), f"no items give the shape {none.shape}")


@CHECKS.add(
    "counts-are-finite",
    "No count is NaN or infinite, whatever the predictions.",
    "write 0 into the counts, and let `value` return NaN where the value is undefined",
)
def _(subject: Subject) -> None:
    with subject.opened() as metric:
        found = statistics(metric)
    rows = np.flatnonzero(~np.isfinite(found).all(axis=1))
    expect(not len(rows), f"item {rows[0] if len(rows) else ''} has {shown(found[rows].tolist())}")


@CHECKS.add(
    "items-do-not-depend-on-each-other",
    "The counts of an item are the same alone and in a batch.",
    "count per item; compute what depends on all items in `value`, from the sums",
)
def _(subject: Subject) -> None:
    predicted, expected = samples.answers(24, 0)
    with subject.opened() as metric:
        whole = statistics(metric)
        for at in range(0, 24, 5):
            one = metric.statistics(predicted[at : at + 1], expected[at : at + 1], Alphabet.full())
            same = np.allclose(dense(one)[0], whole[at], rtol=0, atol=1e-9, equal_nan=True)
            expect(
                same,
                f"item {at}: {shown(whole[at].tolist())}, alone {shown(dense(one)[0].tolist())}",
            )


@CHECKS.add(
    "value-works-on-many-resamples",
    "`value` of sums (..., k) and n (...) gives (...), each as if worked out alone.",
    "sum over the last axis alone: axis=-1; no `if` on arrays, but numpy.where",
)
def _(subject: Subject) -> None:
    with subject.opened() as metric:
        counts = statistics(metric)
        weights = (
            np.random.default_rng(0).multinomial(24, np.full(24, 1 / 24), (2, 3)).astype(float)
        )
        sums, n = weights @ counts, weights.sum(axis=-1)
        found = np.asarray(metric.value(sums, n))
        expect(found.shape == (2, 3), f"sums {sums.shape} give the shape {found.shape}")
        for at in np.ndindex(2, 3):
            alone = float(metric.value(sums[at], n[at]))
            same = np.isclose(alone, found[at], equal_nan=True)
            expect(same, f"resample {at} is {found[at]:.6f}, and alone {alone:.6f}")


@CHECKS.add(
    "undefined-is-nan",
    "Over no item the value is NaN or a number within the bounds; there is no exception, no "
    "warning.",
    "divide where the divisor is above 0, and put NaN elsewhere",
)
def _(subject: Subject) -> None:
    with subject.opened() as metric:
        k = statistics(metric, 3).shape[1]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                found = float(metric.value(np.zeros(k), np.zeros(())))
            except Warning as warning:
                raise Broken(f"it warns: {warning}") from None
    expect(np.isnan(found) or _within(found, subject), f"it gives {found}")


@CHECKS.add(
    "within-bounds",
    "The value of any predictions lies within the bounds of the spec.",
    "correct the bounds; None where there is none",
)
def _(subject: Subject) -> None:
    with subject.opened() as metric:
        for seed in range(8):
            predicted, expected = samples.answers(9, seed)
            found = _value(metric, predicted, expected)
            expect(np.isnan(found) or _within(found, subject), f"it gives {found:.6f}")


@CHECKS.add(
    "the-better-side-is-right",
    "Predictions that equal the references score no worse than random ones.",
    "set direction to 'higher', 'lower', or 'none' where neither is better",
)
def _(subject: Subject) -> None:
    if subject.spec.direction == "none":
        raise NotApplicable("neither side is better")
    sign = 1 if subject.spec.direction == "higher" else -1
    with subject.opened() as metric:
        for seed in range(4):
            predicted, expected = samples.answers(40, seed)
            single = [Expected((tuple(dict.fromkeys(one.references[0])),)) for one in expected]
            best = _value(metric, samples.perfect(single), single)
            drawn = _value(metric, predicted, single)
            worse = sign * best < sign * drawn - 1e-9
            expect(not worse, f"correct predictions give {best:.4f}, random ones {drawn:.4f}")


@CHECKS.add(
    "any-answer-is-counted",
    "Empty predictions, non-emoji tokens, repeats, missing rankings and several references raise "
    "nothing.",
    "let `statistics` handle every valid Prediction and Expected",
)
def _(subject: Subject) -> None:
    heart, laugh = samples.EMOJI[0], samples.EMOJI[-2]
    odd = [
        Prediction(()),
        Prediction((), unknown=3),
        Prediction((heart, heart, heart)),
        Prediction((laugh,), 0, ()),
        Prediction((heart,), 1, ((heart, 0.0), (laugh, -5.0))),
    ]
    gold = [
        Expected(((heart,),)),
        Expected(((heart, laugh), (laugh,))),
        Expected(((),)),
        Expected(((heart, heart),), {heart: 1.0}),
        Expected(((laugh,),), {}),
    ]
    with subject.opened() as metric:
        for one in odd:
            for expected in gold:
                try:
                    metric.statistics([one], [expected], Alphabet.full())
                except Exception as error:
                    where = f"{shown(one)} against {shown(expected.references)}"
                    raise Broken(f"{where}: {type(error).__name__}: {error}") from error


@CHECKS.add(
    "a-share-of-texts-is-one",
    "With 'share-of-texts' the value is the share of texts with a property: counts of 0 or 1.",
    "count 1 for a text that has the property; divide the sum by n",
    needs="share-of-texts",
)
def _(subject: Subject) -> None:
    with subject.opened() as metric:
        counts = statistics(metric)
        found = float(metric.value(counts.sum(axis=0), np.asarray(24.0)))
    expect(
        set(np.unique(counts)) <= {0.0, 1.0}, f"the counts are {shown(np.unique(counts).tolist())}"
    )
    share = float(counts.sum()) / 24
    expect(np.isclose(found, share), f"the value is {found:.4f}, the share {share:.4f}")


def _value(metric: Any, predicted: list[Prediction], expected: list[Expected]) -> float:  # noqa: ANN401
    counts = metric.statistics(predicted, expected, Alphabet.full())
    sums = np.asarray(counts.sum(axis=0), np.float64).ravel()
    return float(metric.value(sums, np.asarray(float(len(predicted)))))


def _within(found: float, subject: Subject) -> bool:
    low, high = subject.spec.bounds
    above = low is None or found >= low - 1e-9
    return above and (high is None or found <= high + 1e-9)
