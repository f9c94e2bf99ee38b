"""Components get what they need and no more; what they print is no result, and equal runs are one run."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from project import Project

SPY = """
import os, sys
from deshi.api import *
from deshi.emoji import inventory

ALL = [emoji for emoji in inventory() if len(emoji) == 1]

def note(what, *seen):
    with open(os.environ["SPY"], "a", encoding="utf-8") as file:
        file.write(f"{what} {seen!r} {[list(one.alphabet) for one in seen if isinstance(one, Examples)]}\\n")

def look_around(env):
    for folder in filter(None, (env.folder, env.cache)):
        for path in folder.rglob("*"):
            if path.is_file():
                note("file", path.name, path.read_bytes().decode("utf-8", "replace"))

class Labelled:
    def __init__(self, params, env):
        pass
    def texts(self):
        for i in range(400):
            text = f"これは{chr(0x3042 + i % 80) * 5}の話です。{i * 7919}"
            yield Text(f"t{i}", f"d{i // 2}", text, ((ALL[i],),), {"label": f"SECRET {i}"})

class Spy:
    def __init__(self, params, env):
        self.env, self.first = env, "🍎"
        note("env", env)
    def combine(self, members):
        self.members = members
    def fit(self, train, valid, loss):
        note("fit", train, valid, loss)
        look_around(self.env)
        self.first = train.alphabet.symbols[0]
        return FitReport()
    def predict(self, texts):
        note("predict", texts)
        look_around(self.env)
        return [Prediction((self.first,)) for _ in texts]
    def save(self, folder):
        (folder / "first.txt").write_text(self.first, encoding="utf-8")
    @classmethod
    def load(cls, folder, params, env):
        student = cls(params, env)
        student.first = (folder / "first.txt").read_text(encoding="utf-8")
        return student

class SpyLoss:
    decoding = "threshold"
    def __init__(self, params, env):
        note("env", env)
    def __call__(self, scores, targets, mask=None):
        note("loss", scores.shape, targets.shape, mask)
        return scores.sum(-1)

class SpyFilter:
    def __init__(self, params, env):
        note("env", env)
    def decide(self, items):
        note("filter", [item.text.references for item in items if item.part == "test"])
        return [Keep() for _ in items]

@hookimpl
def deshi_corpora():
    return [CorpusSpec(name="labelled", target="spy:Labelled", summary="S.", terms=Terms(licence="CC0-1.0"))]
@hookimpl
def deshi_students():
    return [
        StudentSpec(name="spy", target="spy:Spy", summary="S.", trains_on=None, capabilities=frozenset({"saves"})),
        StudentSpec(name="unsaved", target="spy:Spy", summary="S.", trains_on=None),
    ]
@hookimpl
def deshi_losses():
    return [LossSpec(name="spy", target="spy:SpyLoss", summary="S.", takes=frozenset({"labels"}))]
@hookimpl
def deshi_filters():
    return [FilterSpec(name="spy", target="spy:SpyFilter", summary="S.", places=frozenset({"source", "rewritten", "labelled"}))]
"""
BENCH = """
[benchmark]
train = 120
valid = 20
test = 40
seeds = 2
metrics = ["jaccard"]
baselines = ["constant"]
resamples = 100
[matrix]
corpus = "spy/labelled"
chain = "spying"
rewriter = "none"
teacher = "given"
student = ["spy/spy", "spy/unsaved", "both", "linear"]
loss = "spy/spy"
gold = ["own", "reference"]
[abandon]
"""
REGISTRY = """
[plugins]
local = ["spy.py"]
[chain.spying]
source = ["spy/spy"]
rewritten = ["spy/spy"]
labelled = ["spy/spy"]
[student.both]
use = "fusion"
params = { members = ["spy/spy", "linear"] }
"""


@pytest.fixture(scope="module")
def spied(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, str]:
    project = Project(tmp_path_factory.mktemp("spied"))
    log = project.folder / "spy.log"
    project.environment["SPY"] = str(log)
    (project.folder / "spy.py").write_text(SPY, encoding="utf-8")
    (project.folder / "registry.toml").write_text(REGISTRY, encoding="utf-8")
    project.write(BENCH)
    ran = project.deshi("run", "bench.toml", "--quiet")
    assert ran.status == 0, ran.err + ran.out
    shown = project.deshi("predict", "latest/given/spy/spy/own", "今日は海へ行った")
    assert shown.status == 0, shown.err
    return project, log.read_text(encoding="utf-8")


def _test_labels(project: Project) -> set[str]:
    found: set[str] = set()
    for file in project.workspace.glob("artefacts/label/*/*/pairs.parquet"):
        rows = pq.read_table(file).to_pylist()
        found |= {row["references"][0][0] for row in rows if row["part"] == "test"}
    assert len(found) == 40
    return found


def test_no_student_loss_or_file_beside_them_holds_a_test_label(spied: tuple[Project, str]) -> None:
    project, log = spied
    seen = [line for line in log.splitlines() if not line.startswith("filter")]
    for kind in ("env", "fit", "predict", "loss"):
        assert any(line.startswith(kind) for line in seen)
    for line in seen:
        assert "SECRET" not in line
        assert not [label for label in _test_labels(project) if repr(label)[1:-1] in line]
        assert "references=((" not in line.partition("expected=")[0]


def test_no_filter_sees_what_a_test_text_is_labelled_with(spied: tuple[Project, str]) -> None:
    lines = {line for line in spied[1].splitlines() if line.startswith("filter")}
    assert len(lines) > 2
    assert all(set(line) <= set("filter ([]),0123456789") for line in lines), lines


PRINTING = """
import sys
from deshi.api import *
print("IMPORTED")

