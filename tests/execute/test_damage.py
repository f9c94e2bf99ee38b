"""What lies in a workspace may be damaged in any way: never another figure, never a fault of deshi's."""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from project import Project, Ran
from torture import PORTIONS, Soak

BENCH = """
[benchmark]
train = 60
valid = 10
test = 20
seeds = 2
metrics = ["hits", "misses"]
baselines = ["constant", "shuffled"]
resamples = 200

[matrix]
corpus = "numbers"
chain = "toy"
rewriter = "polite"
teacher = "counter"
student = ["memory", "linear", "knn"]
loss = "nothing"
"""
ROW = "counter/linear/nothing"
READING: tuple[tuple[str, ...], ...] = (
    ("show", "--format", "json"),
    ("show", "--runs", "--format", "json"),
    ("show", "--dropped", "--format", "json"),
    ("show", "--emoji", "--format", "json"),
    ("errors", "--row", ROW, "--format", "json"),
    ("predict", f"latest/{ROW}", "これは三五だよ。", "--format", "json"),
    ("report", "-o", "page.html"),
    ("ledger", "--format", "json"),
    ("ledger", "export", "-"),
    ("plan", "bench.toml", "--format", "json"),
    ("gc", "--dry-run", "--format", "json"),
    ("doctor", "--format", "json"),
)
RUN = ("run", "bench.toml", "--quiet", "--format", "json")
STAGES = ("split", "label", "fit", "predict", "score", "compare")
GARBAGE = bytes(range(256)) * 3
ROUNDS = {"coarse": 300 // PORTIONS, "bits": 500 // PORTIONS}


def digit_edited(content: bytes, chance: random.Random) -> bytes:
    found = [at for at, one in enumerate(content) if one in b"0123456789"]
    if not found:
        return content + b"1"
    at = chance.choice(found)
    return content[:at] + b"%d" % ((content[at] - 47) % 10) + content[at + 1 :]


def bit_flipped(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content)) if content else 0
    return content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]


COARSE: dict[str, Callable[[bytes, random.Random], bytes | None]] = {
    "truncated": lambda content, chance: content[: chance.randrange(len(content) or 1)],
    "flipped": lambda content, chance: bit_flipped(content, chance) if content else b"\1",
    "empty": lambda *_: b"",
    "deleted": lambda *_: None,
    "garbage": lambda *_: GARBAGE,
    "an object": lambda *_: b"{}",
    "a list": lambda *_: b"[]",
    "a digit": digit_edited,
}


def kind_of(path: Path) -> str:
    """Return what a file of a workspace is called, keys left out."""
    return re.sub(r"/(\w\w/)?[0-9a-f]{32}|(?<=-)[0-9a-f]{8,32}", "", path.as_posix())


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("whole"))
    project.write(BENCH)
    project.deshi(*RUN)
    (run,) = project.workspace.glob("runs/*")
    (run / "failures.log").write_text("Traceback of old\n", encoding="utf-8")
    return project


@pytest.fixture(scope="module")
def before(whole: Project) -> dict[tuple[str, ...], Any]:
    """Return what commands said before anything was damaged."""
    return {words: said(whole, *words)[1] for words in (*READING, RUN)}


@pytest.fixture
def project(whole: Project, tmp_path: Path) -> Project:
    return copy_of(whole, tmp_path / "copy")


def copy_of(whole: Project, folder: Path) -> Project:
    shutil.copytree(whole.folder, folder)
    project = Project(folder)
    project.forget()
    return project


def said(project: Project, *words: str) -> tuple[Ran, Any]:
    """Run a command and return how it ended, and what it said apart from times and places."""
    ran = project.deshi(*words)
    if words[-1] != "json" or ran.status not in (0, 1):
        return ran, (project.folder / "page.html").exists() if words[0] == "report" else ran.out
    return ran, timeless(ran.json)


def timeless(record: Any) -> Any:
    """Return a record without times, places, and the libraries that a process had at hand."""
    if isinstance(record, dict):
        kept = {key: one for key, one in record.items() if "seconds" not in key}
        return {key: timeless(one) for key, one in kept.items() if key != "provenance"}
    if isinstance(record, list):
        told = [one for one in record if "its runs differ in" not in str(one)]
        return [timeless(one) for one in told if "workspace" not in str(one)]
    return record


def kinds(project: Project) -> dict[str, list[Path]]:
    """Return every file of a workspace by its kind."""
    found: dict[str, list[Path]] = {}
    for path in sorted(p for p in project.workspace.rglob("*") if p.is_file()):
        found.setdefault(kind_of(path.relative_to(project.workspace)), []).append(path)
    return found


def check_refusal(ran: Ran, words: tuple[str, ...]) -> None:
    told = f"{words}: {ran.status}: {ran.err}"
    assert "Traceback" not in ran.err, told
    assert "unexpected" not in ran.err, told


