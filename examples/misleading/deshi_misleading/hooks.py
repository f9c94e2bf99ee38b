"""What this plugin offers."""

from __future__ import annotations

from collections.abc import Iterator

from deshi.api import CorpusSpec, Layer, StudentSpec, TeacherSpec, Terms, hookimpl

_NARROW = """
[chain.narrow]
source = ["strip-emoji", "complete-sentence", "length", "script", "nsfw"]
rewritten = ["strip-emoji", "meta-reply"]
labelled = ["emoji-count", "banned-emoji", "top-60"]
"""
FREE = Terms(licence="CC0-1.0", source="made from deshi's own sample")


@hookimpl
def deshi_corpora() -> Iterator[CorpusSpec]:
    """Offer corpora that leak."""
    yield CorpusSpec(
        name="serials",
        target="deshi_misleading.corpora:Serials",
        params="deshi_misleading.corpora:SerialsParams",
        summary="Articles about one thing each; torn apart, one article stands on both sides.",
        terms=FREE,
    )
    yield CorpusSpec(
        name="copied",
        target="deshi_misleading.corpora:Copied",
        summary="The sample, every fourth sentence copied into another document, a little changed.",
        terms=FREE,
    )


@hookimpl
def deshi_teachers() -> Iterator[TeacherSpec]:
    """Offer a teacher that does not read."""
    yield TeacherSpec(
        name="blindfold",
        target="deshi_misleading.teachers:Blindfold",
        params="deshi_misleading.teachers:BlindfoldParams",
        summary="Gives frequent emoji that have nothing to do with the text.",
        tasks=frozenset({"label"}),
        terms=FREE,
    )


@hookimpl
def deshi_students() -> Iterator[StudentSpec]:
    """Offer students that learn nothing, or hide what they do not know."""
    for name, summary in (
        (
            "parrot",
            "Answers the three most frequent emoji, in any order: a constant with a disguise.",
        ),
        ("stutterer", "Answers one emoji five times, the likeliest by the last characters."),
        (
            "scatter",
            "Answers as the last characters suggest, and adds three emoji drawn at random.",
        ),
        ("prose", "Answers in words."),
        ("stumbler", "Answers as the last characters suggest; its training fails on seed 1."),
    ):
        yield StudentSpec(
            name=name,
            target=f"deshi_misleading.students:{name.capitalize()}",
            summary=summary,
            trains_on=None,
        )
    yield StudentSpec(
        name="twin",
        target="deshi_misleading.students:Twin",
        params="deshi_misleading.students:TwinParams",
        summary="Answers as the last characters suggest; its number changes nothing but its luck.",
        trains_on=None,
    )


@hookimpl
def deshi_layers() -> Iterator[Layer]:
    """Name the components, and a chain that narrows the alphabet."""
    students = ("parrot", "stutterer", "scatter", "prose", "stumbler", "twin")
    entries = [
        *(f'[student.{name}]\nuse = "misleading/{name}"\n' for name in students),
        *(f'[corpus.{name}]\nuse = "misleading/{name}"\n' for name in ("serials", "copied")),
        '[corpus.torn-serials]\nuse = "misleading/serials"\nparams = { torn = true }\n',
        '[teacher.blindfold]\nuse = "misleading/blindfold"\n',
        '[filter.top-60]\nuse = "top-emoji"\nparams = { n = 60 }\n',
        _NARROW,
    ]
    yield Layer(name="misleading", toml="\n".join(entries))
