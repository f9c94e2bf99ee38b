"""A command as a person sees it: run on a pseudo-terminal, its output drawn by a terminal emulator."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyte

import forking


@dataclass(frozen=True)
class Seen:
    """How a command ended, and what it wrote to the terminal."""

    status: int
    written: str
    rows: int
    columns: int

    def lines(self, height: int | None = None) -> list[str]:
        """Return what stands on the screen and above it at the end, without what was drawn over."""
        screen = pyte.HistoryScreen(self.columns, height or self.rows, history=10_000)
        stream = pyte.Stream(screen)
        stream.feed(self.written)
        above = [
            "".join(line[at].data for at in range(self.columns)) for line in screen.history.top
        ]
        found = [line.rstrip() for line in [*above, *screen.display]]
        while found and not found[-1]:
            found.pop()
        return found

    @property
    def text(self) -> str:
        """Return all lines of the screen and above it."""
        return "\n".join(self.lines())

    @property
    def window(self) -> str:
        """Return what the window shows when the shell's prompt is back on the last line."""
        return "\n".join(self.lines()[-(self.rows - 1) :])


def on_terminal(
    command: Sequence[str],
    *,
    rows: int = 24,
    columns: int = 80,
    folder: Path,
    env: Mapping[str, str],
    interrupt: Callable[[str], bool] | None = None,
    timeout: float = 240,
) -> Seen:
    """Run a command on a terminal of a size; 0 by 0 is one that does not know its size.

    `interrupt` looks at what was written so far; once it says so, Ctrl-C is pressed.
    """
    here, there = pty.openpty()
    fcntl.ioctl(there, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    variables = {k: v for k, v in env.items() if k not in ("COLUMNS", "LINES")}
    variables = {"TERM": "xterm-256color", **variables}
    process = forking.start(command, cwd=folder, env=variables, streams=[there] * 3, terminal=True)
    os.close(there)
    written, deadline = b"", time.monotonic() + timeout
    try:
        while time.monotonic() < deadline:
            if not select.select([here], [], [], 0.2)[0]:
                if process.poll() is not None:
                    break
                continue
            try:
                portion = os.read(here, 65536)
            except OSError:  # the other end is closed
                break
            if not portion:
                break
            written += portion
            if interrupt is not None and interrupt(written.decode(errors="replace")):
                interrupt = None
                os.write(here, b"\x03")
        status = process.wait(max(1.0, deadline - time.monotonic()))
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        os.close(here)
    return Seen(status, written.decode(errors="replace"), rows or 25, columns or 80)
