"""The built-in students: constant, knn and linear."""

import dataclasses
import json
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")

import torch

from deshi.api import ComponentError, Env, Examples, Expected, NoParams, Text
from deshi.emoji import Alphabet
from deshi_plugins.corpora.embedded import Sample
from deshi_plugins.losses.bce import BinaryCrossEntropy
from deshi_plugins.losses.ce import CrossEntropy
from deshi_plugins.losses.focal import Focal
from deshi_plugins.losses.params import CrossEntropyParams, FocalParams
from deshi_plugins.losses.zlpr import Zlpr
from deshi_plugins.students.adamw import AdamW
from deshi_plugins.students.constant import Constant
from deshi_plugins.students.knn import Knn
from deshi_plugins.students.linear import Linear
from deshi_plugins.students.params import KnnParams, LinearParams
from deshi_plugins.students.targets import mean_size, targets

ENV = Env(seed=1)
LOSSES = {
    "ce": CrossEntropy(CrossEntropyParams(), ENV),
    "bce": BinaryCrossEntropy(NoParams(), ENV),
    "focal": Focal(FocalParams(), ENV),
    "zlpr": Zlpr(NoParams(), ENV),
}
QUICK = LinearParams(epochs=6, rank=16)
STUDENTS = {"constant": Constant, "knn": Knn, "linear": Linear}
PARAMS = {"constant": NoParams(), "knn": KnnParams(), "linear": QUICK}
KEYWORDS = dict(
    zip(
        "猫犬雨雪夏夜朝父母水海花本車家店食風空",
        "🐱🐶☔⛄🍉🌙🌅👨👩💧🌊🌸📚🚗🏠🏪🍴🍃🌈",
        strict=True,
    )
)
ANY = pytest.mark.parametrize("name", STUDENTS)
ANY_LOSS = pytest.mark.parametrize("loss", LOSSES)


def labelled(text):
    return tuple(emoji for word, emoji in KEYWORDS.items() if word in text.text) or ("😀",)


def examples(texts, labels, counted=None):
    """Label texts; the alphabet and its counts are those of `counted`, or of the texts."""
    if counted is None:
        alphabet = Alphabet.of({e for references in labels for one in references for e in one})
        sets = [{e for one in references for e in one} for references in labels]
        counts = np.array([sum(e in one for one in sets) for e in alphabet], dtype=np.float64)
    else:
        alphabet, counts = counted.alphabet, counted.counts
    return Examples(texts, [Expected(tuple(map(tuple, one))) for one in labels], alphabet, counts)


def simple(*pairs, counted=None):
    texts = [Text(f"{i}", f"d{i}", text) for i, (text, _) in enumerate(pairs)]
    return examples(texts, [(emojis,) for _, emojis in pairs], counted)


def nothing(train):
    return Examples([], [], train.alphabet, train.counts)


@pytest.fixture(scope="module")
def sample():
    """Split the sample by document into training, validation and test, labelled by keyword."""
    parts = ([], [], [])
    for text in Sample(NoParams(), ENV).texts():
        if labelled(text) != ("😀",):
            parts[(0, 0, 0, 1, 2)[int(text.document.rpartition("-")[2]) % 5]].append(text)
    train = examples(parts[0], [(labelled(text),) for text in parts[0]])
    valid, test = (examples(p, [(labelled(t),) for t in p], train) for p in parts[1:])
    return train, valid, test


def fitted(name, train, valid, params=None, env=ENV, loss="bce"):
    student = STUDENTS[name](params or PARAMS[name], env)
    student.fit(train, valid, LOSSES[loss])
    return student


def mean_jaccard(student, judged):
    scores = []
    for prediction, expected in zip(student.predict(judged.texts), judged.expected, strict=True):
        found, gold = set(prediction.emojis), set(expected.references[0])
        scores.append(len(found & gold) / len(found | gold))
    return float(np.mean(scores))


