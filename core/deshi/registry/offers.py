"""What an offering hook may return, and what is wrong with what it did return."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from deshi.api import (
    CorpusSpec,
    ExecutorSpec,
    FilterSpec,
    Layer,
    LossSpec,
    MetricSpec,
    Needs,
    Spec,
    StudentSpec,
    TeacherSpec,
)
from deshi.registry.plugin import NAME, NAME_FORM

OFFERS: Final[Mapping[str, tuple[str, type[Any]]]] = {
    "deshi_corpora": ("corpus", CorpusSpec),
    "deshi_teachers": ("teacher", TeacherSpec),
    "deshi_filters": ("filter", FilterSpec),
    "deshi_students": ("student", StudentSpec),
    "deshi_losses": ("loss", LossSpec),
    "deshi_metrics": ("metric", MetricSpec),
    "deshi_executors": ("executor", ExecutorSpec),
    "deshi_layers": ("layers", Layer),
}
"""The offering hooks: what each offers, which its failure makes unusable, and its class."""

_TARGET: Final = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")
_LINE: Final = re.compile(r"(?=.*\S).*")


def subject(hook: str) -> str:
    """Return what a failure of the hook makes unusable: what it offers, or `hooks`."""
    return OFFERS[hook][0] if hook in OFFERS else "hooks"


def faults(hook: str, offered: Sequence[Any]) -> Iterator[str]:
    """Yield what is wrong with what an offering hook returned."""
    expected = OFFERS[hook][1]
    names: set[str] = set()
    for index, item in enumerate(offered):
        if not isinstance(item, expected):
            yield f"{hook} item {index} is {_a(type(item))}, not {_a(expected)}"
            continue
        label = f"{hook} {item.name!r}"
        for fault in _faults(item):
            yield f"{label}: {fault}"
        if str(item.name) in names:
            yield f"{label} is offered twice"
        names.add(str(item.name))


def _faults(item: Any) -> Iterator[str]:  # noqa: ANN401
    if not _matches(NAME, item.name):
        yield f"the name is not of the form {NAME_FORM}"
    if isinstance(item, Layer):
        toml: object = item.toml
        if not isinstance(toml, str):
            yield f"toml is {_a(type(toml))}, not a string"
        return
    if not _matches(_TARGET, item.target):
        yield f"target {item.target!r} is not of the form 'module:Class'"
    if not _matches(_LINE, item.summary):
        yield "summary must be one line of text"
    if isinstance(item, Spec):
        if item.params is not None and not _matches(_TARGET, item.params):
            yield f"params {item.params!r} is not of the form 'module:Class'"
        if type(item.revision) is not int or item.revision < 1:
            yield f"revision {item.revision!r} is not a whole number from 1"
    if type(item.needs) is not Needs:
        yield f"needs is {_a(type(item.needs))}, not a Needs"


def _matches(form: re.Pattern[str], text: object) -> bool:
    return isinstance(text, str) and form.fullmatch(text) is not None


def _a(kind: type[object]) -> str:
    """Return the class's name with its article."""
    article = "an" if kind.__name__[0].lower() in "aeiou" else "a"
    return f"{article} {kind.__name__}"
