"""Who edits a plugin gets its stages made anew, and no row is made of two codes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deshi.workspace.sealed_json import seal
from project import TOY, Project

HOOKS = """
from deshi.api import FilterSpec, StudentSpec, TeacherSpec, Terms, hookimpl

@hookimpl
def deshi_students():
    yield StudentSpec(
        name="says", target="{module}:Says", summary="Says one thing.", trains_on=None,
        capabilities=frozenset({{"saves"}}),
    )

@hookimpl
def deshi_teachers():
    yield TeacherSpec(
        name="tells", target="{module}:Tells", summary="Tells one thing.",
        tasks=frozenset({{"label"}}), terms=Terms(licence="CC0-1.0"),
    )
"""
CODE = """
import os
from deshi.api import FitReport, Prediction, Reply

WORD = "🍎"

class Says:
    def __init__(self, params, env):
        pass
    def fit(self, train, valid, loss=None):
        return FitReport(notes={"precision": "bf16"})
    def predict(self, texts):
        return [Prediction((WORD,)) for _ in texts]
    def save(self, folder):
        (folder / "it").write_text("it")
    @classmethod
    def load(cls, folder, params, env):
        return cls(params, env)

class Tells:
    def __init__(self, params, env):
        pass
    async def answer(self, request):
        with open(os.environ["DESHI_TOY_DIARY"], "a") as diary:
            diary.write("asked\\n")
        return Reply(content="🍎 🐈")
"""
BENCHMARK = """
[benchmark]
train = 60
valid = 10
test = 20
seeds = 2
metrics = ["hits"]
baselines = []
resamples = 100

