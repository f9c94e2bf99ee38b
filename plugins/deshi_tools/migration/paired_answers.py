"""The answers of two teachers to the test texts of one run, paired, and what went wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from deshi.api import UsageError
from deshi_tools.migration.answer_sets import AnswerSet
from deshi_tools.migration.labelled_data import CONTEXT, LabelledData, labelled_data

if TYPE_CHECKING:
    from deshi.api import Emojis
    from deshi.runs.saved_run import SavedRun


@dataclass(frozen=True)
class TeacherAnswers:
    """What one teacher made of the test texts: rows of `PAIRS` by id, and why others have none.

    `unanswered` and `unwritten` give the reason by the id of the text, for the label and the rewrite;
    `unwritten_documents` the documents of the latter.
    """

    name: str
    labelled: LabelledData
    rows: Mapping[str, Mapping[str, Any]]
    unanswered: Mapping[str, str]
    unwritten: Mapping[str, str]
    unwritten_documents: Mapping[str, str]

    @property
    def rewrites(self) -> bool:
        """Whether the teacher rewrote the texts itself."""
        rewriter = self.labelled.manifest.params.rewriter
        return rewriter is not None and rewriter.label == self.name

    @property
    def banned(self) -> frozenset[str]:
        """The emoji that the teacher's prompt forbids."""
        return frozenset(self.labelled.manifest.params.teacher.banned)

    def samples(self, text: str) -> tuple[Emojis, ...]:
        """Return the answers to one text, which may be none."""
        found: tuple[Emojis, ...] = self.rows[text]["samples"]
        return found


@dataclass(frozen=True)
class PairedAnswers:
    """Texts that both teachers answered: ids and documents in one order, and the answers.

    `context` says which texts of the run these are, `others` which else both were given.
    """

    first: TeacherAnswers
    second: TeacherAnswers
    ids: Sequence[str]
    documents: Sequence[str]
    context: Mapping[str, str | None]
    others: Sequence[Mapping[str, str | None]] = ()

    @property
    def numbered(self) -> list[int]:
        """Each text's document as a number, from 0 without gaps."""
        return [int(n) for n in np.unique(np.asarray(self.documents), return_inverse=True)[1]]

    @property
    def asked(self) -> int:
        """How many test texts either was given, the ones that one failed to rewrite among them."""
        both = (self.first, self.second)
        return len({i for asked in both for i in (*asked.rows, *asked.unwritten)})

    @property
    def same_inputs(self) -> bool:
        """Whether both labelled the same wording of every text."""
        return all(self.first.rows[i]["text"] == self.second.rows[i]["text"] for i in self.ids)

    def answers(self) -> tuple[AnswerSet, AnswerSet]:
        """Return both teachers' answers, each text answered equally often."""
        one, other = (
            AnswerSet(asked.name, [asked.samples(i) for i in self.ids])
            for asked in (self.first, self.second)
        )
        return one, other


def pair(
    run: SavedRun, first: str, second: str, only: Mapping[str, str] | None = None
) -> PairedAnswers:
    """Pair the test texts of two teachers of a run.

    Where a run has several corpora, chains, rewriters or sizes, these are the texts of the first
    whose labels on those axes are the ones of `only`.

    Raises:
        UsageError: one is no teacher of the run, or they were never given the same texts.
    """
    found = _labelled(run, first, second)
    contexts = _contexts(run, (first, second), found, only or {})
    asked = [
        _asked(name, own[context])
        for name, own, context in zip((first, second), found, contexts[0], strict=True)
    ]
    both = [i for i in asked[0].rows if i in asked[1].rows and all(a.samples(i) for a in asked)]
    if not both:
        raise UsageError(
            f"no test text was labelled by both '{first}' and '{second}'",
            where=f"run {run.name}",
            fix="see `deshi show` for what was dropped and why",
        )
    return PairedAnswers(
        first=asked[0],
        second=asked[1],
        ids=both,
        documents=[str(asked[0].rows[i]["document"]) for i in both],
        context=_named(contexts[0][0]),
        others=[_named(one) for one, _ in contexts[1:]],
    )


