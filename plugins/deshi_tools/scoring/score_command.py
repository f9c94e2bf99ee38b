"""Score a file of predictions against a file of gold.

`deshi score --gold F --predicted F`.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from deshi.cli.options import PathType, format_option, set_options
from deshi_tools.tables.output import print_table

if TYPE_CHECKING:
    from deshi.api import Metric
    from deshi.registry import Registry
    from deshi_tools.scoring.score_files import ScoreResult
    from deshi_tools.tables.table import Table

_DEFAULT = (
    "jaccard, multiset-jaccard, sample-f1, micro-precision, micro-recall, micro-f1, macro-f1, "
    "exact-match, category-jaccard, effective-emoji, collapse-index, repetition, js-divergence"
)


@click.command("score")
@click.option("--gold", required=True, type=PathType(), help="JSON Lines: id, emoji.")
@click.option("--predicted", required=True, type=PathType(), help="The same form.")
@click.option("--metrics", default=_DEFAULT, show_default=True, help="Names, separated by commas.")
@set_options
@click.option("--dependence", is_flag=True, help="Also test input dependence (Jaccard).")
@click.option("--allow-missing", is_flag=True, help="Score only the ids that both files have.")
@format_option
def command(
    *,
    gold: Path,
    predicted: Path,
    metrics: str,
    sets: tuple[str, ...],
    registries: tuple[Path, ...],
    dependence: bool,
    allow_missing: bool,
    form: str,
) -> int:
    """Score a file of predictions against a file of gold.

    Each line is a JSON object with `id` and `emoji`: a list of emoji, or a string that is parsed; in
    the gold also a list of lists, one for each acceptable answer. A metric with other parameters is an
    entry: --set metric.hit-at-1.use=hit-at-k --set metric.hit-at-1.params.k=1.
    """
    from deshi.registry import Registry
    from deshi_tools.scoring.score_files import score_files

    registry = Registry(Path(), sets=sets, files=registries)
    built = build_metrics(registry, [name.strip() for name in metrics.split(",") if name.strip()])
    result = score_files(gold, predicted, built, allow_missing=allow_missing)
    more = []
    if dependence:
        jaccard = build_metrics(registry, ["jaccard"])["jaccard"]
        more = _dependence(gold, predicted, jaccard, allow_missing=allow_missing)
    print_table(_table(result, more), form)
    return int(any(score.failed for score in result.scores.values()))


def _dependence(
    gold: Path, predicted: Path, metric: Metric, *, allow_missing: bool
) -> list[tuple[str, float | None, int]]:
    """Return the index of input dependence and its p: would shuffled answers have done as well?"""
    from deshi.emoji import Alphabet
    from deshi.statistics.input_dependence import input_dependence
    from deshi_tools.scoring.score_files import read_pairs

    answers, expected = read_pairs(gold, predicted, allow_missing=allow_missing)
    found = input_dependence(metric, [answers], expected, Alphabet.full(), seed=0)
    n = len(answers)
    return [
        ("input-dependence", _defined(found.value), n),
        ("input-dependence p", _defined(found.p), n),
    ]


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else value


def build_metrics(registry: Registry, names: list[str]) -> dict[str, Metric]:
    """Build metrics by the names of their entries."""
    from deshi.api import Env, UsageError

    if not names:
        raise UsageError("names no metric", where="--metrics", fix="see `deshi list metric`")
    found: dict[str, Metric] = {}
    for name in names:
        resolved = registry.resolve(registry.entry("metric", name))
        built = registry.create("metric", resolved.component, resolved.params_json, Env())
        found[name] = cast("Metric", built)
    return found


def _table(result: ScoreResult, more: list[tuple[str, float | None, int]]) -> Table:
    from deshi_tools.tables.table import Column, Line, Table

    lines = (
        *(
            Line((name, "failed" if score.failed else _defined(score.value), score.n))
            for name, score in result.scores.items()
        ),
        *map(Line, more),
    )
    notes = [
        *(f"failed: {score.failed}." for score in result.scores.values() if score.failed),
        f"{result.missing} gold items have no prediction and are not scored."
        if result.missing
        else "",
        f"{result.extra} predictions have no gold and are not scored." if result.extra else "",
        f"{result.unknown_predicted} non-emoji tokens of predictions count as wrong."
        if result.unknown_predicted
        else "",
        f"{result.unknown_gold} non-emoji tokens of the gold are left out."
        if result.unknown_gold
        else "",
    ]
    columns = (Column("metric"), Column("value", "right", decimals=4), Column("n", "right"))
    return Table(f"{result.n} pairs", columns, lines, tuple(note for note in notes if note))
