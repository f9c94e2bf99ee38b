"""What a comparison of rows found, `comparison.json`: the results are made of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import msgspec

from deshi.results import Comparison, Value, Vocabulary
from deshi.workspace.store import write_json

_FILE = "comparison.json"


class _Tested(msgspec.Struct, frozen=True, kw_only=True):
    """The values of a row, by metric, and what they were taken on."""

    n_test: int
    n_documents: int
    metrics: Mapping[str, Value]


class Standing(_Tested, frozen=True, kw_only=True):
    """A row's values among those of its group; see `Row` of the results."""

    n_reachable: int
    tie_group: str | None
    input_dependence: Mapping[str, float | None] | None
    vocabulary: Vocabulary
    equal_runs: int


class BaselineStanding(_Tested, frozen=True, kw_only=True):
    """A baseline derived from the predictions of the row `of`, or from the teacher's answers."""

    name: str
    group: str
    of: str
    reason: str
    runs: int


class Standings(msgspec.Struct, frozen=True, kw_only=True):
    """All rows by id, the baselines made of them, each group's gold against itself, and the tests.

    `primary` is the metric that the rows are ranked by.
    """

    rows: Mapping[str, Standing] = {}
    made: tuple[BaselineStanding, ...] = ()
    gold: Mapping[str, Mapping[str, float | None]] = {}
    comparisons: tuple[Comparison, ...] = ()
    primary: str = ""

    def write(self, folder: Path) -> None:
        """Write them into the folder of a comparison."""
        write_json(folder / _FILE, msgspec.to_builtins(self))

    @classmethod
    def read(cls, folder: Path) -> Standings:
        """Read what a comparison wrote."""
        return msgspec.convert(json.loads((folder / _FILE).read_text(encoding="utf-8")), cls)
