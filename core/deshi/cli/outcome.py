"""What `deshi.run` and `deshi.open_run` return: a finished run that shows itself as its table."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from deshi.cli.formats import to_html, to_markdown
from deshi.cli.views import view
from deshi.runs.finished_run import FinishedRun

if TYPE_CHECKING:
    from deshi.cli.table import Table


class Outcome(FinishedRun):
    """A finished run; a notebook shows it as the comparison table, `print` as Markdown."""

    @cached_property
    def view(self) -> Any:  # noqa: ANN401
        """What follows from the results: groups, names, differences and flags."""
        return view("results")(self.results)

    def table(self) -> Table:
        """Return the comparison as a table record."""
        table: Table = view("comparison-table")(self.view)
        return table

    def _repr_html_(self) -> str:
        return to_html(self.table().shown(wide=False))

    def __str__(self) -> str:
        return to_markdown(self.table())
