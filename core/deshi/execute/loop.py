"""The loop over the stages: in topological order, in this process or in a pool of spawned ones."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from deshi.api import DeshiError
from deshi.execute.task import Finished, run_in_worker, run_stage

if TYPE_CHECKING:
    from deshi.benchmark.plan import Stage
    from deshi.execute.store import Store
    from deshi.execute.watch import Watcher
    from deshi.registry import Registry


def needed(stages: Mapping[str, Stage], store: Store) -> set[str]:
    """Return the stages that have to run: those whose artefact is wanted and absent.

    A model is wanted only by a prediction that has to be made; all else is shown in the table.
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

    def __init__(self, store: Store, registry: Registry, watcher: Watcher, workers: int) -> None:
        self._store = store
        self._registry = registry
        self._watcher = watcher
        self._workers = workers

    def run(self, stages: Mapping[str, Stage]) -> dict[str, Finished]:
        """Return how each stage ended; a failed one blocks only what needs it.

        Raises:
            UsageError, NotReadyError: a stage found that what the user named is wrong or missing.
        """
        absent = needed(stages, self._store)
        done: dict[str, Finished] = {}
        for address, stage in stages.items():
            if address in absent:
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
                )
            self._finish(stage, blocked, done)

    def _in_pool(self, todo: Sequence[Stage], done: dict[str, Finished]) -> None:
        waiting = list(todo)
        running: dict[Future[Finished | DeshiError], Stage] = {}
        registry = json.dumps(self._registry.to_json())
        with _pool(self._workers) as pool:
            while waiting or running:
                ready = [s for s in waiting if self._is_ready(s, done, waiting, running)]
                for stage in ready:
                    waiting.remove(stage)
                    blocked = self._blocked(stage, done)
                    if blocked is not None:
                        self._finish(stage, blocked, done)
                        continue
                    self._watcher.started(stage)
                    root = str(self._store.root)
                    running[pool.submit(run_in_worker, stage, root, registry)] = stage
                finished, _ = wait(running, return_when=FIRST_COMPLETED) if running else ((), ())
                for future in finished:
                    result = future.result()
                    if isinstance(result, DeshiError):
                        raise result
                    self._finish(running.pop(future), result, done)

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


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Spawn, never fork: a forked process inherits threads and GPU state that it cannot use."""
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
