"""The benchmark of two paid teachers by their official SDKs, against a server on this machine."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from faraway import FarAway

from project import Project
from torture import Soak

pytest.importorskip("deshi_tools.fakeserver", reason="there is no fake server")

BENCHMARK = """
[benchmark]
train = 60
valid = 10
test = 20
seeds = 1
baselines = ["constant"]
resamples = 200

[matrix]
corpus = "sample"
chain = "seed"
rewriter = "qwen3-235b"
teacher = ["claude-haiku-4-5", "qwen3-235b"]
student = "fleeting"
"""
STORM = """
[[fault]]
do = "throttled"
share = 0.05
retry-after = "0.2"
[[fault]]
do = "overloaded"
share = 0.03
[[fault]]
do = "truncated"
share = 0.02
[[fault]]
do = "slow"
share = 0.05
seconds = 0.5
"""
IN_FLIGHT = 16
ENTRY = """
[teacher.{name}]
env = {{ price = {{ input = 1.0, output = 5.0 }} }}
limits = {{ concurrency = 16 }}
params = {{ base-url = "{address}" }}
"""


class Migration(FarAway):
    """The benchmark in miniature; `books` are those of the server."""

    def __init__(self, project: Project, address: str) -> None:
        self.project = project
        project.write(BENCHMARK)
        places = {"claude-haiku-4-5": address, "qwen3-235b": f"{address}/api/v1"}
        entries = [ENTRY.format(name=name, address=at) for name, at in places.items()]
        (project.folder / "registry.toml").write_text("".join(entries), encoding="utf-8")

    @property
    def bill(self) -> tuple[int, int]:
        """Return how many answers the server billed, and what they come to in nano-USD."""
        from deshi_tools.fakeserver.books import read_books

        totals = read_books(self.project.folder / "server-books").totals()
        return totals["billed"], totals["cost"]


@pytest.fixture
def migration(project: Project) -> Iterator[Migration]:
    faults = project.folder / "faults.toml"
    faults.write_text(STORM, encoding="utf-8")
    words = ("fake-server", "--port", "0", "--latency", "0.1", "--price", "1", "5")
    files = ("--faults", str(faults), "--books", str(project.folder / "server-books"))
    process = subprocess.Popen(
        [sys.executable, "-m", "deshi", *words, *files],
        env=project.variables(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield Migration(project, process.stdout.readline().strip())
    finally:
        process.terminate()
        process.wait()


def killed(migration: Migration, chance: random.Random) -> bool:
    """Start a run, kill it once some more answers were billed, and say whether it was hit at work."""
    process = subprocess.Popen(
        migration.project.command("run", "bench.toml", "--quiet"),
        cwd=migration.project.folder,
        env=migration.project.variables(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    wanted = migration.bill[0] + chance.randint(1, 30)
    deadline = time.monotonic() + 120
    while process.poll() is None and migration.bill[0] < wanted and time.monotonic() < deadline:
        time.sleep(0.02)
    hit = process.poll() is None
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return hit


@pytest.mark.torture
def test_kills_in_a_storm_and_the_ledger_says_what_the_server_says(
    migration: Migration, soak: Soak
) -> None:
    chance = soak.chance
    hits = 0
    for _ in range(5):
        hits += killed(migration, chance)
        migration.check_books()
    assert hits >= 2
    ran = migration.run()
    assert ran.status == 0, ran.err
    migration.check_books()
    again = "SELECT request FROM attempt WHERE outcome = 'ok' GROUP BY request HAVING count(*) > 1"
    assert migration.rows(again) == [], "a finished answer was paid again"
    billed, amount = migration.bill
    outcomes = migration.outcomes
    unknown = outcomes.get("unknown", 0)
    lost = sum(outcomes.get(name, 0) for name in ("bad-body", "connection", "timeout"))
    extra = billed - outcomes["ok"]
    assert 0 <= extra <= unknown + lost
    assert unknown <= hits * IN_FLIGHT
    known = migration.rows("SELECT sum(cost) FROM attempt WHERE outcome = 'ok'")[0][0]
    assert known <= amount <= migration.spent
    assert {row["loopback"] for row in ran.json["rows"]} == {True}
