"""A command that gets signals while it works: how it ended, what it said, and what it left."""

from __future__ import annotations

import contextlib
import os
import signal
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import forking
from project import Project

LONGEST = 20.0
"""Seconds that an orderly end may take on a machine with other work."""
ENDS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}


@dataclass(frozen=True)
class Ended:
    """How a command ended: `hit` says whether the signal found it at work."""

    status: int | None
    err: str
    hit: bool
    seconds: float
    children: tuple[str, ...]

    def faults(self, number: signal.Signals) -> str | None:
        """Return what is wrong with the end that a signal made; None if nothing is."""
        if self.status is None:
            return "did not end"
        if self.children:
            return f"left processes: {self.children}"
        if self.seconds > LONGEST:
            return f"took {self.seconds:.0f} s"
        if not self.hit or (self.status == 0 and not self.err.strip()):
            return None  # its work was done
        word = f"deshi: {ENDS[number]}; run the same command again to continue"
        lines = [line for line in self.err.splitlines() if line.strip()]
        if self.status == 128 + number and lines[-1:] == [word] and "Traceback" not in self.err:
            return None if "Exception ignored" not in self.err else self.err[-800:]
        return f"status {self.status}: {self.err[-800:]}"


def signalled(
    project: Project, words: Sequence[str], signals: Sequence[tuple[float, signal.Signals]]
) -> Ended:
    """Run a command and send signals, each so many seconds behind the one before.

    The first counts from when the command has taken over its signals.
    """
    mark = uuid.uuid4().hex
    messages = project.folder / f"err-{mark}"
    nothing = os.open(os.devnull, os.O_RDWR)
    err = os.open(messages, os.O_WRONLY | os.O_CREAT)
    env = project.variables({"DESHI_TOY_MARK": mark})
    process = forking.start(
        project.command(*words), cwd=project.folder, env=env, streams=[nothing, nothing, err]
    )
    for one in (nothing, err):
        os.close(one)
    hit = False
    _wait_for_handler(process.pid)
    for pause, number in signals:
        time.sleep(pause)
        with contextlib.suppress(ProcessLookupError):
            if process.poll() is None:
                os.kill(process.pid, number)
                hit = True
    began = time.monotonic()
    status: int | None = None
    with contextlib.suppress(Exception):
        status = process.wait(LONGEST * 2)
    seconds = time.monotonic() - began
    if status is None:
        process.kill()
    said = messages.read_text(encoding="utf-8", errors="replace")
    messages.unlink()
    return Ended(status, said, hit, seconds, _left(mark))


def _wait_for_handler(pid: int) -> None:
    """Wait until a process handles SIGTERM, or has ended."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        except OSError:
            return
        caught = next((line for line in status.splitlines() if line.startswith("SigCgt")), "")
        if not caught or int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1:
            return
        time.sleep(0.001)


def _left(mark: str) -> tuple[str, ...]:
    """Return the processes that a command started and that live a while after it."""
    deadline = time.monotonic() + 5
    while (found := _with(mark)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def _with(mark: str) -> tuple[str, ...]:
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if mark.encode() in environ.read_bytes():
                command = environ.with_name("cmdline").read_bytes().replace(b"\0", b" ")
                found.append(command.decode(errors="replace"))
    return tuple(found)
