"""What it costs that nothing on the disk is believed: hashes of what is read, and of what is written.

    python benchmarks/speed/checking.py [--benchmark benchmarks/quickstart.toml] [--repeats 7]

The benchmark runs in a workspace of its own. Then it runs again with everything there, by turns with
and without its checks, and the ratio of the least CPU times is told. The hashes of all artefacts are
made as a run makes them when it writes, and told as a share of what the first run took.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from deshi.engine.run import Options, run
from deshi.workspace import store as stores
from deshi.workspace.manifest import file_hashes
from deshi.workspace.store import Store, folder_size

BENCHMARK = Path(__file__).parents[1] / "quickstart.toml"
TARGET = 1.10


@contextmanager
def unchecked() -> Iterator[None]:
    """Believe what lies on the disk."""
    with (
        mock.patch.object(stores, "is_intact", return_value=True),
        mock.patch.object(Store, "damage", return_value=""),
    ):
        yield


def taken(benchmark: Path, options: Options) -> float:
    start = time.process_time()
    run(benchmark, options)
    return time.process_time() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--benchmark", type=Path, default=BENCHMARK)
    parser.add_argument("--repeats", type=int, default=7)
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        options = Options(workspace=Path(folder))
        first = taken(words.benchmark, options)
        with_checks, without = [], []
        for _ in range(words.repeats):
            with_checks.append(taken(words.benchmark, options))
            with unchecked():
                without.append(taken(words.benchmark, options))
        artefacts = [path for path in Path(folder).glob("artefacts/*/*/*") if path.is_dir()]
        start = time.process_time()
        for path in artefacts:
            file_hashes(path)
        hashed = time.process_time() - start
        size = sum(map(folder_size, artefacts)) / 1e6
    ratio = min(with_checks) / min(without)
    print(f"{words.benchmark.stem}: {len(artefacts)} artefacts, {size:.1f} MB")
    print(f"with everything there, checked to unchecked: {ratio:.3f} (target {TARGET:.2f})")
    print(f"all hashes, of what the first run took: {hashed / first:.2%}")
    return int(ratio > TARGET)


if __name__ == "__main__":
    sys.exit(main())