def assert_proper(student, texts, alphabet):
    found = student.predict(texts)
    assert len(found) == len(texts)
    for prediction in found:
        assert 1 <= len(prediction.emojis) <= 5
        assert len(set(prediction.emojis)) == len(prediction.emojis)
        assert set(prediction.emojis) <= set(alphabet)
        assert prediction.ranked is not None
        assert prediction.ranked[0][0] == prediction.emojis[0]
        assert len(prediction.ranked) <= 20
        assert all(np.isfinite(score) for _, score in prediction.ranked)


@ANY
def test_answers_are_one_to_five_emoji_of_the_alphabet_with_a_ranking(name, sample):
    train, valid, test = sample
    assert_proper(fitted(name, train, valid), test.texts, train.alphabet)


@ANY
def test_a_saved_student_predicts_as_before(name, sample, tmp_path):
    train, valid, test = sample
    student = fitted(name, train, valid)
    student.save(tmp_path)
    loaded = STUDENTS[name].load(tmp_path, PARAMS[name], ENV)
    assert loaded.predict(test.texts) == student.predict(test.texts)
    assert all(file.suffix in {".json", ".npz", ".npy"} for file in tmp_path.iterdir())


@ANY
def test_a_loaded_student_can_be_saved_again(name, sample, tmp_path):
    train, valid, _ = sample
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    fitted(name, train, valid).save(first)
    STUDENTS[name].load(first, PARAMS[name], ENV).save(second)
    for file in first.iterdir():
        assert file.read_bytes() == (second / file.name).read_bytes()


@ANY
def test_the_same_seed_gives_the_same_student(name, sample, tmp_path):
    train, valid, _ = sample
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
        fitted(name, train, valid).save(folder)
    for file in folders[0].iterdir():
        assert file.read_bytes() == (folders[1] / file.name).read_bytes()


@ANY
def test_answers_do_not_depend_on_the_other_texts(name, sample):
    train, valid, test = sample
    student = fitted(name, train, valid)
    alone = [student.predict([text])[0].emojis for text in test.texts[:20]]
    assert alone == [prediction.emojis for prediction in student.predict(test.texts[:20])]


@ANY
def test_no_text_is_no_trouble(name, sample):
    train, valid, _ = sample
    assert list(fitted(name, train, valid).predict([])) == []


@ANY
@ANY_LOSS
@pytest.mark.parametrize("text", ["猫", "ラーメンが好きです。"])
def test_one_training_text_and_no_validation_are_enough(name, loss, text):
    train = simple((text, "🐱"))
    student = fitted(name, train, nothing(train), loss=loss)
    texts = [Text("x", "x", "犬"), Text("y", "y", text), Text("z", "z", ""), Text("w", "w", "é")]
    assert_proper(student, texts, train.alphabet)


@ANY
@ANY_LOSS
def test_one_label_only_is_always_the_answer(name, loss):
    train = simple(("猫がいる", "🐱"), ("猫は寝る", "🐱"), ("猫だよ", "🐱"))
    student = fitted(name, train, simple(("猫", "🐱"), counted=train), loss=loss)
    assert [p.emojis for p in student.predict([Text("x", "x", "犬")])] == [("🐱",)]


@ANY
@ANY_LOSS
def test_validation_labels_that_training_lacks_are_no_trouble(name, loss):
    train = simple(("猫がいる", "🐱"), ("雨が降る", "☔😢"), ("花が咲く", "🌸"))
    valid = simple(("船に乗る", "🚢"), ("猫と雨", "🐱☔🚢"), counted=train)
    student = fitted(name, train, valid, loss=loss)
    assert_proper(student, valid.texts, train.alphabet)


@ANY
def test_training_texts_without_labels_are_no_trouble(name):
    train = simple(("猫がいる", "🐱"), ("雨が降る", "☔"), ("何もない", ""))
    student = fitted(name, train, simple(("何か", ""), counted=train), loss="ce")
    assert_proper(student, train.texts, train.alphabet)


