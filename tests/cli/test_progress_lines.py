"""Progress where there is no terminal: a line per stage, and a sign of life in a long one."""

from __future__ import annotations

import time

import pytest

from deshi.benchmark.plan import Stage
from deshi.benchmark.stage_params import StageParams
from deshi.cli.progress import watcher_for
from deshi.workspace.manifest import Finished
from deshi_tools.progress.reminding_lines import RemindingLines

STAGE = Stage("label/1", "label haiku", StageParams(), {})


def test_a_stage_that_takes_long_is_named_again_and_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with RemindingLines(quiet_seconds=0.05) as lines:
        lines.started(STAGE)
        lines.advanced(STAGE, 120, 900)
        time.sleep(0.5)
    said = [line for line in capsys.readouterr().err.splitlines() if "running for" in line]
    assert len(said) >= 2
    assert "label haiku" in said[0]
    assert "120 of 900" in said[0]


def test_nothing_is_said_while_nothing_runs(capsys: pytest.CaptureFixture[str]) -> None:
    with RemindingLines(quiet_seconds=0.02):
        time.sleep(0.2)
    assert capsys.readouterr().err == ""


def test_a_short_stage_is_not_named_twice(capsys: pytest.CaptureFixture[str]) -> None:
    with RemindingLines(quiet_seconds=30) as lines:
        lines.started(STAGE)
        time.sleep(0.1)
    assert "running for" not in capsys.readouterr().err


def test_without_a_view_each_stage_still_has_its_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deshi.cli.views.entry_points", lambda **_: ())
    with watcher_for(quiet=False) as watcher:
        watcher.started(STAGE)
        watcher.advanced(STAGE, 120, 900)
        watcher.finished(STAGE, Finished(STAGE.address, "failed", reason="no reply"))
        watcher.finished(STAGE, Finished(STAGE.address, "found"))
    assert capsys.readouterr().err == "deshi: label haiku: failed: no reply\n"
