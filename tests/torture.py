"""Long random tests in twenty portions: `make torture` runs all, `make test-slow` the first.

A test marked `torture` takes the fixture `soak`, does one portion of its rounds with the seed that it
has, and may add what it counted to what the portions before it did. Under `make torture` each such
test, and each test of hypothesis, is made twenty times with other seeds, which hang on SEED alone. A
portion that has passed is noted in .torture/SEED; a second call leaves it out, and so goes on.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PORTIONS = 20
SEED = os.environ.get("TORTURE")
"""What `make torture` was given; nothing in other calls."""

_counts = pytest.StashKey[dict[str, float]]()


@dataclass(frozen=True)
class Soak:
    """One portion of a long test: 0 is the one that `make test-slow` runs."""

    number: int
    node: pytest.Item

    @property
    def chance(self) -> random.Random:
        return random.Random(self.number)

    @property
    def is_long(self) -> bool:
        return SEED is not None

    def total(self, counts: Mapping[str, float]) -> Counter[str]:
        """Return these counts and, under `make torture`, those of portions that have passed."""
        self.node.stash[_counts] = dict(counts)
        found = Counter(counts)
        for done in _done(self.node.config.rootpath).values():
            if done["test"] == _name(self.node) and done["number"] != self.number:
                found.update(done["counts"])
        return found


@pytest.fixture
def portion(request: pytest.FixtureRequest) -> int:
    """Return which portion a test is; `pytest_generate_tests` makes twenty of one."""
    return getattr(request, "param", 0)


@pytest.fixture
def soak(request: pytest.FixtureRequest, portion: int) -> Soak:
    """Return the portion that a test has to do."""
    return Soak(_number(portion), request.node)


def _number(portion: int) -> int:
    return 0 if SEED is None else int(SEED) * PORTIONS + portion


def _name(item: pytest.Item) -> str:
    """Return what all portions of a test are called."""
    return re.sub(r"portion\d+-?", "", item.nodeid)


def _note(item: pytest.Item) -> Path:
    name = hashlib.sha256(item.nodeid.encode()).hexdigest()[:20]
    return item.config.rootpath / ".torture" / str(SEED) / f"{name}.json"


def _done(root: Path) -> dict[str, Any]:
    if SEED is None:
        return {}
    return {p.name: json.loads(p.read_bytes()) for p in (root / ".torture" / SEED).glob("*.json")}


def _is_random(function: object) -> bool:
    return bool(getattr(function, "is_hypothesis_test", False))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make twenty portions of each long test, and of each test of hypothesis."""
    marked = any(mark.name == "torture" for mark in metafunc.definition.iter_markers())
    if SEED is None or not (marked or _is_random(metafunc.function)):
        return
    if "portion" not in metafunc.fixturenames:
        metafunc.fixturenames.append("portion")
    names = [f"portion{number}" for number in range(PORTIONS)]
    metafunc.parametrize("portion", range(PORTIONS), indirect=True, ids=names)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let long tests be slow ones; under `make torture`, leave out what has passed."""
    for item in items:
        if item.get_closest_marker("torture"):
            item.add_marker(pytest.mark.slow)
        elif SEED is not None and _is_random(getattr(item, "obj", None)):
            item.add_marker(pytest.mark.torture)
    if SEED is None:
        return
    passed = {item for item in items if _note(item).exists()}
    config.hook.pytest_deselected(items=list(passed))
    items[:] = [item for item in items if item not in passed]
    items.sort(key=lambda item: item.callspec.params.get("portion", 0) if hasattr(item, "callspec") else 0)  # fmt: skip


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Give a test of hypothesis the seed of its portion."""
    if SEED is not None and _is_random(function := getattr(item, "obj", None)):
        from hypothesis import seed

        seed(_number(item.callspec.params["portion"]))(function)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Note a portion that has passed."""
    report = yield
    if SEED is not None and report.when == "call" and report.passed and hasattr(item, "callspec"):
        number = _number(item.callspec.params.get("portion", 0))
        noted = {"test": _name(item), "number": number, "counts": item.stash.get(_counts, {})}
        path = _note(item)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}")
        part.write_text(json.dumps(noted), encoding="utf-8")
        part.replace(path)
    return report