[matrix]
corpus = "numbers"
chain = "toy"
rewriter = "none"
teacher = "mine/tells"
student = ["mine/says", "fleeting"]
"""
DIST = {
    "METADATA": "Metadata-Version: 2.1\nName: deshi-mine\nVersion: {version}\nRequires-Dist: click>=8\nRequires-Dist: deshi\n",
    "entry_points.txt": "[deshi.v2]\nmine = mine_hooks\n",
}
EDITABLE = '{"url": "file:///somewhere", "dir_info": {"editable": true}}'


def described(folder: Path, version: str = "1.0", *, editable: bool = False) -> Path:
    """Write what pip knows of a distribution; return its folder."""
    info = folder / "deshi_mine.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    for name, text in DIST.items():
        (info / name).write_text(text.format(version=version), encoding="utf-8")
    if editable:
        (info / "direct_url.json").write_text(EDITABLE, encoding="utf-8")
    return info


def of_one_file(project: Project) -> Path:
    """A local plugin whose code is in a module beside it."""
    path = "import sys; sys.path.insert(0, __file__.rpartition('/')[0])\nimport mine_code\n"
    (project.folder / "mine.py").write_text(path + HOOKS.format(module="mine_code"))
    (project.folder / "registry.toml").write_text('[plugins]\nlocal = ["./mine.py"]\n')
    return project.folder / "mine_code.py"


def modules(project: Project, info: Path, source: Path, *paths: Path) -> Path:
    source.mkdir(exist_ok=True)
    (source / "mine_hooks.py").write_text(HOOKS.format(module="mine.code"))
    (source / "mine").mkdir()
    (source / "mine" / "__init__.py").touch()
    paths = (TOY, info.parent, source, *paths)
    words = [*map(str, paths), os.environ.get("PYTHONPATH", "")]
    project.environment["PYTHONPATH"] = os.pathsep.join(filter(None, words))
    return source / "mine" / "code.py"


def editable(project: Project) -> Path:
    """What `pip install -e` leaves: the description in site-packages, the code elsewhere."""
    info = described(project.folder / "site-packages", editable=True)
    return modules(project, info, project.folder / "src")


def editable_without_a_note(project: Project) -> Path:
    """What a .pth or an .egg-link leaves: no word of being editable."""
    info = described(project.folder / "site-packages")
    return modules(project, info, project.folder / "src")


def installed(project: Project) -> Path:
    info = described(project.folder / "site-packages")
    return modules(project, info, project.folder / "site-packages")


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., tuple[Project, Path]]:
    def make(install: Callable[[Project], Path]) -> tuple[Project, Path]:
        project = Project(tmp_path)
        project.write(BENCHMARK)
        code = install(project)
        code.write_text(CODE, encoding="utf-8")
        return project, code

    return make


def run(project: Project, *words: str) -> Any:
    ran = project.deshi("run", "bench.toml", "--format", "json", "--quiet", *words)
    assert ran.status == 0, ran.err
    return ran.json


def row_of(results: Any) -> Any:
    return next(row for row in results["rows"] if row["cell"]["student"] == "mine/says")


def codes(project: Project) -> set[str]:
    """Return the codes of all predictions that the last run is made of."""
    plans = sorted(project.workspace.glob("runs/*/plan.json"), key=lambda p: p.stat().st_mtime_ns)
    stages = json.loads(plans[-1].read_text())["stages"]
    found = set()
    for address in stages:
        stage, key = address.split("/")
        manifest = project.workspace / "artefacts" / stage / key[:2] / key / "manifest.json"
        if manifest.exists():
            plugins = json.loads(manifest.read_text())["made_by"]["plugins"]
            found |= {one["code"] for one in plugins if one["name"] == "mine"}
    return found


@pytest.mark.parametrize("install", [of_one_file, editable, editable_without_a_note])
def test_an_edited_plugin_makes_its_stages_anew_and_more_seeds_mix_no_codes(
    made: Any, install: Callable[[Project], Path]
) -> None:
    project, code = made(install)
    first = run(project)
    asked = project.work_done().count("asked")
    assert asked > 20
    code.write_text(CODE.replace('WORD = "🍎"', 'WORD = "🎵"'), encoding="utf-8")
    row = "latest/mine/says"
    refused = project.deshi("predict", row, "今日は晴れです。")
    assert refused.status == 2
    assert "student 'mine/says' has changed since this one was fitted" in refused.err
    second = run(project, "--set", "benchmark.seeds=4", "--workers", "2")
    assert project.deshi("predict", row, "今日は晴れです。").status == 0
    values = row_of(second)["metrics"]["hits"]["runs"]
    assert len(set(values)) == 1, "all seeds are of the new code"
    assert values[0] != row_of(first)["metrics"]["hits"]["value"]
    assert project.work_done().count("asked") == asked, (
        "what the ledger holds is asked for no second time"
    )
    now = codes(project)
    assert len(now) == 1
    assert [p["code"] for p in second["provenance"]["plugins"] if p["name"] == "mine"] == [*now]
    assert not now & {p["code"] for p in first["provenance"]["plugins"]}
    planned = project.deshi("plan", "bench.toml", "--set", "benchmark.seeds=4").out
    assert ", 0 to run" in planned


def test_an_installed_plugin_is_its_version(made: Any) -> None:
    project, code = made(installed)
    before = run(project)["provenance"]
    asked = project.work_done().count("asked")
    assert codes(project) == {"deshi-mine 1.0"}
    assert before["precision"] == "bf16"
    made_by = [before["makers"][n] for n in before["rows"]["mine/tells/mine/says"]["fit"]]
    assert [one["precision"] for one in made_by] == ["bf16"]
    assert [[p["version"] for p in one["plugins"]] for one in made_by] == [["1.0"]]
    assert set(made_by[0]["libraries"]) == {"click", "numpy", "pyarrow", "scipy"}
    assert (made_by[0]["device"], made_by[0]["threads"]) == ("cpu", 1)
    code.write_text(CODE.replace('WORD = "🍎"', 'WORD = "🎵"'), encoding="utf-8")
    assert ", 0 to run" in project.deshi("plan", "bench.toml").out
    described(project.folder / "site-packages", "1.1")
    again = run(project)
    assert codes(project) == {"deshi-mine 1.1"}
    assert row_of(again)["metrics"]["hits"]["value"] < 1
    assert project.work_done().count("asked") == asked


def test_a_file_that_appears_beside_a_module_of_the_package_is_code(made: Any) -> None:
    project, code = made(editable)
    run(project)
    (code.parent / "__pycache__").mkdir(exist_ok=True)
    (code.parent / "__pycache__" / "code.pyc").write_bytes(b"compiled")
    (code.parent / ".code.py.swp").write_bytes(b"an editor's")
    assert ", 0 to run" in project.deshi("plan", "bench.toml").out
    (code.parent / "words.txt").write_text("🎵")
    assert ", 0 to run" not in project.deshi("plan", "bench.toml").out


def test_data_that_a_lone_file_names_is_its_code(made: Any) -> None:
    project, code = made(of_one_file)
    words = project.folder / "words.txt"
    words.write_text("🍎")
    reads = "from pathlib import Path\nWORD = Path(__file__).with_name('words.txt').read_text()"
    code.write_text(CODE.replace('WORD = "🍎"', reads), encoding="utf-8")
    before = row_of(run(project))["metrics"]["hits"]["value"]
    words.write_text("🎵")
    assert row_of(run(project))["metrics"]["hits"]["value"] != before


def test_code_that_changes_during_a_run_fails_its_stages(made: Any) -> None:
    project, code = made(of_one_file)
    edits = "if os.environ.get('EDIT'):\n            open(__file__, 'a').write('# edited')\n"
    code.write_text(CODE.replace("return FitReport", f"{edits}        return FitReport"))
    ran = project.deshi("run", "bench.toml", "--quiet", env={"EDIT": "1"})
    assert ran.status == 1
    assert "mine has changed since this run was planned" in " ".join(
        (ran.out + ran.err).split()
    ).replace("plugin 'mine' (mine.py)", "mine")
    assert row_of(run(project))["status"] == "ok"


def test_a_row_whose_runs_were_made_by_different_libraries_says_so(made: Any) -> None:
    project, _ = made(installed)
    run(project)
    fits = sorted(project.workspace.glob("artefacts/fit/*/*/manifest.json"))
    content = json.loads(fits[0].read_text())
    content["made_by"]["libraries"]["numpy"] = "1.0"
    content["made_by"]["precision"] = "fp32"
    del content["sha256"]
    fits[0].write_bytes(seal(content))
    ran = project.deshi("run", "bench.toml", "--quiet")
    said = " ".join(ran.out.split())
    assert "its runs differ in numpy (1.0, " in said
    assert "precision (bf16, fp32)" in said


def test_a_plugin_may_write_data_into_its_own_package(made: Any) -> None:
    project, code = made(editable)
    writes = "open(__file__ + '.cache', 'a').write('x')\n        return FitReport("
    code.write_text(CODE.replace("return FitReport(", writes), encoding="utf-8")
    assert row_of(run(project))["status"] == "ok"
    assert code.with_name("code.py.cache").exists()
