"""The benchmark of the teacher migration, against the fake server, by both official SDKs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deshi_tools.fakeserver.faults import Fault
from fake import fake
from project import Project

FILE = str(Path(__file__).parents[2] / "benchmarks" / "teacher-migration.toml")
SIZES = {"train": 60, "valid": 10, "test": 30, "seeds": 2, "resamples": 100}


def migrated(project: Project, address: str) -> Any:
    haiku, qwen = "teacher.claude-haiku-4-5", "teacher.qwen3-235b"
    sets = [
        "matrix.corpus=sample",
        f"{haiku}.params.base-url={address}",
        f"{qwen}.params.base-url={address}/api/v1",
        *(f"benchmark.{name}={value}" for name, value in SIZES.items()),
    ]
    words = ["--workspace", str(project.workspace), "--format", "json", "--quiet"]
    words += [word for one in sets for word in ("--set", one)]
    ran = project.deshi("run", FILE, *words)
    assert ran.status == 0, ran.err
    return json.loads(ran.out)


@pytest.mark.slow
def test_both_teachers_answer_and_what_is_there_is_asked_no_more(project: Project) -> None:
    refused = Fault(do="refusal", path="/v1/messages", share=0.02)
    with fake(refused, steady=True) as (address, server):
        results = migrated(project, address)
        books = server.books.totals()
        again = migrated(project, address)
        assert server.books.totals() == books
    rows = [row for row in results["rows"] if not row["baseline"]]
    assert {row["status"] for row in rows} == {"ok"}
    assert {row["cell"]["teacher"] for row in rows} == {"claude-haiku-4-5", "qwen3-235b"}
    label_stages = {one["title"]: one for one in results["data"] if one["stage"] == "label"}
    haiku = label_stages["label claude-haiku-4-5"]
    answered = haiku["notes"]["compliance"]["label"]
    assert answered["refusal"] > 0
    assert answered["answers"] == answered["compliant"] + answered["refusal"]
    assert books["received"] == books["completed"] > 4 * sum(haiku["kept"].values())
    assert again["rows"] == results["rows"]
