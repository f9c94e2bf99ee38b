"""The tutorials, from an empty folder: every command copied, every file written as it stands there."""

from __future__ import annotations

import difflib
import re
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "docs"))

from markdown_blocks import ROOT, blocks

pytestmark = pytest.mark.slow
PAGES = ("first-table", "first-plugin", "swap-a-teacher")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("reader")


def follow(page, folder, environment):
    """Do what a page says; return what its commands printed."""
    said = []
    for block in blocks(ROOT / "docs" / "tutorial" / f"{page}.md"):
        named = re.match(r"# (\S+?)(?:: (\w+))?\n", block.text + "\n")
        if block.skip or block.language == "text":
            continue
        if named and "." in named[1]:
            put(folder / named[1], named[2], block.text.split("\n", 1)[1])
        elif block.language == "console":
            script = "set -e\n" + "\n".join(block.commands)
            done = subprocess.run(
                ["bash", "-c", script], cwd=folder, env=environment.variables,
                capture_output=True, text=True, timeout=280,
            )  # fmt: skip
            assert done.returncode == 0, f"{block.place}: {done.stdout}{done.stderr}"
            said.append(done.stdout)
    return "\n".join(said)


def put(path, what, text):
    """Write a file, or put a function or some lines of it in the place of their like."""
    if what is None:
        path.write_text(text + "\n", encoding="utf-8")
        return
    before = path.read_text(encoding="utf-8")
    if what == "lines":
        after = before
        for line in text.splitlines():
            key = line.split("=")[0]
            after = re.sub(rf"^{re.escape(key)}=.*$", line, after, flags=re.MULTILINE)
    else:
        whole = re.compile(rf"    def {what}\(.*?(?=\n    def |\Z)", re.DOTALL)
        after = whole.sub(lambda _: text + "\n", before, count=1)
    assert after != before
    path.write_text(after, encoding="utf-8")


def test_the_first_table(folder, environment):
    said = follow("first-table", folder, environment)
    (shown,) = [b for b in blocks(ROOT / "docs/tutorial/first-table.md") if b.language == "text"]
    assert shown.text.strip() in said
    assert "linear" in said
    assert (folder / "first.html").stat().st_size > 100_000


def test_the_first_plugin_and_its_author_writes_at_most_fifteen_lines(folder, environment):
    subprocess.run(["rm", "-rf", "first-hit"], cwd=folder, check=True)
    environment.good("-m", "deshi", "new", "metric", "first-hit", "--into", "before", cwd=folder)
    said = follow("first-plugin", folder, environment)
    assert "first-hit/first-hit ↑" in said
    assert 'Carried: "lexicon/linear/bce > lexicon/constant on first-hit/first-hit"' in said
    lines = []
    for name in ("hooks.py", "metric.py"):
        old, new = (folder / at / "first_hit" / name for at in ("before/first-hit", "first-hit"))
        texts = (path.read_text(encoding="utf-8").splitlines() for path in (old, new))
        lines += [
            line for line in difflib.ndiff(*texts) if line.startswith("+ ") and line[2:].strip()
        ]
    assert 0 < len(lines) <= 15


def test_swapping_a_teacher(folder, environment):
    said = follow("swap-a-teacher", folder, environment)
    assert "lexicon-faces" in said
    assert re.search(r"\bno\b", said, re.IGNORECASE)