class Loud:
    def __init__(self, params, env):
        print("BUILT")
        self.env = env
    def fit(self, train, valid, loss):
        sys.stdout.write("FITTED\\n")
        return FitReport()
    def predict(self, texts):
        print("PREDICTED")
        return [Prediction(("🍎",)) for _ in texts]
    def save(self, folder):
        print("SAVED")
    @classmethod
    def load(cls, folder, params, env):
        print("LOADED")
        return cls(params, env)
    def explain(self, texts):
        print("EXPLAINED")
        return [("no reason",) for _ in texts]

@hookimpl
def deshi_students():
    print("OFFERED")
    return [StudentSpec(name="loud", target="loud:Loud", summary="S.", trains_on=None,
                        capabilities=frozenset({"saves", "explains"}))]
@hookimpl
def deshi_stage_finished(manifest):
    print("WATCHED")
"""
TOY = """
[benchmark]
train = 60
valid = 10
test = 20
seeds = 3
metrics = ["hits"]
baselines = []
resamples = 100
[matrix]
corpus = "numbers"
chain = "none"
rewriter = "none"
teacher = "counter"
student = ["loud/loud", "memory"]
loss = "nothing"
"""


def _loud(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    (project.folder / "loud.py").write_text(PRINTING, encoding="utf-8")
    (project.folder / "registry.toml").write_text('[plugins]\nlocal = ["loud.py"]\n')
    project.write(TOY)
    return project


@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_a_component_prints_goes_to_stderr(tmp_path: Path, workers: str) -> None:
    project = _loud(tmp_path)
    ran = project.deshi("run", "bench.toml", "--format", "json", "--workers", workers)
    assert json.loads(ran.out)["rows"], ran.err
    for word in ("IMPORTED", "BUILT", "FITTED", "SAVED", "LOADED", "PREDICTED"):
        assert word in ran.err
    told = project.deshi("predict", "latest/loud", "今日は海へ行った", "--format", "json")
    assert json.loads(told.out)[0]["emoji"] == ["🍎"], told.err
    for word in ("LOADED", "PREDICTED", "EXPLAINED"):
        assert word in told.err


def test_equal_runs_are_one_run_and_said_to_be(tmp_path: Path) -> None:
    project = _loud(tmp_path)
    ran = project.deshi("run", "bench.toml", "--quiet")
    assert ran.status == 0, ran.err
    (found,) = project.workspace.glob("runs/*/results.json")
    results = json.loads(found.read_text(encoding="utf-8"))
    rows = {row["cell"]["student"]: row for row in results["rows"]}
    same, varied = rows["loud/loud"], rows["memory"]
    assert (same["equal_runs"], same["seeds"], len(same["metrics"]["hits"]["runs"])) == (3, 1, 1)
    assert (varied["equal_runs"], varied["seeds"]) == (0, 3)
    assert "all 3 runs of counter/loud/loud predicted the same and count as one" in ran.out


def test_deshi_score_goes_on_without_a_metric_that_fails(tmp_path: Path) -> None:
    project = _loud(tmp_path)
    (project.folder / "loud.py").write_text(WRONG_PRIMARY, encoding="utf-8")
    (project.folder / "a.jsonl").write_text('{"id": "1", "emoji": ["🍎"]}\n', encoding="utf-8")
    words = ["--gold", "a.jsonl", "--predicted", "a.jsonl", "--metrics", "loud/flat,jaccard"]
    ran = project.deshi("score", *words, "--format", "json")
    assert ran.status == 1
    assert [(one["metric"], one["value"]) for one in ran.json] == [
        ("loud/flat", "failed"),
        ("jaccard", 1.0),
    ]
    shown = project.deshi("score", *words)
    assert "failed: metric 'loud/flat' (loud.py:10): value returned 7" in " ".join(
        shown.out.split()
    )


LEAVING = """
import sys
from deshi.api import *

