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
from typing import Any

import msgspec


@dataclass(frozen=True, kw_only=True)
class NoParams:
    """For components that take no parameters."""


def Help(description: str, **limits: Any) -> msgspec.Meta:  # noqa: ANN401, N802
    """Return the annotation that documents and bounds one parameter.

    `limits` are those of `msgspec.Meta`: `ge`, `gt`, `le`, `lt`, `multiple_of` for numbers,
    `pattern`, `min_length`, `max_length` for strings and lists.
    """
    return msgspec.Meta(description=description, **limits)