@ANY
def test_without_any_label_it_says_so(name):
    train = simple(("何もない", ""))
    with pytest.raises(ComponentError, match=f"student {name}: no training text carries a label"):
        fitted(name, train, nothing(train))


@pytest.mark.parametrize(("name", "loss"), [("knn", "ce"), *[("linear", loss) for loss in LOSSES]])
def test_a_student_that_reads_beats_the_constant(name, loss, sample):
    train, valid, test = sample
    params = None if name == "knn" else LinearParams(epochs=20)
    constant = mean_jaccard(fitted("constant", train, valid), test)
    assert mean_jaccard(fitted(name, train, valid, params, loss=loss), test) > 2 * constant


# constant


def test_the_constant_is_the_most_frequent_and_k_is_chosen_on_validation():
    train = simple(("あ", "🐱☔"), ("い", "🐱☔"), ("う", "🐱"), ("え", "🌸"))
    valid = simple(("お", "🐱☔"), ("か", "🐱☔🌸"), counted=train)
    student = Constant(NoParams(), ENV)
    report = student.fit(train, valid, None)
    assert report.notes["k"] == 2
    (prediction,) = student.predict([Text("x", "x", "何か")])
    assert prediction.emojis == ("🐱", "☔")
    assert prediction.ranked == (("🐱", 0.75), ("☔", 0.5), ("🌸", 0.25))


def test_equal_counts_stand_in_the_order_of_the_alphabet():
    train = simple(("あ", "☔"), ("い", "🐱"), ("う", "😀"))
    student = fitted("constant", train, nothing(train))
    ranked = [emoji for emoji, _ in student.predict(train.texts)[0].ranked]
    assert ranked == list(train.alphabet)


def test_the_constant_takes_the_best_of_several_references():
    train = simple(("あ", "🐱☔"), ("い", "🐱☔"))
    valid = examples([Text("v", "v", "う")], [(("🌸",), ("🐱", "☔"))], train)
    student = Constant(NoParams(), ENV)
    assert student.fit(train, valid, None).notes["k"] == 2


# knn


def test_texts_of_the_same_document_do_not_vote():
    texts = [Text("1", "a", "猫がいる"), Text("2", "b", "猫がいるよ"), Text("3", "c", "海へ行く")]
    train = examples(texts, [(("🐱",),), (("🐶",),), (("🌊",),)])
    student = fitted("knn", train, nothing(train), KnnParams(smoothing=0.0))
    (own,) = student.predict([Text("x", "a", "猫がいる")])
    (other,) = student.predict([Text("x", "z", "猫がいる")])
    assert own.emojis == ("🐶",)
    assert dict(own.ranked)["🐱"] == 0
    assert other.emojis[0] == "🐱"


def test_a_document_is_masked_however_many_texts_it_has():
    texts = [Text(f"{i}", "a", "猫がいる") for i in range(30)] + [Text("n", "b", "猫だよ")]
    train = examples(texts, [(("🐱",),)] * 30 + [(("🌸",),)])
    student = fitted("knn", train, nothing(train), KnnParams(k=3, smoothing=0.0))
    assert student.predict([Text("x", "a", "猫がいる")])[0].emojis == ("🌸",)


def test_the_nearest_k_vote_with_the_kernel():
    texts = [Text("1", "a", "猫"), Text("2", "b", "猫猫犬"), Text("3", "c", "犬")]
    train = examples(texts, [(("🐱",),), (("🎉",),), (("🐶",),)])
    student = fitted("knn", train, nothing(train), KnnParams(k=2, beta=3.0, ngram=1, smoothing=0.5))
    (prediction,) = student.predict([Text("x", "x", "猫")])
    # 猫 and 犬 are equally frequent, so that the cosine of 猫 and 猫猫犬 is 2 / √5.
    weights = np.exp(3.0 * (np.array([1, 2 / 5**0.5]) - 1))
    shares = np.array([*weights / weights.sum(), 0.0])
    expected = dict(zip("🐱🎉🐶", (shares + 0.5 / 3) / 1.5, strict=True))
    assert dict(prediction.ranked) == pytest.approx(expected)


