"""What `deshi.run` and `deshi.open_run` return: a finished run that shows itself as its table."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from deshi.cli.views import view
from deshi.runs.finished_run import FinishedRun

if TYPE_CHECKING:
    import pandas as pd


class Outcome(FinishedRun):
    """A finished run; a notebook shows it as the comparison table, `print` as Markdown."""

    @cached_property
    def view(self) -> Any:  # noqa: ANN401
        """What follows from the results: groups, names, differences and flags."""
        return view("results")(self.results)

    def table(self) -> Any:  # noqa: ANN401
        """Return the comparison as a table record of `deshi_tools.tables`."""
        return view("comparison-table")(self.view)

    def to_pandas(self) -> pd.DataFrame:
        """Return one record per row: axes, status, and value, low and high of every metric.

        Raises:
            NotReadyError: pandas is not installed.
        """
        return self._frame("to_pandas")

    def texts_frame(self, row: str | None = None, seed: int | None = None) -> pd.DataFrame:
        """Return one record per test text of a row: id, document, text, gold, prediction.

        Several references of one text are joined, with ` / ` between them.

        Raises:
            NotReadyError: pandas is not installed.
        """
        return self._frame("texts_frame", row, seed)

    def predictions_frame(self) -> pd.DataFrame:
        """Return the records of `texts_frame` for all rows with predictions, each with its `row`.

        Raises:
            NotReadyError: pandas is not installed.
        """
        return self._frame("predictions_frame")

    def _frame(self, method: str, *which: Any) -> pd.DataFrame:  # noqa: ANN401
        found: pd.DataFrame = view("frame")(self, method, *which)
        return found

    def _repr_html_(self) -> str:
        return str(view("comparison-text")(self.view, "html"))

    def __str__(self) -> str:
        return str(view("comparison-text")(self.view, "markdown"))
