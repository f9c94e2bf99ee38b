"""Terms of use: what may not be trained on stops students before anything starts, and nothing else."""

from __future__ import annotations

import pytest
from faraway import FarAway

from project import Project

DENY = ("--set", 'teacher.scripted.terms.train-models="deny"')
NOTE = ("--set", 'permit.scripted="internal evaluation, students not released"')


def test_a_teacher_whose_terms_deny_training_stops_the_run_before_anything_is_asked(
    faraway: FarAway,
) -> None:
    ran = faraway.run(*DENY)
    assert ran.status == 2
    assert "the terms of teacher 'scripted' on training other models say 'deny'" in ran.err
    assert "[permit]" in ran.err
    assert 'write scripted = "' in ran.err
    assert faraway.billed == []
    assert not faraway.project.workspace.exists()


def test_a_note_permits_it_and_goes_into_results_manifests_and_the_table(faraway: FarAway) -> None:
    text = (faraway.project.folder / "bench.toml").read_text(encoding="utf-8")
    faraway.project.write(text + '[permit]\nscripted = "evaluation alone"\n')
    ran = faraway.run(*DENY)
    assert ran.status == 0, ran.err
    provenance = ran.json["provenance"]
    assert provenance["permits"] == {"scripted": "evaluation alone"}
    entry = provenance["entries"]["teacher.scripted"]
    assert entry["permit"] == "evaluation alone"
    assert entry["terms"]["train_models"] == "deny"
    manifests = [p.read_text() for p in faraway.project.workspace.glob("artefacts/*/*/*/*.json")]
    assert any('"scripted": "evaluation alone"' in manifest for manifest in manifests)
    shown = faraway.project.deshi("show", "--notes").out
    assert "permitted: teacher scripted (train-models = deny" in shown
    assert "evaluation alone." in shown
    paid = len(faraway.billed)
    assert faraway.run(*DENY, *NOTE).status == 0
    assert len(faraway.billed) == paid


def test_a_benchmark_without_students_asks_whom_it_likes(faraway: FarAway) -> None:
    text = (faraway.project.folder / "bench.toml").read_text(encoding="utf-8")
    faraway.project.write(text.replace('student = "fleeting"', ""))
    ran = faraway.run(*DENY)
    assert ran.status == 0, ran.err


def test_a_server_on_the_machine_itself_needs_no_note(faraway: FarAway) -> None:
    ran = faraway.run(*DENY, "--set", 'teacher.scripted.params.url="http://localhost:8000/v1"')
    assert ran.status == 0, ran.err
    assert ran.json["provenance"]["entries"]["teacher.scripted"]["loopback"] is True
    assert {row["loopback"] for row in ran.json["rows"]} == {True}


@pytest.mark.slow
def test_notes_and_terms_that_are_wrong_are_told_where_they_stand(faraway: FarAway) -> None:
    for setting, said in (
        ('permit.scriptd="x"', "did you mean 'scripted'?"),
        ("permit.scripted=3", "'scripted' has no note"),
        ('teacher.scripted.terms.train-models="maybe"', "teacher.scripted.terms.train-models"),
        ('teacher.scripted.terms.licens="x"', "did you mean 'licence'?"),
        ('student.fleeting.terms.licence="x"', "unknown key 'terms'"),
    ):
        ran = faraway.run("--set", setting)
        assert ran.status == 2, setting
        assert said in ran.err, setting


def test_terms_go_with_the_component_that_had_them(project: Project) -> None:
    faraway = FarAway(project)
    entry = '[teacher.mine]\nuse = "toy/scripted"\nterms = { train-models = "deny" }\n'
    more = project.folder / "more.toml"
    more.write_text(entry, encoding="utf-8")
    plan = ("plan", "bench.toml", "--registry", "more.toml", "--set", 'matrix.teacher="mine"')
    assert project.deshi(*plan, "--set", f'teacher.mine.env.script="{faraway.project.folder}/script.json"').status == 2  # fmt: skip
    other = project.deshi(*plan, "--set", 'teacher.mine.use="toy/counter"', "--set", 'matrix.rewriter="polite"')  # fmt: skip
    assert other.status == 0, other.err
