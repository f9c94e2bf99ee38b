"""The students `bert` and `t5`, small and from scratch: what all students keep to, and their own."""

import json
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import torch
from neural_kit import ENV, LOSS, PARAMS, STUDENTS, cut, fitted
from student_kit import LOSSES, assert_proper, mean_jaccard, nothing, sample_parts, simple
from student_kit import fitted as fitted_plain

from deshi.api import ComponentError, Env, NotReadyError, Text
from deshi_plugins.students.neural.params import BertParams, T5Params

ANY = pytest.mark.parametrize("name", STUDENTS)


@pytest.fixture(scope="module")
def few():
    train, valid, test = sample_parts()
    return cut(train, 60), cut(valid, 30), cut(test, 40)


@pytest.fixture(scope="module")
def small(few):
    """One fitted student of each kind, which no test changes."""
    train, valid, _ = few
    return {name: fitted(name, train, valid) for name in STUDENTS}


@ANY
def test_answers_are_one_to_five_emoji_of_the_alphabet_with_a_ranking(name, few, small):
    assert_proper(small[name], few[2].texts, few[0].alphabet)


@ANY
def test_a_saved_student_predicts_as_before_and_can_be_saved_again(name, few, small, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    small[name].save(first)
    loaded = STUDENTS[name].load(first, PARAMS[name], ENV)
    assert loaded.predict(few[2].texts) == small[name].predict(few[2].texts)
    loaded.save(second)
    for file in ("model.safetensors", "student.json", "config.json"):
        assert (first / file).read_bytes() == (second / file).read_bytes()


@ANY
def test_the_same_seed_gives_the_same_weights_and_another_seed_others(name, few, small, tmp_path):
    train, valid, _ = few
    folders = [tmp_path / "a", tmp_path / "b", tmp_path / "c"]
    for folder, env in zip(folders, (ENV, ENV, Env(seed=2)), strict=True):
        folder.mkdir()
        student = small[name] if folder is folders[0] else fitted(name, train, valid, env)
        student.save(folder)
    weights = [(folder / "model.safetensors").read_bytes() for folder in folders]
    assert weights[0] == weights[1] != weights[2]
    tokenizers = [(folder / "tokenizer.json").read_bytes() for folder in folders]
    assert tokenizers[0] == tokenizers[1]


@ANY
def test_answers_do_not_depend_on_the_other_texts(name, few, small):
    texts = few[2].texts[:20]
    alone = [small[name].predict([text])[0].emojis for text in texts]
    assert alone == [prediction.emojis for prediction in small[name].predict(texts)]


@ANY
def test_no_text_is_no_trouble(name, small):
    assert list(small[name].predict([])) == []


@ANY
@pytest.mark.parametrize("text", ["猫", "ラーメンが好きです。"])
def test_one_training_text_and_no_validation_are_enough(name, text):
    train = simple((text, "🐱"))
    student = fitted(name, train, nothing(train))
    texts = [Text("x", "x", "犬"), Text("y", "y", text), Text("z", "z", ""), Text("w", "w", "é")]
    assert_proper(student, texts, train.alphabet)


@pytest.mark.parametrize(("name", "loss"), [*(("bert", loss) for loss in LOSSES), ("t5", "focal")])
def test_validation_labels_that_training_lacks_and_texts_without_any_are_no_trouble(name, loss):
    train = simple(("猫がいる", "🐱"), ("雨が降る", "☔😢"), ("花が咲く", "🌸"), ("何もない", ""))
    valid = simple(("船に乗る", "🚢"), ("猫と雨", "🐱☔🚢"), ("何か", ""), counted=train)
    assert_proper(fitted(name, train, valid, loss=loss), valid.texts, train.alphabet)


@ANY
def test_without_a_label_or_a_loss_it_says_so(name, few):
    train = simple(("何もない", ""))
    with pytest.raises(ComponentError, match="student mine: no training text carries a label"):
        STUDENTS[name](PARAMS[name], ENV).fit(train, nothing(train), LOSSES[LOSS[name]])
    with pytest.raises(ComponentError, match="student mine: it needs a loss"):
        STUDENTS[name](PARAMS[name], ENV).fit(few[0], few[1], None)
    with pytest.raises(ComponentError, match="student mine: it is not fitted"):
        STUDENTS[name](PARAMS[name], ENV).predict(few[0].texts)


@ANY
def test_a_device_that_is_not_there_is_told(name, few):
    student = STUDENTS[name](PARAMS[name], Env(entry="mine", device="meteor"))
    with pytest.raises(NotReadyError, match="student mine: the device 'meteor' cannot be used"):
        student.fit(few[0], few[1], LOSSES[LOSS[name]])


@ANY
def test_the_random_numbers_of_the_process_are_left_alone(name, few, small):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    fitted(name, cut(few[0], 4), cut(few[1], 2), epochs=1)
    assert torch.equal(torch.rand(3), expected)


def test_bert_beats_the_constant_on_the_sample():
    train, valid, test = sample_parts()
    constant = mean_jaccard(fitted_plain("constant", train, valid), test)
    params = {"epochs": 12, "width": 64, "vocabulary": 2000, "learning_rate": 3e-3}
    assert mean_jaccard(fitted("bert", train, valid, **params), test) > 2 * constant


@pytest.mark.slow
def test_t5_beats_the_constant_on_the_sample():
    train, valid, test = sample_parts()
    constant = mean_jaccard(fitted_plain("constant", train, valid), test)
    params = {"epochs": 30, "width": 64, "vocabulary": 2000, "learning_rate": 2e-3}
    student = fitted("t5", train, valid, batch_size=16, patience=8, **params)
    assert mean_jaccard(student, test) > 2 * constant


def test_a_saved_bert_is_a_classifier_of_transformers(few, small, tmp_path):
    import transformers

    small["bert"].save(tmp_path)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(tmp_path)
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path)
    assert model.config.problem_type == "multi_label_classification"
    assert tuple(model.config.id2label.values()) == few[0].alphabet.symbols
    text = Text("x", "x", "猫が寝ている。")
    with torch.no_grad():
        scores = model(**tokenizer(text.text, return_tensors="pt")).logits[0].numpy()
    best = few[0].alphabet.symbols[int(np.argmax(scores))]
    assert small["bert"].predict([text])[0].ranked[0][0] == best


