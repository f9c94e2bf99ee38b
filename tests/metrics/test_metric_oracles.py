"""Agreement with scikit-learn, scipy and plain Python sets on random data."""

from collections import Counter
from itertools import pairwise, permutations

import numpy as np
import pytest
from metric_kit import SMALL, build, random_pairs, score
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy, ks_2samp, pearsonr, wasserstein_distance

from deshi.api import Expected, Prediction
from deshi.emoji import Alphabet
from deshi_plugins.metrics.similarity import keyword_similarity

sklearn = pytest.importorskip("sklearn.metrics")
SEEDS = [0, 1, 2]


def plain(seed, *, least=1, references=1):
    """Return random pairs without unknown pieces, and their 0/1 matrices."""
    predicted, expected = random_pairs(seed, 300, least=least, references=references)
    predicted = [Prediction(prediction.emojis) for prediction in predicted]
    return predicted, expected


def binary(sequences):
    matrix = np.zeros((len(sequences), len(SMALL)), int)
    for row, emojis in enumerate(sequences):
        matrix[row, [SMALL.index(emoji) for emoji in emojis]] = 1
    return matrix


def matrices(predicted, expected):
    return binary([e.references[0] for e in expected]), binary([p.emojis for p in predicted])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("least", [0, 1])
def test_jaccard_and_f1_of_samples_agree_with_sklearn(seed, least):
    pairs = plain(seed, least=least)
    truth, guess = matrices(*pairs)
    options = {"average": "samples", "zero_division": 1}
    jaccard = sklearn.jaccard_score(truth, guess, **options)
    assert score("jaccard", *pairs) == pytest.approx(jaccard, abs=1e-12)
    f1 = sklearn.f1_score(truth, guess, **options)
    assert score("sample-f1", *pairs) == pytest.approx(f1, abs=1e-12)
    assert score("exact-match", *pairs) == pytest.approx(sklearn.accuracy_score(truth, guess))


