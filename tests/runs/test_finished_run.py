"""`deshi.open_run`: texts beside gold and predictions, labels, fitted students, as records and frames."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import deshi
from deshi.api import NotReadyError, UsageError
from deshi.cli.outcome import Outcome
from project import BENCHMARK, TOY, Project

BENCH = BENCHMARK.replace('["nothing", "less"]', '"less"')
ROW = "counter/memory/less"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(tmp_path_factory.mktemp("open"))
    made.write(BENCH)
    ran = made.deshi("run", "bench.toml", "--quiet", "--format", "json")
    assert ran.status == 0, ran.err
    return made


@pytest.fixture
def run(project: Project) -> Outcome:
    return deshi.open_run("latest", workspace=project.workspace)


def test_a_run_is_opened_by_its_name_a_prefix_or_latest(project: Project) -> None:
    runs = [deshi.open_run(name, workspace=str(project.workspace)) for name in ("latest", "bench-")]
    assert {run.name for run in runs} == {path.name for path in project.workspace.glob("runs/*")}
    with pytest.raises(UsageError, match="no run 'other'"):
        deshi.open_run("other", workspace=project.workspace)


def test_a_run_shows_itself_as_its_table(run: Outcome) -> None:
    assert "<table" in run._repr_html_()
    assert "| **" in str(run) or "| memory" in str(run)


def test_texts_gold_and_predictions_are_in_one_order(run: Outcome) -> None:
    texts, gold, predictions = run.texts(ROW), run.gold(ROW), run.predictions(ROW)
    assert len(texts) == len(gold) == len(predictions) == run.row(ROW).n_test == 40
    hits = [set(p.emojis) & set(g.references[0]) for p, g in zip(predictions, gold, strict=True)]
    first = run.row(ROW).metrics["hits"].runs[0]
    assert sum(map(bool, hits)) / 40 == pytest.approx(first)


def test_each_seed_has_its_own_predictions(run: Outcome) -> None:
    assert run.seeds(ROW) == (0, 1)
    assert run.predictions(ROW) == run.predictions(ROW, seed=0)
    assert run.predictions(ROW, seed=1) != run.predictions(ROW, seed=0)
    with pytest.raises(UsageError, match="has no seed 7; take one of 0, 1"):
        run.predictions(ROW, seed=7)


def test_labels_are_those_that_the_row_learned_from(run: Outcome) -> None:
    train, test = run.labels(ROW), run.labels(ROW, "test")
    assert len(train) == run.row(ROW).n_train
    assert [label.emoji for label in test] == [g.references[0] for g in run.gold(ROW)]
    assert [label.text for label in test] == [text.text for text in run.texts(ROW)]
    assert all(label.emoji == label.samples[0] for label in train)
    assert not {label.document for label in train} & {label.document for label in test}
    with pytest.raises(UsageError, match="did you mean 'train'"):
        run.labels(ROW, "trian")  # type: ignore[arg-type]


def test_without_a_name_it_is_the_first_row_that_is_no_baseline(run: Outcome) -> None:
    first = next(row for row in run.rows if not row.baseline)
    assert run.texts() == run.texts(first.id)
    assert run.predictions() == run.predictions(first.id)


def test_a_row_made_of_other_predictions_has_none(run: Outcome) -> None:
    with pytest.raises(UsageError, match="'counter/shuffled' has no predictions of its own"):
        run.predictions("counter/shuffled")


def test_a_fitted_student_predicts_what_it_predicted_in_the_run(
    run: Outcome, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(TOY))
    monkeypatch.setenv("DESHI_TOY_DIARY", str(project.diary))
    texts = [text.text for text in run.texts(ROW)]
    for seed in (0, 1):
        with run.student(ROW, seed) as student:
            assert student.seed == seed
            found = student.predict(texts)
            assert student.predict(texts[:1]) == found[:1]
        saved = run.predictions(ROW, seed)
        assert [one.emojis for one in found] == [one.emojis for one in saved]
    assert run.student(ROW).predict(texts[:3]) == run.student(ROW, 0).predict(texts)[:3]
    with pytest.raises(UsageError, match="give a list of texts"):
        run.student(ROW).predict(texts[0])
    with pytest.raises(UsageError, match="student 'fleeting' was not kept"):
        run.student("counter/fleeting")


def test_frames_have_a_record_per_text_and_row(run: Outcome) -> None:
    pytest.importorskip("pandas")
    frame = run.texts_frame(ROW)
    assert [*frame] == ["id", "document", "text", "gold", "prediction"]
    assert [*frame.text] == [text.text for text in run.texts(ROW)]
    assert [*frame.prediction] == ["".join(one.emojis) for one in run.predictions(ROW)]
    every = run.predictions_frame()
    assert [*every] == ["row", *frame]
    assert dict(every.groupby("row").size()) == dict.fromkeys(run.saved.rows, 40)
    own = every[every.row == ROW].drop(columns="row").reset_index(drop=True)
    assert own.equals(frame)
    assert [*run.to_pandas()["id"]] == [row.id for row in run.rows]


@pytest.mark.parametrize("frame", ["to_pandas", "texts_frame", "predictions_frame"])
def test_without_pandas_a_frame_says_how_to_install_it(
    run: Outcome, monkeypatch: pytest.MonkeyPatch, frame: str
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(NotReadyError, match=r"pandas is not installed.*install.*report"):
        getattr(run, frame)()


def test_a_removed_artefact_is_said_with_what_to_do(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write(BENCH)
    assert project.deshi("run", "bench.toml", "--quiet").status == 0
    for manifest in project.workspace.glob("artefacts/label/**/manifest.json"):
        manifest.unlink()
    run = deshi.open_run(workspace=project.workspace)
    with pytest.raises(UsageError, match=r"lacks the artefact.*deshi run bench\.toml"):
        run.texts(ROW)


def test_what_a_run_returns_is_open_wherever_the_program_goes_then(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write(BENCH)
    code = (
        "import deshi, os\n"
        "run = deshi.run('bench.toml', workspace='elsewhere', sets=['benchmark.seeds=1'])\n"
        "os.chdir('..')\n"
        f"print(len(run.texts('{ROW}')), len(run.student('{ROW}').predict(['これは3'])))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project.folder,
        env=project.variables(),
        capture_output=True,
        text=True,
    )
    assert done.stdout == "40 1\n", done.stderr
