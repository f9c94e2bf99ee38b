"""The checks of a filter."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from deshi.api import Drop, Edit, Item, Keep, Verdict
from deshi.testing import samples
from deshi.testing.check import Checks, expect, first_difference, shown
from deshi.testing.exercise import learn
from deshi.testing.subject import Subject, as_json
from deshi.testing.verdict import Broken, NotApplicable

CHECKS = Checks()
ALWAYS = 6
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PLACES = frozenset({"source", "rewritten", "labelled"})


@CHECKS.add(
    "has-a-place",
    "The spec names where the filter applies: source, rewritten, labelled.",
    "set places=frozenset({'source'})",
)
def _(subject: Subject) -> None:
    places = subject.spec.places
    expect(places and places <= _PLACES, f"places is {shown(sorted(places))}")


@CHECKS.add(
    "one-verdict-an-item",
    "`decide` returns one verdict per item, each a Keep, a Drop or an Edit; an empty list for no "
    "items.",
    "return a list as long as the items",
)
def _(subject: Subject) -> None:
    items = samples.items()
    with _ready(subject) as filter_:
        found = list(filter_.decide(items))
        none = list(filter_.decide([]))
    expect(len(found) == len(items), f"it returns {len(found)} verdicts for {len(items)} items")
    wrong = [one for one in found if not isinstance(one, Keep | Drop | Edit)]
    expect(not wrong, f"it returns {shown(wrong[0])}" if wrong else "")
    expect(none == [], f"for no items it returns {shown(none)}")


@CHECKS.add(
    "drops-have-a-reason",
    "The reason of a Drop is a short fixed code, 'lower-case-words'; what was seen is its detail.",
    "write Drop('too-long', f'{n} characters')",
)
def _(subject: Subject) -> None:
    for item, verdict in _verdicts(subject):
        if isinstance(verdict, Drop):
            reason: Any = verdict.reason
            fine = isinstance(reason, str) and _CODE.fullmatch(reason)
            expect(fine, f"{shown(item.text.text)}: the reason is {shown(verdict.reason)}")


@CHECKS.add(
    "edits-change-something",
    "An Edit has a note, and a text or label sets that differ from what they were.",
    "return Keep() where nothing changes",
)
def _(subject: Subject) -> None:
    for item, verdict in _verdicts(subject):
        if isinstance(verdict, Edit):
            expect(verdict.note, f"{shown(item.text.text)}: the note is empty")
            expect(_edited(item, verdict) != item, f"{shown(item.text.text)}: nothing changes")


@CHECKS.add(
    "in-pieces-as-at-once",
    "Items in several calls get the same verdicts as in one call, in the same order.",
    "make verdicts independent of how items are split over calls",
)
def _(subject: Subject) -> None:
    items = samples.items() + samples.items()[::-1]
    with _ready(subject) as filter_:
        whole = list(filter_.decide(items))
    with _ready(subject) as filter_:
        pieces = [v for at in range(0, len(items), 5) for v in filter_.decide(items[at : at + 5])]
    expect(whole == pieces, first_difference(whole, pieces))


@CHECKS.add(
    "an-edited-item-stays",
    "A second pass over edited items edits nothing.",
    "make all edits in one pass",
)
def _(subject: Subject) -> None:
    items = [_edited(item, v) for item, v in _verdicts(subject) if isinstance(v, Edit)]
    with _ready(subject) as filter_:
        again = list(filter_.decide(items))
    for item, verdict in zip(items, again, strict=True):
        expect(not isinstance(verdict, Edit), f"{shown(item.text.text)} is edited again: {verdict}")


@CHECKS.add(
    "batches-equal-verdicts",
    "`decide_batch` gives the verdicts of `decide` for the same texts, whatever else an item has.",
    "use only the text in both; implement one by the other",
    needs="decides-batches",
)
def _(subject: Subject) -> None:
    import pyarrow as pa

    items = samples.items()
    with _ready(subject) as filter_:
        verdicts = list(filter_.decide(items))
        batch = pa.RecordBatch.from_pydict({"text": [item.text.text for item in items]})
        rows = filter_.decide_batch(batch).to_pylist()
    for item, verdict, row in zip(items, verdicts, rows, strict=True):
        wanted = _columns(verdict, item)
        found = {name: row.get(name) for name in wanted}
        expect(
            found == wanted,
            f"{shown(item.text.text)}: `decide` gives {wanted}, `decide_batch` {found}",
        )


@CHECKS.add(
    "what-is-learned-is-json",
    "What `learn` returns can be written as JSON, and a new instance that restores it decides "
    "alike.",
    "return dicts, lists, numbers and strings; keep nothing else in the instance",
    needs="fits-first",
)
def _(subject: Subject) -> None:
    items = samples.items()
    with subject.opened() as one:
        state = one.learn(samples.items())
        try:
            stored = as_json(state)
        except TypeError as error:
            raise Broken(f"learn returns {shown(state)}: {error}") from None
        one.restore(state)
        first = list(one.decide(items))
    with subject.opened() as other:
        other.restore(stored)
        second = list(other.decide(items))
    expect(first == second, f"after restoring: {first_difference(first, second)}")


@CHECKS.add(
    "learners-act-on-training-alone",
    "A filter that learns from the training items acts on the training part alone.",
    "set training_only=True in the spec",
    needs="fits-first",
)
def _(subject: Subject) -> None:
    expect(subject.spec.training_only, "training_only is False")


def _ready(subject: Subject) -> Any:  # noqa: ANN401
    """Return a context in which the filter is entered and has learned what it has to."""
    import contextlib

    @contextlib.contextmanager
    def opened() -> Any:  # noqa: ANN401
        with subject.opened() as filter_:
            learn(subject, filter_)
            yield filter_

    return opened()


def _verdicts(subject: Subject) -> list[tuple[Item, Verdict]]:
    items = samples.items()
    with _ready(subject) as filter_:
        found = list(filter_.decide(items))
    if len(found) != len(items):
        raise NotApplicable("it does not return one verdict per item")
    return list(zip(items, found, strict=True))


def _edited(item: Item, edit: Edit) -> Item:
    text = item.text if edit.text is None else replace(item.text, text=edit.text)
    if edit.samples is None:
        return replace(item, text=text)
    return replace(item, text=text, samples=edit.samples)


def _columns(verdict: Verdict, item: Item) -> dict[str, str | None]:
    if isinstance(verdict, Drop):
        return {"reason": verdict.reason, "detail": verdict.detail or None}
    if isinstance(verdict, Edit):
        return {"reason": None, "note": verdict.note, "text": verdict.text or item.text.text}
    return {"reason": None, "note": None}
