"""The built-in teachers."""

from __future__ import annotations

from deshi.api import Needs, TeacherSpec, Terms
from deshi_plugins.teachers.specs_llm import llm_specs

_NEEDS = Needs(extras=("offline",), modules=("fugashi", "unidic_lite"))
_TERMS = Terms(
    licence="CC0-1.0",
    source="made by rules from Unicode CLDR's annotations and word lists written for deshi",
)


def teacher_specs() -> tuple[TeacherSpec, ...]:
    """Return the specs of all teachers, those first that need neither network nor key."""
    return (
        TeacherSpec(
            name="lexicon",
            target="deshi_plugins.teachers.lexicon:Lexicon",
            params="deshi_plugins.teachers.params:LexiconParams",
            summary="Japanese keywords to emoji by rules, offline; no language model.",
            tasks=frozenset({"label"}),
            needs=_NEEDS,
            terms=_TERMS,
        ),
        TeacherSpec(
            name="casual",
            target="deshi_plugins.teachers.casual:Casual",
            params="deshi.api:NoParams",
            summary="Bookish Japanese to casual speech by rules, offline; no language model.",
            tasks=frozenset({"rewrite"}),
            needs=_NEEDS,
            terms=_TERMS,
        ),
        TeacherSpec(
            name="given",
            target="deshi_plugins.teachers.corpus_labels:CorpusLabels",
            summary="The reference labels of the corpus; no language model.",
            tasks=frozenset({"label"}),
            capabilities=frozenset({"reads-references"}),
            terms=Terms(licence="that of the corpus"),
        ),
        *llm_specs(),
    )
