"""What stages hand to each other on disk: keys, manifests and plans."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

import sealed
from deshi.api import Request, UsageError
from deshi.benchmark.part import Identity
from deshi.labelling.ledger import request_key
from deshi.workspace.manifest import LabelManifest, ScoreManifest
from deshi.workspace.store import Store
from deshi.workspace.workspace import Workspace
from deshi_tools.workspace_view.garbage import addresses as artefacts
from project import TOY, Project, steady

ADDRESSES = {
    "split numbers": "split/15d361291a2e2a5519f9362d9c520809",
    "label counter": "label/dfe2777bb8647388f8eb6e832ae41c40",
    "fit counter/memory/nothing seed 0": "fit/5dfc22ec133689373e248501a085337f",
    "predict counter/memory/nothing seed 0": "predict/4c4aa25cf2a1a3ee361feb26b7559bed",
    "score counter/memory/nothing seed 0": "score/30dd87fe1aeec82c99ce2bade84f9a0c",
    "compare": "compare/7a0dab924c72d0fa899ba3b307549459",
}
"""What the toy benchmark's stages are called in this edition: a workspace is read for as long as these stay."""


BUILT_IN = {
    "split everyday": "split/2d42453d3a61c58e2fc10ef5999015a4",
    "label given": "label/95109f491a3ba07da218249b663bd28a",
    "fit given/knn": "fit/b1967490f39786043ecb0b22b7816100",
    "predict given/knn": "predict/5b10a64ede83350f25ba01dcca0d7f6a",
    "score given/knn": "score/83aed2b8c62e4dad0c86c5d7360c7f25",
}
"""The same of the quickstart, whose components are all deshi's own: a `revision` is all of their code in a key."""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("finished"))
    project.write()
    project.results()
    return project


@pytest.fixture
def ran(finished: Project, tmp_path: Path) -> Project:
    """Return a copy of a finished run that a test may spoil."""
    shutil.copytree(finished.folder, tmp_path / "copy")
    project = Project(tmp_path / "copy")
    project.forget()
    return project


def manifests(project: Project, stage: str = "*") -> list[Path]:
    return sorted(project.workspace.glob(f"artefacts/{stage}/*/*/manifest.json"))


def rewritten(path: Path, **changes: Any) -> None:
    content = sealed.read(path) | changes
    sealed.write(path, {key: value for key, value in content.items() if value is not None})


def test_a_stage_keeps_its_key(project: Project) -> None:
    """Here the toy plugin is installed, so that keys have its version and no hash of its files."""
    site = project.folder / "site-packages"
    shutil.copytree(TOY, site)
    paths = [str(site), os.environ.get("PYTHONPATH")]
    project.environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    project.write()
    planned = project.deshi("plan", "bench.toml", "--format", "json").json
    addresses = {stage["what"]: stage["address"] for stage in planned if stage["stage"] != "cell"}
    assert {name: addresses[name] for name in ADDRESSES} == ADDRESSES


def test_a_stage_of_built_in_components_keeps_its_key(project: Project) -> None:
    file = Path(__file__).parents[2] / "benchmarks" / "quickstart.toml"
    words = ("--format", "json", "--workspace", str(project.workspace))
    planned = project.deshi("plan", str(file), *words).json
    addresses = {stage["what"]: stage["address"] for stage in planned if stage["stage"] != "cell"}
    assert {name: addresses[name] for name in BUILT_IN} == BUILT_IN


def test_a_request_has_the_key_of_the_first_edition() -> None:
    request = Request(task="label", text="今日は🍜", sample=1, prompt={"label": "絵文字だけ"})
    plain = {
        "component": "t",
        "revision": 2,
        "params": {"weights": {"a": 1.0}},
        "members": {"a": 1},
    }
    key = request_key(Identity("t", 2, {"weights": {"a": 1.0}}, {"a": 1}), request)
    assert key == request_key(plain, request) == "3c13e83988b748bde8c184158e0c9b75"


def test_a_manifest_holds_the_hash_of_its_content(finished: Project) -> None:
    assert len(manifests(finished)) > 10
    for path in manifests(finished):
        total = hashlib.sha256()
        files = {p.relative_to(path.parent).as_posix(): p for p in path.parent.rglob("*")}
        for name in sorted(n for n, p in files.items() if p.is_file() and n != "manifest.json"):
            digest = hashlib.sha256(files[name].read_bytes()).digest()
            total.update(name.encode() + b"\0" + digest)
        content = json.loads(path.read_text(encoding="utf-8"))["content"]
        assert content == total.hexdigest()


