"""What follows from an attempt without an answer: ask again and when, give the item up, or stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Literal, TypeAlias

from deshi.api import AttemptError, Outcome

After: TypeAlias = Literal["again", "failed", "stop"]

COUNTED = frozenset({"server", "timeout", "connection", "bad-body"})
"""These count: after the fifth the item is given up."""
ATTEMPTS = 5
MAY_BE_PAID = frozenset({"timeout", "connection", "bad-body"})
"""After these nobody knows what the server did: the worst case is charged."""
LONGEST_WAIT = 600.0
"""A server that asks to wait longer, in seconds, stops the run: nobody sits through an hour."""

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 60.0

ADVICE: Mapping[Outcome, str] = {
    "denied": "check its key, its permissions and the name of its model, then run again",
    "spent": "raise the limit or add credit with the provider, then run again",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows; `pause` is the least number of seconds before the request may go again."""

    after: After
    pause: float = 0.0


def decide(error: AttemptError, counted: int, tries: int, random: Random) -> Decision:
    """Return what follows an attempt that gave no answer.

    `counted` are the attempts of this request that counted, this one included, `tries` all of them.
    """
    if error.outcome in ADVICE or (error.retry_after or 0.0) > LONGEST_WAIT:
        return Decision("stop")
    if error.outcome == "rejected" or counted >= ATTEMPTS:
        return Decision("failed")
    return Decision("again", pause(error.retry_after, tries, random))


def pause(retry_after: float | None, tries: int, random: Random) -> float:
    """Return how long to wait: what the server asks, and on top a random part of a growing time."""
    most = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(tries - 1, 10))
    return (retry_after or 0.0) + random.uniform(0.0, most)
