"""`show --dropped`: counts, examples, one filter or reason, and the Parquet file of all decisions."""

from __future__ import annotations

import csv
import io
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sealed
from deshi.results import DecisionCount
from deshi.stages.decision_log import count_decisions
from deshi.stages.parquet_tables import DECISIONS
from deshi_tools.comparison_table.decisions import examples
from project import BENCHMARK, Project

CHAIN = """
[filter.top-two]
use = "top-emoji"
params = { n = 2, mode = "drop-label" }
[chain.toy]
source = ["odd"]
rewritten = ["half"]
labelled = ["emoji-count", "top-two"]
"""
REFUSING = ("--set", "teacher.counter.params.refuse=三")
SMALL = BENCHMARK.replace("train = 120", "train = 40").replace("test = 40", "test = 20")
SMALL = SMALL.replace("valid = 20", "valid = 10")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("dropped"))
    project.write(SMALL)
    (project.folder / "registry.toml").write_text(CHAIN, encoding="utf-8")
    project.results(*REFUSING)
    return project


def dropped(project: Project, *words: str) -> list[dict[str, Any]]:
    shown = project.deshi("show", "--dropped", "--format", "json", *words)
    assert shown.status == 0, shown.err
    found: list[dict[str, Any]] = shown.json
    return found


def counts(rows: list[dict[str, Any]]) -> dict[tuple[str, ...], int]:
    keys = ("section", "place", "filter", "reason")
    return {tuple(r[k] for k in keys): r["texts"] for r in rows if r["texts"] is not None}


def test_drops_are_counted_by_stage_place_filter_and_reason(ran: Project) -> None:
    found = counts(dropped(ran))
    assert found["split numbers", "source", "odd", "seven"] > 0
    assert found["label counter", "rewritten", "half", "even"] > 0
    assert found["label counter", "labelled", "teacher", "refusal"] > 0
    assert found["label counter", "labelled", "top-two", "(edited)"] > 0
    assert found["label counter", "", "", "kept"] > 0


def test_the_counts_are_those_of_the_results(ran: Project) -> None:
    found = counts(dropped(ran))
    for figures in ran.results(*REFUSING)["data"]:
        by_name: Counter[str] = Counter()
        for (section, place, name, reason), texts in found.items():
            if section == figures["title"] and place and reason != "(edited)":
                by_name[f"{name}: {reason}"] += texts
        assert by_name == figures["dropped"]


def test_each_reason_has_two_examples_with_their_detail(ran: Project) -> None:
    rows = dropped(ran)
    shown = [r for r in rows if r["filter"] == "half" and r["texts"] is None]
    assert len([r for r in shown if r["section"] == "label counter"]) == 2
    assert all(r["detail"].startswith("t") and "だよ。" in r["text"] for r in shown)
    edited = next(r for r in rows if r["reason"] == "(edited)" and r["texts"] is None)
    assert edited["detail"].startswith("outside-top: removed ")


@pytest.mark.parametrize(("words", "most"), [(("--examples", "5"), 5), (("--examples", "0"), 0)])
def test_examples_can_be_more_or_none(ran: Project, words: tuple[str, ...], most: int) -> None:
    per_reason = Counter(
        (r["section"], r["filter"], r["reason"]) for r in dropped(ran, *words) if r["texts"] is None
    )
    assert max(per_reason.values(), default=0) == most


def test_one_filter_or_reason_is_listed_at_length(ran: Project) -> None:
    rows = dropped(ran, "--filter", "half")
    assert {r["filter"] for r in rows} == {"half"}
    assert len([r for r in rows if r["section"] == "label counter"]) > 10
    assert {r["reason"] for r in dropped(ran, "--reason", "seven")} == {"seven"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--dropped", "--filter", "haf"), "has the filter 'haf'; did you mean 'half'?"),
        (("--dropped", "--reason", "sevn"), "has the reason 'sevn'; did you mean 'seven'?"),
        (("--dropped", "--filter", "half", "--reason", "seven"), "dropped nothing for the reason"),
        (("--filter", "half"), "belong to --dropped"),
        (("--dropped", "--export", "no/where.parquet"), "no/where.parquet: cannot be written"),
    ],
)
def test_what_cannot_be_shown_is_refused(
    ran: Project, words: tuple[str, ...], message: str
) -> None:
    refused = ran.deshi("show", *words)
    assert (refused.status, refused.out) == (2, "")
    assert message in refused.err


@pytest.mark.parametrize("form", ["table", "csv", "markdown", "latex"])
def test_examples_are_in_every_format(ran: Project, form: str) -> None:
    shown = ran.deshi("show", "--dropped", "--format", form)
    assert shown.status == 0
    assert all(word in shown.out for word in ("seven", "これは数の", "label counter", "refusal"))
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(shown.out)))
        assert sum(int(r["texts"]) for r in rows if r["filter"] == "half" and r["texts"]) > 0