class Leaves:
    def __init__(self, params, env):
        pass
    def fit(self, train, valid, loss):
        sys.exit(0)

@hookimpl
def deshi_students():
    return [StudentSpec(name="loud", target="loud:Leaves", summary="S.", trains_on=None)]
"""


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_component_that_exits_fails_its_cell_and_not_the_run(
    tmp_path: Path, workers: str
) -> None:
    project = _loud(tmp_path)
    (project.folder / "loud.py").write_text(LEAVING, encoding="utf-8")
    ran = project.deshi("run", "bench.toml", "--workers", workers, "--format", "json", "--quiet")
    rows = {row["cell"]["student"]: row for row in ran.json["rows"]}
    assert ran.status == 1
    assert "student 'loud/loud' (loud.py:9): fit: SystemExit: 0" in rows["loud/loud"]["reason"]
    assert rows["memory"]["status"] == "ok"


WRONG_PRIMARY = """
import numpy as np
from deshi.api import *

class Flat:
    def __init__(self, params, env):
        pass
    def statistics(self, predicted, expected, alphabet):
        return np.zeros((len(predicted), 1))
    def value(self, sums, n):
        return sums[..., 0] + 7

@hookimpl
def deshi_metrics():
    return [MetricSpec(name="flat", target="loud:Flat", summary="S.", direction="higher",
                       bounds=(0.0, 1.0), signature="any")]
"""


def test_the_next_metric_ranks_where_the_primary_one_fails(tmp_path: Path) -> None:
    project = _loud(tmp_path)
    (project.folder / "loud.py").write_text(WRONG_PRIMARY, encoding="utf-8")
    bench = TOY.replace('metrics = ["hits"]', 'metrics = ["loud/flat", "hits"]')
    project.write(bench.replace('["loud/loud", "memory"]', '["fleeting", "memory"]'))
    ran = project.deshi("run", "bench.toml", "--quiet")
    assert ran.status == 1
    said = " ".join(ran.out.split())
    assert "the column loud/flat failed: metric 'loud/flat' (loud.py:10): value returned 7" in said
    assert "rows are ranked by hits" in said
    assert "tracebacks: .deshi/runs/" in said
    wide = project.deshi("show", "--wide")
    assert "loud/flat" in wide.out
    assert "failed" in wide.out
    claim = project.deshi("compare", "--claim", "memory > fleeting on loud/flat")
    assert (claim.status, claim.out) == (1, "")
    assert "metric 'loud/flat' failed in this run; see `deshi show`" in claim.err
    fixed = WRONG_PRIMARY.replace("+ 7", "/ n")
    (project.folder / "loud.py").write_text(fixed, encoding="utf-8")
    again = project.deshi("run", "bench.toml", "--quiet", "--format", "json")
    assert again.status == 0, again.err
    assert [metric["name"] for metric in again.json["metrics"]][:2] == ["loud/flat", "hits"]


def test_a_metric_that_failed_once_is_taken_again_by_the_next_run(tmp_path: Path) -> None:
    project = _loud(tmp_path)
    moody = WRONG_PRIMARY.replace("+ 7", "/ n * float(os.environ['MOOD'])")
    (project.folder / "loud.py").write_text(f"import os\n{moody}", encoding="utf-8")
    bench = TOY.replace('metrics = ["hits"]', 'metrics = ["hits", "loud/flat"]')
    project.write(bench.replace('["loud/loud", "memory"]', '"memory"'))
    ran = project.deshi("run", "bench.toml", "--quiet", "--format", "json")
    assert ran.status == 1
    (failed,) = [one["failed"] for one in ran.json["metrics"] if one["failed"]]
    assert "metric 'loud/flat' (loud.py:12): value: KeyError: 'MOOD' is not there" in failed
    again = project.deshi("run", "bench.toml", "--quiet", "--format", "json", env={"MOOD": "1"})
    assert again.status == 0, again.err
    assert again.json["rows"][0]["metrics"]["loud/flat"]["value"] == 0.0
