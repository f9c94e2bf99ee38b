"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import deshi.api
import deshi.emoji
import deshi.testing

ROOT = Path(__file__).parents[2]
SOURCES = sorted([*ROOT.glob("core/**/*.py"), *ROOT.glob("plugins/**/*.py")])


def functions(path: Path) -> Iterator[tuple[str, int]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield (
                f"{path.relative_to(ROOT)}:{node.lineno} {node.name}",
                node.end_lineno - node.lineno + 1,
            )


def test_no_file_is_over_400_lines() -> None:
    lines = {
        str(p.relative_to(ROOT)): len(p.read_text(encoding="utf-8").splitlines()) for p in SOURCES
    }
    assert {name: n for name, n in lines.items() if n > 400} == {}


def test_no_function_is_over_40_lines() -> None:
    found = dict(item for path in SOURCES for item in functions(path))
    assert {name: n for name, n in found.items() if n > 40} == {}


def test_no_module_is_named_for_nothing() -> None:
    vague = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
    assert [p for p in SOURCES if p.stem in vague] == []


def test_importing_the_host_imports_no_plugin_and_no_heavy_library() -> None:
    code = "import sys, deshi, deshi.api; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert (
        loaded & {"numpy", "scipy", "pyarrow", "rich", "torch", "sklearn", "deshi_plugins"} == set()
    )


def test_the_public_names_are_those_that_were_agreed() -> None:
    agreed = (Path(__file__).parent / "public_names.txt").read_text(encoding="utf-8").split()
    modules = (deshi.api, deshi.emoji, deshi.testing)
    names = [f"{module.__name__}.{name}" for module in modules for name in module.__all__]
    assert sorted(names) == agreed


def test_nothing_in_the_repository_names_a_machine_or_a_workplace() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True
    ).stdout.split()
    words = ["/wo" + "rk/", "/ro" + "ot/", "/tm" + "p/"]
    for name in listed:
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".txt", ".yml"} and path.is_file():
            text = path.read_text(encoding="utf-8")
            assert not [word for word in words if word in text], name
