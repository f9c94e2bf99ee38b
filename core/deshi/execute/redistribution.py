"""Whether what a row was made of may be handed on: models, labels, texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from deshi.api import Json, UsageError

if TYPE_CHECKING:
    from deshi.evaluate.results import Results, Row


def check_redistribution(results: Results, row: Row) -> dict[str, str]:
    """Refuse to hand on what a row was made of, unless terms allow it or the benchmark file has a note.

    Returns:
        The notes that permit it, by entry, for the card of whatever is handed on.

    Raises:
        UsageError: the terms of its teacher, rewriter or corpus say ask or deny, without a note.
    """
    notes: dict[str, str] = {}
    for name, entry in _sources(results, row):
        terms = entry.get("terms") or {}
        asks = [k for k in ("redistribute", "train_models") if terms.get(k, "allow") != "allow"]
        if not asks or entry.get("loopback"):
            continue
        bare = name.partition(".")[2].partition("(")[0]
        if "permit" not in entry:
            what = asks[0].replace("_", "-")
            raise UsageError(
                f"the terms of {name.replace('.', ' ', 1)} say {what} = '{terms[asks[0]]}' "
                f"({terms['licence']}, {terms['source'] or 'no address'})",
                where=f"{results.run}: {row.id}",
                mend=f'write {bare} = "why it may be handed on" under [permit] in '
                f"{results.benchmark['file']} and run it again: nothing is made anew",
            )
        notes[bare] = entry["permit"]
    return notes


def _sources(results: Results, row: Row) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """Yield what a row's training data came from, as provenance tells it."""
    entries: Mapping[str, Mapping[str, Json]] = results.provenance["entries"]
    names = [f"teacher.{row.cell['teacher']}", f"corpus.{row.cell['corpus']}"]
    if row.cell["rewriter"] not in ("own", "none"):
        names.append(f"teacher.{row.cell['rewriter']}")
    while names:
        name = names.pop(0)
        entry = entries.get(name, {})
        yield name, entry
        names += [f"corpus.{member}" for member in entry.get("members", ())]
