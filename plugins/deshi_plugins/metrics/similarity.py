"""How alike two emoji are: by their Japanese keywords, or by an embedding of these."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from deshi.emoji import inventory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from deshi.api.records import Array
    from deshi.emoji import Alphabet


@functools.lru_cache(maxsize=4)
def keyword_similarity(
    alphabet: Alphabet, *, idf: bool = True, stop: tuple[str, ...] = (), stop_weight: float = 0.1
) -> Array:
    """Return the weighted Jaccard of keyword sets, shape (alphabet, alphabet), read-only.

        s(a, b) = Σ w over K_a ∩ K_b / Σ w over K_a ∪ K_b,  w = ln(N / df), or 1 without `idf`

    Keywords in `stop` weigh `stop_weight` times that. N and df are those of the whole inventory, so
    that s does not depend on the alphabet. An emoji is always wholly like itself.
    """
    weights = _weights(idf=idf)
    words = {word: column for column, word in enumerate(weights)}
    factors = np.array([stop_weight if word in stop else 1.0 for word in words])
    values = np.fromiter(weights.values(), np.float64) * factors
    known = inventory()
    sets = [sorted({words[word] for word in known[emoji].keywords}) for emoji in alphabet.symbols]
    bounds = np.concatenate(([0], np.cumsum([len(columns) for columns in sets]))).astype(np.int64)
    columns = np.array([column for row in sets for column in row], np.int64)
    has = csr_array((np.ones(len(columns)), columns, bounds), shape=(len(sets), len(words)))
    common = ((has * values) @ has.T).toarray()
    total = np.diagonal(common)
    union = total[:, np.newaxis] + total - common
    result: Array = np.divide(common, union, out=np.zeros_like(common), where=union > 0)
    np.fill_diagonal(result, 1.0)
    result.flags.writeable = False
    return result


@functools.cache
def _weights(*, idf: bool) -> Mapping[str, float]:
    counts: dict[str, int] = {}
    for info in inventory().values():
        for word in set(info.keywords):
            counts[word] = counts.get(word, 0) + 1
    return {
        word: float(np.log(len(inventory()) / counts[word])) if idf else 1.0
        for word in sorted(counts)
    }


@functools.lru_cache(maxsize=2)
def embedding_similarity(alphabet: Alphabet) -> Array:
    """Return the similarity of embeddings, shape (alphabet, alphabet), read-only.

        s(a, b) = max(0, cos(a, b) - c) / (1 - c),  c the 95 % quantile of cos over all pairs of emoji

    so that 19 of 20 pairs are not alike at all: raw cosines of embeddings are high for anything. c is
    that of the whole inventory, so that s does not depend on the alphabet. The vectors are of CLDR's
    Japanese names and keywords, computed by scripts/emoji_vectors.py.
    """
    cosines, floor = _cosines()
    order = {emoji: index for index, emoji in enumerate(inventory())}
    indices = [order[emoji] for emoji in alphabet.symbols]
    result: Array = np.clip((cosines[np.ix_(indices, indices)] - floor) / (1 - floor), 0.0, 1.0)
    np.fill_diagonal(result, 1.0)
    result.flags.writeable = False
    return result


@functools.cache
def _cosines() -> tuple[Array, float]:
    stored = np.load(Path(__file__).with_name("data") / "emoji-vectors.npy").astype(np.float64)
    vectors = stored / np.linalg.norm(stored, axis=1, keepdims=True)
    cosines: Array = vectors @ vectors.T
    return cosines, float(np.quantile(cosines[np.triu_indices(len(cosines), 1)], 0.95))
