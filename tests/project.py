"""A project on disk for tests: a benchmark file, a workspace, and deshi run as a user runs it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import forking

TOY = Path(__file__).parent / "toy"

BENCHMARK = """
[benchmark]
train = 120
valid = 20
test = 40
seeds = 2
metrics = ["hits", "misses", "effective-emoji"]
baselines = ["constant", "shuffled"]
resamples = 200

[matrix]
corpus = "numbers"
chain = "toy"
rewriter = "polite"
teacher = ["counter", "counter-two"]
student = ["memory", "fleeting"]
loss = ["nothing", "less"]
"""


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Project:
    """A folder with a benchmark file, in which deshi runs with the toy plugin installed."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def diary(self) -> Path:
        return self.folder / "diary.txt"

    @property
    def workspace(self) -> Path:
        return self.folder / ".deshi"

    def work_done(self) -> list[str]:
        """Return the diary's whole lines: the work that toy components have done."""
        if not self.diary.exists():
            return []
        whole = self.diary.read_bytes().rpartition(b"\n")[0]  # another process may be writing
        return whole.decode().splitlines()

    def forget(self) -> None:
        """Tear out the diary's pages."""
        self.diary.unlink(missing_ok=True)

    def write(self, text: str = BENCHMARK, name: str = "bench.toml") -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "deshi", *words]

    def variables(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("DESHI_")}
        return {
            **kept,
            "PYTHONPATH": os.pathsep.join(filter(None, [str(TOY), os.environ.get("PYTHONPATH")])),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "DESHI_TOY_DIARY": str(self.diary),
            "COLUMNS": "160",
            **self.environment,
            **(more or {}),
        }

    def deshi(self, *words: str, env: Mapping[str, str] | None = None) -> Ran:
        """Run a command in the project's folder and wait for it."""
        done = forking.run(self.command(*words), cwd=self.folder, env=self.variables(env))
        return Ran(done.returncode, _text(done.stdout), _text(done.stderr))

    def results(self, *words: str, file: str = "bench.toml") -> Any:
        """Run the benchmark and return its results without what differs from run to run."""
        ran = self.deshi("run", file, "--format", "json", "--quiet", *words)
        assert ran.status == 0, ran.err
        return steady(ran.json)


def _text(written: bytes) -> str:
    return written.decode("utf-8").replace("\r\n", "\n")


def steady(results: Any) -> Any:
    """Return results without times."""
    for row in results["rows"]:
        row.pop("seconds")
    return results
