"""Run the filters of one place of a chain over items, and log every drop and edit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from deshi.api import ComponentError, Drop, Edit, Item, Json, Place


@dataclass
class Decisions:
    """The log of drops and edits, and what stays countable without it."""

    rows: list[dict[str, Json]] = field(default_factory=list)

    def drop(self, item: Item, place: str, by: str, verdict: Drop) -> None:
        """Log that an item was dropped."""
        self._log(item, place, by, "drop", verdict.reason, verdict.detail)

    def edit(self, item: Item, place: str, by: str, verdict: Edit) -> None:
        """Log that an item was changed; the text is the one before."""
        self._log(item, place, by, "edit", verdict.note, "")

    def _log(self, item: Item, place: str, by: str, verdict: str, reason: str, detail: str) -> None:
        self.rows.append(
            {
                "id": item.text.id,
                "document": item.text.document,
                "part": item.part,
                "place": place,
                "filter": by,
                "verdict": verdict,
                "reason": reason,
                "detail": detail,
                "text": item.text.text,
            }
        )

    def dropped(self) -> dict[str, int]:
        """Count drops by `filter: reason`."""
        counts: dict[str, int] = {}
        for row in self.rows:
            if row["verdict"] == "drop":
                name = f"{row['filter']}: {row['reason']}"
                counts[name] = counts.get(name, 0) + 1
        return dict(sorted(counts.items()))


@dataclass(frozen=True)
class BuiltFilter:
    """A filter of a chain, with what the flow has to know of it."""

    name: str
    filter: Any
    training_only: bool
    fits_first: bool
    decides_batches: bool

    def learn(self, items: Iterable[Item]) -> None:
        """Let a filter that fits first learn from the training items."""
        if self.fits_first:
            self.filter.restore(self.filter.learn([i for i in items if i.part == "train"]))


def judge(
    filters: Sequence[BuiltFilter], items: Sequence[Item], place: Place, decisions: Decisions
) -> list[Item]:
    """Return the items that all filters keep, as edited, in order.

    A filter that fits first learns from the items that reach it.

    Raises:
        ComponentError: a filter returned the wrong number of verdicts.
    """
    for built in filters:
        built.learn(items)
        judged = [i for i in items if i.part == "train" or not built.training_only]
        verdicts = built.filter.decide(judged) if judged else []
        if len(verdicts) != len(judged):
            raise ComponentError(
                f"gave {len(verdicts)} verdicts on {len(judged)} items",
                where=f"filter '{built.name}'",
                mend="a filter returns one verdict an item, in order",
            )
        by_id = {item.text.id: verdict for item, verdict in zip(judged, verdicts, strict=True)}
        items = [kept for i in items if (kept := _apply(built, i, by_id, place, decisions))]
    return list(items)


def _apply(
    built: BuiltFilter,
    item: Item,
    verdicts: Mapping[str, Any],
    place: Place,
    decisions: Decisions,
) -> Item | None:
    verdict = verdicts.get(item.text.id)
    if isinstance(verdict, Drop):
        decisions.drop(item, place, built.name, verdict)
        return None
    if isinstance(verdict, Edit):
        decisions.edit(item, place, built.name, verdict)
        text = item.text if verdict.text is None else replace(item.text, text=verdict.text)
        samples = item.samples if verdict.samples is None else verdict.samples
        return replace(item, text=text, samples=samples)
    return item
