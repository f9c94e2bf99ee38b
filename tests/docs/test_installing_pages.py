"""No page and no message sends a reader to a package index that has no deshi."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from markdown_blocks import PAGES, ROOT, all_blocks, words

BY_NAME = re.compile(
    r"\b(?:pip3?|pipx|uv|poetry|conda)\s+(?:pip\s+)?(?:install|add)\b[^\n`;&|]*?[ '\"]deshi(?![\w/.-])"
)
"""A command that asks an index for `deshi`, with extras or without."""
HOME = ROOT / "core/deshi/api/installing.py"
SOURCES = sorted(
    path
    for folder in ("core", "plugins", "examples", "scripts")
    for path in (ROOT / folder).rglob("*.py")
    if path != HOME
)
TEXTS = sorted(
    [
        *PAGES,
        *(ROOT / "benchmarks").rglob("*.toml"),
        *(ROOT / "plugins/deshi_tools/scaffold/templates").iterdir(),
        ROOT / "registry.toml",
    ]
)


@pytest.mark.parametrize(
    "command",
    [
        "pip install deshi",
        "run `pip install 'deshi[neural]'`",
        "python -m pip install --upgrade deshi acme",
        "uv add deshi",
        "uv pip install -U 'deshi[hub]'",
    ],
)
def test_the_scan_knows_such_a_command(command):
    assert BY_NAME.search(command)


@pytest.mark.parametrize(
    "command", ["pip install -e examples/sklearn", "pip install deshi-acme", "pip install ./deshi"]
)
def test_the_scan_lets_others_be(command):
    assert not BY_NAME.search(command)


def test_no_page_and_no_template_asks_an_index_for_deshi():
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in TEXTS
        for match in BY_NAME.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_no_string_of_the_code_does_so_outside_the_function_that_makes_the_hint():
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in SOURCES
        for line, text in literals(path)
        if BY_NAME.search(text) or re.search(r"\bpip install '?\{", text)
    ]
    assert found == []


def literals(path: Path):
    """Yield the strings of a file; what an f-string fills in is `{}`."""
    inside = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            inside |= set(node.values)
            parts = [p.value if isinstance(p, ast.Constant) else "{}" for p in node.values]
            yield node.lineno, "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in inside:
            yield node.lineno, node.value


def test_what_pages_install_of_deshi_comes_from_the_clone_with_its_constraints():
    extras = set(re.findall(r"^(\w+) = \[", (ROOT / "pyproject.toml").read_text(), re.MULTILINE))
    found = 0
    for block in all_blocks("console", "sh", ""):
        for command in block.commands if block.language else block.text.splitlines():
            if " -e '.[" not in command:
                continue
            for program in words(command):
                assert program[1:5] == ["install", "-c", "constraints.txt", "-e"], block.place
                named = program[5].removeprefix(".[").removesuffix("]").split(",")
                assert set(named) <= extras, block.place
                found += 1
    assert found >= 5


def test_both_readmes_and_the_first_tutorial_say_how_a_shell_gets_at_deshi():
    for page in ("README.md", "README.ja.md", "docs/tutorial/first-table.md"):
        assert "$ source .venv/bin/activate" in (ROOT / page).read_text(encoding="utf-8")
