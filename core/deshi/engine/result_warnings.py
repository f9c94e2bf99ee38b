"""Warnings of a run: sizes that were not reached, documents, what is switched off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from deshi.benchmark.axes import SIZES
from deshi.benchmark.settings import DEFAULT_BASELINES, DEFAULT_COLLAPSE
from deshi.stages.corpus_sizes import size_setting

if TYPE_CHECKING:
    from deshi.benchmark.file import Benchmark
    from deshi.results import DataFigures, MetricInfo, Row

_UNSEEN: Mapping[str, str] = {
    "constant": "whether a row beats a fixed prediction",
    "shuffled": "what the best row's predictions score on other texts",
    "lexicon": "what a list of keywords scores",
    "knn": "what looking up similar texts scores",
    "oracle": "how far a student's vocabulary of emoji limits it",
    "ceiling": "how well the teacher agrees with itself",
}
"""What a table without this baseline does not show."""

_NAMES: Mapping[str, str] = {
    "constant": "majority baseline (constant)",
    "shuffled": "permutation baseline (shuffled)",
    "ceiling": "teacher self-agreement (ceiling)",
}


def warnings(
    benchmark: Benchmark,
    data: Sequence[DataFigures],
    rows: Sequence[Row],
    metrics: Sequence[MetricInfo],
) -> Iterator[str]:
    """Yield warnings, each a sentence without its full stop; the metric that ranks comes first."""
    settings = benchmark.settings
    yield from _failed(settings.shown, metrics)
    for row in rows:
        if row.equal_runs:
            yield (
                f"all {row.equal_runs} runs of {row.id} predicted the same and count as one: seed it "
                "with env.seed, or say deterministic=True in its spec"
            )
    for figures in data:
        yield from (f"{figures.title}: {line}" for line in figures.notes.get("warnings", ()))
    yield from _sizes(benchmark, data)
    if settings.split_by == "text":
        yield (
            "the split is by text: texts of one document are on both sides, so the test set leaks; "
            'split-by = "document" keeps them together'
        )
    yield from _documents(data)
    off = [name for name in DEFAULT_BASELINES if name not in settings.baselines]
    if off:
        unseen = "; nor ".join(_UNSEEN[name] for name in off)
        names = ", ".join(_NAMES.get(name, name) for name in off)
        yield f"switched off: {names}; nothing shows {unseen}"
    if "ceiling" in settings.baselines and settings.samples == 1:
        yield (
            "no teacher self-agreement (ceiling): the teacher answered each text once; "
            "benchmark.samples = 2 shows how well it agrees with itself"
        )
    hidden = [name for name in DEFAULT_COLLAPSE if name not in settings.shown]
    if hidden:
        yield f"switched off: {', '.join(hidden)}; collapse may go unnoticed"


def _failed(wanted: Sequence[str], metrics: Sequence[MetricInfo]) -> Iterator[str]:
    """Say which metrics failed, and which ranks where that is not the one that was to."""
    failed = [metric for metric in metrics if metric.failed]
    for metric in failed:
        ranks = f"; rows are ranked by {metrics[0].name}"
        instead = ranks if metric.name == wanted[0] and not metrics[0].failed else ""
        yield f"the column {metric.name} failed: {metric.failed}{instead}"


def _sizes(benchmark: Benchmark, data: Sequence[DataFigures]) -> Iterator[str]:
    """Warn of labelling stages with fewer training pairs than were wanted; name sizes that all have."""
    settings = benchmark.settings
    ended = {f.kept["train"] for f in data if f.stage == "split" and f.notes.get("corpus-ended")}
    short = [f for f in data if f.stage == "label" and f.kept["train"] < f.notes["wanted"]]
    for figures in short:
        first = "the corpus" if figures.notes["pulled"] in ended else "pull-limit"
        yield (
            f"{figures.title}: {figures.kept['train']} training pairs survived of "
            f"{figures.notes['wanted']} wanted; {first} ended first"
        )
    if most := min((figures.kept["train"] for figures in short), default=0):
        asked = max(figures.notes["pulled"] for figures in short)
        sizes = [size.texts for size in benchmark.axes[SIZES]]
        fitting = size_setting(benchmark.sizes_key, sizes, most)
        if (
            settings.pull_limit is None and 2 * most < asked
        ):  # or it would be twice the largest size
            fitting += f" --set benchmark.pull-limit={settings.pull}"
        yield f"`{fitting}` lets every row learn from as many training pairs"


def _documents(data: Sequence[DataFigures]) -> Iterator[str]:
    """Warn where the split by document cannot hold anything together."""
    for figures in data:
        kept = sum(figures.kept.values())
        if figures.stage == "split" and figures.notes.get("documents") == kept > 1:
            yield (
                f"{figures.title}: every text is a document of its own; if several come from one "
                "article or thread, the corpus has to say so, or the test set leaks"
            )
