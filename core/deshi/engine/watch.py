"""Who watches a run: what progress displays override."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from deshi.benchmark.plan import Plan, Stage
    from deshi.workspace.manifest import Finished


class Watcher:
    """Notified of what happens, in the main process; must not raise. This one says nothing."""

    def planned(self, plan: Plan, absent: Collection[str]) -> None:
        """The plan is made; `absent` are the stages that will run."""

    def started(self, stage: Stage) -> None:
        """A stage begins."""

    def advanced(self, stage: Stage, done: int, total: int | None) -> None:
        """A stage has done `done` of `total` units."""

    def finished(self, stage: Stage, finished: Finished) -> None:
        """A stage ended, was found, failed or is blocked."""
