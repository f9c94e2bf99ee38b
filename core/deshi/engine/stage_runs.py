"""Run what is missing of a plan's stages, by the executor that fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


class StageRuns:
    """Runs stages against one store; the watcher is notified of those that exist, too."""

    def __init__(
        self,
        store: Store,
        registry: Registry,
        watcher: Watcher,
        account: Account,
        workers: int = 1,
        executor: Callable[[int], Executor] | None = None,
    ) -> None:
        self._store = store
        self._registry = registry
        self._watcher = watcher
        self._account = account
        self._workers = workers
        self._make = executor

    def run(
        self, stages: Mapping[str, Stage], before: Mapping[str, Finished] | None = None
    ) -> dict[str, Finished]:
        """Return how each stage ended; a failed one blocks only what needs it.

        `before` says how stages ended that were run already; they are not run again.

        Raises:
            UsageError, NotReadyError: a stage found that what the user named is wrong or missing.
            BudgetReached: a teacher's next call might exceed a budget.
        """
        done = dict(before or {})
        absent = missing_stages(stages, self._store) - set(done)
        for address, stage in stages.items():
            if address in absent or address in done:
                continue
            manifest = self._store.manifest(address)
            if manifest is not None:
                done[address] = Finished(address, "found", manifest=manifest)
                self._watcher.finished(stage, done[address])
        todo = {address: stage for address, stage in stages.items() if address in absent}
        if todo:
            with self._runner(len(todo)) as runner:
                Scheduler(runner, self._watcher, self._registry).run(todo, done)
        return done

    def _runner(self, stages: int) -> StageRunner:
        """Return what runs so many stages: the executor that was named, or one that fits."""
        workers = min(self._workers, stages)
        if self._make is None and workers < 2:
            return InProcess(self._store.root, self._registry, self._account)
        make = self._make or ProcessPool
        return Distributed(make, workers, self._store.root, self._registry, self._account)