def _labelled(
    run: SavedRun, first: str, second: str
) -> list[dict[tuple[str | None, ...], LabelledData]]:
    """Return what the labels of each left, by context."""
    if first == second:
        raise UsageError(
            f"'{first}' cannot take its own place",
            where=f"run {run.name}",
            fix='name two; a teacher against itself is { use = "…", seed = 2 } on the axis teacher',
        )
    found = [labelled_data(run, name) for name in (first, second)]
    for name, own in zip((first, second), found, strict=True):
        if not own:
            teachers = sorted({str(row.cell["teacher"]) for row in run.results.rows})
            raise UsageError(
                f"'{name}' labels nothing here",
                where=f"run {run.name}",
                fix=f"its teachers are: {', '.join(teachers)}",
            )
    return found


def _contexts(
    run: SavedRun,
    names: tuple[str, str],
    found: Sequence[Iterable[Sequence[str | None]]],
    only: Mapping[str, str],
) -> list[tuple[tuple[str | None, ...], tuple[str | None, ...]]]:
    """Return where both were given the same texts, as the contexts of each; there is one at least.

    They come in the order of the benchmark file: that of the rows is one of scores.
    """
    both_at = [
        (tuple(one), tuple(other))
        for one in found[0]
        for other in found[1]
        if same_texts(_named(one), names[0], _named(other), names[1])
    ]
    every = sorted(both_at, key=lambda both: _place(run, both[0]))
    if not every:
        raise UsageError(
            f"'{names[0]}' and '{names[1]}' were not given the same corpus, chain and rewriter",
            where=f"run {run.name}",
            fix="name both on one axis of a benchmark",
        )
    chosen = [
        both for both in every if all(_named(both[0]).get(axis) == only[axis] for axis in only)
    ]
    if not chosen:
        known = "; ".join(context_text(_named(one)) for one, _ in every)
        raise UsageError(
            f"nothing was labelled where {context_text(only)}",
            where=f"run {run.name}",
            fix=f"both labelled where {known}",
        )
    return chosen


def _place(run: SavedRun, context: Sequence[str | None]) -> list[int]:
    """Return where a context stands in the matrix of the benchmark file."""
    axes = [[*run.results.matrix.get(axis, ()), label] for axis, label in _named(context).items()]
    return [axis.index(label) for axis, label in zip(axes, context, strict=True)]


def context_text(context: Mapping[str, str | None]) -> str:
    """Return a context as words: `corpus = sample, chain = posts`."""
    return ", ".join(f"{axis} = {label}" for axis, label in context.items())


def same_texts(
    one: Mapping[str, str | None], first: str, other: Mapping[str, str | None], second: str
) -> bool:
    """Say whether two teachers' cells begin with the same texts: all axes of `CONTEXT` are alike.

    `own` is another rewriter for each; what a teacher rewrites for both is its own and not the other's.
    """
    rewriters = one.get("rewriter"), other.get("rewriter")
    named = tuple(
        teacher if rewriter == "own" else rewriter
        for rewriter, teacher in zip(rewriters, (first, second), strict=True)
    )
    alike = all(one.get(axis) == other.get(axis) for axis in CONTEXT if axis != "rewriter")
    return alike and (rewriters[0] == rewriters[1] or named[0] == named[1])


def _named(context: Sequence[str | None]) -> dict[str, str | None]:
    return dict(zip(CONTEXT, context, strict=True))


def _asked(name: str, labelled: LabelledData) -> TeacherAnswers:
    drops = labelled.drops("test")
    return TeacherAnswers(
        name=name,
        labelled=labelled,
        rows=labelled.texts("test"),
        unanswered=dict(_reasons(drops, "teacher")),
        unwritten=dict(_reasons(drops, "rewriter")),
        unwritten_documents={
            row["id"]: row["document"] for row in drops if row["filter"] == "rewriter"
        },
    )


def _reasons(drops: Sequence[Mapping[str, Any]], by: str) -> Iterator[tuple[str, str]]:
    for row in drops:
        if row["filter"] == by:
            yield row["id"], row["reason"]
