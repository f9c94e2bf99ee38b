"""What went wrong with a teacher's answers, and how they are written: shares of the test texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, cast

from deshi.api import Drop, Env, Item, Text, UsageError
from deshi.emoji import MAX_EMOJI
from deshi_tools.migration.casual_style import is_casual
from deshi_tools.migration.rates import rate
from deshi_tools.migration.record import Rate

if TYPE_CHECKING:
    from deshi.api import Component, Filter, Kind
    from deshi.registry import Registry
    from deshi_tools.migration.paired_answers import PairedAnswers, TeacherAnswers

_DETECTORS = {"language-leakage": "another language", "faithful": "numbers or names lost"}
"""Filters that tell a fault of a rewrite, where the registry has them."""

_Hit = dict[str, bool]


def rates(paired: PairedAnswers, registry: Registry) -> Iterator[Rate]:
    """Yield the faults of the labels, then those of the rewrites where the teachers wrote their own."""
    both = (paired.first, paired.second)
    kinds = sorted({reason for asked in both for reason in asked.unanswered.values()})
    for reason in kinds:
        yield _rate("label", f"no answer ({reason})", both, partial(_unanswered, reason=reason))
    yield _rate("label", "no emoji at all", both, _empty)
    yield _rate("label", "non-emoji tokens", both, _unknown)
    yield _rate("label", f"more than {MAX_EMOJI} emoji", both, _too_many)
    if any(asked.banned for asked in both):
        yield _rate("label", "an emoji that the prompt forbids", both, _banned)
    if all(asked.rewrites for asked in both):
        yield from _rewriting(both, registry)


def _rewriting(both: tuple[TeacherAnswers, TeacherAnswers], registry: Registry) -> Iterator[Rate]:
    kinds = sorted({reason for asked in both for reason in asked.unwritten.values()})
    for reason in kinds:
        yield _rate("rewrite", f"no answer ({reason})", both, partial(_unwritten, reason=reason))
    for name, what in _DETECTORS.items():
        detector = cast("Filter | None", find_component(registry, "filter", name))
        if detector is not None:
            yield _rate("rewrite", what, both, partial(_detected, detector=detector))
    casual = _rate("rewrite", "casual style", both, _casual, is_fault=False)
    yield casual


def _rate(
    call: Literal["rewrite", "label"],
    what: str,
    both: Sequence[TeacherAnswers],
    hits: Callable[[TeacherAnswers], _Hit],
    *,
    is_fault: bool = True,
) -> Rate:
    figures = []
    for asked in both:
        found = hits(asked)
        documents = [_document(asked, identifier) for identifier in found]
        figures.append(rate(asked.name, list(found.values()), documents))
    first, second = figures
    return Rate(call=call, what=what, is_fault=is_fault, first=first, second=second)


def _document(asked: TeacherAnswers, identifier: str) -> str:
    row = asked.rows.get(identifier)
    return str(row["document"]) if row is not None else asked.unwritten_documents[identifier]


def _unanswered(asked: TeacherAnswers, reason: str) -> _Hit:
    return {i: asked.unanswered.get(i) == reason for i in asked.rows}


def _unwritten(asked: TeacherAnswers, reason: str) -> _Hit:
    return {i: asked.unwritten.get(i) == reason for i in (*asked.rows, *asked.unwritten)}


def _of_samples(asked: TeacherAnswers, bad: Callable[[Mapping[str, Any], int], bool]) -> _Hit:
    """Say of each answered text whether any of its answers is bad."""
    answered = {i: row for i, row in asked.rows.items() if row["samples"]}
    return {
        i: any(bad(row, at) for at in range(len(row["samples"]))) for i, row in answered.items()
    }


def _empty(asked: TeacherAnswers) -> _Hit:
    return _of_samples(asked, lambda row, at: not row["samples"][at])


def _unknown(asked: TeacherAnswers) -> _Hit:
    return _of_samples(asked, lambda row, at: row["unknown"][at] > 0)


def _too_many(asked: TeacherAnswers) -> _Hit:
    return _of_samples(asked, lambda row, at: len(row["samples"][at]) > MAX_EMOJI)


def _banned(asked: TeacherAnswers) -> _Hit:
    return _of_samples(asked, lambda row, at: bool(asked.banned & set(row["samples"][at])))


def _casual(asked: TeacherAnswers) -> _Hit:
    return {i: is_casual(row["text"]) for i, row in asked.rows.items()}


def _detected(asked: TeacherAnswers, detector: Filter) -> _Hit:
    items = [_item(i, row) for i, row in asked.rows.items()]
    verdicts = detector.decide(items)
    return {i: isinstance(v, Drop) for i, v in zip(asked.rows, verdicts, strict=True)}


def find_component(registry: Registry, kind: Kind, name: str) -> Component | None:
    """Build a component by name; None where the registry has none or it is not ready."""
    try:
        entry = registry.entry(kind, name)
    except UsageError:
        return None
    if registry.readiness(entry):
        return None
    resolved = registry.resolve(entry)
    return registry.create(kind, resolved.component, resolved.params_json, Env())


def _item(identifier: str, row: Mapping[str, Any]) -> Item:
    text = Text(id=identifier, document=row["document"], text=row["text"])
    return Item(text=text, part="test", source=row["source"])
