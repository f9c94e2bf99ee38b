"""The built-in students that are transformers."""

from __future__ import annotations

from deshi.api import Needs, StudentSpec

_NEEDS = Needs(
    extras=("transformers",),
    modules=("torch", "transformers", "tokenizers", "sentencepiece"),
    check="deshi_plugins.students.readiness:lacks_device",
)
_SAVES = frozenset({"saves", "exports"})
_PACKAGE = "deshi_plugins.students.neural"


def neural_specs() -> tuple[StudentSpec, ...]:
    """Return the specs of `t5` and `bert`."""
    return (
        StudentSpec(
            name="t5",
            revision=2,
            target=f"{_PACKAGE}.t5:T5",
            params=f"{_PACKAGE}.params:T5Params",
            summary="A T5 with emoji as output tokens, from a checkpoint or from scratch.",
            trains_on="tokens",
            decoding=(
                "max-emoji",
                "decode",
                "beams",
                "temperature",
                "top-k",
                "top-p",
                "repetition-penalty",
                "max-tokens",
            ),
            needs=_NEEDS,
            capabilities=_SAVES,
        ),
        StudentSpec(
            name="bert",
            revision=2,
            target=f"{_PACKAGE}.bert:Bert",
            params=f"{_PACKAGE}.params:BertParams",
            summary="A transformer encoder with a score per emoji, from a checkpoint or from scratch.",
            trains_on="labels",
            decoding=("max-emoji", "threshold"),
            needs=_NEEDS,
            capabilities=_SAVES,
        ),
    )
