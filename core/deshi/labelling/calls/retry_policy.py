"""What follows from an attempt without an answer: ask again and when, give the item up, or stop the run.

The user and a budget stop a run of calls too. What was answered is kept.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Literal

from deshi.api import AttemptError, ComponentError, NotReadyError, Outcome

if TYPE_CHECKING:
    from deshi.labelling.calls.queue import Clock

COUNTED = frozenset({"server", "timeout", "connection", "bad-body"})
"""These count: after the fifth the item is given up."""
ATTEMPTS = 5
MAY_BE_PAID = frozenset({"timeout", "connection", "bad-body"})
"""After these nobody knows what the server did: the worst case is charged."""
LONGEST_WAIT = 600.0
"""A server that asks to wait longer, in seconds, stops the run: nobody sits through an hour."""

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 60.0
_GIVEN_UP = 10
"""So many items given up in a row, without one answer between, are an outage."""
_PATIENCE = 1800.0
"""Seconds of attempts without one answer after which the run stops."""
_log = logging.getLogger("deshi.calls")

ADVICE: Mapping[Outcome, str] = {
    "denied": "check its key, its permissions and the name of its model, then run again",
    "spent": "raise the limit or add credit with the provider, then run again",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows; `pause` is the least number of seconds before the request may go again."""

    after: Literal["again", "failed", "stop"]
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


class Interrupted(Exception):  # noqa: N818  (nothing is wrong)
    """The user asked to stop. A KeyboardInterrupt in one of its tasks would tear the loop down."""


class StopRules:
    """Whether the runner has to stop, and with what. True once it has to."""

    def __init__(self, label: str, clock: Clock) -> None:
        self._where = f"teacher '{label}'"
        self._clock = clock
        self._given_up = 0
        self.interrupts = 0
        self.begin()

    def begin(self) -> None:
        """Start anew: patience is whole, and nothing stops but the user who asked for it before."""
        self._why: Exception | None = Interrupted() if self.interrupts else None
        self._waiting_since: float | None = None

    def __bool__(self) -> bool:
        return self._why is not None

    def raise_if_stopped(self) -> None:
        """Raise what stopped the run."""
        if self._why is not None:
            raise self._why

    def set(self, why: Exception) -> None:
        """Stop with an error; the first holds."""
        self._why = self._why or why

    def interrupt(self) -> None:
        """Note that the user asked to stop."""
        self.interrupts += 1
        if self.interrupts == 1:
            self._why = Interrupted()

    def note_sent(self) -> None:
        """Note an attempt: patience counts from the first one, or from the last answer."""
        if self._waiting_since is None:
            self._waiting_since = self._clock.now()

    def note_answer(self) -> None:
        """Note an answer."""
        self._given_up = 0
        self._waiting_since = self._clock.now()

    def note_cost(self, cost: int, worst: int, *, is_capped: bool) -> None:
        """Note what a call cost: where that exceeds its worst case, no budget can hold."""
        if cost <= worst:
            return
        what = f"a call cost {cost} nano-USD, and its stated worst case is {worst}"
        if is_capped:
            fix = "state its price in the entry (env.price) or, if that is right, fix the component's "
            fix += "worst_case: until then no budget can hold; the answer is kept"
            self.set(ComponentError(what, where=self._where, fix=fix))
        else:
            _log.warning("%s: %s", self._where, what)

    def note_failure(self, error: AttemptError, note: str, *, given_up: bool) -> None:
        """Note an attempt without an answer: some stop at once, and so do too many in a row."""
        status = f" (HTTP {error.status})" if error.status else ""
        what = fix = ""
        if error.outcome in ADVICE:
            what, fix = f"{error.outcome}{status}: {note}", ADVICE[error.outcome]
        elif (error.retry_after or 0.0) > LONGEST_WAIT:
            minutes = (error.retry_after or 0.0) / 60
            what = f"the server asks to wait {minutes:.0f} minutes{status}: {note}"
            fix = "run again then; every answer received is kept"
        self._given_up += given_up
        now = self._clock.now()
        waited = now - (now if self._waiting_since is None else self._waiting_since)
        if not what and (self._given_up >= _GIVEN_UP or waited > _PATIENCE):
            what = f"no more answers, last {error.outcome}{status}: {note}"
            fix = "see what the server says, then run again; every answer received is kept"
        if what:
            self.set(NotReadyError(what, where=self._where, fix=fix))
