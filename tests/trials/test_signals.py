"""Ctrl-C and SIGTERM at any moment of any command: one word, its status, and nothing left behind."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from signalled import signalled
from trial import Tally, write_project

from project import Project, steady
from torture import PORTIONS, Soak

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="looks for processes in /proc"
)

ROUNDS = 200
ENTRY = """
[teacher.far]
use = "openai"
prompt = "mine"
params = {{ base-url = "{address}/v1", model = "fake-model" }}
limits = {{ concurrency = 4 }}
"""
MIGRATION = '\n[migration]\nfrom = "said"\nto = "spoken"\n'
OTHER = '\n[teacher.spoken]\nuse = "replay"\nprompt = "mine"\nparams = { path = "answers.jsonl" }\n'
RUN = ("run", "bench.toml", "--quiet", "--format", "json")
FRESH = ("--workspace", "fresh")
COMMANDS: dict[str, tuple[str, ...]] = {
    "run": (*RUN, *FRESH),
    "run in a pool": (*RUN, *FRESH, "--workers", "2"),
    "run far away": ("run", "far.toml", "--quiet", *FRESH),
    "run far away in a pool": ("run", "far.toml", "--quiet", *FRESH, "--workers", "2"),
    "plan": ("plan", "bench.toml"),
    "report": ("report", "-o", "page.html"),
    "predict": ("predict", "latest/knn", "--input", "texts.jsonl", "--output", "out.jsonl"),
    "publish": ("publish", "latest/knn", "--to", "published"),
    "migrate": ("migrate",),
    "gc": ("gc", *FRESH),
    "ledger export": ("ledger", "export", "ledger.jsonl"),
    "check": ("check", "jaccard"),
    "fake-server": ("fake-server", "--port", "0"),
}
LASTING = {
    "run": 2.0,
    "run in a pool": 3.5,
    "run far away": 3.5,
    "run far away in a pool": 4.5,
    "check": 1.5,
}
"""Seconds that a command is at work at most, where it is more than most are."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    project = Project(tmp_path_factory.mktemp("server"))
    process = subprocess.Popen(
        [sys.executable, "-m", "deshi", "fake-server", "--port", "0", "--latency", "0.1", "--steady"],
        env=project.variables(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        cwd=project.folder,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        assert process.wait(30) == 143


def write_all(project: Project, address: str) -> Any:
    """Write a project, run it once, and return its results."""
    write_project(project)
    bench, registry = project.folder / "bench.toml", project.folder / "registry.toml"
    text = bench.read_text(encoding="utf-8")
    more = registry.read_text(encoding="utf-8") + OTHER + ENTRY.format(address=address)
    registry.write_text(more, encoding="utf-8")
    project.write(text.replace('"said"', '"far"').replace("said =", "far ="), "far.toml")
    migrating = text.replace('teacher = "said"', 'teacher = ["said", "spoken"]')
    project.write(f'{migrating}spoken = "own answers"\n{MIGRATION}')
    project.environment["OPENAI_API_KEY"] = "any"
    ran = project.deshi(*RUN)
    assert ran.status == 0, ran.err
    return steady(ran.json)


def arriving(chance: random.Random, lasting: float) -> list[tuple[float, signal.Signals]]:
    """Return one signal, or one that comes twice at once, as from a shell and from its child."""
    number = chance.choice([signal.SIGINT, signal.SIGTERM])
    signals = [(chance.uniform(0.0, lasting), number)]
    return signals + [(chance.uniform(0.0, 0.6), number)] * (chance.random() < 0.3)


def try_signals(
    project: Project, address: str, chance: random.Random, rounds: int, names: list[str]
) -> Tally:
    expected, tally = write_all(project, address), Tally(project.folder / "faults.txt")
    for number in range(rounds):
        name = names[number % len(names)]
        shutil.rmtree(project.folder / "published", ignore_errors=True)
        if chance.random() < 0.5:
            shutil.rmtree(project.folder / "fresh", ignore_errors=True)
        signals = arriving(chance, LASTING.get(name, 0.8))
        ended = signalled(project, COMMANDS[name], signals)
        tally.counts["tried"] += 1
        tally.counts["hit"] += ended.hit
        if (why := ended.faults(signals[0][1])) is not None:
            tally.fault(f"{number} {name} {signals}: {why}")
        if name.startswith("run") and chance.random() < 0.3:
            check_after(project, expected, name, tally)
    check_after(project, expected, "all", tally)
    return tally


def check_after(project: Project, expected: Any, name: str, tally: Tally) -> None:
    """Run to the end what was broken off."""
    ran = project.deshi(*RUN, *FRESH)
    if ran.status != 0 or steady(ran.json)["rows"] != expected["rows"]:
        tally.fault(f"after {name}: another result, status {ran.status}: {ran.err}")
    left = [path for path in project.folder.glob(".*-*") if path.is_file()]
    if left:
        tally.fault(f"after {name}: files are left: {left}")


@pytest.mark.torture
@pytest.mark.timeout(3000)
def test_signals_end_every_command_in_order(tmp_path: Path, address: str, soak: Soak) -> None:
    names = list(COMMANDS)
    soak.chance.shuffle(names)
    first = soak.number * (ROUNDS // PORTIONS) % len(names)
    names = names[first:] + names[:first]
    tally = try_signals(Project(tmp_path), address, soak.chance, ROUNDS // PORTIONS, names)
    assert tally.faults == []
    assert soak.total(tally.counts)["hit"] > 0


def test_a_signal_ends_a_run_in_order(tmp_path: Path, address: str) -> None:
    names = ["run", "run far away in a pool", "fake-server", "report"]
    assert try_signals(Project(tmp_path), address, random.Random(4), 4, names).faults == []
