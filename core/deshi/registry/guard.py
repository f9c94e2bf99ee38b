"""Running foreign code behind a guard."""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallResult(Generic[T]):
    """What came of running foreign code: a value, or how it failed."""

    value: T | None = None
    failure: str = ""
    trace: str = ""
    error: BaseException | None = None


def attempt(call: Callable[[], T]) -> CallResult[T]:
    """Run foreign code: whatever it raises but Ctrl-C becomes a failure, prints go to stderr."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            return CallResult(value=call())
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  (foreign code may raise anything)
        text = f"{type(error).__name__}: {error}".removesuffix(": ")
        failure = " ".join(text.split())
        return CallResult(failure=failure, trace=traceback.format_exc(), error=error)
