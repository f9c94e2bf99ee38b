"""What `deshi.run` and `deshi.open_run` return: a finished run that shows itself as its table."""

from __future__ import annotations

from typing import Any

from deshi.cli.views import view
from deshi.runs.finished_run import FinishedRun


class Outcome(FinishedRun):
    """A finished run; a notebook shows it as the comparison table, `print` as Markdown."""

    def table(self) -> Any:  # noqa: ANN401
        """Return the comparison as a table record of `deshi_tools.tables`."""
        return view("comparison-table")(self.view)

    def _repr_html_(self) -> str:
        return str(view("comparison-text")(self.view, "html"))

    def __str__(self) -> str:
        return str(view("comparison-text")(self.view, "markdown"))
