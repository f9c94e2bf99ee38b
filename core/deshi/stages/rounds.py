"""How many more texts to put to a teacher, so that a number survives and few are paid for in vain."""

from __future__ import annotations

import math


def next_pull(missing: int, survived: int, pulled: int) -> int:
    """Return how many texts the next round takes.

    The first takes what is missing; the others as many more as the share that survived so far
    leads one to expect, but never more than were taken before or are missing. So an unlucky first
    round does not empty the corpus, and a chain that lets few through needs few rounds.
    """
    if not pulled:
        return missing
    expected = math.ceil(missing * pulled / survived) if survived else 2 * pulled
    return min(expected, max(pulled, missing))
