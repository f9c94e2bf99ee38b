"""The exceptions of deshi.

    DeshiError                    base; carries the exit status of the command line
    ├── UsageError          2     a file, table, key or argument is wrong
    ├── NotReadyError       3     something that was named is not ready: extra, key, plugin, GPU
    ├── ComponentError      1     a component failed while running
    └── BudgetReached       4     the next call might exceed a budget; nothing is lost

Each says where, what and how to fix it.
"""

from __future__ import annotations

import copyreg
import difflib
from collections.abc import Iterable
from typing import ClassVar

from deshi.redaction import Mask


class DeshiError(Exception):
    """An error that the user can act on: `where: what; fix`."""

    exit_status: ClassVar[int] = 1

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        self.what = what
        self.where = where
        self.fix = fix
        super().__init__(what, where, fix)

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return Mask()(f"{head}; {self.fix}" if self.fix else head)

    def __reduce__(self) -> tuple[object, ...]:
        return (copyreg.__newobj__, (type(self), *self.args), vars(self))  # type: ignore[attr-defined]


class UsageError(DeshiError):
    """A file, a table, a key or an argument is wrong."""

    exit_status = 2


class NotReadyError(DeshiError):
    """Something that was named is not ready: a missing extra, key, plugin or GPU."""

    exit_status = 3


class ComponentError(DeshiError):
    """A component failed while running; the cell that needed it fails, others go on."""

    exit_status = 1


class BudgetReached(DeshiError):  # noqa: N818  (nothing is wrong: the user's limit held)
    """The next call of a teacher might exceed a budget, so it was not made; what was paid is kept."""

    exit_status = 4


_LISTED = 30
"""The names that are listed whole; of more, the nearest dozen."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return `did you mean 'x'?` for the closest known name, or a list of what there is."""
    choices = sorted(set(known))
    close = _close(name, choices)
    if close:
        return f"did you mean '{close}'?"
    if not choices:
        return "there is none"
    if len(choices) <= _LISTED:
        return f"there is: {', '.join(choices)}"
    some = difflib.get_close_matches(name, choices, n=12, cutoff=0.0)
    return f"the nearest of {len(choices)} are: {', '.join(some)}"


def _close(name: str, choices: list[str]) -> str:
    """Return the name that was most likely meant, whatever its case; empty if none is near."""
    spelt = {choice.lower(): choice for choice in reversed(choices)}
    found = difflib.get_close_matches(name.lower(), spelt, n=1, cutoff=0.6)
    if found:
        return spelt[found[0]]
    begun = [choice for choice in choices if len(name) > 1 and choice.startswith(name)]
    return begun[0] if len(begun) == 1 else ""
