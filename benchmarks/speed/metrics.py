"""How fast Jaccard, precision, recall and F1 are on many pairs, against two other ways.

    python benchmarks/speed/metrics.py [--pairs 1000000] [--repeats 3]

All ways run in this one process on the same pairs of 1 to 5 labels out of 1,000, and must agree to
1e-12. "On label sets" is what a second metric costs: the encoding is remembered, the rest is not.
Times depend on the machine; the ratios are what to read.
"""

from __future__ import annotations

import argparse
import gc
import time
import warnings
from typing import TYPE_CHECKING

import numpy as np

from deshi.api import Env, Expected, NoParams, Prediction
from deshi.api import labelsets as encoding
from deshi.emoji import Alphabet
from deshi_plugins.metrics.overlap import (
    Jaccard,
    JaccardParams,
    SampleF1,
    SamplePrecision,
    SampleRecall,
)
from deshi_plugins.metrics.sets import Overlap, overlap, overlap_with_all

if TYPE_CHECKING:
    from collections.abc import Callable

LABELS = 1000
ALPHABET = Alphabet.of(Alphabet.full().symbols[:LABELS])
METRICS = (
    Jaccard(JaccardParams(), Env()),
    SamplePrecision(NoParams(), Env()),
    SampleRecall(NoParams(), Env()),
    SampleF1(NoParams(), Env()),
)
Figures = tuple[float, float, float, float]
Sets = list[tuple[str, ...]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    answers, golds = (draw(seed, options.pairs) for seed in (0, 1))
    predicted = [Prediction(emojis) for emojis in answers]
    expected = [Expected((emojis,)) for emojis in golds]

    def kernels() -> Figures:
        overlap_with_all.cache_clear()
        values = []
        for metric in METRICS:
            sums = metric.statistics(predicted, expected, ALPHABET).sum(axis=0)
            values.append(float(metric.value(sums, np.array(float(options.pairs)))))
        return (values[0], values[1], values[2], values[3])

    def from_records() -> Figures:
        forget()
        return kernels()

    def from_tuples() -> Figures:
        ours, theirs = (encoding.encode_sequences(sets, ALPHABET) for sets in (answers, golds))
        return figures(overlap(ours, theirs))

    matrices = sklearn_encode(answers, golds)
    ways: dict[str, tuple[Callable[[], Figures], int]] = {
        "Python sets": (lambda: python_sets(answers, golds), options.repeats),
        "scikit-learn with encoding": (
            lambda: sklearn_scores(*sklearn_encode(answers, golds)),
            1,
        ),
        "scikit-learn on its matrices": (lambda: sklearn_scores(*matrices), 1),
        "deshi from tuples": (from_tuples, options.repeats),
        "deshi from records": (from_records, options.repeats),
        "deshi on label sets": (kernels, options.repeats),
    }
    report(ways, options.pairs)


def report(ways: dict[str, tuple[Callable[[], Figures], int]], pairs: int) -> None:
    measured = {name: timed(way, repeats) for name, (way, repeats) in ways.items()}
    baseline, wanted = measured["Python sets"]
    slow, _ = measured["scikit-learn with encoding"]
    print(f"{pairs:,} pairs of 1 to 5 labels of {LABELS:,}: Jaccard, precision, recall, F1\n")
    print(f"{'':30}{'seconds':>9}{'x sets':>9}{'x sklearn':>11}{'largest difference':>20}")
    for name, (seconds, figures) in measured.items():
        worst = max(abs(a - b) for a, b in zip(figures, wanted, strict=True))
        assert worst < 1e-12, (name, figures, wanted)
        print(
            f"{name:30}{seconds:9.3f}{baseline / seconds:9.1f}{slow / seconds:11.1f}{worst:20.1e}"
        )


def timed(way: Callable[[], Figures], repeats: int) -> tuple[float, Figures]:
    """Return the best time of some runs, and the figures of the last."""
    best = float("inf")
    for _ in range(repeats):
        gc.collect()
        start = time.perf_counter()
        figures = way()
        best = min(best, time.perf_counter() - start)
    return best, figures


def figures(sizes: Overlap) -> Figures:
    """Return the four means of an overlap in which no set is empty."""
    common, p, g = sizes.common, sizes.predicted, sizes.expected
    return (
        float(sizes.jaccard().mean()),
        float((common / p).mean()),
        float((common / g).mean()),
        float((2 * common / (p + g)).mean()),
    )


def draw(seed: int, pairs: int) -> Sets:
    """Return label sets without repeats, frequent labels more often than rare ones."""
    random = np.random.default_rng(seed)
    lengths = random.integers(1, 6, pairs).tolist()
    codes = (random.random((pairs, 5)) ** 2 * LABELS).astype(int).tolist()
    symbols = ALPHABET.symbols
    return [
        tuple(dict.fromkeys(symbols[code] for code in row[:length]))
        for row, length in zip(codes, lengths, strict=True)
    ]


def forget() -> None:
    """Empty the memory of encoded sequences, so that encoding is timed and not remembered."""
    encoding._PREDICTIONS = encoding._Memory(encoding._encode_predictions)  # noqa: SLF001
    encoding._REFERENCES = encoding._Memory(encoding._encode_references)  # noqa: SLF001


def python_sets(answers: Sets, golds: Sets) -> Figures:
    jaccard = precision = recall = f1 = 0.0
    for answer, gold in zip(answers, golds, strict=True):
        p, g = set(answer), set(gold)
        common = len(p & g)
        jaccard += common / len(p | g)
        precision += common / len(p)
        recall += common / len(g)
        f1 += 2 * common / (len(p) + len(g))
    n = len(answers)
    return jaccard / n, precision / n, recall / n, f1 / n


def sklearn_encode(answers: Sets, golds: Sets) -> tuple[object, object]:
    from sklearn.preprocessing import MultiLabelBinarizer

    binarizer = MultiLabelBinarizer(classes=list(ALPHABET.symbols), sparse_output=True)
    binarizer.fit([])
    return binarizer.transform(golds), binarizer.transform(answers)


def sklearn_scores(truth: object, guess: object) -> Figures:
    from sklearn.metrics import jaccard_score, precision_recall_fscore_support

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        options = {"average": "samples", "zero_division": 0}
        precision, recall, f1, _ = precision_recall_fscore_support(truth, guess, **options)
        return float(jaccard_score(truth, guess, **options)), precision, recall, f1


if __name__ == "__main__":
    main()
