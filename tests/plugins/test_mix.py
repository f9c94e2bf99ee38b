"""Several corpora in one: by weight, in a fixed order, under names of their own, with right keys."""

import json
from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deshi.api import Env, Text
from deshi_plugins.corpora.mix import Mix
from deshi_plugins.corpora.params import MixParams

WEIGHTS = st.dictionaries(st.sampled_from("abcd"), st.floats(0.1, 10), min_size=1)


@dataclass
class Lines:
    """A corpus of so many lines, two a document."""

    size: int
    events: list[str] = field(default_factory=list)

    def __enter__(self):
        self.events.append("in")
        return self

    def __exit__(self, *what):
        self.events.append("out")

    def texts(self):
        for n in range(self.size):
            yield Text(id=str(n), document=str(n // 2), text=f"{n}番目", references=(("😂",),))


def mixed(corpora, **params):
    mix = Mix(MixParams(**params), Env())
    mix.combine(corpora)
    return mix


def names(texts):
    return [text.id.split("/")[0] for text in texts]


def test_texts_keep_all_but_their_names():
    (first, *_) = mixed({"a": Lines(3)}, weights={"a": 1}).texts()
    assert first == Text(id="a/0", document="a/0", text="0番目", references=(("😂",),))


def test_ids_stay_unique_where_the_corpora_use_the_same():
    texts = list(mixed({"a": Lines(5), "b": Lines(5)}, weights={"a": 1, "b": 1}).texts())
    assert len({text.id for text in texts}) == 10
    assert len({text.document for text in texts}) == 6


@given(WEIGHTS, st.integers(1, 200))
def test_at_any_place_each_has_given_its_share(weights, size):
    corpora = {name: Lines(1000) for name in weights}
    counts = Counter(names(mixed(corpora, weights=weights, limit=size).texts()))
    total = sum(weights.values())
    for name, weight in weights.items():
        assert abs(counts[name] - size * weight / total) <= 1 + len(weights) / 2


def test_the_order_is_that_of_the_weights_and_not_of_their_names_in_the_file():
    forward = mixed({"a": Lines(9), "b": Lines(9)}, weights={"a": 2, "b": 1})
    backward = mixed({"b": Lines(9), "a": Lines(9)}, weights={"b": 1, "a": 2})
    assert list(forward.texts()) == list(backward.texts())
    assert names(forward.texts())[:6] == ["a", "b", "a", "a", "b", "a"]


def test_when_one_ends_the_others_go_on_and_it_is_said(caplog):
    mix = mixed({"a": Lines(2), "b": Lines(6)}, weights={"a": 1, "b": 1})
    assert Counter(names(mix.texts())) == {"a": 2, "b": 6}
    assert mix.report()["mixed"] == {"a": 2, "b": 6}
    assert caplog.messages == ["'a' ended after 2 texts; the other corpora continue without it"]


def test_corpora_are_entered_and_left():
    lines = Lines(2)
    list(mixed({"a": lines}, weights={"a": 1}).texts())
    assert lines.events == ["in", "out"]


# In a run


BENCHMARK = """
[benchmark]
train = 20
valid = 2
test = 5
seeds = 1
resamples = 100
near-test = 1.0
metrics = ["jaccard"]

[matrix]
corpus = "both"
chain = "none"
rewriter = "none"
teacher = "lexicon"
student = "constant"
"""
REGISTRY = """
[corpus.chat]
use = "texts"
params = {{ path = "chat.jsonl", licence = "CC BY-SA 4.0" }}

[corpus.both]
use = "mix"
params = {{ weights = {{ sample = 1, chat = {weight} }} }}
"""


@pytest.fixture
def space(project):
    """Return a project with a mix of the packaged sample and a file of one's own."""
    lines = [json.dumps({"text": f"{n}番目のラーメンを食べた。"}) for n in range(2000)]
    (project.folder / "chat.jsonl").write_text("\n".join(lines))
    (project.folder / "registry.toml").write_text(REGISTRY.format(weight=3))
    project.write(BENCHMARK)
    return project


def splits(space, *words):
    ran = space.deshi("run", "bench.toml", "--format", "json", "--quiet", *words)
    assert ran.status == 0, ran.err
    return [data for data in ran.json["data"] if data["stage"] == "split"], ran.json


def test_a_run_reads_the_mix_and_records_the_terms_of_every_corpus(space):
    (split,), results = splits(space)
    given = split["notes"]["corpus"]["mixed"]
    assert abs(given["chat"] - 3 * given["sample"]) <= 3
    entries = results["provenance"]["entries"]
    assert entries["corpus.sample"]["terms"]["licence"] == "CC0-1.0"
    assert entries["corpus.chat"]["params"]["licence"] == "CC BY-SA 4.0"
    assert split["notes"]["corpus"]["corpora"]["chat"]["licence"] == "CC BY-SA 4.0"


@pytest.mark.slow
def test_whatever_changes_a_mixed_corpus_changes_the_key(space):
    (first,), _ = splits(space)
    assert splits(space)[0][0]["address"] == first["address"]
    (other,), _ = splits(space, "--set", "corpus.chat.params.share=0.9")
    assert other["address"] != first["address"]
    (weighed,), _ = splits(space, "--set", "corpus.both.params.weights.chat=1")
    assert weighed["address"] != first["address"]
    (space.folder / "chat.jsonl").write_text(json.dumps({"text": "別の文です。"}))
    assert splits(space)[0][0]["address"] != first["address"]


def test_the_order_of_the_weights_does_not_change_the_key(space):
    (first,), _ = splits(space)
    turned = REGISTRY.replace("sample = 1, chat = {weight}", "chat = 3, sample = 1").format()
    (space.folder / "registry.toml").write_text(turned)
    assert splits(space)[0][0]["address"] == first["address"]


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ("{ sampel = 1 }", "unknown corpus 'sampel'; did you mean 'sample'?"),
        ("{ both = 1 }", "'both' would contain itself"),
        ("{ outer = 1 }", "'both' would contain itself"),
        ("{ sample = 0 }", "expected float > 0.0"),
        ("{}", "expected object of length >= 1"),
    ],
)
def test_a_wrong_mix_is_told_where_it_is_written(space, weights, said):
    text = f'[corpus.both]\nuse = "mix"\nparams = {{ weights = {weights} }}\n'
    text += '[corpus.outer]\nuse = "mix"\nparams = { weights = { both = 1 } }\n'
    (space.folder / "registry.toml").write_text(text)
    ran = space.deshi("plan", "bench.toml")
    assert ran.status == 2
    assert said in ran.err
    assert "registry.toml:" in ran.err


def test_a_mixed_corpus_that_is_not_ready_stops_the_run_before_it_starts(space):
    (space.folder / "registry.toml").write_text(
        '[corpus.both]\nuse = "mix"\nparams = { weights = { far = 1 } }\n'
        '[corpus.far]\nuse = "toy/locked"\n'
    )
    ran = space.deshi("run", "bench.toml")
    assert ran.status == 3
    assert "corpus 'far': needs the environment variable DESHI_TOY_KEY" in ran.err
