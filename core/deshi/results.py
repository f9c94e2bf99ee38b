"""The results of a run: the content of results.json, with names.

`Results` is built from JSON and gives it back; everything that shows a run reads this record.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import msgspec

from deshi.api import Direction, UsageError

SCHEMA = 2
"""The form of results.json. 1 was that of deshi 0.1, with other words for the two questions."""

AXES = ("corpus", "chain", "rewriter", "teacher", "train", "student", "loss", "gold")
"""The axes of a matrix, the keys of a row's cell, in the order in which they name a row."""

Question: TypeAlias = Literal["fixed-models", "retrained-models"]
"""What an interval or a test is about: these very models, or newly trained ones."""
QUESTIONS: tuple[Question, ...] = ("retrained-models", "fixed-models")


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """One metric of one row; None is undefined, and `reason` says why. `runs` has every run's value.

    `low` and `high` answer `question`: retrained models on new texts, or, with too few runs for
    that, these fixed models on new texts, which `fixed_models` answers in either case.
    `restricted` is the value on the texts whose gold the row could have learned; it is never ranked.
    """

    value: float | None
    low: float | None
    high: float | None
    question: Question = "fixed-models"
    fixed_models: tuple[float | None, float | None] = (None, None)
    reason: str = ""
    restricted: float | None = None
    runs: tuple[float | None, ...] = ()


class Vocabulary(msgspec.Struct, frozen=True, kw_only=True):
    """How many different emoji a row predicts, and what a perfect choice among them would score."""

    emoji: float
    oracle: float | None


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table: a cell over its seeds, or a baseline.

    `input_dependence` has `value` and `p`: would permuted predictions have scored as well? `cost_usd` is
    what its labels cost, rewriting and all, whenever it was paid; `usd_per_1000` that for a thousand
    labelled texts that were kept. `equal_runs` is how many runs predicted the same, and so count as
    one; 0 where they differ. `loopback`: its labels come from a server on the machine itself.
    """

    id: str
    cell: Mapping[str, str | None]
    group: str
    gold: str
    baseline: bool
    status: Literal["ok", "failed", "n/a"]
    reason: str = ""
    n_train: int | None = None
    n_test: int | None = None
    n_documents: int | None = None
    n_reachable: int | None = None
    coverage: float | None = None
    seeds: int = 0
    metrics: Mapping[str, Value] = {}
    tie_group: str | None = None
    input_dependence: Mapping[str, float | None] | None = None
    vocabulary: Vocabulary | None = None
    equal_runs: int = 0
    cost_usd: float = 0.0
    usd_per_1000: float | None = None
    loopback: bool = False
    seconds: float = 0.0


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """One pair of rows and one question: a - b, its interval, p, p after Holm, and what p could see.

    `p` is None where no verdict is possible, and `reason` says why. `smallest_detectable` is the
    difference that this test detects at 80 % power, after Holm. `p_relabelling` is for new runs on
    these very texts, where the number of runs allows a verdict.
    """

    a: str
    b: str
    metric: str
    question: Question
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    p_holm: float | None
    smallest_detectable: float | None
    method: str
    reason: str = ""
    p_relabelling: float | None = None
    p_relabelling_holm: float | None = None


class MetricInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader must know of a metric to read its column; `failed` says why it is empty."""

    name: str
    direction: Direction
    bounds: tuple[float | None, float | None]
    signature: str
    summary: str
    failed: str = ""


class DecisionCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many texts a filter dropped for a reason, or edited, at one place of a chain."""

    place: str
    filter: str
    verdict: Literal["drop", "edit"]
    reason: str
    texts: int


class DataFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What came out of a corpus or a teacher: kept and dropped, by filter and reason.

    `decisions` counts the same drops by place too, and the edits.
    """

    stage: Literal["split", "label"]
    title: str
    address: str
    kept: Mapping[str, int]
    dropped: Mapping[str, int]
    decisions: tuple[DecisionCount, ...] = ()
    notes: Mapping[str, Any] = {}


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """A finished run.

    `groups` gives, for each comparison group, the metrics of the gold scored against itself: what a
    diversity figure has to be read beside.
    """

    schema: int
    run: str
    benchmark: Mapping[str, Any]
    matrix: Mapping[str, Any]
    rows: tuple[Row, ...]
    metrics: tuple[MetricInfo, ...]
    data: tuple[DataFigures, ...]
    groups: Mapping[str, Mapping[str, float | None]]
    provenance: Mapping[str, Any]
    comparisons: tuple[Comparison, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def primary(self) -> MetricInfo:
        """The metric that rows are ordered by."""
        return self.metrics[0]

    @property
    def failed(self) -> bool:
        """Whether a row or a metric failed while running."""
        failed_rows = any(row.status == "failed" for row in self.rows)
        return failed_rows or any(metric.failed for metric in self.metrics)

    def to_json(self) -> Any:  # noqa: ANN401
        """Return the content of results.json."""
        return msgspec.to_builtins(self)

    @classmethod
    def from_json(cls, content: Any, where: str = "results.json") -> Results:  # noqa: ANN401
        """Take up the content of a results.json; `where` names the file in messages.

        Raises:
            UsageError: it has the form of another edition of deshi, or no such form at all.
        """
        schema = content.get("schema") if isinstance(content, dict) else None
        if schema != SCHEMA:
            raise UsageError(
                f"has schema {schema!r}, and this deshi reads {SCHEMA}",
                where=where,
                fix="run its benchmark again: answers of teachers are in the ledger and cost nothing",
            )
        try:
            return msgspec.convert(content, cls)
        except msgspec.ValidationError as error:
            raise UsageError(
                f"is not a results file: {error}", where=where, fix="run its benchmark again"
            ) from error
