"""The hooks of the plugin."""

from __future__ import annotations

from collections.abc import Iterable

from deshi.api import Needs, StudentSpec, hookimpl


@hookimpl
def deshi_students() -> Iterable[StudentSpec]:
    """Offer `characters`."""
    yield StudentSpec(
        name="characters",
        target="deshi_decoding.students:Characters",
        params="deshi_decoding.params:CharacterParams",
        summary="Mean of character embeddings, decoded by the exact expected F1.",
        trains_on="labels",
        decoding=("max-emoji",),
        needs=Needs(extras=("neural",), modules=("torch",)),
        capabilities=frozenset({"saves"}),
    )