def test_manifests_say_what_was_made_of_what(finished: Project) -> None:
    store = Store(finished.workspace)
    made = {address: store.manifest(address) for address in artefacts(store)}
    label_stages = [one for one in made.values() if isinstance(one, LabelManifest)]
    assert {one.params.teacher.label for one in label_stages} == {"counter", "counter-two"}
    assert all(one.figures.accepted == sum(one.figures.parts.values()) > 0 for one in label_stages)
    for one in made.values():
        if isinstance(one, ScoreManifest):
            assert set(one.figures.values) == {part.label for part in one.params.metrics}
            assert one.inputs["evaluation"] in made


def test_the_artefacts_of_a_deshi_without_hashes_are_made_again_of_paid_answers(
    finished: Project, ran: Project
) -> None:
    for path in manifests(ran):
        content = sealed.read(path)
        path.write_text(json.dumps({k: v for k, v in content.items() if k != "files"}))
    told = ran.deshi("run", "bench.toml", "--quiet", "--format", "json")
    assert "damaged" not in told.err
    assert steady(told.json) == finished.results()
    assert not [line for line in ran.work_done() if line.startswith(("label", "rewrite"))]
    assert ran.deshi("errors", "latest").status == 0


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_text("{", encoding="utf-8"),
        lambda path: path.write_bytes(b"\xff\xfe"),
        lambda path: rewritten(path, stage="distil"),
        lambda path: rewritten(path, figures={}),
        lambda path: path.write_bytes(path.read_bytes().replace(b'"asked": ', b'"asked": 1')),
        lambda path: path.write_bytes(b""),
    ],
    ids=["torn", "not text", "of another stage", "without figures", "edited", "empty"],
)
def test_an_artefact_whose_manifest_cannot_be_believed_is_made_again(
    finished: Project, ran: Project, spoil: Any
) -> None:
    path = manifests(ran, "label")[0]
    spoil(path)
    read = ran.deshi("report", "-o", "page.html")
    assert (read.status, f"{path}: is damaged; run the benchmark again" in read.err) == (2, True)
    told = ran.deshi("run", "bench.toml", "--quiet", "--format", "json")
    assert told.err.startswith(
        f"deshi: artefact label/{path.parent.name[:8]}… was damaged (manifest"
    )
    assert steady(told.json) == finished.results()
    assert not [line for line in ran.work_done() if line.startswith(("label", "rewrite"))]


def test_a_plan_that_cannot_be_read_is_named(ran: Project) -> None:
    space = Workspace(ran.workspace)
    name = space.find("latest")
    path = ran.workspace / "runs" / name / "plan.json"
    assert space.plan(name).benchmark == "bench.toml"
    sealed.write(path, {"benchmark": "bench.toml", "schema": 1})
    with pytest.raises(UsageError, match="is not the plan of a run") as told:
        space.plan(name)
    assert told.value.where == str(path)


def test_a_saved_plan_knows_the_role_of_each_stage(finished: Project) -> None:
    space = Workspace(finished.workspace)
    rows = space.plan("latest").rows
    first, second = rows["counter/memory/nothing"].runs
    assert (first.seed, second.seed) == (0, 1)
    assert [first.fit, first.predictions, first.score] == list(first.stages)
    assert not first.is_teacher
    assert rows["counter/fleeting"].runs[0].fit is None


def test_results_of_the_first_edition_are_refused_with_a_clear_word(ran: Project) -> None:
    path = next(ran.folder.glob(".deshi/runs/*/results.json"))
    sealed.write(path, sealed.read(path) | {"schema": 1})
    for command in (["show"], ["errors"], ["report", "-o", "page.html"], ["migrate"]):
        told = ran.deshi(*command)
        assert told.status == 2
        said = " ".join(told.err.split())
        assert "has schema 1, and this deshi reads 2; run its benchmark again" in said
    assert ran.deshi("run", "bench.toml", "--quiet").status == 0
    assert ran.deshi("show").status == 0


def test_gc_removes_nothing_of_a_run_whose_plan_is_lost(ran: Project) -> None:
    next(ran.folder.glob(".deshi/runs/*/plan.json")).unlink()
    before = len(manifests(ran))
    told = ran.deshi("gc")
    assert told.status == 0
    assert "no artefact is removed: run bench-" in " ".join(told.err.split())
    assert len(manifests(ran)) == before
    assert ran.deshi("run", "bench.toml", "--quiet").status == 0
    assert ran.deshi("gc").status == 0


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"", b"null"])
def test_results_that_cannot_be_read_are_named(ran: Project, content: bytes) -> None:
    path = next(ran.folder.glob(".deshi/runs/*/results.json"))
    path.write_bytes(content)
    for command in (["show"], ["errors"]):
        told = ran.deshi(*command)
        assert told.status == 2, told.err
        assert "results.json" in told.err or "has schema None" in told.err
        assert "run its benchmark again" in " ".join(told.err.split())
    assert ran.deshi("run", "bench.toml", "--quiet").status == 0
    assert ran.deshi("show").status == 0