def check_damage(
    project: Project, before: dict[tuple[str, ...], Any], kind: str, chance: random.Random
) -> str:
    """Check what commands say and do with a damaged workspace, and return how the run ended."""
    for words in chance.sample(READING, 3):
        ran, out = said(project, *words)
        check_refusal(ran, words)
        if ran.status == 0 and words[0] in ("errors", "predict", "show") and "--runs" not in words:
            assert out == before[words], (words, ran.err)
    ran, out = said(project, *RUN)
    check_refusal(ran, RUN)
    if ran.status:
        assert (ran.status, "ledger" in kind) == (2, True), ran.err
        assert "ledger" in ran.err
        assert project.work_done() == []
        return "refused"
    assert out == before[RUN], ran.err
    checked = project.deshi("doctor", "--artefacts", "--format", "json")
    if [row for row in checked.json if "ledger" not in row["what"]]:  # nobody has read it yet
        assert said(project, *RUN)[1] == before[RUN]
        checked = project.deshi("doctor", "--artefacts", "--format", "json")
    assert checked.status == 0 or "ledger" in checked.out, checked.out
    for words in chance.sample(READING[:-5], 3):
        ran, out = said(project, *words)
        assert (ran.status, out) == (0, before[words]), (words, ran.err)
    return "equal"


def remove_later(project: Project, path: Path, chance: random.Random) -> None:
    """Remove some of what was made of a file, so that the next run has to read it."""
    parts = path.relative_to(project.workspace).parts
    stage = parts[1] if parts[0] == "artefacts" else "split"
    if parts[0] == "ledger.sqlite":
        shutil.rmtree(project.workspace / "artefacts" / "label")
    later = STAGES[STAGES.index(stage) + 1 :] if parts[0] == "artefacts" else ()
    removed = {name for name in later if chance.random() < 0.7}
    for name in removed | (
        {"predict"} if "fit" in removed else set()
    ):  # a model alone is not missed
        shutil.rmtree(project.workspace / "artefacts" / name)


@pytest.mark.torture
@pytest.mark.parametrize("how", ["coarse", "bits"])
def test_no_damage_changes_a_figure_or_stays(
    whole: Project, before: dict[tuple[str, ...], Any], tmp_path: Path, soak: Soak, how: str
) -> None:
    chance = random.Random(f"{soak.number} {how}")
    counts: Counter[str] = Counter()
    for at in range(ROUNDS[how]):
        project = copy_of(whole, tmp_path / str(at))
        files = kinds(project)
        kind = chance.choice(sorted(files))
        path = chance.choice(files[kind])
        name, spoil = chance.choice(list(COARSE.items()))
        content = path.read_bytes()
        spoiled = (
            bit_flipped(content, chance) if how == "bits" and content else spoil(content, chance)
        )
        path.unlink() if spoiled is None else path.write_bytes(spoiled)
        if how == "bits" or chance.random() < 0.5:
            remove_later(project, path, chance)
        try:
            ended = check_damage(project, before, kind, chance)
        except AssertionError as error:
            error.add_note(
                f"round {at} of {soak.number}: {kind} {name if how == 'coarse' else how}"
            )
            raise
        counts[f"{how}: {ended}"] += 1
        counts[kind] += 1
        shutil.rmtree(project.folder)
    print(sorted(soak.total(counts).items()))


EXAMPLES = [
    ("artefacts/fit/model/weights.npz", "predict", "made again"),
    ("artefacts/fit/manifest.json", "predict", "made again"),
    ("artefacts/predict/predictions.parquet", "errors", "made again"),
    ("artefacts/label/pairs.parquet", "errors", "made again"),
    ("artefacts/compare/comparison.json", "show", "made again"),
    ("runs/bench-/results.json", "show", ""),
    ("runs/bench-/plan.json", "errors", ""),
]


@pytest.mark.parametrize(("kind", "reader", "told"), EXAMPLES)
def test_one_bit_of_a_file_is_noticed_by_readers_and_healed_by_a_run(
    project: Project,
    before: dict[tuple[str, ...], Any],
    kind: str,
    reader: str,
    told: str,
) -> None:
    paths = kinds(project)[kind]
    for path in paths:
        path.write_bytes(bit_flipped(path.read_bytes(), random.Random(kind)))
    words = next(one for one in READING if one[0] == reader)
    ran, out = said(project, *words)
    if "compare" in kind:
        assert (ran.status, out) == (0, before[words])  # nothing but a run reads it
    else:
        assert ran.status == 2
        assert paths[0].name in ran.err
        assert "run the benchmark again" in ran.err or "run its benchmark again" in ran.err
    ran, out = said(project, *RUN)
    assert (ran.status, out) == (0, before[RUN])
    assert ran.err.count(told) == len(paths) if told else ran.err == ""
    assert said(project, *words)[1] == before[words]


