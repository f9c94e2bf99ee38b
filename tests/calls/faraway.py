"""A project whose teacher is far away and paid, with its books and the ledger's side by side."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from project import Project

BENCHMARK = """
[benchmark]
train = 30
valid = 6
test = 12
seeds = 1
metrics = ["hits", "misses", "effective-emoji"]
baselines = ["constant"]
resamples = 200

[matrix]
corpus = "numbers"
chain = "toy"
rewriter = "own"
teacher = "scripted"
student = "fleeting"
"""


class FarAway:
    """A project with a teacher whose faults come from a script."""

    def __init__(self, project: Project, teacher: str = "scripted", **script: Any) -> None:
        self.project = project
        self.teacher = teacher
        project.write(BENCHMARK.replace('"scripted"', f'"{teacher}"'))
        (project.folder / "batches").mkdir(exist_ok=True)
        self.limits: dict[str, object] = {}
        self.write(**script)

    def write(self, **script: Any) -> None:
        """Write the script and the entry's settings anew."""
        folder = self.project.folder
        (folder / "script.json").write_text(json.dumps(script), encoding="utf-8")
        files = {name: str(folder / name) for name in ("books", "batches")}
        files["script"] = str(folder / "script.json")
        lines = [f"[teacher.{self.teacher}.env]"]
        lines += [f"{name} = {json.dumps(value)}" for name, value in files.items()]
        lines += [f"[teacher.{self.teacher}.limits]"]
        lines += [f"{name} = {json.dumps(value)}" for name, value in self.limits.items()]
        (folder / "registry.toml").write_text("\n".join(lines), encoding="utf-8")

    def run(self, *words: str, **env: str) -> Any:
        """Run the benchmark as a user does."""
        return self.project.deshi(
            "run", "bench.toml", "--quiet", "--format", "json", *words, env=env
        )

    @property
    def billed(self) -> list[list[Any]]:
        """Return what the server finished and billed: task, sample, text, nano-USD."""
        books = self.project.folder / "books"
        lines = books.read_text(encoding="utf-8").splitlines() if books.exists() else []
        return [json.loads(line) for line in lines]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Read the ledger."""
        db = sqlite3.connect(self.project.workspace / "ledger.sqlite")
        try:
            return db.execute(query).fetchall()
        finally:
            db.close()

    def check_books(self) -> None:
        """Check that the ledger's sums agree, whatever happened (invariants I3 and I4)."""
        one = self.rows("SELECT coalesce(sum(cost), 0), coalesce(sum(reserved), 0) FROM request")[0]
        attempts = self.rows("SELECT coalesce(sum(cost), 0) FROM attempt")[0][0]
        assert attempts == one[0]
        for scope in ("run:%", "teacher:%"):
            query = "SELECT coalesce(sum(spent + over), 0), coalesce(sum(reserved), 0) FROM budget"
            assert self.rows(f"{query} WHERE scope LIKE '{scope}'")[0] == one
        broken = "SELECT count(*) FROM budget WHERE cap IS NOT NULL AND spent + reserved > cap"
        assert self.rows(broken) == [(0,)]
        assert self.rows("PRAGMA integrity_check") == [("ok",)]

    @property
    def spent(self) -> int:
        return int(self.rows("SELECT coalesce(sum(cost), 0) FROM attempt")[0][0])

    @property
    def outcomes(self) -> dict[str, int]:
        return dict(self.rows("SELECT outcome, count(*) FROM attempt GROUP BY outcome"))
