"""The teacher `given`: students learn from, and are judged by, labels that came with the corpus."""

import asyncio
import json

import pyarrow.parquet as pq
import pytest

from deshi.api import Env, NoParams, Request
from deshi_plugins.teachers.corpus_labels import CorpusLabels

BENCHMARK = """
[benchmark]
train = 30
valid = 3
test = 8
seeds = 1
resamples = 100
near-test = 1.0
metrics = ["jaccard"]
baselines = ["constant"]

[matrix]
corpus = "posts"
chain = "none"
rewriter = "none"
teacher = "given"
student = "memory"
loss = "nothing"
"""


def answer(sample=0, references=(("😂", "🎉"), ("😭",))):
    request = Request(task="label", text="文", sample=sample, references=references)
    return asyncio.run(CorpusLabels(NoParams(), Env()).answer(request))


def test_each_sample_is_one_of_the_sets_that_came_with_the_text():
    assert [answer(n).content for n in range(3)] == ["😂🎉", "😭", "😂🎉"]


def test_a_text_without_labels_is_refused():
    assert answer(references=()).finish == "refusal"


@pytest.fixture
def space(project):
    """Return a project whose posts have an emoji each, but for one in five."""
    project.write(
        BENCHMARK.replace('"memory"', '"toy/memory"').replace('"nothing"', '"toy/nothing"')
    )
    return project


def write(space, emoji):
    posts = [f"{n}番目の投稿です。{emoji if n % 5 else ''}" for n in range(100)]
    lines = [json.dumps({"text": post}, ensure_ascii=False) for post in posts]
    (space.folder / "posts.jsonl").write_text("\n".join(lines), encoding="utf-8")


def run(space):
    words = ["corpus.posts.params.path=posts.jsonl", "corpus.posts.params.split-emoji=true"]
    sets = [word for one in words for word in ("--set", one)]
    ran = space.deshi("run", "bench.toml", "--format", "json", "--quiet", *sets)
    assert ran.status == 0, ran.err
    (label,) = (data for data in ran.json["data"] if data["stage"] == "label")
    (folder,) = space.workspace.glob(f"artefacts/label/*/{label['address'].split('/')[1]}")
    return label, pq.read_table(folder / "pairs.parquet").to_pylist()


def test_posts_are_learned_from_without_their_emoji_and_with_their_labels(space):
    write(space, "😂")
    label, rows = run(space)
    kept = [row for row in rows if row["kept"]]
    assert len(kept) > 30
    assert not any("😂" in row["text"] for row in rows)
    assert {tuple(row["samples"][0]) for row in kept} == {("😂",)}
    assert label["dropped"]["teacher: refusal"] > 5


def test_labels_that_changed_are_never_taken_from_the_ledger(space):
    write(space, "😂")
    run(space)
    write(space, "🎉")
    _, rows = run(space)
    assert {tuple(row["samples"][0]) for row in rows if row["kept"]} == {("🎉",)}


def test_the_labels_that_came_with_a_text_can_be_a_row_of_their_own(space):
    write(space, "😂")
    text = (space.folder / "bench.toml").read_text(encoding="utf-8")
    text = text.replace('["constant"]', '["constant", "given"]')
    space.write(text.replace("[matrix]", '[matrix]\ngold = "reference"\n'))
    words = ["corpus.posts.params.path=posts.jsonl", "corpus.posts.params.split-emoji=true"]
    sets = [word for one in words for word in ("--set", one)]
    ran = space.deshi("run", "bench.toml", "--format", "json", "--quiet", *sets)
    assert ran.status == 0, ran.err
    (own,) = (row for row in ran.json["rows"] if "/given" in row["id"])
    assert own["metrics"]["jaccard"]["value"] == 1.0
