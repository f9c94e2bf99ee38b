"""`deshi errors`: what a row gets wrong, in every format, with a person's corrections."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from project import Project

ROW = "counter/memory/less"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(tmp_path_factory.mktemp("errors"))
    made.write()
    ran = made.deshi("run", "bench.toml", "--quiet", "--format", "json")
    assert ran.status == 0, ran.err
    return made


def found(project: Project, *words: str) -> Any:
    ran = project.deshi("errors", "--format", "json", *words)
    assert ran.status == 0, ran.err
    return ran.json


def test_one_record_holds_texts_tags_and_slices(project: Project) -> None:
    record = found(project, "--row", ROW)
    assert record["row"] == ROW
    assert len(record["texts"]) == 40
    (path,) = project.workspace.glob("runs/*/results.json")
    (row,) = (
        r for r in json.loads(path.read_text(encoding="utf-8"))["rows"] if r["id"] == record["row"]
    )
    mean = sum(one["value"] for one in record["texts"]) / 40
    assert mean == pytest.approx(row["metrics"]["hits"]["value"])
    for tag in record["tags"]:
        texts = [one for one in record["texts"] if tag["tag"] in one["tags"]]
        assert tag["texts"] == len(texts)
        assert tag["low"] <= tag["share"] <= tag["high"]
    cut = {one["by"] for one in record["slices"]}
    assert cut == {"length", "gold emoji", "document", "parity"}  # the corpus tells the parity
    for by in cut:
        assert sum(one["texts"] for one in record["slices"] if one["by"] == by) == 40


def test_the_first_row_that_is_no_baseline_is_taken(project: Project) -> None:
    assert found(project)["row"] in {
        f"{t}/{s}" for t in ("counter", "counter-two") for s in ("memory/less", "memory/nothing")
    } | {"counter/fleeting", "counter-two/fleeting"}


def test_a_metric_may_be_named_and_its_direction_decides_what_is_worst(project: Project) -> None:
    record = found(project, "--row", ROW, "--metric", "misses")
    assert (record["metric"], record["direction"]) == ("misses", "lower")
    ran = project.deshi(
        "errors", "--row", ROW, "--metric", "misses", "--part", "worst", "--format", "json"
    )
    worst = [one["misses"] for one in ran.json]
    assert worst == sorted(worst, reverse=True)
    assert worst[0] == max(one["value"] for one in record["texts"])


def test_two_rows_disagree_where_their_values_differ(project: Project) -> None:
    record = found(project, "--row", ROW, "--against", "counter/fleeting")
    apart = record["disagreements"]
    assert record["against"] == "counter/fleeting"
    assert apart
    assert len(apart) + record["same"] == 40
    sizes = [abs(one["difference"]) for one in apart]
    assert sizes == sorted(sizes, reverse=True)
    back = found(project, "--row", "counter/fleeting", "--against", ROW)
    assert {one["id"]: -one["difference"] for one in back["disagreements"]} == {
        one["id"]: one["difference"] for one in apart
    }


def test_rows_with_other_gold_are_not_set_against_each_other(project: Project) -> None:
    ran = project.deshi("errors", "--row", ROW, "--against", "counter-two/memory/less")
    assert ran.status == 2
    assert "was evaluated on other texts or gold" in ran.err


def test_tags_go_out_are_corrected_and_come_back(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "tags.jsonl"
    ran = project.deshi("errors", "--row", ROW, "--export", str(path))
    assert ran.status == 0
    assert "wrote the tags of 40 texts" in ran.err
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(lines) == 40
    edited = {"id": lines[0]["id"], "tags": ["irony"]}
    path.write_text(json.dumps(edited) + "\n", encoding="utf-8")
    record = found(project, "--row", ROW, "--tags", str(path))
    assert record["corrected"] == 1
    assert record["texts"][0]["tags"] == ["irony"]
    assert record["texts"][1]["tags"] == lines[1]["tags"]
    assert {one["tag"]: one["texts"] for one in record["tags"]}["irony"] == 1
    again = project.deshi("errors", "--row", ROW, "--export", str(path))
    assert again.status == 2
    assert "already exists" in again.err


def test_the_terminal_shows_tags_slices_and_texts(project: Project) -> None:
    ran = project.deshi("errors", "--row", ROW, "--texts", "3", "--against", "counter/fleeting")
    assert ran.status == 0, ran.err
    for heading in (
        "what goes wrong",
        "parts of the test set",
        "The worst texts",
        "The best texts",
    ):
        assert heading in ran.out
    assert "against counter/fleeting" in ran.out
    assert "frequency-bias" in ran.out


@pytest.mark.parametrize("form", ["csv", "markdown", "latex"])
def test_other_formats_hold_every_text(project: Project, form: str) -> None:
    ran = project.deshi("errors", "--row", ROW, "--format", form)
    assert ran.status == 0, ran.err
    texts = [one["text"] for one in found(project, "--row", ROW)["texts"]]
    assert all(text in ran.out for text in texts)
    if form == "csv":
        assert len(list(csv.DictReader(io.StringIO(ran.out)))) == 40


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("--row", "nobody"), "no row 'nobody'"),
        (("--metric", "hit"), "no metric 'hit'; did you mean 'hits'?"),
        (("--part", "against"), "names no other row"),
        (("--tags", "nowhere.jsonl"), "cannot be read"),
        (("--against", "nobody"), "--against"),
    ],
)
def test_wrong_use_is_told_and_leaves_with_2(
    project: Project, words: tuple[str, ...], what: str
) -> None:
    ran = project.deshi("errors", *words)
    assert ran.status == 2
    assert what in ran.err
    assert "Traceback" not in ran.err


def test_documents_are_listed_the_worst_first(project: Project) -> None:
    ran = project.deshi("errors", "--row", ROW, "--part", "documents", "--format", "json")
    values = [one["hits"] for one in ran.json]
    assert values == sorted(values)
