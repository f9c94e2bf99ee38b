"""The built-in students: what all keep to, constant, knn and targets."""

import dataclasses

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")

from loss_kit import built
from scipy import sparse
from student_kit import (
    ENV,
    LOSSES,
    PARAMS,
    STUDENTS,
    assert_proper,
    examples,
    fitted,
    mean_jaccard,
    nothing,
    sample_parts,
    simple,
)

from deshi.api import ComponentError, Expected, NoParams, Text
from deshi_plugins.students.constant import Constant
from deshi_plugins.students.knn import Knn
from deshi_plugins.students.params import KnnParams, LinearParams
from deshi_plugins.students.targets import label_targets, loss_targets, mean_size
from deshi_plugins.students.voting import Labels, NearestTexts, choose_settings, score_settings

ANY = pytest.mark.parametrize("name", STUDENTS)
ANY_LOSS = pytest.mark.parametrize("loss", LOSSES)


@pytest.fixture
def sample():
    return sample_parts()


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


def hits_of_five(right, wrong):
    """Return what choosing k gets: on `right` texts five neighbours beat twenty, on `wrong` others."""
    gold = ["🐱"] * right + ["🐶"] * wrong + ["🌊"] * (20 - right - wrong)
    near, of_cats = np.tile(np.arange(20), (20, 1)), np.arange(20) < 5
    votes = sparse.csr_array(np.stack([of_cats, ~of_cats], axis=1), dtype=np.float64)
    neighbours = NearestTexts(np.ones((20, 20)), near, np.ones((20, 20), dtype=bool))
    gains = score_settings(
        neighbours,
        Labels(votes, np.array([0.25, 0.75])),
        0.0,
        ("🐱", "🐶"),
        [Expected(((emoji,),)) for emoji in gold],
    )
    return choose_settings(gains, None, None)[0]


def test_few_texts_on_which_fewer_neighbours_were_luckier_do_not_choose_them():
    assert hits_of_five(right=2, wrong=1) == 20
    assert hits_of_five(right=12, wrong=1) == 5


# targets


def with_shares():
    train = simple(("猫", "🐱"), ("雨", "☔"))
    shares = Expected((("🐱",),), {"🐱": 1.0, "☔": 0.25, "🚀": 0.5})
    return dataclasses.replace(train, expected=[shares, *train.expected[1:]])


def test_shares_are_targets_as_they_are():
    soft = with_shares()
    matrix = label_targets(soft, shares=True)
    assert {e: matrix[0, soft.alphabet.index(e)] for e in soft.alphabet} == {"🐱": 1.0, "☔": 0.25}


def test_only_a_loss_that_wants_shares_gets_them():
    soft = with_shares()
    assert loss_targets(LOSSES["bce"], soft).tolist() == label_targets(soft, shares=False).tolist()
    assert 0.25 not in loss_targets(LOSSES["bce"], soft)
    assert 0.25 in loss_targets(built("soft-labels"), soft)


def test_several_references_share_the_target():
    train = examples([Text("1", "1", "猫")], [(("🐱", "🐱", "☔"), ("🐱",))])
    found = {
        e: label_targets(train, shares=True)[0, train.alphabet.index(e)] for e in train.alphabet
    }
    assert found == {"🐱": 1.0, "☔": 0.5}
    assert mean_size(label_targets(train, shares=False)) == 1.5


def test_the_mean_size_leaves_out_texts_without_labels():
    assert mean_size(np.array([[1, 1], [0, 0]], dtype=np.float32)) == 2
    assert mean_size(np.zeros((2, 2), dtype=np.float32)) == 1
