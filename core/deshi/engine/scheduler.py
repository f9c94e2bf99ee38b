"""Run what is missing of a plan's stages, side by side where the executor and the machine allow it."""

from __future__ import annotations

import heapq
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from deshi.api import WorkerLostError
from deshi.engine.executor import Distributed, InProcess, StageRunner
from deshi.engine.process_pool import ProcessPool
from deshi.workspace.manifest import CompareManifest, Finished, ScoreManifest

if TYPE_CHECKING:
    from deshi.api import Executor, Resources
    from deshi.benchmark.plan import Stage
    from deshi.engine.watch import Watcher
    from deshi.registry import Registry
    from deshi.workspace.job import Account
    from deshi.workspace.store import Store


_READ_AT_ONCE = frozenset({"split", "label", "validate", "compare"})
"""Stages whose artefacts a run reads even where nothing has to be made."""


def missing_stages(stages: Mapping[str, Stage], store: Store) -> set[str]:
    """Return the stages that have to run: those whose artefact is wanted and absent or damaged.

    A model is wanted only by a prediction or a score that has to be made, or where it is damaged; all
    else is shown. What this run reads is verified, and all there is once something was found damaged.
    """
    absent: set[str] = set()
    noted = store.noted()
    wanted = [
        (address, stage.name in _READ_AT_ONCE or bool(noted))
        for address, stage in stages.items()
        if stage.name != "fit"
        or address in noted
        or store.remains(address)
        or (noted and store.damage(address))
    ]
    while wanted:
        address, is_read = wanted.pop()
        if address not in absent and not (
            store.has(address) and not (is_read and store.damage(address))
        ):
            absent.add(address)
            wanted += [(a, True) for a in stages[address].inputs.values() if a in stages]
    return absent


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
        before = before or {}
        self._discard_failures([address for address in stages if address not in before])
        absent = missing_stages(stages, self.store)
        done = {
            address: ended
            for address, ended in before.items()
            if address not in absent or ended.status in ("failed", "blocked")
        }
        absent -= set(done)
        for address, stage in stages.items():
            if address in absent or address in done:
                continue
            manifest = self.store.manifest(address)
            if manifest is not None:
                done[address] = Finished(address, "found", manifest=manifest)
                self.watcher.finished(stage, done[address])
        todo = {address: stage for address, stage in stages.items() if address in absent}
        damaged = {address: file for address in todo if (file := self.store.damage(address))}
        if todo:
            with self._runner(len(todo)) as runner:
                Scheduler(runner, self.watcher, self.registry).run(todo, done)
        for address in todo:
            self.store.forget(address)
            if address in damaged and done[address].status == "made":
                what = f"was damaged ({damaged[address]}); made again"
                sys.stderr.write(f"deshi: artefact {address[:-24]}… {what}\n")
        return done

    def _discard_failures(self, addresses: Sequence[str]) -> None:
        """Have made again what a metric failed in, as what failed whole is."""
        for address in addresses:
            if address.startswith(("score/", "compare/")):
                manifest = self.store.manifest(address)
                if (
                    isinstance(manifest, ScoreManifest | CompareManifest)
                    and manifest.figures.failed
                ):
                    self.store.discard(address)

    def _runner(self, stages: int) -> StageRunner:
        """Return what runs so many stages: the executor that was named, or one that fits."""
        workers = min(self.workers, stages)
        if self.executor is None and workers < 2:
            return InProcess(self.store.root, self.registry, self.account)
        make = self.executor or ProcessPool
        return Distributed(make, workers, self.store.root, self.registry, self.account)


