"""How fast the student `linear` is fitted, against automatic differentiation and a plain AdamW.

    python benchmarks/speed/linear.py [--texts 900] [--seeds 5] [--posts FILE]

Same features, same map, same losses and the same judging of epochs, on one thread. What differs: the
plain way gets its gradients by automatic differentiation, whole tables for every batch, keeps the
state of AdamW for all of them, and takes small steps of one size until 8 epochs brought nothing (60 at
most), as the student did it once. Labels are those of the teacher `lexicon`; FILE has lines
`text<TAB>emoji` instead, and lines `# name` that begin a document. Seconds are CPU time of this
process and of the whole fit; read the ratios, and whether the Jaccard on other documents is as
high, which five splits of so few texts show to 0.01.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import platform
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias
from unittest import mock

import numpy as np
import numpy.typing as npt
import torch
from scipy import sparse
from torch import Tensor

from deshi.api import Env, Examples, Expected, Loss, NoParams, Text
from deshi.emoji import Alphabet, Mode, parse
from deshi_plugins.corpora.packaged import Sample
from deshi_plugins.losses.bce import BinaryCrossEntropy
from deshi_plugins.losses.zlpr import Zlpr
from deshi_plugins.students.adamw import AdamW
from deshi_plugins.students.factored import FactoredHead
from deshi_plugins.students.linear import Linear
from deshi_plugins.students.params import LinearParams
from deshi_plugins.teachers.lexicon import Lexicon
from deshi_plugins.teachers.params import LexiconParams

TARGET, SLACK = 4.0, 0.02
JUDGED = 300
LOSSES = {"bce": BinaryCrossEntropy, "zlpr": Zlpr}
ONCE = LinearParams(epochs=60, patience=8, batch_size=32, learning_rate=0.01)
Labelled: TypeAlias = tuple[Text, tuple[str, ...]]
Figures: TypeAlias = tuple[float, float, float]
"""CPU seconds, the mean Jaccard, and how often the first emoji is right."""


class PlainLearner:
    """Moves all weights at each step, by whatever automatic differentiation returns."""

    def __init__(self, head: FactoredHead, features: sparse.csr_array, decay: float) -> None:
        self._head, self._features = head, features
        self._optimizer = AdamW(
            {head.inner: decay, head.outer: decay, head.bias: 0.0}, ONCE.learning_rate
        )
        self._order = np.empty(0, dtype=np.int64)
        self._scores = torch.empty(0)

    def begin(self, order: npt.NDArray[np.int64], rate: float) -> None:  # noqa: ARG002
        self._order = order

    def scores(self, start: int, end: int) -> Tensor:
        self._scores = self._head(self._features[self._order[start:end]])
        return self._scores.detach()

    def step(self, gradients: Tensor) -> None:
        weights = list(self._optimizer.decay)
        self._optimizer.step(torch.autograd.grad(self._scores, weights, gradients))

    def end(self) -> None:
        pass


def plain_learner(head: FactoredHead, features: sparse.csr_array, decay: float) -> PlainLearner:
    return PlainLearner(head, features, decay)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--texts", type=int, default=900)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--posts", type=Path, help="labelled posts, instead of the sample")
    options = parser.parse_args()
    torch.set_num_threads(1)
    found = posts(options.posts) if options.posts else sample()
    print(f"{options.texts} texts, {options.seeds} splits; {processor()}, one thread\n")
    print(f"{'':12}{'CPU seconds a fit':>19}{'times':>7}{'Jaccard':>9}{'first':>7}")
    good = [measured(name, found, options) for name in LOSSES]
    return 0 if all(good) else 1


def measured(name: str, found: Sequence[Labelled], options: argparse.Namespace) -> bool:
    """Fit in both ways by turns, print the means, and say whether the aims are reached."""
    ways: dict[str, list[Figures]] = {"plain": [], "deshi": []}
    for seed in range(options.seeds):
        train, valid, test = split(found, options.texts, seed)
        with mock.patch.object(FactoredHead, "learner", plain_learner):
            ways["plain"].append(figures(Linear(ONCE, Env(seed=seed)), name, train, valid, test))
        now = Linear(LinearParams(), Env(seed=seed))
        ways["deshi"].append(figures(now, name, train, valid, test))
    means = {way: np.mean(rows, 0) for way, rows in ways.items()}
    for way, (seconds, jaccard, first) in means.items():
        times = means["plain"][0] / seconds
        print(f"{name + ', ' + way:12}{seconds:19.2f}{times:7.1f}{jaccard:9.3f}{first:7.3f}")
    faster = means["plain"][0] / means["deshi"][0] >= TARGET
    return bool(faster and means["deshi"][1] >= means["plain"][1] - SLACK)


def figures(
    student: Linear, name: str, train: Examples, valid: Examples, test: Examples
) -> Figures:
    loss: Loss = LOSSES[name](NoParams(), Env())
    start = time.process_time()
    student.fit(train, valid, loss)
    seconds = time.process_time() - start
    shared, first = [], []
    for answer, wanted in zip(student.predict(test.texts), test.expected, strict=True):
        gold = set(wanted.references[0])
        shared.append(len(gold & set(answer.emojis)) / len(gold | set(answer.emojis)))
        first.append(answer.emojis[0] in gold)
    return seconds, float(np.mean(shared)), float(np.mean(first))


def sample() -> list[Labelled]:
    """Return the packaged sample with the labels of the teacher `lexicon`."""
    texts = list(Sample(NoParams(), Env()).texts())
    with Lexicon(LexiconParams(), Env()) as teacher:
        return [(text, tuple(teacher.label(text.text))) for text in texts]


def posts(path: Path) -> list[Labelled]:
    """Return labelled posts; a line's first set of emoji counts, up to a `|`."""
    found: list[Labelled] = []
    document = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        text, tab, labels = line.partition("\t")
        if text.startswith("# "):
            document = text
        emojis = tuple(dict.fromkeys(parse(labels.split("|")[0], mode=Mode.LABELS).emojis))
        if tab and emojis:
            found.append((Text(f"{len(found)}", document, text), emojis))
    return found


def split(found: Sequence[Labelled], size: int, seed: int) -> tuple[Examples, Examples, Examples]:
    """Return training, validation and test texts of different documents."""
    documents = sorted({text.document for text, _ in found})
    mixed = np.random.default_rng(seed).permutation(documents).tolist()
    place = {document: at for at, document in enumerate(mixed)}
    rows = sorted(found, key=lambda row: place[row[0].document])
    judged = rows[: 2 * JUDGED]
    held = {text.document for text, _ in judged}
    train = [row for row in rows if row[0].document not in held][:size]
    counts = Counter(emoji for _, emojis in train for emoji in emojis)
    alphabet = Alphabet.of(counts)
    numbers = np.array([counts[emoji] for emoji in alphabet], dtype=np.float64)
    middle = judged[JUDGED][0].document
    test = [row for row in judged if place[row[0].document] < place[middle]]
    parts = (train, judged[len(test) :], test)
    made = [
        Examples([t for t, _ in part], [Expected((e,)) for _, e in part], alphabet, numbers)
        for part in parts
    ]
    return made[0], made[1], made[2]


def processor() -> str:
    """Return the processor's name, which platform does not know on Linux."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


if __name__ == "__main__":
    sys.exit(main())
