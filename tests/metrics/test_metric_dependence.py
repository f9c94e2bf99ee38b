"""The test of input dependence."""

import numpy as np
import pytest
from metric_kit import SMALL, build, gold, one, pred, random_pairs, score

from deshi.api import Prediction
from deshi.statistics import input_dependence as dependence
from deshi.statistics.input_dependence import dependence_index, input_dependence


def run(name, predicted, expected, **options):
    metric = build(name)
    return input_dependence(metric, [predicted], expected, SMALL, **{"seed": 0, **options})


def test_published_figures_of_the_index():
    assert dependence_index(0.1701, 0.1763) == pytest.approx(-0.0075, abs=5e-5)
    assert dependence_index(0.2085, 0.1147) == pytest.approx(0.106, abs=5e-4)


LETTERED = [gold("A B"), gold("C"), gold("D E"), gold("F"), gold("G H"), gold("X Y Z")]


def test_perfect_predictions_depend_wholly_on_the_input():
    result = run("jaccard", [Prediction(e.references[0]) for e in LETTERED], LETTERED)
    assert result.value == pytest.approx(1)
    # Of 720 orders one is as good as the true one.
    assert result.p < 0.01


@pytest.mark.parametrize("answer", ["A", "A B", "", "F X"])
def test_a_constant_answer_does_not_depend_on_the_input(answer):
    result = run("jaccard", [pred(answer)] * 6, LETTERED)
    assert result.value == pytest.approx(0, abs=1e-12)
    assert result.p == 1


@pytest.mark.parametrize("references", [1, 3])
def test_the_shuffled_value_is_the_mean_over_all_pairs_of_different_items(references):
    predicted, expected = random_pairs(0, 12, references=references)
    own = score("jaccard", predicted, expected)
    shuffled = np.mean(
        [
            one("jaccard", p, *[" ".join(r) for r in e.references])
            for i, p in enumerate(predicted)
            for j, e in enumerate(expected)
            if i != j
        ]
    )
    result = run("jaccard", predicted, expected)
    assert result.value == pytest.approx(dependence_index(own, shuffled))


@pytest.mark.parametrize("name", ["jaccard", "micro-f1", "multiset-jaccard", "soft-jaccard"])
def test_all_pairs_and_permutations_agree(name, monkeypatch):
    predicted, expected = random_pairs(1, 25, references=2)
    predicted[:9] = [Prediction(e.references[0]) for e in expected[:9]]
    exact = run(name, predicted, expected, permutations=400)
    monkeypatch.setattr(dependence, "EXACT_ITEMS", 5)
    estimated = run(name, predicted, expected, permutations=400)
    assert estimated.p == exact.p
    assert estimated.value == pytest.approx(exact.value, abs=0.01)


@pytest.mark.parametrize("block", [1, 40])
def test_the_size_of_the_blocks_changes_nothing(block, monkeypatch):
    predicted, expected = random_pairs(2, 20)
    whole = run("jaccard", predicted, expected)
    monkeypatch.setattr(dependence, "BLOCK_PAIRS", block)
    assert run("jaccard", predicted, expected) == whole


def test_sparse_metrics_take_the_permutations():
    predicted, expected = random_pairs(3, 15)
    predicted[:8] = [Prediction(e.references[0]) for e in expected[:8]]
    result = run("macro-f1", predicted, expected, permutations=99)
    assert 0 < result.value < 1
    assert result.p < 0.05


def test_p_is_never_0_and_counts_the_observed_order():
    predicted = [Prediction(e.references[0]) for e in LETTERED]
    assert run("jaccard", predicted, LETTERED, permutations=9).p >= 0.1


def test_the_seed_decides():
    pairs = random_pairs(4, 20)
    assert run("jaccard", *pairs, seed=1) == run("jaccard", *pairs, seed=1)


def test_the_p_value_is_uniform_where_nothing_depends():
    ps = []
    for seed in range(200):
        predicted, expected = random_pairs(seed, 12, longest=3)
        ps.append(run("jaccard", predicted, expected, permutations=99, seed=seed).p)
    assert np.mean(np.array(ps) <= 0.05) < 0.1
    assert 0.4 < np.mean(ps) < 0.62


def test_undefined_where_there_is_no_room_or_no_other_item():
    assert np.isnan(run("jaccard", [pred("A")], [gold("A")])).all()
    assert np.isnan(run("jaccard", [pred("A")] * 3, [gold("A")] * 3)).all()
    assert np.isnan(run("length-correlation", [pred("A")] * 3, [gold("A")] * 3)).all()


def test_a_metric_of_a_plugin_needs_no_fast_form():
    class FirstLabel:
        def statistics(self, predicted, expected, alphabet):
            hits = [
                [float(p.emojis[:1] == e.references[0][:1])]
                for p, e in zip(predicted, expected, strict=True)
            ]
            return np.array(hits).reshape(-1, 1)

        def value(self, sums, n):
            return sums[..., 0] / n

    predicted = [Prediction(e.references[0]) for e in LETTERED]
    result = input_dependence(FirstLabel(), [predicted], LETTERED, SMALL, seed=0)
    assert result.value == 1


def clustered(seed, per_document=8, documents=25):
    """Return answers and gold that each keep together within documents, and nothing else in common."""
    rng = np.random.default_rng(seed)
    emoji = "ABCDEFGH"
    answers, references, names = [], [], []
    for document in range(documents):
        answer, reference = (emoji[i] for i in rng.integers(0, len(emoji), 2))
        answers += [pred(answer)] * per_document
        references += [gold(reference)] * per_document
        names += [f"d{document}"] * per_document
    return answers, references, names


def test_a_student_that_tells_documents_apart_and_reads_nothing_does_not_pass():
    passed = single = 0
    for seed in range(100):
        answers, references, names = clustered(seed)
        options = {"permutations": 99, "seed": seed}
        passed += run("jaccard", answers, references, documents=names, **options).p <= 0.05
        single += run("jaccard", answers, references, **options).p <= 0.05
    assert passed <= 11  # 5 are due; once in a hundred more than 11
    assert single > 11  # what shuffling single texts would have let pass


def test_answers_are_only_given_to_other_documents():
    answers, references, names = clustered(0, per_document=2, documents=3)
    found = run("jaccard", answers, references, documents=names)
    chance = np.mean(
        [
            one("jaccard", a, *[" ".join(r) for r in g.references])
            for a, d in zip(answers, names, strict=True)
            for g, e in zip(references, names, strict=True)
            if d != e
        ]
    )
    own = score("jaccard", answers, references)
    assert found.value == pytest.approx(dependence_index(own, chance))
    assert np.isnan(run("jaccard", answers, references, documents=["one"] * 6)).all()


def test_several_runs_are_tested_by_their_mean():
    predicted, expected = random_pairs(7, 60)
    half = [
        [Prediction(e.references[0]) if (i + r) % 9 == 0 else p for i, (p, e) in enumerate(pairs)]
        for r, pairs in enumerate([list(zip(predicted, expected, strict=True))] * 5)
    ]
    options = {"permutations": 499, "seed": 0}
    metric = build("jaccard")
    alone = [input_dependence(metric, [run_], expected, SMALL, **options).p for run_ in half]
    together = input_dependence(metric, half, expected, SMALL, **options)
    assert together.p <= max(alone)
    values = [input_dependence(metric, [run_], expected, SMALL, **options).value for run_ in half]
    assert together.value == pytest.approx(np.mean(values), abs=0.01)
