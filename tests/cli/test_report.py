"""`deshi report`: from a run to a file."""

from __future__ import annotations

import json
import re

import pytest

from project import BENCHMARK, Project

SMALL = BENCHMARK.replace('["counter", "counter-two"]', '"counter"').replace(
    '["nothing", "less"]', '"less"'
)


@pytest.fixture
def ran(project: Project) -> Project:
    project.write(SMALL)
    done = project.deshi("run", "bench.toml", "--quiet", "--set", "benchmark.seeds=2")
    assert done.status == 0, done.err
    return project


def test_a_run_becomes_one_file_that_holds_its_results(ran: Project) -> None:
    done = ran.deshi("report", "-o", "out.html")
    assert done.status == 0, done.err
    assert done.out.startswith("out.html: ")
    page = (ran.folder / "out.html").read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="record">(.*?)</script>', page)
    assert found
    record = json.loads(found[1])
    results = ran.deshi("show", "--format", "json").json
    assert [row["id"] for row in record["rows"]] == [row["id"] for row in results["rows"]]
    for row, result in zip(record["rows"], results["rows"], strict=True):
        for name, (value, *_) in row["metrics"].items():
            assert value == pytest.approx(result["metrics"][name]["value"], rel=1e-5)
    assert record["provenance"]["command"] == [
        *("deshi", "run", "bench.toml", "--set", "benchmark.seeds=2")
    ]
    assert str(ran.folder) not in page


def test_a_report_of_no_run_or_into_no_folder_is_refused_in_words(ran: Project) -> None:
    done = ran.deshi("report", "nothing")
    assert (done.status, "no run 'nothing'" in done.err) == (2, True)
    done = ran.deshi("report", "-o", "no/such/folder.html")
    assert (done.status, "cannot be written" in done.err) == (2, True)
    assert "Traceback" not in done.err


def test_artefacts_that_are_gone_cost_their_answers_alone(ran: Project) -> None:
    for folder in ran.workspace.glob("artefacts/predict/*/*"):
        (folder / "manifest.json").unlink()
    done = ran.deshi("report", "-o", "out.html")
    assert done.status == 0
    assert "without the predictions of counter/memory/less" in done.err
    assert (ran.folder / "out.html").stat().st_size > 100_000
