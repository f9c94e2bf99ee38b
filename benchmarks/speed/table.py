"""How long all statistics of the quickstart take: baselines, intervals, tests, letters, dependence.

    python benchmarks/speed/table.py [--benchmark benchmarks/quickstart.toml] [--repeats 3]

The quickstart is run first if it has not been. Then its last stage, which makes every figure of the
table from stored answers, is made three times, and the least CPU time of this one process is told.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from deshi.benchmark.stage_params import CompareParams
from deshi.engine.run import Options, compare_stage, prepare, run
from deshi.stages.compare import compare
from deshi.workspace.job import Job
from deshi.workspace.manifest import Finished

BENCHMARK = Path(__file__).parents[1] / "quickstart.toml"
TARGET = 5.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--benchmark", type=Path, default=BENCHMARK)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    run(options.benchmark, Options(workers=2))
    prepared = prepare(options.benchmark, Options())
    store, plan = prepared.workspace.store, prepared.plan
    done = {a: Finished(a, "found", manifest=store.manifest(a)) for a in plan.stages}
    stage = compare_stage(plan, done)
    assert stage is not None
    assert isinstance(stage.params, CompareParams)
    inputs = {role: store.folder(address) for role, address in stage.inputs.items()}
    times = []
    for _ in range(options.repeats):
        out = Path(tempfile.mkdtemp())
        job = Job(stage.params, inputs, out, out, prepared.workspace.root, prepared.registry)
        start = time.process_time()
        figures = compare(job)
        times.append(time.process_time() - start)
        shutil.rmtree(out)
    rows = sum(len(group.rows) for group in stage.params.groups)
    print(f"{figures.rows} rows, {len(stage.inputs)} artefacts, {stage.params.resamples} resamples")
    print(f"all statistics of {options.benchmark.stem}: {min(times):.1f} s (target {TARGET:.0f} s)")
    return 0 if rows and min(times) < TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
