"""Texts that nearly equal a test text: character 3-gram Jaccard at or above a threshold.

Texts are compared by their letters and digits alone, after NFKC and case folding, so that a copy
which differs in width, punctuation or emoji is still a copy.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array

_BLOCK = 2048


def near_copies(texts: Sequence[str], test: Sequence[str], *, threshold: float) -> list[int | None]:
    """Return, for each text, the index of the test text that it resembles most, if it nearly equals it.

    Exact, by a sparse product over shared 3-grams in blocks of rows; memory grows with the block, not
    with the product of the two numbers of texts.
    """
    vocabulary: dict[str, int] = {}
    probe = _grams(test, vocabulary)
    known = len(vocabulary)
    rows = _grams(texts, vocabulary)
    found: list[int | None] = [None] * len(texts)
    if not len(test) or not len(texts) or not known:
        return found
    sizes, probe_sizes = rows.sum(axis=1), probe.sum(axis=1)
    probe = csr_array((probe.data, probe.indices, probe.indptr), shape=(len(test), len(vocabulary)))
    columns = probe.T.tocsr()
    for start in range(0, len(texts), _BLOCK):
        shared = (rows[start : start + _BLOCK] @ columns).tocoo()
        union = sizes[shared.row + start] + probe_sizes[shared.col] - shared.data
        similar = shared.data / union
        order = np.argsort(similar, kind="stable")  # the most similar is written last
        for at in order[similar[order] >= threshold]:
            found[start + int(shared.row[at])] = int(shared.col[at])
    return found


def plain(text: str) -> str:
    """Return the letters and digits of a text, width and case folded."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if unicodedata.category(c)[0] in "LN" or c == "ー")


def _grams(texts: Sequence[str], vocabulary: dict[str, int]) -> csr_array:
    indptr, indices = [0], list[int]()
    for text in texts:
        letters = plain(text)
        grams = {letters[i : i + 3] for i in range(max(1, len(letters) - 2))} if letters else set()
        indices.extend(vocabulary.setdefault(gram, len(vocabulary)) for gram in sorted(grams))
        indptr.append(len(indices))
    shape = (len(texts), max(1, len(vocabulary)))
    return csr_array(
        (np.ones(len(indices)), np.array(indices, np.int64), np.array(indptr)), shape=shape
    )
