"""The split: by document, by a keyed hash of the document's id alone.

Adding documents moves none; the order of the corpus, the teacher and the filters do not matter.
"""

from __future__ import annotations

import hashlib

from deshi.api import Part

_KEY = b"deshi split 1"


def part_of(document: str, *, test_share: float, valid_share: float) -> Part:
    """Return the part that a document falls into; shares are fractions of documents."""
    digest = hashlib.blake2b(document.encode("utf-8", "surrogatepass"), key=_KEY, digest_size=8)
    place = int.from_bytes(digest.digest(), "big") / 2**64
    if place < test_share:
        return "test"
    return "valid" if place < test_share + valid_share else "train"
