"""What a reader has to be warned of: sizes that were not reached, documents, what is switched off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from deshi.benchmark.settings import DEFAULT_BASELINES, DEFAULT_COLLAPSE

if TYPE_CHECKING:
    from deshi.benchmark.settings import Settings
    from deshi.evaluate.results import DataFigures

_UNSEEN: Mapping[str, str] = {
    "constant": "whether a row beats a fixed answer",
    "shuffled": "what the best row's answers score on other texts",
    "lexicon": "what a list of keywords scores",
    "knn": "what looking up similar texts scores",
    "oracle": "how far the emoji that a student uses limit it",
    "ceiling": "how well the teacher agrees with itself",
}
"""What a table without this baseline does not show."""


def warnings(settings: Settings, data: Sequence[DataFigures]) -> Iterator[str]:
    """Yield warnings, each a sentence without its full stop."""
    for figures in data:
        yield from (f"{figures.title}: {line}" for line in figures.notes.get("warnings", ()))
    yield from _sizes(data)
    if settings.split_by == "text":
        yield (
            "the split is by text: texts of one document stand on both sides, and the test leaks; "
            'split-by = "document" keeps them together'
        )
    yield from _documents(data)
    off = [name for name in DEFAULT_BASELINES if name not in settings.baselines]
    if off:
        unseen = "; nor ".join(_UNSEEN[name] for name in off)
        yield f"switched off: the baselines {', '.join(off)}; nothing shows {unseen}"
    if "ceiling" in settings.baselines and settings.samples == 1:
        yield (
            "no ceiling: the teacher was asked once; benchmark.samples = 2 shows how well it agrees "
            "with itself"
        )
    hidden = [name for name in DEFAULT_COLLAPSE if name not in settings.shown]
    if hidden:
        yield f"switched off: {', '.join(hidden)}; collapse may go unseen"


def _sizes(data: Sequence[DataFigures]) -> Iterator[str]:
    for figures in data:
        if figures.stage == "gather" and figures.kept["train"] < figures.notes["wanted"]:
            yield (
                f"{figures.title}: {figures.kept['train']} training pairs survived of "
                f"{figures.notes['wanted']} wanted; the corpus or pull-limit ended first"
            )


def _documents(data: Sequence[DataFigures]) -> Iterator[str]:
    """Warn where the split by document cannot hold anything together."""
    for figures in data:
        kept = sum(figures.kept.values())
        if figures.stage == "split" and figures.notes.get("documents") == kept > 1:
            yield (
                f"{figures.title}: every text is a document of its own; if several come from one "
                "article or thread, the corpus has to say so, or the test leaks"
            )