@pytest.mark.parametrize("seed", SEEDS)
def test_precision_and_recall_agree_with_sklearn_where_no_set_is_empty(seed):
    pairs = plain(seed)
    truth, guess = matrices(*pairs)
    for average, prefix in (("samples", "sample"), ("micro", "micro")):
        precision = sklearn.precision_score(truth, guess, average=average)
        recall = sklearn.recall_score(truth, guess, average=average)
        assert score(f"{prefix}-precision", *pairs) == pytest.approx(precision, abs=1e-12)
        assert score(f"{prefix}-recall", *pairs) == pytest.approx(recall, abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("least", [0, 1])
def test_micro_and_macro_f1_agree_with_sklearn(seed, least):
    pairs = plain(seed, least=least)
    truth, guess = matrices(*pairs)
    micro = sklearn.f1_score(truth, guess, average="micro")
    assert score("micro-f1", *pairs) == pytest.approx(micro, abs=1e-12)
    for labels, taking_part in (
        ("gold", truth.any(axis=0)),
        ("gold-and-predicted", truth.any(axis=0) | guess.any(axis=0)),
    ):
        macro = sklearn.f1_score(truth, guess, average="macro", labels=np.flatnonzero(taking_part))
        assert score("macro-f1", *pairs, labels=labels) == pytest.approx(macro, abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("k", [1, 3, 5, 20])
def test_ndcg_of_full_rankings_agrees_with_sklearn(seed, k):
    random = np.random.default_rng(seed)
    _, expected = plain(seed)
    scores = random.random((len(expected), len(SMALL)))
    orders = np.argsort(-scores, axis=1)
    predicted = [
        Prediction((), 0, tuple((SMALL.symbols[j], float(row[j])) for j in order))
        for row, order in zip(scores, orders, strict=True)
    ]
    truth = binary([e.references[0] for e in expected])
    wanted = sklearn.ndcg_score(truth, scores, k=k)
    assert score("ndcg", predicted, expected, k=k) == pytest.approx(wanted, abs=1e-12)


def python_jaccard(prediction, reference):
    answer, gold = set(prediction.emojis), set(reference)
    union = len(answer | gold) + prediction.unknown
    return len(answer & gold) / union if union else 1.0


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("least", [0, 1])
def test_references_agree_with_python_sets(seed, least):
    predicted, expected = random_pairs(seed, 300, references=3, least=least)
    pairs = list(zip(predicted, expected, strict=True))
    every = [[python_jaccard(p, reference) for reference in e.references] for p, e in pairs]
    assert score("jaccard", predicted, expected) == pytest.approx(np.mean([*map(max, every)]))
    mean = np.mean([*map(np.mean, every)])
    assert score("jaccard", predicted, expected, references="mean") == pytest.approx(mean)
    chosen = [e.references[int(np.argmax(s))] for (_, e), s in zip(pairs, every, strict=True)]
    multiset = []
    for prediction, reference in zip(predicted, chosen, strict=True):
        answer, gold = Counter(prediction.emojis), Counter(reference)
        union = (answer | gold).total() + prediction.unknown
        multiset.append((answer & gold).total() / union if union else 1.0)
    assert score("multiset-jaccard", predicted, expected) == pytest.approx(np.mean(multiset))


def lengths(predicted, expected):
    return [len(p.emojis) for p in predicted], [len(e.references[0]) for e in expected]


@pytest.mark.parametrize("seed", SEEDS)
def test_lengths_agree_with_scipy(seed):
    pairs = random_pairs(seed, 200, references=2, least=0)
    answered, gold = lengths(*pairs)
    emd = wasserstein_distance(answered, gold)
    assert score("length-emd", *pairs) == pytest.approx(emd, abs=1e-12)
    assert score("length-ks", *pairs) == pytest.approx(ks_2samp(answered, gold).statistic)
    assert score("length-correlation", *pairs) == pytest.approx(pearsonr(answered, gold).statistic)
    assert score("length-error", *pairs) == pytest.approx(np.mean(answered) - np.mean(gold))


def shares(sequences):
    counts = Counter(emoji for emojis in sequences for emoji in emojis)
    return np.array([counts[symbol] for symbol in SMALL.symbols], float)


@pytest.mark.parametrize("seed", SEEDS)
def test_distributions_agree_with_scipy(seed):
    predicted, expected = random_pairs(seed, 30, labels=SMALL.symbols[:6])
    p = shares(prediction.emojis for prediction in predicted)
    q = shares(item.references[0] for item in expected)
    assert score("entropy", predicted, expected) == pytest.approx(entropy(p), abs=1e-12)
    assert score("effective-emoji", predicted, expected) == pytest.approx(np.exp(entropy(p)))
    wanted = jensenshannon(p, q, base=2) ** 2
    assert score("js-divergence", predicted, expected) == pytest.approx(wanted, abs=1e-12)


def test_longest_run_agrees_with_a_loop():
    predicted, expected = random_pairs(5, 300, labels=SMALL.symbols[:2], longest=9, least=0)

    def run(emojis):
        best = length = min(1, len(emojis))
        for left, right in pairwise(emojis):
            length = length + 1 if left == right else 1
            best = max(best, length)
        return best

    got = build("longest-run").statistics(predicted, expected, SMALL)[:, 0]
    assert got.tolist() == [run(prediction.emojis) for prediction in predicted]


def test_soft_jaccard_agrees_with_a_search_over_all_matchings():
    labels = tuple("😀😁😂😃😄🐶🐱🐭⚾🏏")
    alphabet = Alphabet.of(labels)
    predicted, expected = random_pairs(7, 60, labels=labels, longest=4, least=0)
    similarity = keyword_similarity(alphabet, stop=("顔", "人", "記号"))

    def soft(prediction, reference):
        small, large = sorted((set(prediction.emojis), set(reference)), key=len)
        both = len(small) + len(large) + prediction.unknown
        index = alphabet.index
        matching = max(
            sum(similarity[index(a), index(b)] for a, b in zip(small, order, strict=True))
            for order in permutations(large, len(small))
        )
        return matching / (both - matching) if both else 1.0

    wanted = [soft(p, e.references[0]) for p, e in zip(predicted, expected, strict=True)]
    got = build("soft-jaccard").statistics(predicted, expected, alphabet)[:, 0]
    assert np.allclose(got, wanted, atol=1e-12)
    assert 0 < np.mean(wanted) < 1


def test_references_may_differ_in_number():
    expected = [Expected((("🍎",), ("🚗",))), Expected((("🌙",),))]
    assert score("jaccard", [Prediction(("🚗",)), Prediction(("🌙",))], expected) == 1
