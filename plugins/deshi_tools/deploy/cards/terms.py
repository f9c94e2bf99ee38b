"""Whether a student, or the pairs that it learned from, may be given to others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from deshi.api import UsageError

if TYPE_CHECKING:
    from deshi.api import Json
    from deshi.results import Results, Row

What = Literal["train_models", "redistribute"]

WITHOUT_PAIRS = "; or leave the pairs out with --no-data"
WITHOUT_TEXTS = (
    "; the student itself holds the texts that it learned from: without a reason only one that keeps "
    "none can be given away"
)
_SAID: Mapping[What, str] = {
    "train_models": "training models on it",
    "redistribute": "redistribution",
}


@dataclass(frozen=True)
class Source:
    """One entry that a row's training data came from; `terms` is None where nobody knows them."""

    entry: str
    terms: Mapping[str, str] | None
    permit: str
    loopback: bool


def sources(results: Results, row: Row) -> Iterator[Source]:
    """Yield the teacher, the rewriter and the corpus of a row, and the entries that these combine."""
    entries: Mapping[str, Mapping[str, Json]] = results.provenance["entries"]
    names = [f"teacher.{row.cell['teacher']}"]
    if row.cell["rewriter"] not in (None, "own", "none"):
        names.append(f"teacher.{row.cell['rewriter']}")
    names.append(f"corpus.{row.cell['corpus']}")
    while names:
        name, found = names[0], entries.get(names[0], {})
        kind = name.partition(".")[0]
        names = [*names[1:], *(f"{kind}.{member}" for member in found.get("members", ()))]
        terms, permit = found.get("terms"), str(found.get("permit", ""))
        yield Source(name, terms, permit, bool(found.get("loopback")))


def check_terms(results: Results, row: Row, what: What, note: str, way_out: str = "") -> None:
    """Refuse what the terms of a row's sources do not plainly allow, unless there is a note on it.

    Terms that nobody knows allow nothing. A source that was asked on this machine has no terms. A note
    in the benchmark is no permit here: it says why a student was trained, which may well be to keep it.
    `way_out` says how to leave out what is not allowed, where that can be left out.

    Raises:
        UsageError: a source's terms say ask or deny, or are not known, and `note` is empty.
    """
    for source in sources(results, row):
        said = source.terms[what] if source.terms else "unknown"
        if said == "allow" or source.loopback or note:
            continue
        licence = f" ({source.terms['licence']})" if source.terms else ""
        raise UsageError(
            f"the terms of {source.entry} on {_SAID[what]} are '{said}'{licence}",
            where=f"{results.run}/{row.id}",
            fix=f'give the reason that allows it: --permit "…", which goes into every card{way_out}',
        )
