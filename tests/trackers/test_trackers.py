"""Results go to trackers that are asked for, by the real libraries, without a network."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from project import BENCHMARK, Project, Ran

pytestmark = pytest.mark.slow

pytest.importorskip("mlflow")
pytest.importorskip("wandb")
pytest.importorskip("trackio")

NAMES = "mlflow, wandb,trackio"


@pytest.fixture(scope="module")
def tracked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Ran]:
    """A run whose results went to all trackers, with one row that fails."""
    project = Project(tmp_path_factory.mktemp("tracked"))
    project.write(BENCHMARK.replace('"memory", "fleeting"', '"memory", "clumsy"'))
    ran = project.deshi("run", "bench.toml", "--quiet", "--format", "json", env=places(project))
    return project, ran


def places(project: Project, names: str = NAMES) -> dict[str, str]:
    """Return the variables by which all trackers keep everything in the project's folder."""
    return {
        "DESHI_TRACKERS": names,
        "HOME": str(project.folder),
        "MLFLOW_TRACKING_URI": (project.folder / "mlruns").as_uri(),
        "MLFLOW_ALLOW_FILE_STORE": "true",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "WANDB_DIR": str(project.folder),
        "TRACKIO_DIR": str(project.folder / "trackio"),
        "HF_HUB_OFFLINE": "1",
    }


def rows(ran: Ran) -> dict[str, Any]:
    return {row["id"]: row for row in ran.json["rows"]}


def test_stdout_is_pure_and_a_failed_row_decides_the_status(tracked: tuple[Project, Ran]) -> None:
    _, ran = tracked
    assert ran.status == 1
    assert {row["status"] for row in rows(ran).values()} >= {"ok", "failed"}
    assert "deshi_run_finished" not in ran.err


def test_mlflow_has_a_run_with_a_run_for_each_row(tracked: tuple[Project, Ran]) -> None:
    project, ran = tracked
    code = (
        "import json; from mlflow import MlflowClient; c = MlflowClient();"
        "e = c.get_experiment_by_name('deshi').experiment_id;"
        "print(json.dumps([[r.info.run_id, r.info.run_name, r.info.status, r.data.metrics,"
        " r.data.params, r.data.tags, [a.path for a in c.list_artifacts(r.info.run_id)]]"
        " for r in c.search_runs([e])]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **places(project)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found = {entry[1]: entry for entry in json.loads(done.stdout.splitlines()[-1])}
    parent = found.pop(ran.json["run"])
    assert parent[6] == ["results.json"]
    assert set(found) == set(rows(ran))
    for name, row in rows(ran).items():
        _, _, status, numbers, settings, tags, _ = found[name]
        assert tags["mlflow.parentRunId"] == parent[0]
        assert (status == "FAILED") == (row["status"] == "failed")
        check(row, numbers)
        assert settings["teacher"] == row["cell"]["teacher"]
        assert settings["hits.signature"]


def check(row: Any, numbers: dict[str, float]) -> None:
    """A tracker has what results.json has, and nothing for what is undefined."""
    value = row["metrics"].get("hits", {"value": None, "low": None, "high": None})
    for key, name in (("value", "hits"), ("low", "hits.low"), ("high", "hits.high")):
        assert numbers.get(name) == (None if value[key] is None else pytest.approx(value[key]))


def test_trackio_has_each_row_in_one_group(tracked: tuple[Project, Ran]) -> None:
    project, ran = tracked
    with sqlite3.connect(project.folder / "trackio" / "deshi.db") as database:
        numbers = dict(database.execute("select run_name, metrics from metrics"))
        settings = dict(database.execute("select run_name, config from configs"))
    run = ran.json["run"]
    assert set(numbers) == {f"{run}: {name}" for name in rows(ran)}
    for name, row in rows(ran).items():
        check(row, json.loads(numbers[f"{run}: {name}"]))
        assert json.loads(settings[f"{run}: {name}"])["_Group"] == run


def records(path: Path) -> Iterator[Any]:
    """Yield the records of an offline run: a LevelDB log of protocol buffers."""
    from wandb.proto.wandb_internal_pb2 import Record

    data, at, held = path.read_bytes(), 7, b""
    while at + 7 <= len(data):
        if (room := 32768 - at % 32768) < 7:
            at += room
            continue
        size, kind = int.from_bytes(data[at + 4 : at + 6], "little"), data[at + 6]
        held += data[at + 7 : at + 7 + size]
        at += 7 + size
        if kind in (1, 4):
            record = Record()
            record.ParseFromString(held)
            held = b""
            yield record


def test_wandb_keeps_each_row_offline(tracked: tuple[Project, Ran]) -> None:
    project, ran = tracked
    found = {}
    for path in project.folder.glob("wandb/offline-run-*/*.wandb"):
        every = list(records(path))
        (run,) = [r.run for r in every if r.WhichOneof("record_type") == "run"]
        assert run.run_group == ran.json["run"]
        updates = [u for r in every for u in r.summary.update]
        numbers = {u.key or ".".join(u.nested_key): json.loads(u.value_json) for u in updates}
        found[run.display_name] = numbers
    assert set(found) == set(rows(ran))
    for name, row in rows(ran).items():
        check(row, found[name])


def test_nothing_is_sent_and_nothing_imported_unless_asked(project: Project) -> None:
    code = (
        "import sys; from deshi_plugins.trackers.dispatch import send_to_trackers;"
        "send_to_trackers({}); print([m for m in ('mlflow', 'wandb', 'trackio') if m in sys.modules])"
    )
    kept = {k: v for k, v in os.environ.items() if not k.startswith("DESHI_")}
    for variable in ({}, {"DESHI_TRACKERS": ""}, {"DESHI_TRACKERS": " , "}):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env={**kept, **variable}
        )
        assert done.stdout.strip() == "[]", done.stderr


def test_an_unknown_tracker_is_one_line_and_harms_nothing(project: Project) -> None:
    ran = project.deshi(
        "run", "bench.toml", "--quiet", "--format", "json", env={"DESHI_TRACKERS": "mlfow"}
    )
    assert ran.status == 0
    assert ran.json["rows"]
    assert "DESHI_TRACKERS: mlfow: there is no such tracker; did you mean 'mlflow'?" in ran.err
    assert "Traceback" not in ran.err


def test_one_that_fails_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    from deshi.api import ComponentError, install_command
    from deshi_plugins.trackers import dispatch

    seen = []

    def load(name: str) -> Any:
        if name.endswith("mlflow_tracker"):
            raise ModuleNotFoundError(name="mlflow")
        if name.endswith("wandb_tracker"):
            return SimpleNamespace(track=lambda results: 1 / 0)
        return SimpleNamespace(track=seen.append)

    monkeypatch.setattr(dispatch, "import_module", load)
    monkeypatch.setenv("DESHI_TRACKERS", NAMES)
    with pytest.raises(ComponentError) as caught:
        dispatch.send_to_trackers({"run": "x"})
    assert seen == [{"run": "x"}]
    assert f"mlflow is not installed; run `{install_command('mlflow')}`" in str(caught.value)
    assert "wandb: division by zero" in str(caught.value)
