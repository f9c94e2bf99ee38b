"""What a run leaves on the screen: verdict, short table, scale, a few texts, what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.console import Group
from rich.text import Text

from deshi.cli.encoding import prints, spell
from deshi_tools.comparison_table.short_table import short_table
from deshi_tools.comparison_table.verdicts import headlines
from deshi_tools.tables.spelling import spell_table
from deshi_tools.tables.table import Style
from deshi_tools.tables.terminal import rendered_grids

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from deshi.results import Results
    from deshi_tools.comparison_table.example_texts import Examples
    from deshi_tools.results_view.results_view import ResultsView

_NARROWEST_TEXT = 12


def show_end(
    view: ResultsView,
    console: Console,
    examples: Examples | None,
    next_steps: str,
    *,
    log: str = "",
    ascii_only: bool = False,
) -> None:
    """Print what somebody wants to see first; in a window of 80 x 24 a small run fits whole.

    Everything else stands in the whole table (`--notes`, `--wide`) and in results.json; warnings and
    failures are always here. `log` is the file with the tracebacks of what failed.
    """
    encoding = "ascii" if ascii_only else console.encoding
    parts = list(_parts(view, console.width, examples, next_steps, log, encoding))
    if _height(console, parts) >= console.height:
        parts = [part for part in parts if part is not None]
    for part in parts:
        console.print("" if part is None else part)


def _height(console: Console, parts: Sequence[RenderableType | None]) -> int:
    shown = Group(*("" if part is None else part for part in parts))
    return len(console.render_lines(shown, pad=False))


def _parts(
    view: ResultsView,
    width: int,
    examples: Examples | None,
    next_steps: str,
    log: str,
    encoding: str,
) -> Iterator[RenderableType | None]:
    """Yield what is printed, from the top; None is a blank line where there is room for it."""
    table = short_table(view)

    def text(content: str, style: Style = "") -> Text:
        return Text(spell(content, encoding), style=style)

    yield text(table.title, "bold")
    for headline in headlines(view):
        yield text(headline.text, headline.tone)
    yield None
    if table.lines:
        bare = spell_table(replace(table, title="", summary=(), notes=()), encoding)
        yield rendered_grids(bare, width, encoding)
    yield from map(text, table.notes)
    if examples is not None and prints("字🙂", encoding):
        yield None
        yield from map(text, example_lines(examples, width - 1))
    yield None
    for line, style in alarms(view.results):
        yield text(line, style)
    if log:
        yield text(f"tracebacks: {log}", "dim")
    yield text(_dropped(view.results), "dim")
    yield text(next_steps, "dim")


def alarms(results: Results) -> Iterator[tuple[str, Style]]:
    """Yield what no short view leaves out: warnings, what failed, what cannot run."""
    for line in results.warnings:
        yield f"warning: {line}.", "yellow"
    if changes := results.provenance.get("changes"):
        yield "; ".join(changes) + ".", ""
    for row in results.rows:
        if row.status == "failed":
            yield f"failed: {row.id}: {row.reason}.", "red"
    absent = [row for row in results.rows if row.status == "n/a" and not row.baseline]
    if absent:
        yield f"n/a: {len(absent)} of {len(results.rows)} rows; --notes says why.", ""


def _dropped(results: Results) -> str:
    """Return how many texts were dropped in all, and for what."""
    reasons: dict[str, int] = {}
    for figures in results.data:
        for reason, count in figures.dropped.items():
            name = reason.partition(": ")[2] or reason
            reasons[name] = reasons.get(name, 0) + count
    total = sum(reasons.values())
    read = total + sum(
        sum(figures.kept.values()) for figures in results.data if figures.stage == "split"
    )
    top = sorted(reasons.items(), key=lambda item: -item[1])[:3]
    what = ", ".join(f"{reason} {count:,}" for reason, count in top)
    more = f": {what}; deshi show --dropped" if what else ""
    return f"dropped {total:,} of {read:,} texts{more}"


def example_lines(examples: Examples, width: int) -> Iterator[str]:
    """Yield a small table of texts: the text, the gold, the predictions of the best rows."""
    heads = [examples.gold, *(name.partition("/")[2] or name for name in examples.rows)]
    cells = [
        ["".join(one) or "–" for one in (example.gold, *example.predictions)]
        for example in examples.texts
    ]
    widths = [
        max(cell_len(heads[at]), *(cell_len(row[at]) for row in cells)) for at in range(len(heads))
    ]
    room = max(_NARROWEST_TEXT, width - sum(widths) - 2 * len(widths))
    texts = [example.text for example in examples.texts]
    room = min(room, max(cell_len(text) for text in texts))
    for text, row in zip(["text", *texts], [heads, *cells], strict=True):
        shown = text if cell_len(text) <= room else set_cell_size(text, room - 1) + "…"
        padded = [set_cell_size(shown, room)]
        padded += [set_cell_size(cell, size) for cell, size in zip(row, widths, strict=True)]
        yield "  ".join(padded).rstrip()
