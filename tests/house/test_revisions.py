"""Code is identity: a built-in component whose code changed has another revision, or its results are equal."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("revisions", ROOT / "scripts" / "revisions.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["revisions"] = module
    spec.loader.exec_module(module)
    return module


def test_no_built_in_component_changed_under_its_revision(script: ModuleType) -> None:
    before = json.loads(script.RECORD.read_text(encoding="utf-8"))
    now = script.components()
    assert script.unannounced(before, now) == [], "run scripts/revisions.py, and read what it says"
    assert {name: list(found) for name, found in now.items()} == before, "run scripts/revisions.py"


def test_a_hash_reaches_what_a_component_imports_and_the_data_that_it_reads(
    script: ModuleType,
) -> None:
    reached = script._closure("deshi_plugins.students.knn")
    assert "deshi_plugins.students.voting" in reached
    assert "deshi_plugins.students.linear" not in reached
    files = {file.name for file in script._data(script._closure("deshi_plugins.teachers.lexicon"))}
    assert files


def test_layout_and_docstrings_are_no_code(script: ModuleType, tmp_path: Path) -> None:
    one = script.ast.parse('def f():\n    """Old."""\n    return 1  # why')
    other = script.ast.parse('def f():\n\n    """New."""\n    return (1)')
    for tree in (one, other):
        tree.body[0].body = [x for x in tree.body[0].body if not script._is_docstring(x)]
    assert script.ast.dump(one) == script.ast.dump(other)
