"""What holds for every metric, whatever the data."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from metric_kit import FULL, LETTERS, SMALL, SPECS, build, random_pairs, score, total

from deshi.api import Expected, Prediction

METRICS = sorted(SPECS)
RATES = {
    "format-ok",
    "no-answer",
    "banned",
}  # of the answers alone: what the gold is does not matter
BETTER = [name for name in METRICS if SPECS[name].direction != "none" and name not in RATES]
EMOJIS = st.lists(st.sampled_from(sorted(LETTERS.values())[:5]), max_size=4).map(tuple)
ANSWERS = st.builds(Prediction, EMOJIS, st.sampled_from([0, 0, 0, 1, 2]))
REFERENCES = st.builds(Expected, st.lists(EMOJIS, min_size=1, max_size=3).map(tuple))
PAIRS = st.lists(st.tuples(ANSWERS, REFERENCES), min_size=1, max_size=8)

quick = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def same(left, right):
    return np.allclose(left, right, rtol=1e-9, atol=1e-12, equal_nan=True)


def statistics(name, pairs):
    return build(name).statistics([p for p, _ in pairs], [e for _, e in pairs], SMALL)


def value(name, pairs):
    return score(name, [p for p, _ in pairs], [e for _, e in pairs])


@pytest.mark.parametrize("name", METRICS)
@quick
@given(pairs=PAIRS, data=st.data())
def test_statistics_are_additive(name, pairs, data):
    cut = data.draw(st.integers(0, len(pairs)))
    parts = [total(statistics(name, part)) for part in (pairs[:cut], pairs[cut:])]
    value_of_sum = build(name).value(parts[0] + parts[1], np.array(float(len(pairs))))
    assert same(value_of_sum, value(name, pairs))


@pytest.mark.parametrize("name", METRICS)
@quick
@given(pairs=PAIRS, data=st.data())
def test_the_order_of_the_items_changes_nothing(name, pairs, data):
    shuffled = data.draw(st.permutations(pairs))
    assert same(value(name, shuffled), value(name, pairs))


@pytest.mark.parametrize("name", METRICS)
@quick
@given(pairs=PAIRS)
def test_values_lie_within_the_bounds_of_the_spec(name, pairs):
    low, high = SPECS[name].bounds
    result = value(name, pairs)
    assert np.isnan(result) or low is None or result >= low - 1e-12
    assert np.isnan(result) or high is None or result <= high + 1e-12


@pytest.mark.parametrize("name", BETTER)
@quick
@given(pairs=PAIRS)
def test_perfect_is_best(name, pairs):
    unique = [(p, Expected((tuple(dict.fromkeys(e.references[0])),))) for p, e in pairs]
    perfect = value(name, [(Prediction(e.references[0]), e) for _, e in unique])
    other = value(name, unique)
    if np.isnan(perfect) or np.isnan(other):
        return
    sign = 1 if SPECS[name].direction == "higher" else -1
    assert sign * perfect >= sign * other - 1e-12


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("references", [1, 3])
def test_value_over_leading_axes_equals_a_loop(name, references):
    predicted, expected = random_pairs(3, 12, references=references, least=0)
    metric = build(name)
    weights = np.random.default_rng(4).integers(0, 3, (2, 7, 12)).astype(float)
    weights[1, 2] = 0
    stats = metric.statistics(predicted, expected, SMALL)
    dense = stats if isinstance(stats, np.ndarray) else stats.toarray()
    sums, n = weights @ dense, weights.sum(axis=-1)
    together = metric.value(sums, n)
    assert together.shape == (2, 7)
    looped = [[metric.value(sums[i, j], n[i, j]) for j in range(7)] for i in range(2)]
    assert same(together, np.array(looped, float))
    assert np.isnan(together[1, 2])


@pytest.mark.parametrize("name", METRICS)
def test_a_resample_is_its_items_repeated(name):
    predicted, expected = random_pairs(8, 15, references=2, least=0)
    rows = np.random.default_rng(9).integers(0, 15, 15)
    stats = build(name).statistics(predicted, expected, SMALL)
    sums = np.bincount(rows, minlength=15) @ stats
    resampled = score(name, [predicted[i] for i in rows], [expected[i] for i in rows])
    assert same(build(name).value(np.asarray(sums), np.array(15.0)), resampled)


@pytest.mark.parametrize("name", METRICS)
def test_the_number_of_statistics_depends_on_parameters_and_alphabet_alone(name):
    shapes = {
        build(name).statistics(*random_pairs(seed, n, longest=longest), SMALL).shape[1]
        for seed, n, longest in ((0, 0, 3), (1, 1, 1), (2, 30, 9))
    }
    assert len(shapes) == 1


@pytest.mark.parametrize("name", METRICS)
def test_no_item_is_undefined(name):
    assert np.isnan(score(name, [], []))


@pytest.mark.parametrize("name", METRICS)
def test_statistics_are_float64_and_finite(name):
    stats = build(name).statistics(*random_pairs(0, 40, references=2, least=0), FULL)
    cells = stats if isinstance(stats, np.ndarray) else stats.data
    assert cells.dtype == np.float64
    assert np.isfinite(cells).all()


@pytest.mark.parametrize("name", METRICS)
def test_statistics_leave_the_remembered_sets_alone(name):
    pairs = random_pairs(6, 40, references=2, least=0)
    before = score("jaccard", *pairs), score("exact-sequence", *pairs), score("entropy", *pairs)
    score(name, *pairs)
    after = score("jaccard", *pairs), score("exact-sequence", *pairs), score("entropy", *pairs)
    assert before == after


def test_counts_metrics_work_in_blocks(monkeypatch):
    from deshi_plugins.metrics import base

    metric = build("effective-emoji")
    sums = np.random.default_rng(0).integers(0, 9, (11, len(SMALL))).astype(float)
    whole = metric.value(sums, np.ones(11))
    monkeypatch.setattr(base, "BLOCK_CELLS", 3 * len(SMALL))
    seen = []
    monkeypatch.setattr(
        metric, "of_counts", lambda block: (seen.append(len(block)), block.sum(axis=1))[1]
    )
    metric.value(sums, np.ones(11))
    assert seen == [3, 3, 3, 2]
    monkeypatch.undo()
    assert same(metric.value(sums, np.ones(11)), whole)
