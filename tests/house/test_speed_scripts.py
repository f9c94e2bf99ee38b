"""Every measurement of `make speed` runs to its end, however small: what it prints is not judged."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from project import BENCHMARK, TOY

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parents[2] / "benchmarks" / "speed"
SCRIPTS = sorted(p.stem for p in FOLDER.glob("*.py") if not p.name.startswith("_"))
SMALLEST = {
    "answering": "--texts 4 --single 1 --train 32 --epochs 1",
    "bootstrap": "--rows 3 --texts 50 --resamples 1000 --repeats 1",
    "checking": "--benchmark bench.toml --repeats 1",
    "corpora": "--megabytes 0.05 --repeats 1 --large 1 --data nowhere",
    "linear": "--texts 200 --seeds 1",
    "metrics": "--pairs 2000 --repeats 1",
    "neighbours": "--vectors 2000 --queries 64 --repeats 1 --graph",
    "scheduling": "--rows 20",
    "startup": "--rounds 1",
    "table": "--benchmark bench.toml --repeats 1",
    "teachers": "--free 64 --limited 30",
    "training": "--texts 32 --epochs 1",
}


def test_every_measurement_has_a_smallest_size() -> None:
    assert list(SMALLEST) == SCRIPTS


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_measurement_runs_to_its_end(name: str, tmp_path: Path) -> None:
    (tmp_path / "bench.toml").write_text(BENCHMARK, encoding="utf-8")
    path = os.pathsep.join(filter(None, [str(TOY), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, str(FOLDER / f"{name}.py"), *SMALLEST[name].split()],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode <= 3, done.stderr  # so many aims were missed, of no account at this size
    assert done.stdout
