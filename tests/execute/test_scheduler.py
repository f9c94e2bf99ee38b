"""The scheduler: order, room, lost workers. Executors here are small ones, as a plugin's would be."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from deshi.api import Resources, WorkerLostError
from deshi.benchmark.plan import Stage
from deshi.benchmark.stage_params import StageParams
from deshi.engine.scheduler import Scheduler
from deshi.engine.watch import Watcher
from deshi.workspace.manifest import Finished


class Nobody:
    def notify(self, hook: str, record: Any) -> None:
        """Tell nobody."""


class Threads:
    """Runs stages in threads, and notes which were at work side by side."""

    def __init__(self, workers: int, *, dies: str = "", often: int = 1) -> None:
        self.workers = workers
        self.pool = ThreadPoolExecutor(workers + 1)
        self.run_lock: set[str] = set()
        self.together: list[frozenset[str]] = []
        self.started: list[str] = []
        self.restarts = 0
        self._lock = threading.Lock()
        self._dies = dict.fromkeys(dies.split(), often)

    def submit(self, stage: Stage, watcher: Any) -> Future[Finished]:
        self.started.append(stage.address)
        return self.pool.submit(self._run, stage)

    def _run(self, stage: Stage) -> Finished:
        with self._lock:
            self.run_lock.add(stage.address)
            self.together.append(frozenset(self.run_lock))
        time.sleep(0.002)
        with self._lock:
            self.run_lock.discard(stage.address)
        if self._dies.get(stage.address):
            self._dies[stage.address] -= 1
            raise WorkerLostError
        return Finished(stage.address, "made")

    def restart(self) -> None:
        self.restarts += 1

    def interrupt(self) -> None:
        """Nothing to end."""


def stage(address: str, *inputs: str, **resources: Any) -> Stage:
    return Stage(address, address, StageParams(), dict.fromkeys(inputs, ""), resources=Resources(**resources)) if not inputs else Stage(
        address, address, StageParams(), {one: one for one in inputs}, resources=Resources(**resources)
    )  # fmt: skip


def run(executor: Threads, *stages: Stage) -> dict[str, Finished]:
    done: dict[str, Finished] = {}
    Scheduler(executor, Watcher(), Nobody()).run({one.address: one for one in stages}, done)  # type: ignore[arg-type]
    return done


def test_a_stage_starts_only_when_its_inputs_are_there() -> None:
    executor = Threads(4)
    done = run(executor, stage("a"), stage("b"), stage("c", "a", "b"), stage("d", "c"))
    assert set(done) == {"a", "b", "c", "d"}
    for together in executor.together:
        assert not {"c", "a"} <= together
        assert not {"d", "c"} <= together


def test_stages_start_in_the_order_of_the_plan() -> None:
    executor = Threads(1)
    run(executor, stage("z"), stage("a"), stage("m", "z"), stage("b"))
    assert executor.started == ["z", "a", "m", "b"]


def test_no_more_stages_run_than_there_are_workers() -> None:
    executor = Threads(3)
    run(executor, *(stage(f"s{at}") for at in range(40)))
    assert max(map(len, executor.together)) == 3


def test_threads_are_never_oversubscribed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    executor = Threads(4)
    run(
        executor,
        *(stage(f"wide{at}", threads=3) for at in range(6)),
        *(stage(f"n{at}") for at in range(6)),
    )
    for together in executor.together:
        assert sum(3 if one.startswith("wide") else 1 for one in together) <= 4


def test_a_stage_that_wants_more_threads_than_there_are_runs_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    executor = Threads(2)
    done = run(executor, stage("huge", threads=64), stage("small"))
    assert set(done) == {"huge", "small"}
    assert not any({"huge", "small"} <= together for together in executor.together)


def test_a_device_is_for_one_stage_at_a_time_and_others_go_on() -> None:
    executor = Threads(4)
    gpu = [stage(f"gpu{at}", device="cuda:0") for at in range(5)]
    run(executor, *gpu, *(stage(f"cpu{at}") for at in range(5)))
    for together in executor.together:
        assert sum(one.startswith("gpu") for one in together) <= 1
    assert any(len(together) > 1 for together in executor.together)


def test_one_stage_at_a_time_asks_teachers() -> None:
    executor = Threads(4)
    run(executor, *(stage(f"ask{at}", driver=True) for at in range(5)), stage("fit"))
    for together in executor.together:
        assert sum(one.startswith("ask") for one in together) <= 1


def test_a_lost_worker_costs_its_stage_one_more_try_and_no_other_stage() -> None:
    executor = Threads(2, dies="b")
    done = run(executor, stage("a"), stage("b"), stage("c", "b"))
    assert {one.status for one in done.values()} == {"made"}
    assert executor.restarts


def test_a_stage_that_kills_its_worker_twice_has_failed_and_blocks_what_needs_it() -> None:
    executor = Threads(2, dies="b", often=2)
    done = run(executor, stage("a"), stage("b"), stage("c", "b"), stage("d", "a"))
    assert done["b"].status == "failed"
    assert "process died" in done["b"].reason
    assert done["c"].status == "blocked"
    assert done["d"].status == "made"


def test_a_failure_blocks_what_needs_it_however_far_away_with_its_reason() -> None:
    executor = Threads(2, dies="a", often=2)
    done = run(executor, stage("a"), stage("b", "a"), stage("c", "b"), stage("d", "c"))
    assert {one.status for name, one in done.items() if name != "a"} == {"blocked"}
    assert {one.reason for one in done.values()} == {done["a"].reason}
    assert set(executor.started) == {"a"}


def test_what_stops_a_run_is_raised() -> None:
    from deshi.api import BudgetReached

    class Broke(Threads):
        def _run(self, stage: Stage) -> Finished:
            raise BudgetReached("no more")

    with pytest.raises(BudgetReached):
        run(Broke(2), stage("a"), stage("b"))
