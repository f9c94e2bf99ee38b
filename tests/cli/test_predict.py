"""`deshi predict`: a fitted student of a run answers new texts, with its reasons."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

import sealed
from project import Project

ROW = "latest/counter/memory/less"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(tmp_path_factory.mktemp("predict"))
    made.write()
    ran = made.deshi("run", "bench.toml", "--quiet", "--format", "json")
    assert ran.status == 0, ran.err
    return made


def lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def test_texts_are_answered_with_emoji_scores_and_reasons(project: Project) -> None:
    ran = project.deshi("predict", ROW, "これは3", "それは4", "--format", "json")
    assert ran.status == 0, ran.err
    first, second = ran.json
    assert (first["id"], first["text"]) == ("1", "これは3")
    assert first["emoji"]
    assert first["reasons"] == ["ends with 3"]
    assert second["reasons"] == ["ends with 4"]
    assert set(first) == {"id", "text", "emoji", "scores", "reasons"}


def test_reasons_stand_under_their_own_text(project: Project) -> None:
    ran = project.deshi("predict", ROW, "これは3", "それは3")
    found = [line.strip() for line in ran.out.splitlines()][-4:]
    assert found[0].endswith("これは3")
    assert found[2].endswith("それは3")
    assert found[1] == found[3] == "ends with 3"
    assert "scores" not in ran.out  # this student gives none


def test_what_was_not_asked_for_leaves_no_empty_column(project: Project) -> None:
    for form in ("table", "markdown"):
        ran = project.deshi(
            "predict", ROW, "これは3", "--scores", "0", "--no-reasons", "--format", form
        )
        assert ran.status == 0, ran.err
        assert "scores" not in ran.out
        assert "reasons" not in ran.out
        assert "ends with" not in ran.out
    ran = project.deshi("predict", ROW, "これは3", "--no-reasons", "--format", "json")
    assert ran.json[0]["reasons"] == []


def test_csv_has_its_columns_whatever_was_asked_for(project: Project) -> None:
    ran = project.deshi("predict", ROW, "これは3", "--scores", "0", "--format", "csv")
    assert ran.out.splitlines()[0] == "emoji,text,scores"


@pytest.mark.parametrize("blank", ["", "  ", "\u3000", "\u200b\u2060"])
def test_a_blank_text_is_refused_wherever_it_comes_from(project: Project, blank: str) -> None:
    ran = project.deshi("predict", ROW, "これは3", blank)
    assert (ran.status, ran.out) == (2, "")
    assert "text 2: the text is blank; write a sentence" in ran.err
    records = [json.dumps({"text": text}) for text in ("これは3", blank)]
    (project.folder / "blank.jsonl").write_text("\n".join(records), encoding="utf-8")
    ran = project.deshi("predict", ROW, "--input", "blank.jsonl")
    assert ran.status == 2
    assert "blank.jsonl:2: the text is blank" in ran.err
    (project.folder / "blank.txt").write_text(f"{blank}\n", encoding="utf-8")
    ran = project.deshi("predict", ROW, "--input", "blank.txt")
    assert (ran.status, ran.out) == (2, "")
    assert "blank" in ran.err


def test_a_text_of_a_length_that_is_not_the_tasks_is_answered_with_a_note(project: Project) -> None:
    fine = "これはちょうどよい長さの文です"
    ran = project.deshi("predict", ROW, fine, "これは3", "--format", "json")
    assert len(ran.json) == 2
    assert "text 2 (4 characters) is outside the 10 to 100 characters of the task" in ran.err
    (project.folder / "long.txt").write_text(f"{fine}\n{fine * 9}\nこれは3\n", encoding="utf-8")
    ran = project.deshi("predict", ROW, "--input", "long.txt")
    assert len(lines(ran.out)) == 3
    assert "2 of 3 texts are outside the 10 to 100 characters" in ran.err
    assert "2 (135 characters), 3 (4 characters)" in ran.err
    assert "outside" not in project.deshi("predict", ROW, fine).err


def test_what_is_neither_a_run_nor_a_folder_is_called_both(project: Project) -> None:
    ran = project.deshi("predict", "pub2/model", "これは3")
    assert ran.status == 2
    assert "no run 'pub2' and no folder 'pub2/model'" in ran.err
    for place in ("/nowhere/model", "./pub2", ""):
        ran = project.deshi("predict", place, "これは3")
        assert ran.status == 2
        assert f"no folder '{place}'" in ran.err
        assert "no run" not in ran.err


def test_a_folder_without_a_student_is_answered_with_the_one_inside(project: Project) -> None:
    assert project.deshi("publish", ROW, "--to", "out").status == 0
    ran = project.deshi("predict", "out", "これは3")
    assert ran.status == 2
    assert "out: has no deshi.json in it; did you mean 'out/model'?" in ran.err


def test_the_answers_are_those_that_the_run_itself_gave(project: Project) -> None:
    record = project.deshi("errors", "--row", ROW.removeprefix("latest/"), "--format", "json").json
    asked = project.folder / "asked.jsonl"
    rows = [{"id": one["id"], "text": one["text"]} for one in record["texts"]]
    asked.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    ran = project.deshi("predict", ROW, "--input", str(asked), "--output", "answers.jsonl")
    assert ran.status == 0, ran.err
    assert f"{len(rows)} predictions written" in ran.err
    found = lines((project.folder / "answers.jsonl").read_text(encoding="utf-8"))
    assert [one["id"] for one in found] == [row["id"] for row in rows]
    given = {one["id"]: one["answer"] for one in record["texts"]}
    assert {one["id"]: one["emoji"] for one in found} == {k: list(v) for k, v in given.items()}


def test_lines_from_stdin_are_texts_with_their_numbers(project: Project) -> None:
    done = subprocess.run(
        project.command("predict", ROW),
        input="これは3\n\nそれは4\n",
        cwd=project.folder,
        env=project.variables(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )
    assert [one["id"] for one in lines(done.stdout)] == ["1", "3"]


def test_a_file_of_answers_can_be_scored(project: Project) -> None:
    project.deshi("predict", ROW, "これは3", "--output", "one.jsonl")
    gold = project.folder / "gold.jsonl"
    gold.write_text('{"id": "1", "emoji": ["🍎"]}\n', encoding="utf-8")
    ran = project.deshi("score", "--gold", "gold.jsonl", "--predicted", "one.jsonl")
    assert ran.status == 0, ran.err


def test_a_seed_chooses_the_training_run(project: Project) -> None:
    for seed in (0, 1):
        project.forget()
        ran = project.deshi("predict", ROW, "これは3", "--seed", str(seed))
        assert ran.status == 0, ran.err
        assert project.work_done() == [f"predict memory seed {seed} most 2"]
    ran = project.deshi("predict", ROW, "これは3", "--seed", "7")
    assert ran.status == 2
    assert "has no seed 7; take one of 0, 1" in ran.err


def test_without_a_row_the_first_student_answers(project: Project) -> None:
    ran = project.deshi("predict", "latest", "これは3", "--format", "json")
    assert ran.status in (0, 2)
    assert ran.json if ran.status == 0 else "cannot be saved" in ran.err


def test_what_cannot_answer_is_refused_with_what_to_do(project: Project) -> None:
    ran = project.deshi("predict", "latest/counter/fleeting", "これは3")
    assert ran.status == 2
    assert "student 'fleeting' was not kept" in ran.err
    assert "capability `saves`" in ran.err
    ran = project.deshi("predict", "latest/memory", "これは3")
    assert ran.status == 2
    assert "write one of them" in ran.err
    ran = project.deshi("predict", "nothing/memory", "これは3")
    assert ran.status == 2
    assert "no run 'nothing'" in ran.err


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"text": "a"}\n{"id": 1}\n', "wrong.jsonl:2: Object missing required field `text`"),
        ('{"text": "a"}\nplain\n', "wrong.jsonl:2"),
    ],
)
def test_a_wrong_line_is_named(project: Project, content: str, told: str) -> None:
    (project.folder / "wrong.jsonl").write_text(content, encoding="utf-8")
    ran = project.deshi("predict", ROW, "--input", "wrong.jsonl")
    assert ran.status == 2
    assert told in ran.err
    assert 'write {"text": "…"}' in ran.err


def test_a_component_that_changed_since_is_refused(project: Project) -> None:
    paths = list((project.workspace / "artefacts" / "fit").glob("*/*/manifest.json"))
    kept = {path: path.read_text(encoding="utf-8") for path in paths}
    try:
        for path in paths:
            manifest = sealed.read(path)
            manifest["params"]["student"]["identity"]["revision"] = 0
            sealed.write(path, manifest)
        ran = project.deshi("predict", ROW, "これは3")
        assert ran.status == 2
        assert "has changed since this one was fitted (revision 0, now 1)" in ran.err
    finally:
        for path, text in kept.items():
            Path(path).write_text(text, encoding="utf-8")
