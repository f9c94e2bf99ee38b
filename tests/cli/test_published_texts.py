"""Texts of people leave only where their terms allow, whatever file they lie in; cards say what was stated."""

from __future__ import annotations

import json

import pytest

import sealed
from project import Project

BENCH = """
[benchmark]
train = 60
valid = 20
test = 20
metrics = ["jaccard"]
baselines = []
resamples = 100
[matrix]
corpus = "diary"
chain = "none"
rewriter = "none"
teacher = "given"
gold = "reference"
student = ["knn", "linear", "both", "quoting/quoting"]
loss = "bce"
"""
REGISTRY = """
[plugins]
local = ["quoting.py"]

[corpus.diary]
use = "texts"
terms = { licence = "all rights reserved", train-models = "allow", redistribute = "deny" }
[corpus.diary.params]
path = "diary.jsonl"
labels = "emoji"
licence = "CC BY-SA 4.0"
labels-by = "people"

[student.both]
use = "fusion"
params = { members = ["knn", "linear"] }
"""
PLUGIN = """
import json
from deshi.api import FitReport, Prediction, StudentSpec, hookimpl

class Quoting:
    def __init__(self, params, env):
        self.texts = []
    def fit(self, train, valid, loss):
        self.texts = [one.text for one in train.texts]
        return FitReport()
    def predict(self, texts):
        return [Prediction(("😀",)) for _ in texts]
    def save(self, folder):
        (folder / "weights.bin").write_bytes("".join(self.texts).encode("utf-16-le"))
    @classmethod
    def load(cls, folder, params, env):
        return cls(params, env)

@hookimpl
def deshi_students():
    return [StudentSpec(name="quoting", target="quoting:Quoting", summary="Quotes.", trains_on=None,
                        capabilities=frozenset({"saves"}))]
"""
SECRET = "昨日の診察で言われたことを"


@pytest.fixture(scope="module")
def diary(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(tmp_path_factory.mktemp("diary"))
    emoji = ["😀", "😢", "🎉"]
    rows = [
        {
            "text": f"{SECRET}{n}回も、{chr(0x3042 + n % 80) * 6}と{n * 7919}日",
            "emoji": emoji[n % 3],
        }
        for n in range(400)
    ]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (made.folder / "diary.jsonl").write_text(lines, encoding="utf-8")
    (made.folder / "registry.toml").write_text(REGISTRY, encoding="utf-8")
    (made.folder / "quoting.py").write_text(PLUGIN, encoding="utf-8")
    made.write(BENCH)
    ran = made.deshi("run", "bench.toml", "--quiet")
    assert ran.status == 0, ran.err + ran.out
    return made


def _holds(project: Project, folder: str) -> bool:
    needles = [SECRET.encode(), SECRET.encode("utf-16-le"), json.dumps(SECRET).strip('"').encode()]
    files = [file for file in (project.folder / folder).rglob("*") if file.is_file()]
    return any(needle in file.read_bytes() for file in files for needle in needles)


@pytest.mark.parametrize("row", ["knn", "both", "quoting"])
def test_a_student_that_keeps_texts_is_not_given_away_where_the_texts_may_not_be(
    diary: Project, row: str
) -> None:
    ran = diary.deshi("publish", f"latest/{row}", "--to", f"out-{row}", "--no-data")
    assert ran.status == 2
    assert "redistribution are 'deny' (all rights reserved)" in ran.err
    assert "holds the texts that it learned from" in ran.err
    assert "--no-data" not in ran.err
    assert not (diary.folder / f"out-{row}").exists()


def test_with_a_reason_it_is_and_the_card_says_what_is_in_it(diary: Project) -> None:
    ran = diary.deshi(
        "publish",
        "latest/knn",
        "--to",
        "permitted",
        "--no-data",
        "--permit",
        "ok\n---\nlicense: mit",
    )
    assert ran.status == 0, ran.err
    assert _holds(diary, "permitted")
    card = (diary.folder / "permitted/model/README.md").read_text(encoding="utf-8")
    assert "The texts that it learned from are in its files" in card
    assert "**Permit.** ok --- license: mit" in card.splitlines()


def test_a_student_without_texts_goes_without_the_pairs_and_holds_none(diary: Project) -> None:
    ran = diary.deshi("publish", "latest/linear", "--to", "bare")
    assert ran.status == 2
    assert "--no-data" in ran.err
    ran = diary.deshi("publish", "latest/linear", "--to", "bare", "--no-data")
    assert ran.status == 0, ran.err
    assert not _holds(diary, "bare/model")


def test_the_licence_and_whose_the_labels_are_stand_in_both_cards_and_their_heads(
    diary: Project,
) -> None:
    (path,) = diary.workspace.glob("runs/*/results.json")
    stated = sealed.read(path)
    stated["provenance"]["entries"]["corpus.diary"]["terms"] = None  # as without `terms = …`
    sealed.write(path, stated)
    ran = diary.deshi("publish", "latest/linear", "--to", "whole", "--permit", "They agreed.")
    assert ran.status == 0, ran.err
    for part in ("model", "data"):
        card = (diary.folder / f"whole/{part}/README.md").read_text(encoding="utf-8")
        head = card.split("---")[1]
        assert 'license: "cc-by-sa-4.0"' in head
        assert "| corpus.diary | CC BY-SA 4.0" in card
        assert "that people gave them" in card
        assert "The labels are a model's" not in card
    assert 'annotations_creators: ["expert-generated"]' in head
