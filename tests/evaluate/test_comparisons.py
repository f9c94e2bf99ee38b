"""Pairs of rows: who differs, who cannot be told apart, and when nothing can be said."""

from __future__ import annotations

import numpy as np
import pytest

from deshi.api import Env, NoParams
from deshi.statistics.comparisons import GroupComparisons, compare_rows
from deshi.statistics.replicates import RowScores
from deshi.statistics.resampling import Resamples

DOCUMENTS = [f"d{i // 4}" for i in range(400)]


class Mean:
    """The mean of one count a text."""

    def __init__(self, params: NoParams, env: Env) -> None: ...

    def statistics(self, predicted, expected, alphabet): ...

    def value(self, sums, n):
        return sums[..., 0] / n


def row(mean: float, *, runs: int = 5, seed: int = 0, deterministic: bool = False) -> RowScores:
    rng = np.random.default_rng(seed)
    texts = np.random.default_rng(99).normal(0, 0.15, len(DOCUMENTS))
    drawn = [mean + texts + rng.normal(0, 0.2, len(DOCUMENTS)) for _ in range(runs)]
    return RowScores([counts[:, None] for counts in drawn], deterministic=deterministic)


def compared(rows: dict[str, RowScores], *, higher: bool = True) -> GroupComparisons:
    resamples = Resamples.draw(DOCUMENTS, 500, 0)
    return compare_rows(
        Mean(NoParams(), Env()),
        rows,
        resamples,
        name="mean",
        higher_is_better=higher,
        permutations=2000,
    )


def find(found: GroupComparisons, a: str, b: str, question: str):
    return next(c for c in found.comparisons if (c.a, c.b, c.question) == (a, b, question))


def test_a_clear_difference_separates_rows_and_equal_rows_share_a_letter() -> None:
    found = compared({"good": row(0.5), "same": row(0.5, seed=1), "bad": row(0.2, seed=2)})
    assert set(found.letters["good"]) & set(found.letters["same"]) == {"a"}
    assert found.letters["bad"] == "b"
    clear = find(found, "good", "bad", "retrained-models")
    assert clear.p_holm < 0.001
    assert clear.low < clear.difference < clear.high
    assert clear.smallest_detectable < clear.difference


def test_lower_is_better_turns_the_letters_round() -> None:
    found = compared({"good": row(0.2), "bad": row(0.5, seed=2)}, higher=False)
    assert (found.letters["good"], found.letters["bad"]) == ("a", "b")


@pytest.mark.parametrize("runs", [1, 2, 3])
def test_three_seeds_or_fewer_are_never_called_significant(runs: int) -> None:
    found = compared({"good": row(0.9, runs=runs), "bad": row(0.1, runs=runs, seed=2)})
    retrained = find(found, "good", "bad", "retrained-models")
    assert retrained.p is None
    assert retrained.p_holm is None
    assert "no test of retrained models is possible" in retrained.reason
    assert found.letters == {}  # nothing was tested, so nothing is tied
    assert find(found, "good", "bad", "fixed-models").p_holm < 0.01


def test_relabelling_is_told_only_where_its_smallest_p_survives_the_correction() -> None:
    pair = {"good": row(0.9, runs=4), "bad": row(0.1, runs=4, seed=1)}
    alone = find(compared(pair), "good", "bad", "retrained-models")
    assert (alone.p_relabelling, alone.p_relabelling_holm) == (pytest.approx(2 / 70),) * 2
    among = compared({**pair, "other": row(0.5, runs=4, seed=2)})  # 3 * 2 / 70 > .05
    retrained = [c for c in among.comparisons if c.question == "retrained-models"]
    assert {c.p_relabelling for c in retrained} == {None}
    assert all(c.p is not None for c in retrained)


def test_deterministic_rows_need_no_seeds() -> None:
    rows = {
        "a": row(0.5, runs=1, deterministic=True),
        "b": row(0.1, runs=1, seed=1, deterministic=True),
    }
    assert find(compared(rows), "a", "b", "retrained-models").p_holm < 0.001


def test_the_best_of_twenty_equal_rows_wins_nothing() -> None:
    found = compared({f"row {i}": row(0.3, seed=i) for i in range(20)})
    assert set(found.letters.values()) == {"a"}
    assert min(c.p_holm for c in found.comparisons if c.p_holm is not None) > 0.05


def spread_out(rows: int, documents: int) -> GroupComparisons:
    """Compare rows a mile apart, two texts a document, with as many swaps as the pairs need."""
    texts = np.random.default_rng(0).normal(0, 0.1, documents * 2)
    made = {f"row {at}": RowScores([(texts * (at + 1) + at)[:, None]], True) for at in range(rows)}
    resamples = Resamples.draw([f"d{at // 2}" for at in range(documents * 2)], 200, 0)
    return compare_rows(
        Mean(NoParams(), Env()), made, resamples, name="mean", higher_is_better=True
    )


def of_fixed_models(found: GroupComparisons):
    return [c for c in found.comparisons if c.question == "fixed-models"]


def test_a_large_table_draws_as_many_swaps_as_its_pairs_need() -> None:
    pairs = of_fixed_models(spread_out(34, 20))
    assert len(pairs) == 561
    assert max(c.p_holm for c in pairs) <= 0.05


@pytest.mark.parametrize(("rows", "enough"), [(2, 6), (3, 7), (8, 11)])
def test_documents_that_no_pair_could_pass_with_are_no_test(rows: int, enough: int) -> None:
    for one in of_fixed_models(spread_out(rows, enough - 1)):
        assert one.p is None is one.p_holm
        assert one.smallest_detectable is None
        assert f"it needs at least {enough}" in one.reason
    assert min(c.p_holm for c in of_fixed_models(spread_out(rows, enough))) <= 0.05


def test_intervals_of_differences_keep_within_the_bounds_of_the_metric() -> None:
    documents = [f"d{at}" for at in range(8)]
    rows = {
        "high": RowScores([np.array([[1.0]] * 7 + [[0.6]])], deterministic=True),
        "low": RowScores([np.zeros((8, 1))], deterministic=True),
    }
    resamples = Resamples.draw(documents, 500, 0)
    free, kept = (
        compare_rows(
            Mean(NoParams(), Env()),
            rows,
            resamples,
            name="mean",
            higher_is_better=True,
            bounds=bounds,
        ).comparisons
        for bounds in ((None, None), (0.0, 1.0))
    )
    assert all(c.high > 1 for c in free)
    assert all(c.high == 1 for c in kept)
    assert [c.p for c in free] == [c.p for c in kept]


def test_one_row_has_nothing_to_be_compared_with() -> None:
    found = compared({"alone": row(0.5)})
    assert found.comparisons == ()
    assert found.letters == {}


def test_a_row_without_a_value_gets_no_letter() -> None:
    empty = RowScores([np.full((len(DOCUMENTS), 1), np.nan)] * 5)
    found = compared({"good": row(0.5), "same": row(0.5, seed=1), "empty": empty})
    assert set(found.letters) == {"good", "same"}
    assert find(found, "good", "empty", "retrained-models").p is None


def test_a_row_without_a_test_is_tied_with_nobody() -> None:
    fixed = {"deterministic": True, "runs": 1}
    rows = {"a": row(0.5, **fixed), "b": row(0.1, seed=1, **fixed), "few": row(0.0, runs=3, seed=2)}
    assert compared(rows).letters == {"a": "a", "b": "b"}
