"""How long `deshi --help` and `deshi list` take, with no plugin but deshi's own and with thirty more.

    python benchmarks/speed/startup.py [--rounds 25]

The first table is in bare starts of Python, the second in the time without the thirty plugins: the
least wall time of many runs of each, the ways in turn.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PLUGINS = 30
HOOKS = """
from deshi.api import MetricSpec, hookimpl

@hookimpl
def deshi_metrics():
    yield MetricSpec(
        name="it", target="nowhere:It", summary="It.", direction="higher", signature="it"
    )
"""


def least(commands: dict[str, list[str]], folders: dict[str, str], rounds: int) -> dict[str, float]:
    """Return the least seconds that each command took: what it needs when nothing is in its way.

    `folders` is what PYTHONPATH holds for each.
    """
    spent: dict[str, float] = {}
    for _ in range(rounds):
        for name, command in commands.items():
            env = {**os.environ, "PYTHONPATH": folders.get(name, "")}
            began = time.perf_counter()
            subprocess.run(command, capture_output=True, check=True, env=env)
            took = time.perf_counter() - began
            spent[name] = min(spent.get(name, took), took)
    return spent


def install(site: Path) -> None:
    """Install plugins that offer a metric each, as far as a host can see."""
    for at in range(PLUGINS):
        (site / f"hooks_of_{at}.py").write_text(HOOKS, encoding="utf-8")
        folder = site / f"deshi_p{at}-1.0.dist-info"
        folder.mkdir()
        metadata = f"Metadata-Version: 2.1\nName: deshi-p{at}\nVersion: 1.0\n"
        (folder / "METADATA").write_text(metadata, encoding="utf-8")
        points = f"[deshi.v2]\np{at} = hooks_of_{at}\n"
        (folder / "entry_points.txt").write_text(points, encoding="utf-8")


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=25)
    rounds = parser.parse_args().rounds
    deshi = str(Path(sys.executable).with_name("deshi"))
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "python -c 'import click'": [sys.executable, "-c", "import click"],
        "deshi --help": [deshi, "--help"],
        "deshi --version": [deshi, "--version"],
    }
    found = least(commands, {}, rounds)
    for name, seconds in found.items():
        print(f"{name}: {seconds / found['python -c pass']:.1f} times as long")
    with tempfile.TemporaryDirectory() as folder:
        install(Path(folder))
        for words in (["--help"], ["list"], ["list", "metric"]):
            both = {name: [deshi, *words] for name in ("none", "thirty")}
            found = least(both, {"thirty": folder}, rounds)
            name = " ".join(["deshi", *words])
            print(
                f"{name} with {PLUGINS} plugins: {found['thirty'] / found['none']:.2f} times as long"
            )


if __name__ == "__main__":
    main()
