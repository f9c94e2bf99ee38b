"""The hooks of the plugin."""

from __future__ import annotations

from collections.abc import Iterator

from deshi.api import CorpusSpec, Layer, StudentSpec, TeacherSpec, Terms, hookimpl

_NARROW = """
[chain.narrow]
source = ["strip-emoji", "complete-sentence", "length", "script", "nsfw"]
rewritten = ["strip-emoji", "meta-reply"]
labelled = ["emoji-count", "banned-emoji", "top-60"]
"""
FREE = Terms(licence="CC0-1.0", source="derived from deshi's own sample")


@hookimpl
def deshi_corpora() -> Iterator[CorpusSpec]:
    """Offer corpora that leak."""
    yield CorpusSpec(
        name="serials",
        target="deshi_misleading.corpora:Serials",
        params="deshi_misleading.corpora:SerialsParams",
        summary="Articles about one thing each; if torn, one article is on both sides of the split.",
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
    """Offer a teacher that ignores the text."""
    yield TeacherSpec(
        name="blindfold",
        target="deshi_misleading.teachers:Blindfold",
        params="deshi_misleading.teachers:BlindfoldParams",
        summary="Answers with frequent emoji unrelated to the text.",
        tasks=frozenset({"label"}),
        terms=FREE,
    )


@hookimpl
def deshi_students() -> Iterator[StudentSpec]:
    """Offer students that learn nothing, or hide their failures."""
    for name, summary in (
        (
            "parrot",
            "Predicts the three most frequent emoji, in random order: a disguised majority baseline.",
        ),
        ("stutterer", "Predicts one emoji five times, the most probable by the last characters."),
        (
            "scatter",
            "Predicts by the last characters, and adds three random emoji.",
        ),
        ("prose", "Predicts words instead of emoji."),
        ("stumbler", "Predicts by the last characters; its training fails on seed 1."),
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
        summary="Predicts by the last characters; its number is only another seed.",
        trains_on=None,
    )


@hookimpl
def deshi_layers() -> Iterator[Layer]:
    """Offer entries of the components, and a chain that restricts the label set."""
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
