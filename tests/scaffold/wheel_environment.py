"""A fresh environment with deshi's wheel, and those of plugins.

It gets the wheels alone; the libraries that they need are read from the environment of these tests,
whose editable deshi is not seen from there.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from deshi.api import KINDS

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/pyproject.toml"))


@dataclass(frozen=True)
class Environment:
    folder: Path

    @property
    def variables(self) -> dict[str, str]:
        """What a shell in this environment has: nothing from an index, no build in isolation."""
        kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
        path = f"{self.folder / 'bin'}:{kept['PATH']}"
        offline = {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0"}
        return {**kept, "PATH": path, **offline, "PIP_QUIET": "1", "COLUMNS": "160"}

    def run(self, *words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.folder / "bin" / "python", *words], cwd=cwd, env=self.variables,
            capture_output=True, text=True, timeout=280,
        )  # fmt: skip

    def good(self, *words: str | Path, cwd: Path) -> str:
        done = self.run(*words, cwd=cwd)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def build(folder: Path, sources: Path) -> Environment:
    """Build deshi, the six new plugins and the examples as wheels, and install them afresh."""
    wheels = folder / "wheels"
    building = ["-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", wheels]
    here = [ROOT, *EXAMPLES, *(sources / f"fresh-{kind}" for kind in KINDS)]
    subprocess.run([sys.executable, *building, *here], check=True, timeout=280)
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True, timeout=120)
    made = Environment(folder / "venv")
    site = next((folder / "venv").glob("lib/python*/site-packages"))
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    found = sorted(wheels.glob("*.whl"))
    assert len(found) == len(here)
    made.good("-m", "pip", "install", "-q", *found, cwd=folder)
    return made
