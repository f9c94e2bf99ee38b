"""Where a component tells the value of a secret: what it shows of itself, logs, prints and writes."""

from __future__ import annotations

import contextlib
import io
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from deshi.api import AttemptError
from deshi.testing import samples
from deshi.testing.asking import ask, requests_of
from deshi.testing.subject import Subject

CANARY: Final = "sk-canary-5f1e9c07"
CLOSED: Final = "http://127.0.0.1:9"
"""An address of this machine at which nobody listens: the discard port."""


def secrets_told(subject: Subject) -> list[tuple[str, str]]:
    """Return each place that shows something of a component, and what it shows.

    A teacher is also asked, at an address where nobody answers.
    """
    printed = io.StringIO()
    with (
        tempfile.TemporaryDirectory() as folder,
        _listening() as told,
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(printed),
    ):
        component = subject.built(subject.env(Path(folder)))
        told.append(("the repr of the component", repr(component)))
        told.append(("the repr of its parameters", repr(subject.params)))
        told.extend(_public(component))
        if subject.kind == "teacher":
            told.extend(_asked(subject, folder))
        for file in Path(folder).rglob("*"):
            if file.is_file():
                text = file.read_text(encoding="utf-8", errors="replace")
                told.append((f"the file '{file.name}' that it writes", text))
    return [*told, ("what it prints", printed.getvalue())]


def _public(component: object) -> list[tuple[str, str]]:
    """Return the public attributes of a component: what a debugger or a traceback shows of it."""
    return [
        (f"its attribute '{name}'", repr(value))
        for name, value in (vars(component) if hasattr(component, "__dict__") else {}).items()
        if not name.startswith("_") and type(value).__module__.split(".")[0] != "deshi"
    ]


def _asked(subject: Subject, folder: str) -> list[tuple[str, str]]:
    """Return what a teacher says when it is asked and nobody answers."""
    key = subject.spec.endpoint
    if subject.can("merges-answers") or (key is None and subject.spec.needs.network):
        return []
    lost = subject.with_params({key: CLOSED}) if key else subject
    component: Any = lost.built(lost.env(Path(folder)))
    try:
        replies = ask(component, requests_of(lost, samples.HARD_TEXTS[:1])[:1])
    except (Exception, SystemExit) as error:  # noqa: BLE001  (foreign code may raise anything)
        return [("the message of an exception", f"{error} {error.__cause__ or ''}")]
    return [
        ("the message of an AttemptError", str(one))
        if isinstance(one, AttemptError)
        else ("a Reply", repr(one))
        for one in replies
    ]


@contextlib.contextmanager
def _listening() -> Iterator[list[tuple[str, str]]]:
    told: list[tuple[str, str]] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.append((f"a log record of '{record.name}'", self.format(record)))

    ear, root = Ear(), logging.getLogger()
    level = root.level
    root.addHandler(ear)
    root.setLevel(logging.DEBUG)
    try:
        yield told
    finally:
        root.setLevel(level)
        root.removeHandler(ear)
