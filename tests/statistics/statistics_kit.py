"""Small metrics, rows and simulated students for the tests of the statistics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deshi.statistics.intervals import fixed_models_interval
from deshi.statistics.replicates import Replicates, RowScores, replicate
from deshi.statistics.resampling import Resamples


class Mean:
    """The mean of one number a text."""

    def statistics(self, *_):
        raise NotImplementedError

    def value(self, sums, n):
        with np.errstate(divide="ignore", invalid="ignore"):
            return sums[..., 0] / n


class Ratio(Mean):
    """Summed first column over summed second; NaN where that is 0."""

    def value(self, sums, n):
        with np.errstate(divide="ignore", invalid="ignore"):
            return sums[..., 0] / sums[..., 1]


class Effective(Mean):
    """exp of the entropy of summed counts: the effective number of kinds."""

    def value(self, sums, n):
        with np.errstate(divide="ignore", invalid="ignore"):
            p = sums / sums.sum(axis=-1, keepdims=True)
            return np.exp(-np.where(p > 0, p * np.log(p), 0.0).sum(axis=-1))


class Kinds(Mean):
    """The share of kinds that occur at all."""

    def value(self, sums, n):
        return (sums > 0.5).mean(axis=-1)


def names(n, per_document=1):
    return [f"d{at // per_document:05}" for at in range(n)]


def column(values):
    return np.asarray(values, float)[:, np.newaxis]


def row(*runs, deterministic=False):
    """Return a row of runs, each one number a text."""
    return RowScores([column(run) for run in runs], deterministic=deterministic)


def one(values, *, documents=None, resamples=2000, seed=0) -> Replicates:
    """Return the replicates of a single deterministic run of one number a text."""
    drawn = Resamples.draw(documents or names(len(values)), resamples, seed)
    return replicate(Mean(), [row(values, deterministic=True)], drawn)[0]


def several(*rows, documents, resamples=2000, seed=0, metric=None):
    """Return the replicates of rows that share documents."""
    drawn = Resamples.draw(documents, resamples, seed)
    return replicate(metric or Mean(), rows, drawn)


def interval_of(metric, counts, resamples):
    """Return the fixed-models interval of one run of counts, (texts, k)."""
    return fixed_models_interval(replicate(metric, [RowScores([counts])], resamples)[0])


def known_points(*rows, deterministic=()):
    """Return replicates whose runs score exactly these values on every text of two hundred.

    A text's own part of mean 0 is added, the same for all, so that documents vary and pairs do not.
    """
    texts = np.random.default_rng(0).normal(0, 0.1, 200)
    texts -= texts.mean()
    made = [
        row(*(texts + value for value in values), deterministic=at in deterministic)
        for at, values in enumerate(rows)
    ]
    return several(*made, documents=names(200), resamples=200)


@dataclass(frozen=True)
class Shape:
    """A simulated world: texts in documents, and how much what varies.

    `share` is the part of the noise that all texts of a document have in common. `other_seed` is the
    second row's SD over seeds where it is not the first one's.
    """

    texts: int
    runs: int = 1
    seed: float = 0.0
    text: float = 0.15
    run_text: float = 0.20
    method_text: float = 0.0
    per_document: int = 1
    uneven: bool = False
    share: float = 0.0
    other_seed: float | None = None

    def documents(self, rng):
        """Return the document of each text."""
        if not self.uneven:
            return names(self.texts, self.per_document)
        sizes = np.clip(np.round(np.exp(rng.normal(1.0, 0.8, self.texts))), 1, 20).astype(int)
        return [f"d{at:05}" for at in np.repeat(np.arange(len(sizes)), sizes)][: self.texts]

    def noise(self, rng, codes, sd, runs=None):
        """Return normal noise of this SD, (texts,) or (runs, texts)."""
        shape = () if runs is None else (runs,)
        together = rng.normal(0, 1, (*shape, codes.max() + 1))[..., codes]
        alone = rng.normal(0, 1, (*shape, codes.size))
        return sd * (np.sqrt(self.share) * together + np.sqrt(1 - self.share) * alone)


MEAN = 0.17


def simulate(shape, rng, documents):
    """Return the scores of two rows that are trained alike, (runs, texts) each, and what their runs score truly."""
    codes = np.unique(documents, return_inverse=True)[1]
    texts = shape.noise(rng, codes, shape.text)
    scores, truths = [], []
    for sd in (shape.seed, shape.seed if shape.other_seed is None else shape.other_seed):
        seeds = rng.normal(0, sd, (shape.runs, 1))
        own = shape.noise(rng, codes, shape.method_text)
        runs = shape.noise(rng, codes, shape.run_text, shape.runs)
        scores.append(MEAN + texts + own + runs + seeds)
        truths.append(MEAN + seeds.mean())
    return scores, truths
