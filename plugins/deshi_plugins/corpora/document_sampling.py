"""A share of a corpus, chosen by document: the same one whatever else the corpus holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Annotated

from deshi.api import Help, Text


@dataclass(frozen=True, kw_only=True)
class SamplingParams:
    """Parameters that every corpus of files has."""

    limit: Annotated[int, Help("Maximum number of texts; by default all.", ge=1)] | None = None
    share: Annotated[
        float,
        Help("Share of documents to take, chosen by their ids alone.", gt=0, le=1),
    ] = 1.0
    seed: Annotated[int, Help("Seed of the choice of documents.", ge=0)] = 0


class Sample:
    """The documents that a share and a seed take.

    A keyed hash of the document's id decides, so a document stays in or out when the corpus grows or
    is reordered, and a smaller share is part of a larger one. It is not the hash of the split: a
    sample has documents for every part.
    """

    def __init__(self, share: float, seed: int) -> None:
        self.is_everything = share >= 1
        self._below = int(share * 2**64)
        self._key = f"deshi sample 1 {seed}".encode()

    def has(self, document: str) -> bool:
        """Say whether a document is in the sample; about a microsecond, nothing for a share of 1."""
        if self.is_everything:
            return True
        text = document.encode("utf-8", "surrogatepass")
        digest = hashlib.blake2b(text, key=self._key, digest_size=8).digest()
        return int.from_bytes(digest, "big") < self._below


def sample_texts(texts: Iterable[Text], params: SamplingParams) -> Iterator[Text]:
    """Yield the texts of a share of documents, as many as `limit` allows."""
    sample = Sample(params.share, params.seed)
    return islice((text for text in texts if sample.has(text.document)), params.limit)
