"""Compute agreement of raters: kappa and alpha.

`deshi agree FILE FILE ...`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deshi.cli.options import PathType, format_option
from deshi_tools.tables.output import print_table

if TYPE_CHECKING:
    from deshi_tools.scoring.rater_agreement import Level
    from deshi_tools.scoring.ratings import Ratings
    from deshi_tools.tables.table import Table

_RESAMPLES = 2000


@click.command("agree")
@click.argument("files", nargs=-1, required=True, type=PathType())
@format_option
def command(*, files: tuple[Path, ...], form: str) -> None:
    """Say how far raters agree: one JSON Lines file a rater, with `id` and `rating`.

    A rating is a number, whose order counts, or a word. Cohen's kappa needs two files, Fleiss' takes
    the items that all have rated, Krippendorff's alpha takes what there is. Two files of a judge that
    said A, B or tie, the second with the sides exchanged back, also give the win rate of A.
    """
    from deshi.api import UsageError
    from deshi_tools.scoring.ratings import read_ratings

    if len(files) < 2:
        raise UsageError(
            "agreement takes at least two raters", where="agree", fix="name one file per rater"
        )
    print_table(_table(read_ratings(files)), form)


def _table(ratings: Ratings) -> Table:
    from deshi_tools.tables.table import Column, Line, Table

    lines = [Line(values) for values in (*_agreement(ratings), *_wins(ratings))]
    columns = (
        Column("statistic"),
        Column("value", "right", decimals=4),
        Column("low", "right", decimals=4),
        Column("high", "right", decimals=4),
        Column("items", "right"),
    )
    names = ", ".join(ratings.raters)
    return Table(
        f"{len(ratings.items)} items, rated by {names}",
        columns,
        tuple(lines),
        caption="95 % intervals by bootstrap over items, taken as independent. Empty: undefined.",
    )


def _agreement(
    ratings: Ratings,
) -> Iterator[tuple[str, float | None, float | None, float | None, int]]:
    """Yield each statistic that fits: name, value, low, high, items that it rests on."""
    from deshi.statistics.intervals import fixed_models_interval
    from deshi.statistics.replicates import RowScores, replicate
    from deshi.statistics.resampling import Resamples
    from deshi_tools.scoring.rater_agreement import CohenKappa, FleissKappa, KrippendorffAlpha

    size = len(ratings.values)
    numbers = tuple(float(at if isinstance(v, str) else v) for at, v in enumerate(ratings.values))
    levels: tuple[Level, ...] = (
        ("nominal", "ordinal", "interval") if ratings.is_numeric else ("nominal",)
    )
    found: dict[str, CohenKappa | FleissKappa | KrippendorffAlpha] = {
        f"Krippendorff's alpha, {level}": KrippendorffAlpha(numbers, level) for level in levels
    }
    found["Fleiss' kappa"] = FleissKappa(size)
    if len(ratings.raters) == 2:
        found["Cohen's kappa"] = CohenKappa(size)
        if ratings.is_numeric:
            found["Cohen's kappa, linear"] = CohenKappa(size, "linear")
            found["Cohen's kappa, quadratic"] = CohenKappa(size, "quadratic")
    for name, statistic in found.items():
        counts = statistic.counts(ratings.codes)
        used = int(counts.any(axis=1).sum())
        resamples = Resamples.draw(ratings.items, _RESAMPLES, 0)
        (row,) = replicate(statistic, [RowScores([counts])], resamples)  # type: ignore[arg-type]
        around = fixed_models_interval(row, (-1.0, 1.0))
        yield name, around.value, around.low, around.high, used


def _wins(ratings: Ratings) -> Iterator[tuple[str, float | None, None, None, int]]:
    """Yield the verdicts of a judge that was asked in both orders."""
    from scipy.stats import binomtest

    from deshi_tools.scoring.rater_agreement import win_rate

    if len(ratings.raters) != 2 or not set(ratings.values) <= {"A", "B", "tie"}:
        return
    both = [pair for pair in ratings.codes.T.tolist() if min(pair) >= 0]
    verdicts = [(str(ratings.values[a]), str(ratings.values[b])) for a, b in both]
    wins, losses, _, rate, same = win_rate(verdicts)
    yield "win rate of A, ties as halves", rate, None, None, len(both)
    yield "same verdict in both orders", same, None, None, len(both)
    if wins + losses:
        p = float(binomtest(wins, wins + losses).pvalue)
        yield "p of the sign test, ties left out", p, None, None, wins + losses
