"""`deshi score --gold F --predicted F`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from deshi.cli.output import format_option, print_table, set_options

if TYPE_CHECKING:
    from deshi.api import Metric
    from deshi.evaluate.pairs import ScoreResult
    from deshi.report.table import Table

_DEFAULT = (
    "jaccard,multiset-jaccard,sample-f1,micro-precision,micro-recall,micro-f1,macro-f1,exact-match,"
    "category-jaccard,effective-emoji,collapse-index,repetition,js-divergence"
)


@click.command("score")
@click.option(
    "--gold", required=True, type=click.Path(path_type=Path), help="JSON Lines: id, emoji."
)
@click.option("--predicted", required=True, type=click.Path(path_type=Path), help="The same form.")
@click.option("--metrics", default=_DEFAULT, show_default=True, help="Names, separated by commas.")
@set_options
@click.option("--dependence", is_flag=True, help="Also test whether the input matters (Jaccard).")
@click.option("--allow-missing", is_flag=True, help="Score the ids that both files have.")
@format_option
def command(*, gold: Path, predicted: Path, metrics: str, allow_missing: bool, form: str) -> None:
    """Score a file of predictions against a file of gold.

    Each line is a JSON object with `id` and `emoji`: a list of emoji, or a string that is parsed; in
    the gold also a list of lists, one for each acceptable answer.
    """
    from deshi.evaluate.pairs import score_files

    built = _metrics([name.strip() for name in metrics.split(",") if name.strip()])
    result = score_files(gold, predicted, built, allow_missing=allow_missing)
    print_table(_table(result), form)


def _metrics(names: list[str]) -> dict[str, Metric]:
    from deshi.api import Env, UsageError
    from deshi.registry import Registry

    if not names:
        raise UsageError("names no metric", where="--metrics", mend="see `deshi list metric`")
    registry = Registry(Path())
    found: dict[str, Metric] = {}
    for name in names:
        resolved = registry.resolve(registry.entry("metric", name))
        built = registry.create("metric", resolved.component, resolved.params_json, Env())
        found[name] = cast("Metric", built)
    return found


def _table(result: ScoreResult) -> Table:
    from deshi.report.table import Column, Line, Table

    lines = tuple(
        Line((name, None if math.isnan(score.value) else score.value, score.n))
        for name, score in result.scores.items()
    )
    notes = [
        f"{result.missing} gold items have no prediction and are not scored."
        if result.missing
        else "",
        f"{result.extra} predictions have no gold and are not scored." if result.extra else "",
        f"{result.unknown_predicted} pieces of answers are no emoji and count as wrong."
        if result.unknown_predicted
        else "",
        f"{result.unknown_gold} pieces of the gold are no emoji and are left out."
        if result.unknown_gold
        else "",
    ]
    columns = (Column("metric"), Column("value", "right", decimals=4), Column("n", "right"))
    return Table(f"{result.n} pairs", columns, lines, tuple(note for note in notes if note))
