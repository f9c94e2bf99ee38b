"""Pages whose commands go together are followed from top to bottom, in one folder.

What a page shows of a command's output is what the command prints.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from markdown_blocks import ROOT, blocks

PAGES = ("errors.md", "report.md", "predict.md", "comparing.md", "metrics.md", "how-to/plugins.md")
NOTEBOOK = "notebook.md"
CELLS = """
import ast, json, sys

namespace, shown = {}, []
print = namespace["print"] = lambda *words: shown[-1].append(" ".join(map(str, words)))
for text in json.load(sys.stdin):
    shown.append([])
    *body, last = ast.parse(text).body
    value = isinstance(last, ast.Expr)
    exec(compile(ast.Module(body if value else [*body, last], []), "cell", "exec"), namespace)
    if value:
        found = eval(compile(ast.Expression(last.value), "cell", "eval"), namespace)
        if found is not None:
            print(found)
json.dump(shown, sys.stdout)
"""
"""Runs cells of Python in one namespace; what each prints or ends with comes back."""
CLAIMS = 1
"""The status with which a claim is refused, which the pages show too."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("pages")
    shutil.copytree(ROOT / "benchmarks", made / "benchmarks")
    (made / "registry.toml").touch()  # here is the project, and so the workspace
    (made / "posts.txt").write_text(
        "雨が降って寂しい\n今日のライブ最高だった！\n", encoding="utf-8"
    )
    return made


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_command_of_these_pages_works(folder):
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    ran, stale = 0, []
    for page in PAGES:
        for block in blocks(ROOT / "docs" / page):
            if block.language != "console" or block.skip:
                continue
            said = ""
            for command in block.commands:
                done = subprocess.run(
                    ["bash", "-c", command], cwd=folder, env={**os.environ, "PATH": path},
                    capture_output=True, text=True, timeout=280,
                )  # fmt: skip
                fine = {0, CLAIMS} if "--claim" in command else {0}
                assert done.returncode in fine, f"{block.place}: {command}\n{done.stderr[-2000:]}"
                said += done.stdout
                ran += 1
            lines = {line.rstrip() for line in said.splitlines()}
            stale += [f"{block.place}: {line}" for line in block.shown if line not in lines]
    assert stale == [], "\n".join(stale)
    assert ran >= 14


def follow_cells(folder):
    """Yield the place of each text block of the notebook page, with it and what its cell showed."""
    page = list(blocks(ROOT / "docs" / NOTEBOOK))
    cells = [block.text for block in page if block.language == "python"]
    done = subprocess.run(
        [sys.executable, "-c", CELLS], cwd=folder, input=json.dumps(cells),
        capture_output=True, text=True, timeout=280,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    shown = iter(json.loads(done.stdout))
    for block in page:
        if block.language == "python":
            last = "\n".join(next(shown))
        elif block.language == "text":
            yield block, last


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_cells_of_the_notebook_page_show_what_stands_under_them(folder):
    compared = 0
    for block, shown in follow_cells(folder):
        lines = [line.rstrip() for line in shown.splitlines()]
        assert block.text.splitlines() == lines, f"{block.place}:\n{shown}"
        compared += 1
    assert compared >= 6
