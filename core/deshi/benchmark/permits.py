"""Whether what a benchmark would train on may be trained on, by the terms of its entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from deshi.api import Kind, Terms, UsageError, nearest
from deshi.benchmark.axes import Cell, Choice
from deshi.benchmark.parts import members

if TYPE_CHECKING:
    from deshi.benchmark.file import Benchmark
    from deshi.benchmark.parts import Parts
    from deshi.registry import Resolved


def check_permits(benchmark: Benchmark, parts: Parts, cells: Sequence[Cell]) -> None:
    """Refuse students of an entry whose terms say ask or deny, unless `[permit]` has a note on it.

    A benchmark without students trains nothing that leaves it, and its baselines are measured alone.
    """
    _check_names(benchmark, parts)
    for cell in cells:
        if cell.reason or cell.baseline or cell.is_teacher:
            continue
        for kind, name, terms in _in_question(parts, cell):
            if name not in benchmark.permit:
                raise UsageError(
                    f"the terms of {kind} '{name}' on training other models say "
                    f"'{terms.train_models}' ({terms.licence}, {terms.source or 'no address'})",
                    where=f"{benchmark.path}: [permit]",
                    fix=f'write {name} = "what it is used for, and why that is allowed"; the note is '
                    "kept with every result and model",
                )


def permit_notes(benchmark: Benchmark, parts: Parts, cell: Cell) -> dict[str, str]:
    """Return the notes that hold for what a cell trains on, by entry."""
    names = (name for _, name, _ in _in_question(parts, cell))
    return {name: benchmark.permit[name] for name in names if name in benchmark.permit}


def _in_question(parts: Parts, cell: Cell) -> Iterator[tuple[Kind, str, Terms]]:
    """Yield the entries that need a note to train on; one at a loopback address never does."""
    for kind, choice, found in sources(parts, cell):
        terms = found.terms
        if terms is not None and terms.train_models != "allow" and not found.is_loopback:
            yield kind, choice.use, terms


def sources(parts: Parts, cell: Cell) -> Iterator[tuple[Kind, Choice, Resolved]]:
    """Yield where training data comes from: teacher, rewriter, corpus, and what these combine."""
    yield from whole(parts, "teacher", cell.teacher)
    if cell.rewriter.use not in ("own", "none"):
        yield from whole(parts, "teacher", cell.rewriter)
    yield from whole(parts, "corpus", cell.corpus)


def whole(parts: Parts, kind: Kind, choice: Choice) -> Iterator[tuple[Kind, Choice, Resolved]]:
    """Yield an entry and all that it combines."""
    found = parts.get(kind, choice)
    yield kind, choice, found
    for name in members(found):
        yield from whole(parts, kind, Choice(name))


def _check_names(benchmark: Benchmark, parts: Parts) -> None:
    kinds: tuple[Kind, ...] = ("teacher", "corpus")
    for name in benchmark.permit:
        if not any(parts.has(kind, Choice(name)) for kind in kinds):
            known = [e.name for kind in kinds for e in parts.registry.entries(kind)]
            where = f"{benchmark.path}: [permit]"
            fix = nearest(name, known)
            raise UsageError(f"no teacher or corpus '{name}'", where=where, fix=fix)
