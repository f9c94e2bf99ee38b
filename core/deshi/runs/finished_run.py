"""A finished run as `deshi.open_run` gives it: texts, gold, labels, predictions and fitted students."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, get_args

import msgspec

from deshi.api import Emojis, Expected, Part, UsageError, nearest
from deshi.runs.fitted_student import FittedStudent, of_run
from deshi.runs.row_names import find_row, table_names

if TYPE_CHECKING:
    from deshi.api import Prediction, Text
    from deshi.results import Row
    from deshi.runs.saved_run import SavedRow, SavedRun


class LabelledText(msgspec.Struct, frozen=True, kw_only=True):
    """A text that all filters kept, with its teacher's label.

    `source` is the corpus' text, `text` what a student reads, rewritten or not. `samples` are all
    answers of the teacher, of which the first is the label.
    """

    id: str
    document: str
    source: str
    text: str
    emoji: Emojis
    samples: tuple[Emojis, ...]


class FinishedRun:
    """A finished run, read from its workspace on demand.

    A row is named by its id, by its name in the table, or by a part of its id that no other row has;
    without a name it is the first row that is no baseline. What belongs to a row's test texts comes in
    their order.

    Attributes:
        name: The run's name.
        results: The content of results.json as records.
        rows: The rows, in the order of the table.

    Raises:
        UsageError: by any method: there is no such row, or an artefact of it was removed or is damaged.
    """

    def __init__(self, saved: SavedRun) -> None:
        self.saved = saved
        self.name = saved.name
        self.results = saved.results
        self.rows = saved.results.rows

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return table_names(self.results.rows)

    def row(self, name: str) -> Row:
        """Return the row of this name."""
        rows = {row.id: row for row in self.rows}
        return rows[find_row(name, rows, self.results.run, self._names)]

    def seeds(self, row: str | None = None) -> tuple[int, ...]:
        """Return the seeds of a row's training runs; 0 for a deterministic row."""
        return tuple(self.saved.seeds_of(self.saved_row(row)))

    def texts(self, row: str | None = None) -> tuple[Text, ...]:
        """Return the texts that a row was tested on, as its student read them."""
        return self.saved.test_set(self.saved_row(row)).texts

    def gold(self, row: str | None = None) -> tuple[Expected, ...]:
        """Return what was expected for each test text of a row."""
        return self.saved.test_set(self.saved_row(row)).expected

    def predictions(
        self, row: str | None = None, seed: int | None = None
    ) -> tuple[Prediction, ...]:
        """Return what a row predicted for each of its test texts, in its first training run or `seed`'s.

        Raises:
            UsageError: the row has no such seed.
        """
        saved = self.saved_row(row)
        _, chosen = self.saved.fit_of(saved, seed)
        return self.saved.predictions(saved)[self.saved.seeds_of(saved).index(chosen or 0)]

    def labels(self, row: str | None = None, part: Part = "train") -> tuple[LabelledText, ...]:
        """Return the labelled texts that a row was given: to learn from, or of another part.

        Raises:
            UsageError: there is no such part.
        """
        if part not in get_args(Part):
            raise UsageError(f"no part '{part}'", where="labels", fix=nearest(part, get_args(Part)))
        pairs = self.saved.pairs(self.saved_row(row)).get(part, [])
        return tuple(msgspec.convert(pair, LabelledText, from_attributes=True) for pair in pairs)

    def student(self, row: str | None = None, seed: int | None = None) -> FittedStudent:
        """Return a row's fitted student, of its first training run or `seed`'s.

        Raises:
            UsageError: the row has no such seed, or its student was not saved.
        """
        return of_run(self.saved, self.saved_row(row), seed)

    def saved_row(self, name: str | None = None, *, where: str = "") -> SavedRow:
        """Return the artefacts of a row that has predictions of its own; `where` says what named it."""
        rows, where = self.saved.rows, where or f"run {self.name}"
        if name:
            try:
                return rows[find_row(name, rows, where, self._names)]
            except UsageError:
                self._refuse_without_predictions(name, where)
                raise
        for row in rows.values():
            if not row.result.baseline:
                return row
        raise UsageError("no row has predictions", where=where, fix="see `deshi show`")

    def _refuse_without_predictions(self, name: str, where: str) -> None:
        """Refuse a row that is there, but failed or is a baseline derived from other rows."""
        try:
            row = self.row(name)
        except UsageError:
            return
        if row.id not in self.saved.rows:
            why = "" if row.status == "ok" else f" ({row.status}: {row.reason})"
            raise UsageError(
                f"row '{row.id}' has no predictions of its own{why}",
                where=where,
                fix="choose another row; see `deshi show`",
            )

    def to_json(self) -> Any:  # noqa: ANN401
        """Return the content of results.json."""
        return self.results.to_json()
