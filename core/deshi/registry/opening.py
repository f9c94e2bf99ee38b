"""Components that do their heavy work when they are entered."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any, cast


def opened(component: Any) -> AbstractContextManager[Any]:  # noqa: ANN401
    """Enter a component that can be entered; do nothing for one that cannot."""
    if hasattr(component, "__enter__"):
        return cast("AbstractContextManager[Any]", component)
    return nullcontext(component)
