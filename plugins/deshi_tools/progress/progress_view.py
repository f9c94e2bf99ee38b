"""The view `progress`: a live display on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from deshi_tools.progress.reminding_lines import RemindingLines

if TYPE_CHECKING:
    from deshi_tools.progress.live_display import LiveDisplay


def progress() -> AbstractContextManager[LiveDisplay | RemindingLines]:
    """Return the watcher that fits stderr: a live display for a terminal, lines for a file or a pipe."""
    if sys.stderr.isatty() and os.environ.get("TERM") not in ("dumb", "unknown"):
        from deshi_tools.progress.live_display import LiveDisplay

        return LiveDisplay()
    return RemindingLines()
