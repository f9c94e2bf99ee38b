"""One check of the kit: what it asks of a component, and what its author is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from deshi.testing.verdict import Broken

if TYPE_CHECKING:
    from deshi.testing.subject import Subject

BUILT: Final = "takes-params-and-env"
"""The check without which no other can be run."""

Tier: TypeAlias = Literal["offline", "live"]


@dataclass(frozen=True)
class Check:
    """One check: its id, what it asks in a sentence, how to mend what it finds.

    `capability` names the one without which it does not apply. A check of the tier `live` asks a
    real service, and so only when told to.
    """

    id: str
    sentence: str
    mend: str
    run: Callable[[Subject], None] = field(repr=False)
    capability: str | None = None
    tier: Tier = "offline"


class Checks:
    """The checks of one module, in the order in which they are written."""

    def __init__(self) -> None:
        self.found: list[Check] = []

    def add(
        self,
        name: str,
        sentence: str,
        mend: str,
        *,
        needs: str | None = None,
        tier: Tier = "offline",
    ) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
        """Return a decorator that makes a function of a subject into the check of this id."""

        def keep(function: Callable[[Any], None]) -> Callable[[Any], None]:
            self.found.append(Check(name, sentence, mend, function, needs, tier))
            return function

        return keep


def expect(condition: object, found: str) -> None:
    """Raise Broken with what was found unless the condition holds."""
    if not condition:
        raise Broken(found)


def shown(value: object, longest: int = 120) -> str:
    """Return a value as messages show it: its repr, cut."""
    text = repr(value)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def first_difference(one: Iterable[object], other: Iterable[object]) -> str:
    """Say where two sequences differ first; empty if they are equal."""
    a, b = list(one), list(other)
    for at, (left, right) in enumerate(zip(a, b, strict=False)):
        if left != right:
            return f"item {at} is {shown(left)} and then {shown(right)}"
    return "" if len(a) == len(b) else f"there are {len(a)} and then {len(b)}"
