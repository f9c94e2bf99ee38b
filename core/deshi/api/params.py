"""Parameters: frozen keyword-only dataclasses, whose fields carry their own help and limits.

    @dataclass(frozen=True, kw_only=True)
    class KnnParams:
        k: Annotated[int, Help("Neighbours that vote.", ge=1)] = 10

The host turns `[student.knn] params = { k = 25 }` into an instance: kebab-case keys become
snake_case fields, unknown keys are errors with a suggestion, types and limits are checked by msgspec.
A field of type `pathlib.Path` is taken relative to the file that sets it, and enters keys by the
content of what it names.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec


@dataclass(frozen=True, kw_only=True)
class NoParams:
    """For components that take no parameters."""


def Help(  # noqa: N802  (reads as the annotation it is)
    description: str,
    *,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    pattern: str | None = None,
    min_length: int | None = None,
) -> msgspec.Meta:
    """Return the annotation that documents and bounds one parameter."""
    return msgspec.Meta(
        description=description, ge=ge, gt=gt, le=le, lt=lt, pattern=pattern, min_length=min_length
    )
