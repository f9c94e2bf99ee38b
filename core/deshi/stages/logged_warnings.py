"""Hear the warnings that a component logs, so that they stand in the results."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def heard(name: str) -> Iterator[list[str]]:
    """Collect what is logged below `name` as a warning or worse; it is logged all the same."""
    lines: list[str] = []
    ear = logging.Handler(logging.WARNING)
    ear.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger(name)
    logger.addHandler(ear)
    try:
        yield lines
    finally:
        logger.removeHandler(ear)
