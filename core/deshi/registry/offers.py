"""What an offering hook may return, and what is wrong with what it did return."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

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
from deshi.registry.plugin import NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from deshi.api import Kind

OFFERS: Final[Mapping[str, type[Spec]]] = {
    "deshi_corpora": CorpusSpec,
    "deshi_teachers": TeacherSpec,
    "deshi_filters": FilterSpec,
    "deshi_students": StudentSpec,
    "deshi_losses": LossSpec,
    "deshi_metrics": MetricSpec,
}
"""The offering hooks and the class of what each returns."""

LAYERS: Final = "deshi_layers"
EXECUTORS: Final = "deshi_executors"

_TARGET: Final = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")
_LINE: Final = re.compile(r"(?=.*\S).*")
_ANYTHING: Final = re.compile(r".*", re.DOTALL)
_NAME_FORM: Final = "'lower-case-words' of letters and digits"


def subject(hook: str) -> Kind | str:
    """Return what a failure of the hook makes unusable: a kind, `layers`, `executors`, or `hooks`."""
    if hook in (LAYERS, EXECUTORS):
        return hook.removeprefix("deshi_")
    return OFFERS[hook].kind if hook in OFFERS else "hooks"


def faults(hook: str, offered: Sequence[object]) -> list[str]:
    """Return what is wrong with what an offering hook returned; an empty list if nothing is."""
    others: Mapping[str, type[Layer | ExecutorSpec]] = {LAYERS: Layer, EXECUTORS: ExecutorSpec}
    expected: type[Spec | Layer | ExecutorSpec] = others.get(hook) or OFFERS[hook]
    found: list[str] = []
    names: set[str] = set()
    for index, item in enumerate(offered):
        if not isinstance(item, expected):
            found.append(f"{hook} item {index} is {_a(type(item))}, not {_a(expected)}")
            continue
        label = f"{hook} {item.name!r}"
        wrong = _layer_faults(item) if isinstance(item, Layer) else _spec_faults(item)
        found.extend(f"{label}: {fault}" for fault in wrong)
        if str(item.name) in names:
            found.append(f"{label} is offered twice")
        names.add(str(item.name))
    return found


def _spec_faults(spec: Spec | ExecutorSpec) -> Iterator[str]:
    if not _matches(NAME, spec.name):
        yield f"the name is not of the form {_NAME_FORM}"
    if not _matches(_TARGET, spec.target):
        yield f"target {spec.target!r} is not of the form 'module:Class'"
    if not _matches(_LINE, spec.summary):
        yield "summary must be one line of text"
    if isinstance(spec, Spec):
        if spec.params is not None and not _matches(_TARGET, spec.params):
            yield f"params {spec.params!r} is not of the form 'module:Class'"
        if type(spec.revision) is not int or spec.revision < 1:
            yield f"revision {spec.revision!r} is not a whole number from 1"
    if type(spec.needs) is not Needs:
        yield f"needs is {_a(type(spec.needs))}, not a Needs"


def _layer_faults(layer: Layer) -> Iterator[str]:
    if not _matches(NAME, layer.name):
        yield f"the name is not of the form {_NAME_FORM}"
    if not _matches(_ANYTHING, layer.toml):
        yield f"toml is {_a(type(layer.toml))}, not a string"


def _matches(form: re.Pattern[str], text: object) -> bool:
    return isinstance(text, str) and form.fullmatch(text) is not None


def _a(kind: type[object]) -> str:
    """Return the class's name with its article."""
    article = "an" if kind.__name__[0].lower() in "aeiou" else "a"
    return f"{article} {kind.__name__}"
