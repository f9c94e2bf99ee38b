"""Rows against their old selves: what may have a test, and how many count."""

from __future__ import annotations

import numpy as np
from statistics_kit import Mean, names, row

from deshi_tools.run_diff.row_changes import RowChange, SharedRow, moves


def matched(name: str, documents: int) -> SharedRow:
    """Return a row that is far better than its old self, on five texts of each document."""
    texts = np.random.default_rng(0).normal(0, 0.1, documents * 5)
    old, new = row(texts, deterministic=True), row(texts * 2 + 1, deterministic=True)
    return SharedRow(name, name, False, old, new, names(documents * 5, 5))


def moved(*rows: SharedRow) -> tuple[RowChange, ...]:
    return moves(Mean(), rows, name="mean", direction="higher", resamples=200)


def test_documents_that_are_enough_for_one_row_may_not_be_for_two() -> None:
    (alone,) = moved(matched("few", 6))
    assert alone.fixed_models.verdict == "improved"
    few, many = moved(matched("few", 6), matched("many", 40))
    assert few.fixed_models.verdict == "no verdict"
    assert (few.fixed_models.p, few.fixed_models.smallest_detectable) == (None, None)
    assert few.fixed_models.reason == (
        "6 documents allow no p below 0.0312, times 2 comparisons; it needs at least 7"
    )
    assert (
        many.fixed_models.p_holm == many.fixed_models.p < 0.001
    )  # a row without a test is not counted
