"""Validation figures of a model's predictions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from deshi.api import Examples
from deshi.emoji import MAX_EMOJI
from deshi_plugins.students.selection import Floats, jaccard_by_size


def effective_emoji(predicted: Iterable[Sequence[str]]) -> float:
    """Return exp(-Σ p ln p), p being the share of each emoji in all predictions; 0 without any."""
    counts = Counter(emoji for emojis in predicted for emoji in emojis)
    if not counts:
        return 0.0
    shares = np.array([*counts.values()], dtype=np.float64) / counts.total()
    return float(np.exp(-(shares * np.log(shares)).sum()))


def plateau(train: Examples, valid: Examples) -> float:
    """Return the mean Jaccard on `valid` above which a model beats the majority baseline.

    That is the baseline's own, plus two standard errors; 0 without texts.
    """
    if not valid.texts:
        return 0.0
    order = np.argsort(-np.asarray(train.counts, dtype=np.float64), kind="stable")[:MAX_EMOJI]
    ranks = np.tile(order, (len(valid.texts), 1))
    scores = jaccard_by_size(ranks, train.alphabet.symbols, valid.expected)
    best = scores[:, scores.mean(0).argmax()]
    return float(best.mean() + 2 * best.std() / len(best) ** 0.5)


def share_nll(probabilities: Floats, targets: Floats) -> float:
    """Return the mean of -Σ_c t_c log s_c, in nats; probabilities and targets (n, c).

    t and s are targets and probabilities divided by their sums: the surprisal of sampling one of the
    correct emoji. That is one scale for softmax and sigmoid scores alike. Texts without labels are
    left out; NaN if none is left.
    """
    totals = targets.sum(-1)
    known = totals > 0
    if not known.any():
        return float("nan")
    shares = probabilities[known] / probabilities[known].sum(-1, keepdims=True)
    logs = np.log(np.maximum(shares, np.finfo(np.float64).tiny))
    return float(-(targets[known] / totals[known, None] * logs).sum(-1).mean())
