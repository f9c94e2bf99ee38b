"""Expand a matrix into cells, and say of each impossible one why it is."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from deshi.api import UsageError
from deshi.benchmark.axes import Axis, Cell, Choice

if TYPE_CHECKING:
    from deshi.benchmark.file import Benchmark
    from deshi.benchmark.parts import Parts


OWN = Choice("own")
DERIVED = ("shuffled", "oracle", "ceiling")
"""Baselines that are derived from other rows' predictions, or from the gold, when rows are compared."""


def expand(benchmark: Benchmark, parts: Parts) -> tuple[Cell, ...]:
    """Return the cells of a benchmark, baselines last within each teacher, in a stable order.

    Cells that differ only on an axis that does not apply to them merge.
    """
    axes = benchmark.axes
    outer = itertools.product(
        *(axes[axis] for axis in ("corpus", "chain", "rewriter", "teacher", "train", "gold"))
    )
    cells: dict[Cell, None] = {}
    for corpus, chain, rewriter, teacher, train, gold in outer:
        target = OWN if gold == teacher else gold  # naming the row's own teacher says the same
        base = Cell(
            corpus=corpus,
            chain=chain,
            rewriter=_rewriter(axes["rewriter"], rewriter, teacher, target),
            teacher=teacher,
            train=train,
            gold=target,
            student=Choice("-"),
        )
        base = replace(base, reason=_teacher_reason(parts, base))
        for cell in itertools.chain(
            _student_cells(benchmark, parts, base), _baseline_cells(benchmark, parts, base)
        ):
            cells.setdefault(cell)
    # A baseline that the matrix names too is shown among its rows.
    return tuple(
        cell for cell in cells if not cell.baseline or replace(cell, baseline=False) not in cells
    )


def _rewriter(axis: Axis, rewriter: Choice, teacher: Choice, gold: Choice) -> Choice:
    """Return who rewrites, with one name where two on the axis say the same, so that cells merge.

    The row's own teacher is `own`, but not where another teacher's labels are the gold: `own` has that
    one rewrite the texts that it labels, and a named rewriter does it for both.
    """
    same = rewriter == teacher and OWN in axis and gold.use in ("own", "reference")
    return OWN if same else rewriter


def _student_cells(benchmark: Benchmark, parts: Parts, base: Cell) -> Iterator[Cell]:
    losses = benchmark.axes["loss"]
    for student in benchmark.axes["student"]:
        if not parts.trains_on(student):
            yield replace(base, student=student)
            continue
        if not losses:
            what = f"student '{student.use}' needs a loss and there is no axis 'loss'"
            fix = 'add loss = "ce" or another of `deshi list loss`'
            raise UsageError(what, where=f"{benchmark.path}: [matrix]", fix=fix)
        for loss in losses:
            reason = base.reason or _loss_reason(benchmark, parts, student, loss)
            yield replace(base, student=student, loss=loss, reason=reason)


def _baseline_cells(benchmark: Benchmark, parts: Parts, base: Cell) -> Iterator[Cell]:
    for name in benchmark.settings.baselines:
        if name in DERIVED:
            continue
        choice = Choice(name)
        cell = replace(base, student=choice, baseline=True)
        if parts.has("teacher", choice) and not parts.has("student", choice):
            reason = base.reason or _own_answers(parts, base, choice)
            yield replace(cell, is_teacher=True, reason=reason)
            continue
        parts.spec("student", choice)
        yield cell


def _own_answers(parts: Parts, cell: Cell, answering: Choice) -> str:
    """Say why a teacher's answers cannot be a row here."""
    if "label" not in parts.spec("teacher", answering).tasks:
        return f"teacher '{answering.label}' does not label"
    gold = cell.teacher if cell.gold.use == "own" else cell.gold
    own = parts.teacher_part(answering)
    if gold.use != "reference" and parts.teacher_part(gold).answers_as(own):
        return f"'{answering.label}' gave these labels itself"
    return ""


def _teacher_reason(parts: Parts, cell: Cell) -> str:
    if "label" not in parts.spec("teacher", cell.teacher).tasks:
        return f"teacher '{cell.teacher.label}' does not label"
    foreign = cell.gold.use not in ("own", "reference")
    if foreign and "label" not in parts.spec("teacher", cell.gold).tasks:
        return f"gold '{cell.gold.label}' does not label"
    if cell.rewriter.use == "none":
        return ""
    own = (cell.teacher, cell.gold) if foreign else (cell.teacher,)
    for rewriter in own if cell.rewriter.use == "own" else (cell.rewriter,):
        if "rewrite" not in parts.spec("teacher", rewriter).tasks:
            return f"teacher '{rewriter.label}' does not rewrite; name a rewriter, or \"none\""
    return ""


def _loss_reason(benchmark: Benchmark, parts: Parts, student: Choice, loss: Choice) -> str:
    wants = parts.trains_on(student)
    spec = parts.spec("loss", loss)
    if not wants <= spec.takes:
        takes, gives = " or ".join(sorted(spec.takes)), " and ".join(sorted(wants))
        return f"loss '{loss.label}' takes {takes}, '{student.label}' gives {gives}"
    if "uses-shares" in spec.capabilities and benchmark.settings.samples < 2:
        what = "learns from a teacher's shares, which needs samples = 2 or more"
        return f"loss '{loss.label}' {what}"
    return ""
