"""What `deshi.run` returns: results that print, render in notebooks and become data frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deshi.api import NotReadyError, install_command
from deshi.report.formats import to_html, to_markdown
from deshi.report.results import comparison_table
from deshi.runs.results_view import ResultsView

if TYPE_CHECKING:
    import pandas as pd

    from deshi.evaluate.results import Results, Row
    from deshi.report.table import Table


class Outcome:
    """The outcome of a run."""

    def __init__(self, results: Results) -> None:
        self.results = results

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows, in the order of the table."""
        return self.results.rows

    def table(self) -> Table:
        """Return the comparison as a table record, which `deshi.report` renders."""
        return comparison_table(ResultsView(self.results))

    def to_json(self) -> Any:  # noqa: ANN401
        """Return the content of results.json."""
        return self.results.to_json()

    def to_pandas(self) -> pd.DataFrame:
        """Return one record a row: axes, status, and value, low and high of every metric.

        Raises:
            NotReadyError: pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError:
            raise NotReadyError(
                "pandas is not installed",
                where="to_pandas",
                mend=f"run `{install_command('report')}`",
            ) from None
        return pd.DataFrame([_record(row) for row in self.rows])

    def _repr_html_(self) -> str:
        return to_html(self.table().shown(wide=False))

    def __str__(self) -> str:
        return to_markdown(self.table())


def _record(row: Row) -> dict[str, Any]:
    record: dict[str, Any] = {"id": row.id, **row.cell}
    record |= {
        "group": row.group,
        "gold": row.gold,
        "baseline": row.baseline,
        "status": row.status,
        "seeds": row.seeds,
        "n_train": row.n_train,
        "n_test": row.n_test,
    }
    for name, value in row.metrics.items():
        record |= {name: value.value, f"{name}_low": value.low, f"{name}_high": value.high}
    return record
