"""Every benchmark of the seed research can be read, planned and run in its small scale."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from project import Project

ROOT = Path(__file__).parents[2] / "benchmarks" / "seed"
PRESETS = sorted(ROOT.glob("**/*.toml"))
NAMES = [str(path.relative_to(ROOT)) for path in PRESETS]
PUBLISHED = [path for path in PRESETS if path.parent == ROOT]
KEYS = {"ANTHROPIC_API_KEY": "none", "OPENROUTER_API_KEY": "none", "PYTHONPATH": ""}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a project whose workspace all presets share, as they share texts and labels."""
    return Project(tmp_path_factory.mktemp("seed"), environment=KEYS)


def test_each_preset_of_the_study_is_there() -> None:
    assert {path.stem for path in PUBLISHED} == {
        *("v1_ce", "v1_ls", "v3_base", "v3_lr1e-4", "v3_top100", "v3_lr1e-4_top100"),
        *("v3_focal_top100", "v4_lr1e-4", "v4_top100", "v4_focal_top100", "v4_top50"),
        *("v4_focal_top50", "penalty_sweep", "qwen_settings_100"),
    }


@pytest.mark.parametrize("path", PRESETS, ids=NAMES)
def test_it_is_planned_as_it_was_done(shared: Project, path: Path) -> None:
    permits = [
        word
        for name in ("claude-haiku-4-5-seed-v1", "claude-haiku-4-5-seed-v3")
        if name in path.read_text(encoding="utf-8")
        for word in ("--set", f'permit.{name}="a test"')
    ]
    ran = shared.deshi("plan", str(path), "--workspace", "plan", "--format", "json", *permits)
    assert ran.status == 0, ran.err
    stages = [line for line in json.loads(ran.out) if line.get("stage") == "label"]
    assert stages, ran.out[:300]


@pytest.mark.parametrize("path", PRESETS, ids=NAMES)
def test_it_runs_small(shared: Project, path: Path) -> None:
    command = ("run", str(path), "--scale", "small", "--workspace", "small", "--quiet")
    ran = shared.deshi(*command, "--format", "json")
    assert ran.status == 0, ran.err
    results = ran.json
    assert {row["status"] for row in results["rows"] if not row["baseline"]} <= {"ok"}
    if path in PUBLISHED:
        assert results["benchmark"]["published"]["values"]
        shown = shared.deshi("show", results["run"], "--workspace", "small", "--notes")
        assert "published:" in shown.out
        assert "scale 'small'" in shown.out
