"""The loop over the stages: in topological order, in this process or in a pool of spawned ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import TYPE_CHECKING

from deshi.api import DeshiError
from deshi.execute.account import Account
from deshi.execute.interrupts import Interrupts
from deshi.execute.pool import Pool
from deshi.execute.task import Finished, run_stage

if TYPE_CHECKING:
    from deshi.benchmark.plan import Stage
    from deshi.execute.store import Store
    from deshi.execute.watch import Watcher
    from deshi.registry import Registry


def needed(stages: Mapping[str, Stage], store: Store) -> set[str]:
    """Return the stages that have to run: those whose artefact is wanted and absent.

    A model is wanted only by a prediction or a score that has to be made; all else is shown.
    """
    absent: set[str] = set()

    def want(address: str) -> None:
        if address in absent or store.has(address):
            return
        absent.add(address)
        for source in stages[address].inputs.values():
            want(source)

    for address, stage in stages.items():
        if stage.name != "fit":
            want(address)
    return absent


class Loop:
    """Runs stages against one store; finished ones are reported to the watcher as they come."""

    def __init__(
        self,
        store: Store,
        registry: Registry,
        watcher: Watcher,
        workers: int,
        account: Account | None = None,
    ) -> None:
        self._store = store
        self._registry = registry
        self._watcher = watcher
        self._workers = workers
        self._account = account or Account()
        self._interrupts = Interrupts()

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
        absent = needed(stages, self._store) - set(done)
        for address, stage in stages.items():
            if address in absent or address in done:
                continue
            manifest = self._store.manifest(address)
            if manifest is not None:
                done[address] = Finished(address, "found", manifest=manifest)
                self._watcher.finished(stage, done[address])
        todo = [stages[address] for address in stages if address in absent]
        run = self._in_pool if self._workers > 1 and len(todo) > 1 else self._in_process
        run(todo, done)
        return done

    def _in_process(self, todo: Sequence[Stage], done: dict[str, Finished]) -> None:
        for stage in todo:
            blocked = self._blocked(stage, done)
            if blocked is None:
                self._watcher.started(stage)
                blocked = run_stage(
                    stage,
                    self._store.root,
                    self._registry,
                    partial(self._watcher.advanced, stage),
                    account=self._account,
                    interrupts=self._interrupts,
                )
            self._finish(stage, blocked, done)

    def _in_pool(self, todo: Sequence[Stage], done: dict[str, Finished]) -> None:
        waiting = list(todo)
        running: dict[Future[Finished | DeshiError], Stage] = {}
        with Pool(self._workers, self._store.root, self._registry, self._account) as pool:
            try:
                self._keep_going(pool, waiting, running, done)
            except KeyboardInterrupt:
                pool.interrupt([future for future, stage in running.items() if stage.requests])
                raise

    def _keep_going(
        self,
        pool: Pool,
        waiting: list[Stage],
        running: dict[Future[Finished | DeshiError], Stage],
        done: dict[str, Finished],
    ) -> None:
        while waiting or running:
            for stage in [s for s in waiting if self._is_ready(s, done, waiting, running)]:
                if len(running) >= self._workers:
                    break  # what has been started runs, and does not wait in the pool
                if stage.requests and any(other.requests for other in running.values()):
                    continue  # there is one ledger with one writer
                waiting.remove(stage)
                blocked = self._blocked(stage, done)
                if blocked is not None:
                    self._finish(stage, blocked, done)
                    continue
                self._watcher.started(stage)
                running[pool.submit(stage)] = stage
            finished, _ = wait(running, return_when=FIRST_COMPLETED) if running else ((), ())
            if any(isinstance(future.exception(), BrokenProcessPool) for future in finished):
                self._alone(pool, list(running.values()), done)
                running.clear()
                continue
            for future in finished:
                self._finish(running.pop(future), _unless_fatal(future.result()), done)

    def _alone(self, pool: Pool, stages: Sequence[Stage], done: dict[str, Finished]) -> None:
        """After a worker died, run what was at work one by one: who kills a worker again has failed."""
        for stage in stages:
            pool.renew()
            try:
                finished = _unless_fatal(pool.submit(stage).result())
            except BrokenProcessPool:
                reason = "its process died (killed, out of memory, or crashed)"
                finished = Finished(stage.address, "failed", reason=reason)
            self._finish(stage, finished, done)
        pool.renew()

    def _is_ready(
        self,
        stage: Stage,
        done: Mapping[str, Finished],
        waiting: Sequence[Stage],
        running: Mapping[Future[Finished | DeshiError], Stage],
    ) -> bool:
        unfinished = {s.address for s in waiting} | {s.address for s in running.values()}
        return not (set(stage.inputs.values()) - set(done)) & unfinished

    def _blocked(self, stage: Stage, done: Mapping[str, Finished]) -> Finished | None:
        for source in stage.inputs.values():
            before = done.get(source)
            if before is not None and before.status in ("failed", "blocked"):
                return Finished(stage.address, "blocked", reason=before.reason)
        return None

    def _finish(self, stage: Stage, finished: Finished, done: dict[str, Finished]) -> None:
        done[stage.address] = finished
        self._watcher.finished(stage, finished)
        if finished.status == "made" and finished.manifest is not None:
            self._registry.notify("deshi_stage_finished", finished.manifest)


def _unless_fatal(result: Finished | DeshiError) -> Finished:
    """Return how a stage ended, or raise what stops the whole run."""
    if isinstance(result, DeshiError):
        raise result
    return result
