"""What shows a run: functions of plugins, each under a name in the group `deshi.views`.

`progress` returns what watches a run (an `engine.watch.Watcher` in a context), `end-of-run` prints what
it leaves on the screen. `results` returns what follows from its results, `comparison-table` the table
of that, `comparison-text` this as a text, `frame` a data frame. The kernel makes results and shows none;
deshi's own views come in the same way as another's would.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

from deshi.api import NotReadyError

GROUP = "deshi.views"
_HOST = "deshi"


def view(name: str) -> Callable[..., Any]:
    """Return the view of this name; nobody can replace one of deshi's own.

    Raises:
        NotReadyError: no installed distribution has one.
    """
    found = sorted(
        entry_points(group=GROUP, name=name),
        key=lambda point: point.dist is None or point.dist.name != _HOST,
    )
    if not found:
        raise NotReadyError(
            f"no view '{name}' is installed",
            where=GROUP,
            fix="install deshi again: its own views come with it",
        )
    loaded: Callable[..., Any] = found[0].load()
    return loaded
