"""The site builds without a warning, and commits are held to what CI asks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_site_builds_without_a_warning(tmp_path):
    build = [Path(sys.executable).parent / "sphinx-build", "-E", "-W", "--keep-going", "-q"]
    done = subprocess.run(
        [*build, "-b", "html", ROOT / "docs", tmp_path], capture_output=True, text=True, timeout=280
    )
    assert done.returncode == 0, done.stderr
    for page in ("index", "tutorial/first-plugin", "reference/checks"):
        assert (tmp_path / f"{page}.html").is_file()


def test_what_runs_before_a_commit_is_what_lint_runs():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    entries = [hook["entry"] for repo in hooks["repos"] for hook in repo["hooks"]]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    lint = makefile[makefile.index("\nlint:") :].split("\n\n")[0]
    for tool in ("ruff check", "ruff format", "mypy", "lint-imports"):
        assert f"$(BIN)/{tool}" in lint
        assert any(entry.startswith(f".venv/bin/{tool}") for entry in entries)
