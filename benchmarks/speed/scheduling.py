"""What scheduling costs: stages that do nothing, through the scheduler and through graphlib alone.

    python benchmarks/speed/scheduling.py [--rows 300 1200 5000]

Rows of five seeds, each fit, predict and score, as in a large matrix. An executor whose futures are
done at once leaves nothing but the scheduler's own work; `graphlib` walked by a bare loop is the peer.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping
from concurrent.futures import Future
from graphlib import TopologicalSorter

from deshi.benchmark.plan import Stage
from deshi.benchmark.stage_params import StageParams
from deshi.engine.scheduler import Scheduler
from deshi.engine.watch import Watcher
from deshi.workspace.manifest import Finished

SIZES = (300, 1_200, 5_000)
TARGET_MS = 1.0
NOTHING = StageParams()


class Instant:
    """An executor that has run a stage as soon as it is asked to."""

    workers = 8

    def submit(self, stage: Stage, watcher: Watcher) -> Future[Finished]:  # noqa: ARG002
        future: Future[Finished] = Future()
        future.set_result(Finished(stage.address, "found"))
        return future

    def restart(self) -> None: ...

    def interrupt(self) -> None: ...


def stages(count: int) -> dict[str, Stage]:
    found = {"label": Stage("label", "label", NOTHING, {})}
    for at in range(count // 3):
        found[f"fit/{at}"] = Stage(f"fit/{at}", "", NOTHING, {"label": "label"})
        found[f"predict/{at}"] = Stage(f"predict/{at}", "", NOTHING, {"fit": f"fit/{at}"})
        found[f"score/{at}"] = Stage(f"score/{at}", "", NOTHING, {"predict": f"predict/{at}"})
    return found


def scheduled(todo: Mapping[str, Stage]) -> float:
    start = time.perf_counter()
    Scheduler(Instant(), Watcher(), None).run(todo, {})  # type: ignore[arg-type]
    return time.perf_counter() - start


def bare(todo: Mapping[str, Stage]) -> float:
    start = time.perf_counter()
    sorter = TopologicalSorter({a: list(stage.inputs.values()) for a, stage in todo.items()})
    sorter.prepare()
    while sorter.is_active():
        sorter.done(*sorter.get_ready())
    return time.perf_counter() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=SIZES)
    each = []
    for size in parser.parse_args().rows:
        todo = stages(size)
        ours, peer = min(scheduled(todo) for _ in range(3)), min(bare(todo) for _ in range(3))
        each.append(1_000 * ours / len(todo))
        print(
            f"{len(todo):5} stages: {each[-1]:.3f} ms per stage (target {TARGET_MS:.0f}), "
            f"{ours / peer:.0f} times bare graphlib"
        )
    return 0 if max(each) < TARGET_MS else 1


if __name__ == "__main__":
    sys.exit(main())
