"""Keep secrets out of all that deshi writes: the ledger, logs, reasons, tracebacks, recorded settings.

A secret is a value of the environment, what has the form of a key, or what a key's name is set to.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

_HIDDEN = "***"
_SHAPES = re.compile(
    r"\bsk-[\w-]{16,}|\bhf_[A-Za-z0-9]{16,}|\bgh[opsur]_[A-Za-z0-9]{16,}|\bgithub_pat_\w{16,}"
    r"|\b(?:sk|rk)_(?:live|test)_\w{12,}|\bwhsec_\w{12,}|\bgsk_\w{16,}|\bxai-\w{16,}|\bnpm_\w{16,}"
    r"|\bpypi-[\w-]{16,}|\bpplx-\w{16,}|\bnvapi-[\w-]{16,}|\br8_\w{16,}|\bya29\.[\w-]{16,}"
    r"|\bglsa_\w{16,}|\bSG\.[\w-]{16,}|\bdop_v1_\w{16,}|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\bglpat-[\w-]{16,}|\bAIza[\w-]{20,}|\bxox[a-z]-[\w-]{10,}|\b(?:AKIA|ASIA)[A-Z0-9]{12,}"
    r"|\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?|(?<=\bBearer )[\w.~+/=-]{8,}",
    re.ASCII,
)
"""The forms of keys of providers, of web tokens, and what stands behind `Bearer`."""
_NAME = (
    r"(?:[\w-]*[_-])?(?:(?:api|access|secret|private|account|subscription|signing|encryption|licen[sc]e"
    r"|master|ssh|openai|anthropic|shared|shared[_-]?access)[_-]?keys?|(?:client)?[_-]?secret"
    r"|passwo?r?d|passphrase|pwd|pass|authorization|credentials?|cookie|jwt)"
    r"|auth|bearer|pat|dsn|(?:(?:x[_-])?(?:api|auth|access|bearer|session|hf|refresh|id|sas|private"
    r"|personal[_-]?access)[_-]?)?token"
)
_NAMED = re.compile(
    rf"[\"']?(?<![\w-])({_NAME})[\"']?\s*(?:=|(?<=[\"'])\s*:|:(?=\s*[\"']?[^\s\d]*\d\S{{6,}}))\s*[\"']?([^\s\"'&;,}}]+)",
    re.IGNORECASE,
)
_KEY = re.compile(_NAME, re.IGNORECASE)
_HEADER = re.compile(rf"\s*(?:{_NAME})\s*[:=]\s*\S", re.IGNORECASE)
_IN_URL = re.compile(
    rf"://[^/\s:@]*:([^@/\s]+)@|[?&](?:{_NAME})=([^&#\s]+)"
    r"|[?&](?:key|sig|signature)=([^&#\s]{16,})",
    re.IGNORECASE,
)
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_SHORTEST = 6
"""Shorter values are no secrets, and would tear holes into words."""


def names_variable(text: object, known: Iterable[str] = ()) -> bool:
    """Say whether a text is the name of an environment variable, and not a key in its place."""
    named = isinstance(text, str) and (bool(_VARIABLE.fullmatch(text)) or text in known)
    return named and not _SHAPES.search(str(text))


def secret_in(value: Any, at: tuple[str, ...] = ()) -> tuple[str, ...] | None:  # noqa: ANN401
    """Return where in a setting, a table or a list something looks like a secret; else None."""
    if isinstance(value, Mapping):
        found = (secret_in(item, (*at, str(key))) for key, item in value.items())
    elif isinstance(value, list | tuple):
        found = (secret_in(item, at) for item in value)
    else:
        text = "" if value is None or isinstance(value, bool) else str(value)
        named = bool(text) and bool(at) and _KEY.fullmatch(at[-1])
        formed = any(rule.search(text) for rule in (_SHAPES, _IN_URL)) or _HEADER.match(text)
        return at if named or formed else None
    return next((path for path in found if path is not None), None)


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
        for rule in (_SHAPES, _IN_URL, _NAMED):
            text = rule.sub(_hidden, text)
        return text.encode("utf-8", "backslashreplace").decode()  # no file takes a lone surrogate

    def value(self, value: Any) -> Any:  # noqa: ANN401
        """Return a setting, a table or a list without them."""
        if isinstance(value, Mapping):
            return {
                key: _HIDDEN
                if isinstance(item, str) and item and _KEY.fullmatch(str(key))
                else self.value(item)
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value]
        if not isinstance(value, str):
            return value
        shown = self(value)
        return _HIDDEN if shown == value and secret_in(value) is not None else shown

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


def _hidden(found: re.Match[str]) -> str:
    """Return what was found without its last group, which is the secret; or hide all of it."""
    at = next((at for at in range(found.re.groups, 0, -1) if found[at]), 0)
    start, end = (place - found.start() for place in found.span(at))
    return found[0][:start] + _HIDDEN + found[0][end:]
