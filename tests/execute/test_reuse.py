"""Running again runs only the difference, and `plan` says so beforehand."""

from __future__ import annotations

import pytest

from project import BENCHMARK, Project


def to_run(project: Project, *words: str) -> dict[str, int]:
    """Return how many stages of each name `plan` says will run."""
    plan = project.deshi("plan", "bench.toml", "--format", "json", *words)
    assert plan.status == 0, plan.err
    counts: dict[str, int] = {}
    for stage in plan.json:
        if stage["state"] == "to run":
            counts[stage["stage"]] = counts.get(stage["stage"], 0) + 1
    return counts


def kinds(work: list[str]) -> set[str]:
    return {line.split()[0] for line in work}


@pytest.fixture
def ran(project: Project) -> Project:
    project.results()
    project.forget()
    return project


def test_a_second_run_does_no_work(ran: Project) -> None:
    assert to_run(ran) == {}
    ran.results()
    assert ran.work_done() == []


def test_a_plan_before_the_first_run_makes_nothing(project: Project) -> None:
    counts = to_run(project)
    assert counts["split"] == 1
    assert counts["label"] == 2
    assert not project.workspace.exists()
    assert project.work_done() == []


def test_a_plan_says_what_the_numbers_can_decide(project: Project) -> None:
    few = project.deshi("plan", "bench.toml", "--set", "benchmark.seeds=3").out.replace("\n", " ")
    assert "no test of retrained models is possible with fewer than 4 seeds" in few
    enough = project.deshi("plan", "bench.toml", "--set", "benchmark.seeds=5").out.replace(
        "\n", " "
    )
    assert "a difference of 0." in enough
    assert "is detected at 80 % power" in enough
    assert "With texts within a document fully correlated, no difference is detectable" in enough


def test_another_student_runs_only_what_is_new(ran: Project) -> None:
    text = BENCHMARK.replace('"fleeting"]', '"fleeting", { use = "memory", noise = 0.9 }]')
    ran.write(text)
    counts = to_run(ran)
    assert set(counts) == {"fit", "predict", "score", "compare"}
    assert counts["fit"] == 2 * 2 * 2  # teachers, losses, seeds
    ran.results()
    assert kinds(ran.work_done()) == {"fit", "predict"}
    assert all("noise 0.9" in line for line in ran.work_done() if line.startswith("fit"))


def test_a_teachers_parameter_reruns_that_branch_alone(ran: Project) -> None:
    change = ("--set", "teacher.counter-two.params.shift=3")
    assert to_run(ran, *change)["label"] == 1
    ran.results(*change)
    labelled = [line for line in ran.work_done() if line.startswith("label")]
    assert labelled
    assert all(line.startswith("label 3 ") for line in labelled)
    assert not [line for line in ran.work_done() if line.startswith("rewrite")]


@pytest.mark.parametrize("setting", ["device='cuda:7'", "inference-batch=3", "threads=2"])
def test_machine_settings_rerun_nothing(ran: Project, setting: str) -> None:
    change = ("--set", f"student.memory.env.{setting}")
    assert to_run(ran, *change) == {}
    ran.results(*change)
    assert ran.work_done() == []


def test_a_decoding_parameter_refits_nothing(ran: Project) -> None:
    change = ("--set", "student.memory.params.most=1")
    assert set(to_run(ran, *change)) == {"predict", "score", "compare"}
    ran.results(*change)
    assert kinds(ran.work_done()) == {"predict"}


def test_a_larger_training_size_asks_only_for_what_is_new(ran: Project) -> None:
    ran.results("--set", "benchmark.train=140")
    asked = [line for line in ran.work_done() if line.startswith("label 0")]
    assert 0 < len(asked) < 60


def test_a_metric_more_neither_fits_nor_predicts(ran: Project) -> None:
    ran.results("--set", 'benchmark.metrics=["hits", "misses", "effective-emoji", "jaccard"]')
    assert ran.work_done() == []


def test_one_seed_more_fits_only_that_seed(ran: Project) -> None:
    ran.results("--set", "benchmark.seeds=3")
    fits = [line for line in ran.work_done() if line.startswith("fit")]
    assert fits
    assert all("seed 2" in line for line in fits)


def test_a_chain_that_changes_asks_no_teacher_twice(ran: Project) -> None:
    project_chain = '[chain.toy]\nlabelled = ["emoji-count", "banned-emoji"]\n'
    (ran.folder / "registry.toml").write_text(project_chain, encoding="utf-8")
    ran.results()
    assert not [line for line in ran.work_done() if line.startswith(("label", "rewrite"))]


@pytest.mark.slow
def test_gc_forgets_older_runs_when_told_to_keep_few(ran: Project) -> None:
    ran.results("--set", "benchmark.seeds=1")
    assert len(ran.deshi("show", "--runs", "--format", "json").json) == 2
    removed = ran.deshi("gc", "--keep", "1", "--format", "json").json
    assert any(row["artefact"].startswith("fit/") for row in removed)
    assert len(ran.deshi("show", "--runs", "--format", "json").json) == 1
    ran.forget()
    ran.results("--set", "benchmark.seeds=1")
    assert ran.work_done() == []


@pytest.mark.slow
def test_gc_waits_for_no_run_and_harms_none(ran: Project) -> None:
    import subprocess

    slowly = ran.variables({"DESHI_TOY_PAUSE": "0.01"})
    words = ran.command("run", "bench.toml", "--quiet", "--workspace", "slow")
    process = subprocess.Popen(words, cwd=ran.folder, env=slowly, stdout=subprocess.DEVNULL)
    while not list(ran.folder.glob("slow/locks/runs/*")):
        assert process.poll() is None
    refused = ran.deshi("gc", "--workspace", "slow")
    assert process.wait(timeout=200) == 0
    assert refused.status == 2
    assert "a run is in progress here" in refused.err
    assert ran.deshi("gc", "--workspace", "slow").status == 0


def test_gc_removes_what_no_run_names_and_keeps_the_rest(ran: Project) -> None:
    orphan = ran.workspace / "artefacts" / "fit" / "00" / ("0" * 32)
    orphan.mkdir(parents=True)
    (orphan / "manifest.json").write_text("{}", encoding="utf-8")
    removed = ran.deshi("gc", "--format", "json").json
    assert [row["artefact"] for row in removed] == ["fit/" + "0" * 32]
    assert not orphan.exists()
    ran.results()
    assert ran.work_done() == []