def test_a_saved_t5_is_a_model_of_transformers_and_its_emoji_are_tokens(few, small, tmp_path):
    import transformers

    small["t5"].save(tmp_path)
    model = transformers.T5ForConditionalGeneration.from_pretrained(tmp_path)
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path)
    state = json.loads((tmp_path / "student.json").read_text(encoding="utf-8"))
    assert tokenizer.convert_tokens_to_ids(state["symbols"]) == state["outputs"][1:]
    assert state["outputs"][0] == tokenizer.eos_token_id
    text = Text("x", "x", "猫が寝ている。")
    asked = tokenizer(text.text, return_tensors="pt")
    with torch.no_grad():
        scores = model(**asked, decoder_input_ids=torch.tensor([[0]])).logits[0, 0]
    first = state["symbols"][int(scores[state["outputs"][1:]].argmax())]
    greedy = STUDENTS["t5"].load(tmp_path, T5Params(decode="greedy"), ENV)
    assert greedy.predict([text])[0].emojis[0] == first


def test_the_threshold_of_the_parameters_goes_before_the_tuned_one(few, small, tmp_path):
    small["bert"].save(tmp_path)
    sure = STUDENTS["bert"].load(tmp_path, BertParams(threshold=1.0), ENV)
    unsure = STUDENTS["bert"].load(tmp_path, BertParams(threshold=0.0, max_emoji=3), ENV)
    assert {len(one.emojis) for one in sure.predict(few[2].texts)} == {1}
    assert {len(one.emojis) for one in unsure.predict(few[2].texts)} == {3}


@pytest.mark.parametrize("order", ["teacher", "frequent-first", "rare-first", "random"])
def test_labels_are_said_in_the_order_that_is_asked_for(order):
    from deshi_plugins.students.neural.label_order import order_labels

    labels, counts = [[0, 2, 1], [2], []], [5, 5, 9]
    said = [
        order_labels(labels, order, counts, torch.Generator().manual_seed(n)) for n in range(20)
    ]
    firsts = {tuple(one[0]) for one in said}
    expected = {
        "teacher": {(0, 2, 1)},
        "frequent-first": {(2, 0, 1)},
        "rare-first": {(0, 1, 2)},
    }
    assert firsts == expected[order] if order != "random" else len(firsts) == 6
    assert all([sorted(row) for row in one] == [[0, 1, 2], [2], []] for one in said)


def test_losses_get_the_counts_in_the_order_of_the_scores_and_the_progress(few):
    train, valid, _ = few
    told = {}

    class Counting:
        decoding = "zero"

        def prepare(self, counts, n):
            told["counts"], told["n"] = counts, n

        def at(self, progress):
            told.setdefault("progress", []).append(progress)

        def __call__(self, scores, targets, mask=None):
            told["shape"] = scores.shape
            return LOSSES["ce" if scores.dim() == 3 else "zlpr"](scores, targets, mask)

    for name, head, first in (("bert", None, []), ("t5", "emoji", [60]), ("t5", "full", None)):
        told.clear()
        params = PARAMS[name] if head is None else replace(PARAMS[name], head=head)
        STUDENTS[name](params, ENV).fit(train, valid, Counting())
        assert told["n"] == 60
        assert told["progress"] == [0.0, 0.5]
        assert len(told["counts"]) == told["shape"][-1]
        if first is not None:
            assert told["counts"].tolist() == [*first, *train.counts.tolist()]
        else:
            assert told["counts"].sum() == 60 + train.counts.sum()
