"""Keep the values of secrets out of all that deshi writes: the ledger, logs, reasons, tracebacks."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_HIDDEN = "***"
_LOOKS_LIKE_A_KEY = re.compile(r"\bsk-[A-Za-z0-9_-]{16,}")
_SHORTEST = 6
"""Shorter values are no secrets, and would tear holes into words."""


@dataclass(frozen=True)
class Mask:
    """Replaces secret values, and what looks like a key, wherever they are in a text."""

    secrets: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, secrets: Iterable[str]) -> Mask:
        """Return the mask of some secrets, the longest first."""
        kept = {secret for secret in secrets if len(secret) >= _SHORTEST}
        return cls(tuple(sorted(kept, key=len, reverse=True)))

    def __call__(self, text: str) -> str:
        """Return the text without them."""
        for secret in self.secrets:
            text = text.replace(secret, _HIDDEN)
        return _LOOKS_LIKE_A_KEY.sub(_HIDDEN, text)

    @contextmanager
    def over_logs(self) -> Iterator[None]:
        """Mask every log record that any library of this process makes meanwhile."""
        before = logging.getLogRecordFactory()

        def make(*args: object, **kwargs: object) -> logging.LogRecord:
            record = before(*args, **kwargs)
            try:
                text = record.getMessage()
            except (
                TypeError,
                ValueError,
            ):  # arguments that do not fit: logging would say so itself
                text = str(record.msg)
            record.msg, record.args = self(text), ()
            if record.exc_info:
                record.exc_text = self(logging.Formatter().formatException(record.exc_info))
            return record

        logging.setLogRecordFactory(make)
        try:
            yield
        finally:
            logging.setLogRecordFactory(before)