def test_all_decisions_are_exported_as_one_parquet_file(ran: Project) -> None:
    ran.deshi("show", "--dropped", "--export", "all.parquet")
    rows = pq.read_table(ran.folder / "all.parquet").to_pylist()
    names = "stage title id document part place filter verdict reason detail text"
    assert list(rows[0]) == names.split()
    assert len(rows) == sum(
        texts for (_, place, *_), texts in counts(dropped(ran)).items() if place
    )
    assert {r["title"] for r in rows} == {"split numbers", "label counter", "label counter-two"}
    assert {r["verdict"] for r in rows} == {"drop", "edit"}
    assert len({r["stage"] for r in rows}) == 3
    assert [p.name for p in ran.folder.glob(".all*")] == []


def test_an_export_can_be_of_one_filter(ran: Project) -> None:
    shown = ran.deshi("show", "--dropped", "--filter", "odd", "--export", "odd.parquet")
    rows = pq.read_table(ran.folder / "odd.parquet").to_pylist()
    assert {r["filter"] for r in rows} == {"odd"}
    assert f"{len(rows)} decisions written to odd.parquet" in shown.err


def test_counts_outlive_the_texts(ran: Project) -> None:
    project = Project(ran.folder.parent / "copy")
    shutil.copytree(ran.folder, project.folder)
    before = counts(dropped(project))
    shutil.rmtree(project.workspace / "artefacts" / "split")
    rows = dropped(project)
    assert counts(rows) == before
    assert not [r for r in rows if r["section"] == "split numbers" and r["text"]]
    shown = project.deshi("show", "--dropped", "--export", "rest.parquet").out.replace("\n", " ")
    assert "The texts of split numbers were removed with their artefact" in shown
    rest = pq.read_table(project.folder / "rest.parquet").to_pylist()
    assert {r["title"] for r in rest} == {"label counter", "label counter-two"}


def test_results_of_before_counts_were_kept_are_counted_now(ran: Project) -> None:
    project = Project(ran.folder.parent / "old")
    shutil.copytree(ran.folder, project.folder)
    before = counts(dropped(project))
    (file,) = project.workspace.glob("runs/*/results.json")
    content = sealed.read(file)
    for figures in content["data"]:
        del figures["decisions"]
    sealed.write(file, content)
    assert counts(dropped(project)) == before


def decision(**more: str) -> dict[str, str]:
    names = DECISIONS.names
    given = {"place": "source", "filter": "f", "verdict": "drop", "reason": "r", "text": "文"}
    return dict.fromkeys(names, "") | given | more


def written(folder: Path, rows: list[dict[str, str]], group: int = 1000) -> Path:
    file = folder / "decisions.parquet"
    pq.write_table(pa.Table.from_pylist(rows, schema=DECISIONS), file, row_group_size=group)
    return file


def test_edits_are_counted_together_whatever_their_notes_say(tmp_path: Path) -> None:
    file = written(tmp_path, [decision(verdict="edit", reason=f"removed {n}") for n in range(3)])
    (count,) = count_decisions(file)
    assert count == DecisionCount(place="source", filter="f", verdict="edit", reason="", texts=3)
    assert [e.detail for e in examples(file, [count], 2)[count]] == ["removed 0", "removed 1"]


def test_counts_stand_in_the_order_of_the_flow_the_most_first(tmp_path: Path) -> None:
    rows = [decision(place="labelled"), decision(reason="rare"), *[decision(reason="often")] * 2]
    assert [(c.place, c.reason) for c in count_decisions(written(tmp_path, rows))] == [
        ("source", "often"),
        ("source", "rare"),
        ("labelled", "r"),
    ]
    assert count_decisions(written(tmp_path, [])) == ()


def test_decisions_beyond_one_batch_are_counted_and_found(tmp_path: Path) -> None:
    """Parquet is read in batches of 65,536 rows."""
    rows = [decision(reason=f"r{n // 70_000}", id=str(n)) for n in range(140_001)]
    file = written(tmp_path, rows, group=50_000)
    counts = count_decisions(file)
    assert {c.reason: c.texts for c in counts} == {"r0": 70_000, "r1": 70_000, "r2": 1}
    found = examples(file, counts, 2)
    assert [[e.id for e in found[c]] for c in counts] == [
        ["0", "1"],
        ["70000", "70001"],
        ["140000"],
    ]


def test_a_text_is_shown_on_one_line_and_cut() -> None:
    from deshi_tools.comparison_table.dropped_table import one_line

    assert one_line("一\n二\t三") == "一⏎二⇥三"
    assert one_line("長" * 1_000_000) == "長" * 200 + "… (1,000,000 characters)"