class Scheduler:
    """Starts every stage whose inputs are there as soon as there is room for it.

    Room is what the executor has at a time, the threads of this machine, and devices other than the
    CPU, each for one stage at a time. Stages that are ready start in the order of the plan, so that
    rows finish one after the other. The work per stage does not grow with their number.
    """

    def __init__(self, executor: StageRunner, watcher: Watcher, registry: Registry) -> None:
        self._executor = executor
        self._watcher = watcher
        self._registry = registry
        self._room = _Room(executor.workers)
        self._running: dict[Future[Finished], Stage] = {}

    def run(self, todo: Mapping[str, Stage], done: dict[str, Finished]) -> None:
        """Run stages, and add to `done` how each ended; a failed one blocks only what needs it."""
        inputs = {a: [i for i in stage.inputs.values() if i in todo] for a, stage in todo.items()}
        self._done, self._sorter = done, TopologicalSorter(inputs)
        self._sorter.prepare()
        waiting = _Waiting({address: at for at, address in enumerate(todo)})
        try:
            while self._sorter.is_active():
                for address in self._sorter.get_ready():
                    waiting.add(todo[address])
                self._start(waiting)
                if self._running:
                    self._collect()
        except KeyboardInterrupt:
            self._executor.interrupt()
            raise

    def _start(self, waiting: _Waiting) -> None:
        """Start what there is room for; a stage with a failed input is blocked."""
        while (stage := waiting.take(self._room)) is not None:
            blocked = _blocked(stage, self._done)
            if blocked is not None:
                self._finish(stage, blocked)
                continue
            self._watcher.started(stage)
            future = self._executor.submit(stage, self._watcher)
            self._running[future] = stage
            if future.done():  # it ran in this process: what it made ready may come first
                return

    def _collect(self) -> None:
        """Record what has ended; after a lost worker, retry each stage in flight by itself."""
        ended, _ = wait(self._running, return_when=FIRST_COMPLETED)
        if any(isinstance(future.exception(), WorkerLostError) for future in ended):
            suspects = [
                (future, stage)
                for future, stage in self._running.items()
                if not stage.resources.driver
                and (not future.done() or isinstance(future.exception(), WorkerLostError))
            ]
            for future, stage in suspects:
                del self._running[future]
                self._finish(stage, self._retry_in_fresh_worker(stage))
            self._executor.restart()
            return
        for future in ended:
            self._finish(self._running.pop(future), future.result())

    def _retry_in_fresh_worker(self, stage: Stage) -> Finished:
        """Retry a stage in a fresh worker; a second crash marks it failed."""
        self._executor.restart()
        try:
            return self._executor.submit(stage, self._watcher).result()
        except WorkerLostError:
            reason = "its process died (killed, out of memory, or crashed)"
            return Finished(stage.address, "failed", reason=reason)

    def _finish(self, stage: Stage, finished: Finished) -> None:
        self._done[stage.address] = finished
        self._room.give_back(stage)
        self._sorter.done(stage.address)
        self._watcher.finished(stage, finished)
        if finished.status == "made" and finished.manifest is not None:
            self._registry.catalog.notify("deshi_stage_finished", finished.manifest.to_json())


def _blocked(stage: Stage, done: Mapping[str, Finished]) -> Finished | None:
    for source in stage.inputs.values():
        before = done.get(source)
        if before is not None and before.status in ("failed", "blocked"):
            return Finished(stage.address, "blocked", reason=before.reason)
    return None


class _Waiting:
    """Stages that are ready, by what they need: those that need the same wait in one queue."""

    def __init__(self, order: Mapping[str, int]) -> None:
        self._order = order
        self._queues: dict[Resources, list[tuple[int, Stage]]] = defaultdict(list)

    def add(self, stage: Stage) -> None:
        """Queue a stage."""
        heapq.heappush(self._queues[stage.resources], (self._order[stage.address], stage))

    def take(self, room: _Room) -> Stage | None:
        """Return the first stage of the plan that there is room for, and take the room."""
        firsts = sorted(
            (queue[0][0], needs) for needs, queue in self._queues.items() if room.has(needs)
        )
        if not firsts:
            return None
        needs = firsts[0][1]
        queue = self._queues[needs]
        _, stage = heapq.heappop(queue)
        if not queue:
            del self._queues[needs]
        room.take(stage)
        return stage


class _Room:
    """What is free: workers, threads, and devices that hold one stage at a time."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._most = max(workers, os.cpu_count() or 1)
        self._threads = self._most
        self._held: set[str] = set()
        self._taken: dict[str, tuple[int, list[str]]] = {}

    def has(self, needs: Resources) -> bool:
        """Say whether a stage with such needs could start now."""
        free = needs.driver or self._workers > 0
        return (
            free
            and min(needs.threads, self._most) <= self._threads
            and not self._held & set(_exclusive(needs))
        )

    def take(self, stage: Stage) -> None:
        """Take a stage's room."""
        needs = stage.resources
        threads, held = min(needs.threads, self._most), _exclusive(needs)
        self._taken[stage.address] = threads, held
        self._threads -= threads
        self._held |= set(held)
        self._workers -= not needs.driver

    def give_back(self, stage: Stage) -> None:
        """Give a stage's room back."""
        threads, held = self._taken.pop(stage.address)
        self._threads += threads
        self._held -= set(held)
        self._workers += not stage.resources.driver


def _exclusive(needs: Resources) -> list[str]:
    """Return what a stage holds exclusively: its device unless it is the CPU, and the ledger."""
    devices = [needs.device] if needs.device != "cpu" else []
    return [*devices, "the ledger"] if needs.driver else devices