def test_a_text_like_no_other_gets_the_frequencies():
    train = simple(("猫がいる", "🐱"), ("猫だ", "🐱"), ("海へ", "🌊"))
    student = fitted("knn", train, nothing(train))
    (prediction,) = student.predict([Text("x", "x", "xyz")])
    assert dict(prediction.ranked) == pytest.approx({"🐱": 2 / 3, "🌊": 1 / 3})


def test_without_smoothing_it_still_answers():
    train = simple(("猫がいる", "🐱"), ("海へ", "🌊"))
    student = fitted("knn", train, nothing(train), KnnParams(smoothing=0.0))
    assert_proper(student, [Text("x", "x", "xyz")], train.alphabet)


def test_decoding_parameters_may_differ_from_those_of_fitting(sample, tmp_path):
    train, valid, test = sample
    fitted("knn", train, valid).save(tmp_path)
    one = Knn.load(tmp_path, KnnParams(k=1, max_emoji=1), ENV).predict(test.texts)
    fresh = fitted("knn", train, valid, KnnParams(k=1, max_emoji=1)).predict(test.texts)
    assert one == fresh
    assert {len(prediction.emojis) for prediction in one} == {1}


# linear


def weights(student):
    return torch.cat([value.flatten() for value in student._head.state_dict().values()])


def test_another_seed_gives_other_weights(sample):
    train, valid, _ = sample
    one = fitted("linear", train, valid, env=Env(seed=1))
    two = fitted("linear", train, valid, env=Env(seed=2))
    assert not torch.equal(weights(one), weights(two))


def test_another_loss_gives_other_weights(sample):
    train, valid, _ = sample
    found = [weights(fitted("linear", train, valid, loss=loss)) for loss in LOSSES]
    for i, one in enumerate(found):
        assert all(not torch.equal(one, other) for other in found[i + 1 :])


def test_the_number_of_threads_changes_nothing_and_is_put_back(sample):
    train, valid, test = sample
    before = torch.get_num_threads()
    one = fitted("linear", train, valid, env=Env(seed=1, threads=1))
    two = fitted("linear", train, valid, env=Env(seed=1, threads=2))
    assert torch.get_num_threads() == before
    assert torch.equal(weights(one), weights(two))
    assert one.predict(test.texts) == two.predict(test.texts)


def test_torchs_own_random_numbers_are_neither_used_nor_moved(sample):
    train, valid, _ = sample
    torch.manual_seed(0)
    one = weights(fitted("linear", train, valid))
    state = torch.get_rng_state()
    torch.manual_seed(1)
    assert torch.equal(weights(fitted("linear", train, valid)), one)
    torch.manual_seed(0)
    assert torch.equal(torch.get_rng_state(), state)


def test_decoding_parameters_change_no_weight(sample, tmp_path):
    train, valid, test = sample
    student = fitted("linear", train, valid)
    other = dataclasses.replace(QUICK, max_emoji=1, threshold=0.9)
    assert torch.equal(weights(fitted("linear", train, valid, other)), weights(student))
    student.save(tmp_path)
    loaded = Linear.load(tmp_path, other, ENV)
    assert {len(p.emojis) for p in loaded.predict(test.texts)} == {1}
    every = Linear.load(tmp_path, dataclasses.replace(QUICK, threshold=0.0), ENV)
    assert {len(p.emojis) for p in every.predict(test.texts)} == {5}


