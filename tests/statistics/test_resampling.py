"""Resamples: whole documents, the same for all rows, in bounded memory."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from statistics_kit import Effective, Mean, Ratio, names

from deshi.statistics import replicates as replicates_module
from deshi.statistics import resampling
from deshi.statistics.replicates import RowScores, replicate
from deshi.statistics.resampling import Documents, Resamples


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 300), st.integers(1, 50), st.integers(0, 2**32 - 1))
def test_weights_are_counts_that_sum_to_the_number_of_documents(documents, resamples, seed):
    drawn = Resamples.draw(names(documents), resamples, seed)
    assert drawn.weights.shape == (resamples, documents)
    assert (drawn.weights.sum(axis=1, dtype=int) == documents).all()


def test_weights_are_multinomial() -> None:
    weights = Resamples.draw(names(50), 40_000, 3).weights.astype(float)
    error = 5 / np.sqrt(40_000)
    assert np.allclose(weights.mean(axis=0), 1, atol=error)
    assert np.allclose(weights.var(axis=0), 1 - 1 / 50, atol=2 * error)
    off_diagonal = np.cov(weights.T)[~np.eye(50, dtype=bool)]
    assert abs(off_diagonal.mean() + 1 / 50) < 1e-3


def test_the_same_seed_draws_the_same_and_seed_0_is_a_seed() -> None:
    first, again, other = (Resamples.draw(names(40), 100, seed).weights for seed in (0, 0, 1))
    assert (first == again).all()
    assert (first != other).any()


def test_the_block_size_does_not_change_what_is_drawn_or_found(monkeypatch) -> None:
    rng = np.random.default_rng(0)
    rows = [RowScores([rng.random((90, 2)) for _ in range(3)]) for _ in range(4)]
    drawn = Resamples.draw(names(90, 2), 300, 0)
    whole = replicate(Ratio(), rows, drawn)
    monkeypatch.setattr(resampling, "CELLS", 100)
    monkeypatch.setattr(replicates_module, "CELLS", 100)
    for a, b in zip(whole, replicate(Ratio(), rows, drawn), strict=True):
        for name in ("points", "drawn", "retrained", "without"):
            assert np.allclose(getattr(a, name), getattr(b, name), rtol=0, atol=1e-12)


def test_values_are_those_of_samples_written_out() -> None:
    rng = np.random.default_rng(1)
    documents = list("ccaabbbbde")
    run = rng.integers(0, 5, (10, 3)).astype(float)
    drawn = Resamples.draw(documents, 20, 0)
    found = replicate(Effective(), [RowScores([run])], drawn)[0]
    order = sorted(set(documents))
    for weights, value in zip(drawn.weights, found.drawn, strict=True):
        repeats = [int(weights[order.index(d)]) for d in documents]
        sample = np.repeat(run, repeats, axis=0)
        assert value == pytest.approx(Effective().value(sample.sum(axis=0), len(sample)))
    for at, document in enumerate(order):
        rest = run[[d != document for d in documents]]
        assert found.without[at] == pytest.approx(Effective().value(rest.sum(axis=0), len(rest)))


def test_sparse_and_dense_counts_give_the_same() -> None:
    rng = np.random.default_rng(2)
    runs = [rng.poisson(0.1, (60, 40)).astype(float) for _ in range(2)]
    drawn = Resamples.draw(names(60, 3), 50, 0)
    dense = replicate(Effective(), [RowScores(runs)], drawn)[0]
    sparse = replicate(Effective(), [RowScores([csr_array(run) for run in runs])], drawn)[0]
    for name in ("points", "drawn", "retrained", "without"):
        assert np.allclose(getattr(dense, name), getattr(sparse, name))


def test_many_counts_are_never_held_for_all_resamples() -> None:
    rng = np.random.default_rng(3)
    n, k, resamples = 400, 6000, 4000
    rows = [
        RowScores([csr_array((np.ones(n), (np.arange(n), rng.integers(0, k, n))), shape=(n, k))])
        for _ in range(3)
    ]
    drawn = Resamples.draw(names(n), resamples, 0)
    tracemalloc.start()
    replicate(Effective(), rows, drawn)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * resamples * k  # one row's sums alone would be this
    assert peak < 8 * 8 * resampling.CELLS


def test_rows_share_resamples_so_equal_rows_never_differ() -> None:
    run = np.random.default_rng(4).random((70, 1))
    a, b = replicate(
        Mean(), [RowScores([run]), RowScores([run.copy()])], Resamples.draw(names(70), 100, 0)
    )
    assert (a.drawn == b.drawn).all()


def test_a_run_without_a_value_leaves_its_row_without_one() -> None:
    good, bad = np.ones((10, 2)), np.zeros((10, 2))
    drawn = Resamples.draw(names(10), 20, 0)
    rows = replicate(Ratio(), [RowScores([good, bad]), RowScores([good])], drawn)
    assert np.isnan(rows[0].value)
    assert rows[1].value == 1


def test_the_effective_number_of_documents_is_theirs_where_sizes_are_equal() -> None:
    assert Documents.of(names(60, 3)).effective == pytest.approx(20)
    assert Documents.of(["a"] * 9 + ["b"]).effective == pytest.approx(100 / 82)


def test_other_runs_spread_by_the_unbiased_variance() -> None:
    # All texts alike, so that only runs vary: the two-level draws must have variance s² / S.
    points = np.array([0.1, 0.15, 0.3, 0.2])
    drawn = Resamples.draw(names(30), 40_000, 0)
    found = replicate(Mean(), [RowScores([np.full((30, 1), p) for p in points])], drawn)[0]
    assert found.retrained.var() == pytest.approx(points.var(ddof=1) / 4, rel=0.03)
    assert found.retrained.mean() == pytest.approx(points.mean(), abs=1e-3)
