"""How a check can end that a component does not pass."""

from __future__ import annotations


class Broken(Exception):  # noqa: N818  (it is what a check finds, not a fault of the kit)
    """A component does not do what a check asks; the text says what was expected and what came."""


class NotApplicable(Exception):  # noqa: N818
    """A check has nothing to ask of this component; the text says why."""
