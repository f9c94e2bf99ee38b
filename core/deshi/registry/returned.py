"""Words for what came back from a component and is not what its method may return."""

from __future__ import annotations

import inspect
import reprlib
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

Returned: TypeAlias = Any
"""What came back, which may be anything, and what stands beside it."""


_LARGE = 2.0**63  # what JSON readers take as a number; NaN and infinity are not below


class WrongReturn(Exception):  # noqa: N818  (a fault of what came back, turned into a ComponentError)
    """What came back from a method is not what it may return; `fix` says what it should return."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(what)
        self.what, self.fix = what, fix


def require_plain(value: Returned) -> None:
    """Refuse what a call gives that was meant to be run."""
    if inspect.iscoroutine(value):
        value.close()
        raise WrongReturn("returned a coroutine", "write `def`, not `async def`")
    if inspect.isgenerator(value) or inspect.isasyncgen(value):
        raise WrongReturn("returned a generator", "return a list: `return [...]`, without `yield`")


def a(value: Returned) -> str:
    """Return what a value is and how it begins: `a str ('❤️')`."""
    kind = type(value)
    home = kind.__module__.partition(".")[0]
    name = kind.__name__ if home in ("builtins", "deshi") else f"{home}.{kind.__name__}"
    if value is None:
        return "None (is a `return` missing?)"
    article = "an" if name[0].lower() in "aeiou" else "a"
    return f"{article} {name} ({reprlib.repr(value)})"


def listed(value: Returned, kinds: tuple[type, ...], number: int, per: str) -> Sequence[Returned]:
    """Return a list of so many records, one `per` what was given."""
    names = ", ".join(kind.__name__ for kind in kinds[:-1])
    names = f"{names} or {kinds[-1].__name__}" if names else kinds[-1].__name__
    fix = f"return a list with one {names} per {per}, in order"
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise WrongReturn(f"returned {a(value)}", fix)
    records: Sequence[Returned] = value
    wrong = next((at for at, one in enumerate(records) if not isinstance(one, kinds)), None)
    if wrong is not None:
        raise WrongReturn(f"returned {a(records[wrong])} for {per} {wrong}", fix)
    if len(records) != number:
        raise WrongReturn(f"returned {len(records)} for {number} {per}s", fix)
    return records


def is_a(value: Returned, kind: type) -> bool:
    """Say whether a value is of a class, without believing what the class says of its fields."""
    return isinstance(value, kind)


def is_count(value: Returned) -> bool:
    """Say whether a value is an int from 0 that 63 bits hold; True is none."""
    return type(value) is int and 0 <= value < 1 << 63


def is_text(value: Returned) -> bool:
    """Say whether a value is a string that a file can hold: it has no lone surrogate."""
    try:
        return isinstance(value, str) and bool(value.encode() or True)
    except UnicodeEncodeError:
        return False


def is_words(value: Returned) -> bool:
    """Say whether a value is a tuple of strings."""
    return type(value) is tuple and all(isinstance(one, str) for one in value)


def json_fault(value: Returned, path: str = "") -> tuple[str, str]:
    """Return what in a value is no JSON and how to fix it; two empty strings for JSON."""
    if value is None or isinstance(value, (bool, int, float)):
        fine = value is None or abs(value) < _LARGE
        return ("", "") if fine else (f"{path} is {a(value)}", "leave it out, or write None")
    if isinstance(value, str):
        fine = not any("\ud800" <= letter <= "\udfff" for letter in value)
        return (
            ("", "")
            if fine
            else (f"{path} has a lone surrogate", "decode it with errors='replace'")
        )
    if isinstance(value, Mapping):
        for key, one in value.items():
            if not isinstance(key, str):
                return f"{path} has the key {a(key)}", "keys of JSON are strings"
            if (fault := json_fault(one, f"{path}[{key!r}]"))[0]:
                return fault
        return "", ""
    if isinstance(value, (list, tuple)):
        faults = (json_fault(one, f"{path}[{at}]") for at, one in enumerate(value))
        return next((fault for fault in faults if fault[0]), ("", ""))
    home = type(value).__module__.partition(".")[0]
    fix = "convert it: float(x) or x.tolist()" if home in ("numpy", "torch") else "keep JSON alone"
    return f"{path} is {a(value)}", fix


def require_json(value: Returned, name: str) -> None:
    """Raise WrongReturn for what a manifest cannot hold."""
    what, fix = json_fault(value, name)
    if what:
        raise WrongReturn(f"returned what is no JSON: {what}", fix)
