"""What a change of teacher does, as one record: all that the report and the tables say of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from deshi.results import Question
from deshi_tools.error_analysis.slices import Slice
from deshi_tools.migration.agreement import Agreement, Figure
from deshi_tools.migration.emoji_shifts import EmojiMove
from deshi_tools.migration.shifts import Shift

Verdict = Literal["yes", "no", "cannot tell"]


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """A share of each teacher's texts: a fault of one of its calls, or a trait of its style."""

    call: Literal["rewrite", "label"]
    what: str
    is_fault: bool
    first: Figure
    second: Figure


class Mean(msgspec.Struct, frozen=True, kw_only=True):
    """A mean over texts, of each teacher and of the difference, with intervals over documents."""

    what: str
    first: Figure
    second: Figure
    difference: Figure


class CrossCell(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the run: a student, who taught it, and whose labels it is judged by."""

    row: str
    student: str
    taught: str
    gold: str
    value: float | None
    low: float | None
    high: float | None
    tie_group: str | None


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """One student taught by the new teacher minus the same taught by the old, on the same gold.

    `seeds` counts its training runs; 1 is a student that no other run would change.
    """

    student: str
    gold: str
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    question: Question
    seeds: int = 1
    reason: str = ""


class Bill(msgspec.Struct, frozen=True, kw_only=True):
    """What a teacher's labels of this run cost and took; None where it is not known.

    `accepted` counts the labelled texts that all filters kept. `calls` counts the calls that seconds are
    known of, those of one call: all to this teacher in the workspace, of other runs too.
    """

    teacher: str
    calls: int
    accepted: int
    usd: float | None
    usd_per_thousand: float | None
    seconds_median: float | None
    seconds_p95: float | None


class Criterion(msgspec.Struct, frozen=True, kw_only=True):
    """One condition of the rule: whether it is met, as far as the evidence goes.

    `needed` is the number of test texts that would about do where there is no telling. Where part of
    the interval is that of training, it takes `needed_seeds` training runs as well.
    """

    name: str
    says: str
    bound: float
    value: float | None
    low: float | None
    high: float | None
    verdict: Verdict
    needed: int | None = None
    needed_seeds: int | None = None
    reason: str = ""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of the rule that was written beforehand; without conditions there is none."""

    verdict: Verdict
    criteria: tuple[Criterion, ...]


class TeacherComparison(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. `first` is the old teacher, `second` the new one.

    `paired` counts the test texts that both answered as often as they were asked; `same_inputs` says
    whether both labelled the same wording. `context` says which corpus, chain, rewriter and
    size all of it is about, `others` what else the run has asked both.
    """

    run: str
    first: str
    second: str
    context: Mapping[str, str | None]
    others: tuple[Mapping[str, str | None], ...] = ()
    texts: int
    paired: int
    documents: int
    samples: int
    same_inputs: bool
    agreement: tuple[Agreement, ...]
    strata: tuple[Slice, ...]
    shifts: tuple[Shift, ...]
    means: tuple[Mean, ...]
    emoji: tuple[EmojiMove, ...]
    rates: tuple[Rate, ...]
    bills: tuple[Bill, ...]
    cross: tuple[CrossCell, ...]
    transfers: tuple[Transfer, ...]
    terms: Mapping[str, Any]
    decision: Decision | None = None
