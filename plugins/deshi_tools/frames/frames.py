"""A finished run as data frames: its rows, and its test texts with what was predicted for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from deshi.api import NotReadyError, install_command

if TYPE_CHECKING:
    import pandas as pd

    from deshi.results import Row
    from deshi.runs.finished_run import FinishedRun


def frame(
    run: FinishedRun, method: str, row: str | None = None, seed: int | None = None
) -> pd.DataFrame:
    """Return what a run's method gives: `to_pandas`, `texts_frame` or `predictions_frame`.

    Raises:
        NotReadyError: pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError:
        raise NotReadyError(
            "pandas is not installed", where=method, fix=f"run `{install_command('report')}`"
        ) from None
    if method == "to_pandas":
        return pd.DataFrame(map(_row_record, run.rows))
    if method == "texts_frame":
        return pd.DataFrame(_text_records(run, row, seed))
    return pd.DataFrame(
        {"row": name} | record for name in run.saved.rows for record in _text_records(run, name)
    )


def _text_records(
    run: FinishedRun, row: str | None, seed: int | None = None
) -> Iterator[dict[str, str]]:
    lines = zip(run.texts(row), run.gold(row), run.predictions(row, seed), strict=True)
    for text, expected, prediction in lines:
        yield {
            "id": text.id,
            "document": text.document,
            "text": text.text,
            "gold": " / ".join(map("".join, expected.references)),
            "prediction": "".join(prediction.emojis),
        }


def _row_record(row: Row) -> dict[str, Any]:
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
