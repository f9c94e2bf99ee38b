"""Run what is missing of a plan's stages, by the executor that fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deshi.engine.executor import Distributed, InProcess, StageRunner
from deshi.engine.process_pool import ProcessPool
from deshi.engine.scheduler import Scheduler, missing_stages
from deshi.workspace.finished import Finished

if TYPE_CHECKING:
    from deshi.api import Executor
    from deshi.benchmark.plan import Stage
    from deshi.engine.watch import Watcher
    from deshi.registry import Registry
    from deshi.workspace.job import Account
    from deshi.workspace.store import Store


@dataclass(frozen=True)
class StageRuns:
    """Runs stages against one store; the watcher is notified of those that exist, too."""

    store: Store
    registry: Registry
    watcher: Watcher
    account: Account
    workers: int
    executor: Callable[[int], Executor] | None

    def run(
        self, stages: Mapping[str, Stage], before: Mapping[str, Finished] | None = None
    ) -> dict[str, Finished]:
        """Return how each stage ended; a failed one blocks only what needs it.

        `before` says how stages ended that were run already; they are not run again.
        """
        done = dict(before or {})
        absent = missing_stages(stages, self.store) - set(done)
        for address, stage in stages.items():
            if address in absent or address in done:
                continue
            manifest = self.store.manifest(address)
            if manifest is not None:
                done[address] = Finished(address, "found", manifest=manifest)
                self.watcher.finished(stage, done[address])
        todo = {address: stage for address, stage in stages.items() if address in absent}
        if todo:
            with self._runner(len(todo)) as runner:
                Scheduler(runner, self.watcher, self.registry).run(todo, done)
        return done

    def _runner(self, stages: int) -> StageRunner:
        """Return what runs so many stages: the executor that was named, or one that fits."""
        workers = min(self.workers, stages)
        if self.executor is None and workers < 2:
            return InProcess(self.store.root, self.registry, self.account)
        make = self.executor or ProcessPool
        return Distributed(make, workers, self.store.root, self.registry, self.account)
