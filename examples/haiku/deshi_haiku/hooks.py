"""The hooks of the plugin."""

from __future__ import annotations

from collections.abc import Iterable

from deshi.api import CorpusSpec, Layer, TeacherSpec, Terms, hookimpl

FREE = Terms(licence="CC0-1.0", source="written for this plugin")


@hookimpl
def deshi_corpora() -> Iterable[CorpusSpec]:
    """Offer `haiku`."""
    yield CorpusSpec(
        name="haiku",
        target="deshi_haiku.corpus:Haiku",
        params="deshi_haiku.corpus:HaikuParams",
        summary="Haiku of a season word and two other lines, with the season's emoji as reference.",
        terms=FREE,
        capabilities=frozenset({"reports"}),
    )


@hookimpl
def deshi_teachers() -> Iterable[TeacherSpec]:
    """Offer `almanac`."""
    yield TeacherSpec(
        name="almanac",
        target="deshi_haiku.teacher:Almanac",
        params="deshi_haiku.teacher:AlmanacParams",
        summary="Answers with the emoji of the season of the text's season word.",
        tasks=frozenset({"label"}),
        terms=FREE,
    )


@hookimpl
def deshi_layers() -> Iterable[Layer]:
    """Offer entries for both, so that benchmarks need no plugin prefix."""
    yield Layer(
        name="entries",
        toml="""
[corpus.haiku]
use = "haiku/haiku"

[teacher.almanac]
use = "haiku/almanac"

[chain.haiku]
labelled = ["emoji-count"]
""",
    )
