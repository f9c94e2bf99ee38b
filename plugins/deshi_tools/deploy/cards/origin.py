"""What both cards tell of where a row came from: sources and terms, prompts, filters, the command."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from deshi.workspace.manifest import LabelManifest
from deshi_tools.comparison_table.notes import dropped_line
from deshi_tools.deploy.cards.markdown import code, listed, one_line, table
from deshi_tools.deploy.cards.stated import licence_of
from deshi_tools.deploy.cards.terms import sources

if TYPE_CHECKING:
    from deshi.api import Json
    from deshi.results import Results, Row
    from deshi.runs.saved_run import SavedRow, SavedRun


def origin(run: SavedRun, row: SavedRow, note: str) -> Iterator[str]:
    """Yield the sections, one a string."""
    results = run.results
    yield "## Sources and their terms"
    yield _sources(results, row.result)
    if note:
        yield f"**Permit.** {one_line(note)}"
    yield "## Prompts"
    yield from _prompts(run, row.result)
    yield "## Filters, and what they dropped"
    label = run.plan.rows[row.result.id].label
    addresses = {label, *run.manifest(label, LabelManifest).inputs.values()}
    yield listed(
        dropped_line(figures) + "." for figures in results.data if figures.address in addresses
    )
    yield "## Reproduce"
    yield code(command(results), "console")
    yield _versions(results)


def command(results: Results) -> str:
    """Return the command that the run was made with."""
    words = results.provenance.get("command") or ["deshi", "run", results.benchmark["file"]]
    return f"$ {shlex.join(words)}"


def _sources(results: Results, row: Row) -> str:
    def line(name: str, terms: Mapping[str, str] | None, permit: str, *, here: bool) -> list[str]:
        if here:
            return [name, "asked on the same machine", "–", "–", permit]
        if terms is None:
            return [name, licence_of(results, name) or "unknown", "unknown", "unknown", permit]
        licence = " · ".join(filter(None, (terms["licence"], terms["source"], terms["as_of"])))
        return [name, licence, terms["train_models"], terms["redistribute"], permit]

    return table(
        ("entry", "licence or terms", "train models", "redistribute", "permit"),
        [line(s.entry, s.terms, s.permit, here=s.loopback) for s in sources(results, row)],
    )


def _prompts(run: SavedRun, row: Row) -> Iterator[str]:
    wanted = {f"teacher.{row.cell[axis]}.prompt" for axis in ("teacher", "rewriter")}
    found = {name: said for name, said in run.prompts().items() if name in wanted and said}
    if not found:
        yield "The teachers of this row take no prompt."
    for name, said in found.items():
        yield f"`{name}`:"
        yield code(json.dumps(said, ensure_ascii=False, indent=1), "json")


def _versions(results: Results) -> str:
    made = results.provenance
    git: Json = made.get("git")
    versions = ", ".join(f"{name} {version}" for name, version in made["libraries"].items())
    return (
        f"deshi {made['deshi']}{f' (repository at {git})' if git else ''}, Python "
        f"{made['python']}, "
        f"{made['platform']}, precision {made['precision']}; {versions}. Emoji "
        f"{made['emoji']['version']}, inventory {made['emoji']['inventory']}."
    )