def test_it_keeps_the_best_epoch_on_validation_and_stops_after_patience(sample):
    train, valid, _ = sample
    params = LinearParams(epochs=40, patience=3, rank=16)
    student = Linear(params, ENV)
    report = student.fit(train, valid, LOSSES["bce"])
    scores = [epoch["valid-jaccard"] for epoch in report.history]
    assert report.epochs == len(scores) <= 40
    assert report.notes["best-epoch"] == int(np.argmax(scores)) + 1
    assert report.epochs in {40, report.notes["best-epoch"] + 3}
    assert mean_jaccard(student, valid) == pytest.approx(max(scores))
    json.dumps([report.history, report.notes])


def test_without_validation_it_runs_all_epochs(sample):
    train, _, _ = sample
    report = Linear(QUICK, ENV).fit(train, nothing(train), LOSSES["ce"])
    assert report.epochs == QUICK.epochs == report.notes["best-epoch"]


def test_the_loss_falls_and_progress_is_told(sample):
    train, valid, _ = sample
    seen = []
    env = Env(seed=1, progress=lambda done, total: seen.append((done, total)))
    report = Linear(QUICK, env).fit(train, valid, LOSSES["zlpr"])
    losses = [epoch["train-loss"] for epoch in report.history]
    assert losses[-1] < losses[0]
    assert seen == [(epoch, QUICK.epochs) for epoch in range(1, report.epochs + 1)]


def test_it_needs_a_loss(sample):
    train, valid, _ = sample
    with pytest.raises(ComponentError, match="it needs a loss"):
        Linear(QUICK, ENV).fit(train, valid, None)


@pytest.mark.parametrize("student", [Knn(KnnParams(), ENV), Linear(QUICK, ENV)])
def test_an_unfitted_student_has_nothing_to_save(student, tmp_path):
    with pytest.raises(ComponentError, match="not fitted"):
        student.save(tmp_path)


def test_training_does_not_import_torchs_compiler():
    code = """
import sys, numpy as np
from deshi.api import *
from deshi.emoji import Alphabet
from deshi_plugins.losses.bce import BinaryCrossEntropy
from deshi_plugins.students.linear import Linear
from deshi_plugins.students.params import LinearParams
train = Examples([Text("1", "1", "猫")], [Expected((("🐱",),))], Alphabet.of("🐱"), np.ones(1))
Linear(LinearParams(epochs=1), Env()).fit(train, train, BinaryCrossEntropy(NoParams(), Env()))
assert "torch._dynamo" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_the_optimiser_is_adamw():
    torch.manual_seed(0)
    ours = torch.randn(3, 4, dtype=torch.double)
    theirs = torch.nn.Parameter(ours.clone())
    reference = torch.optim.AdamW([theirs], lr=0.1, weight_decay=0.3)
    optimizer = AdamW({ours: 0.3}, 0.1)
    for _ in range(5):
        gradient = torch.randn(3, 4, dtype=torch.double)
        theirs.grad = gradient.clone()
        reference.step()
        optimizer.step([gradient])
    assert torch.allclose(ours, theirs, rtol=1e-9)


# targets


def test_shares_are_targets_as_they_are():
    train = simple(("猫", "🐱"), ("雨", "☔"))
    soft = dataclasses.replace(
        train,
        expected=[Expected((("🐱",),), {"🐱": 1.0, "☔": 0.25, "🚀": 0.5}), *train.expected[1:]],
    )
    found = {e: targets(soft)[0, soft.alphabet.index(e)] for e in soft.alphabet}
    assert found == {"🐱": 1.0, "☔": 0.25}


def test_several_references_share_the_target():
    train = examples([Text("1", "1", "猫")], [(("🐱", "🐱", "☔"), ("🐱",))])
    found = {e: targets(train)[0, train.alphabet.index(e)] for e in train.alphabet}
    assert found == {"🐱": 1.0, "☔": 0.5}
    assert mean_size(targets(train)) == 1.5


def test_the_mean_size_leaves_out_texts_without_labels():
    assert mean_size(np.array([[1, 1], [0, 0]], dtype=np.float32)) == 2
    assert mean_size(np.zeros((2, 2), dtype=np.float32)) == 1