def test_what_is_damaged_upstream_of_what_is_missing_is_made_again_too(
    project: Project, before: dict[tuple[str, ...], Any]
) -> None:
    shutil.rmtree(project.workspace / "artefacts/compare")
    shutil.rmtree(project.workspace / "artefacts/score")
    for kind in ("predict/predictions.parquet", "fit/model/weights.npz", "label/pairs.parquet"):
        for path in kinds(project)[f"artefacts/{kind}"]:
            path.write_bytes(path.read_bytes()[:-10])
    ran, out = said(project, *RUN)
    assert (ran.status, out) == (0, before[RUN])
    for what in ("label/", "fit/", "predict/"):
        assert re.search(rf"deshi: artefact {what}\w{{8}}… was damaged \(.+\); made again", ran.err)
    assert not [line for line in project.work_done() if line.startswith(("label", "rewrite"))]
    kept = [path.name for path in (project.workspace / "damaged").iterdir()]
    assert any(name.startswith("label-") for name in kept)
    assert project.deshi("gc").status == 0
    assert list((project.workspace / "damaged").iterdir()) == []


@pytest.mark.parametrize("stage", STAGES)
def test_an_artefact_that_became_a_file_is_made_again(
    project: Project, before: dict[tuple[str, ...], Any], stage: str
) -> None:
    folder = next((project.workspace / "artefacts" / stage).glob("*/*/"))
    shutil.rmtree(folder)
    folder.write_bytes(b"file")
    ran, out = said(project, *RUN)
    assert (ran.status, out) == (0, before[RUN])


def test_a_score_that_is_damaged_is_made_again_for_the_comparison_alone(
    project: Project, before: dict[tuple[str, ...], Any]
) -> None:
    shutil.rmtree(project.workspace / "artefacts/compare")
    for path in kinds(project)["artefacts/score/statistics.npz"]:
        path.write_bytes(b"")
    ran, out = said(project, *RUN, "--workers", "2")
    assert (ran.status, timeless(ran.json)) == (0, before[RUN]), out
    assert "artefact score/" in ran.err


def test_a_model_that_is_missed_is_made_again_by_the_next_run(
    project: Project, before: dict[tuple[str, ...], Any]
) -> None:
    shutil.rmtree(project.workspace / "artefacts/fit")
    words = next(one for one in READING if one[0] == "predict")
    ran = project.deshi(*words)
    assert (ran.status, "lacks the artefact fit/" in ran.err) == (2, True)
    ran, out = said(project, *RUN)
    assert (ran.status, ran.err) == (0, "")
    ran, out = said(project, *words)
    assert (ran.status, out) == (0, before[words])


def test_one_damaged_run_is_in_nobodys_way(project: Project) -> None:
    (good,) = project.workspace.glob("runs/*")
    bad = good.with_name("broken-12345678")
    shutil.copytree(good, bad)
    (bad / "results.json").write_text("{", encoding="utf-8")
    (bad / "plan.json").write_text("{", encoding="utf-8")
    ran = project.deshi("show", "--runs", "--format", "json")
    assert ran.status == 0
    assert {row["run"]: row["rows"] is None for row in ran.json} == {
        bad.name: True,
        good.name: False,
    }
    assert "broken-12345678/results.json" in ran.err
    for words in (("show", "bench"), ("errors", "bench", "--row", ROW), ("gc",), ("doctor",)):
        ran = project.deshi(*words)
        assert ran.status == 0, ran.err
    ran = project.deshi("show", "broken")
    assert (ran.status, "broken-12345678/results.json" in ran.err) == (2, True)


def test_doctor_lists_what_is_damaged_and_what_happens_about_it(project: Project) -> None:
    clean = project.deshi("doctor", "--artefacts", "--format", "json")
    assert (clean.status, clean.json) == (0, [])
    files = kinds(project)
    for kind in ("artefacts/score/statistics.npz", "artefacts/fit/manifest.json"):
        files[kind][0].write_bytes(files[kind][0].read_bytes()[:-1])
    files["runs/bench-/plan.json"][0].write_text("[]", encoding="utf-8")
    with sqlite3.connect(project.workspace / "ledger.sqlite") as db:
        db.execute("UPDATE request SET reply = '{\"content\":\"🐈\"}' WHERE task = 'label'")
    db.close()
    ran = project.deshi("doctor", "--artefacts", "--format", "json")
    assert ran.status == 1
    found = {row["file"]: row for row in ran.json}
    assert set(found) == {"statistics.npz", "manifest.json", "plan.json", "ledger.sqlite"}
    assert "makes it again" in found["statistics.npz"]["what happens"]
    assert "run its benchmark again" in found["plan.json"]["what happens"]
    assert "deshi ledger repair" in found["ledger.sqlite"]["what happens"]
    assert project.deshi(*RUN).status == 0
    again = project.deshi("doctor", "--artefacts", "--format", "json").json
    assert [row["file"] for row in again] == ["ledger.sqlite"]
