"""Small metrics, rows and simulated students for the tests of the statistics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deshi.evaluate.replicates import Replicates, Row, replicate
from deshi.evaluate.resampling import Documents, Resamples


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
    return Row([column(run) for run in runs], deterministic=deterministic)


def one(values, *, documents=None, resamples=2000, seed=0) -> Replicates:
    """Return the replicates of a single deterministic run of one number a text."""
    drawn = Resamples.draw(documents or names(len(values)), resamples, seed)
    return replicate(Mean(), [row(values, deterministic=True)], drawn)[0]


def several(*rows, documents, resamples=2000, seed=0, metric=None):
    """Return the replicates of rows that share documents."""
    drawn = Resamples.draw(documents, resamples, seed)
    return replicate(metric or Mean(), rows, drawn)


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

    `sizes` gives each document's texts; `share` is the part of a text's and a run's noise that all
    texts of a document have in common. `kind` is how a latent score becomes a metric's value.
    """

    texts: int
    seed: float = 0.0
    runs: int = 1
    text: float = 0.15
    run_text: float = 0.20
    recipe_text: float = 0.0
    per_document: int = 1
    uneven: bool = False
    share: float = 0.0
    other_seed: float | None = None


def documents_of(shape, rng):
    if not shape.uneven:
        return names(shape.texts, shape.per_document)
    sizes = np.clip(np.round(np.exp(rng.normal(1.0, 0.8, shape.texts))), 1, 20).astype(int)
    return [f"d{at:05}" for at in np.repeat(np.arange(len(sizes)), sizes)][: shape.texts]


def noise(rng, sd, codes, share, runs=None):
    """Return normal noise of this SD with a part in common within documents."""
    shape = (codes.size,) if runs is None else (runs, codes.size)
    groups = (*shape[:-1], codes.max() + 1)
    together = rng.normal(0, 1, groups)[..., codes]
    return sd * (np.sqrt(share) * together + np.sqrt(1 - share) * rng.normal(0, 1, shape))


def simulate(shape, rng, documents, *, delta=0.0):
    """Return two rows' scores (runs, texts); the true means are .17 and .17 + delta."""
    codes = Documents.of(documents).members.tocsc().indices
    texts = noise(rng, shape.text, codes, shape.share)

    def recipe(seed, shift):
        own = noise(rng, shape.recipe_text, codes, shape.share)
        runs = noise(rng, shape.run_text, codes, shape.share, shape.runs)
        seeds = rng.normal(0, 1, (shape.runs, 1)) * seed
        return 0.17 + shift + texts + own + runs + seeds

    other = shape.seed if shape.other_seed is None else shape.other_seed
    return recipe(shape.seed, delta), recipe(other, 0.0)
