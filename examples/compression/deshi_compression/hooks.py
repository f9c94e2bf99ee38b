"""The hooks of the plugin."""

from __future__ import annotations

from collections.abc import Iterable

from deshi.api import StudentSpec, hookimpl


@hookimpl
def deshi_students() -> Iterable[StudentSpec]:
    """Offer `zlib`."""
    yield StudentSpec(
        name="zlib",
        target="deshi_compression.students:Compressor",
        params="deshi_compression.students:CompressorParams",
        summary="The emoji whose training texts compress a new text best.",
        trains_on=None,
        deterministic=True,
        decoding=("answers",),
        capabilities=frozenset({"saves", "explains", "keeps-texts"}),
    )
