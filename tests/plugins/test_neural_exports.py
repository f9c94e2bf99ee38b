"""Exports of `t5` and `bert`: what 8 bits round away, and nothing else, changes in their answers."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("ctranslate2")
pytest.importorskip("onnxruntime")

import torch
from neural_kit import ENV, PARAMS, STUDENTS, cut, fitted
from student_kit import assert_proper, sample_parts

from deshi.api import UsageError
from deshi_plugins.students.neural import compact_t5
from deshi_plugins.students.neural.compact_forms import TwoPrecisionT5
from deshi_plugins.students.neural.emoji_decoder import EmojiDecoder

ANY = pytest.mark.parametrize("name", STUDENTS)


@pytest.fixture(scope="module")
def few():
    train, valid, test = sample_parts()
    return cut(train, 60), cut(valid, 30), cut(test, 40)


@pytest.fixture(scope="module")
def small(few):
    train, valid, _ = few
    return {name: fitted(name, train, valid) for name in STUDENTS}


def exported(student, folder, **changed):
    """Return the export of a student, loaded with these parameters."""
    form = student.forms[0]
    student.export(form, folder)
    return type(student).load_export(form, folder, replace(student.params, **changed), ENV)


def chances(predictions, symbols):
    """Return the scores of all emoji, (texts, emoji)."""
    ranked = [dict(prediction.ranked) for prediction in predictions]
    return np.array([[scores[symbol] for symbol in symbols] for scores in ranked])


@ANY
def test_scores_are_those_of_the_student_but_for_rounding(name, few, small, tmp_path):
    student, texts = small[name], few[2].texts
    before = student.predict(texts)
    fast = exported(student, tmp_path)
    symbols = [emoji for emoji, _ in before[0].ranked]
    wanted = chances(before, symbols)
    got = chances(fast.predict(texts), symbols)
    assert np.abs(got - wanted).max() < 0.02
    assert_proper(fast, texts, few[0].alphabet)


@ANY
def test_an_export_leaves_its_student_as_it_was(name, few, small, tmp_path):
    student, texts = small[name], few[2].texts
    before = student.predict(texts)
    student.export(student.forms[0], tmp_path)
    assert student.predict(texts) == before


@ANY
def test_answers_of_an_export_do_not_depend_on_the_other_texts(name, few, small, tmp_path):
    fast, texts = exported(small[name], tmp_path), few[2].texts[:6]
    together = fast.predict(texts)
    alone = [fast.predict([text])[0] for text in texts]
    symbols = [emoji for emoji, _ in together[0].ranked]
    # Activations are rounded on the scale of a whole batch.
    assert np.abs(chances(together, symbols) - chances(alone, symbols)).max() < 0.02
    assert fast.predict([]) == []


@pytest.mark.parametrize("rule", compact_t5.RULES)
def test_every_rule_of_decoding_gives_without_rounding_what_the_model_gives(
    rule, few, small, tmp_path
):
    student, texts = small["t5"], few[2].texts
    student.save(tmp_path)
    params = replace(PARAMS["t5"], decode=rule)
    wanted = type(student).load(tmp_path, params, ENV).predict(texts)
    outputs, state = student._outputs, {"symbols": student._symbols}
    state |= {"size": student._size, "scale": student._scale}
    scale = EmojiDecoder.of(student._model, outputs).scale
    folder = tmp_path / "fast"
    folder.mkdir()
    compact_t5.write_compact(
        student._model, student._tokenizer, outputs, scale, state, {folder: None}
    )
    got = compact_t5.CompactT5(folder, params, ENV).predict(texts)
    assert [one.emojis for one in got] == [one.emojis for one in wanted]


@pytest.mark.parametrize("rule", compact_t5.RULES)
def test_where_two_emoji_are_close_the_unrounded_model_answers(rule, few, small, tmp_path):
    student, texts = small["t5"], few[2].texts
    student.save(tmp_path / "saved")
    params = replace(PARAMS["t5"], decode=rule)
    student = type(student).load(tmp_path / "saved", params, ENV)
    for form in student.forms[1:]:
        student.export(form, tmp_path / form)
    quick, exact = (
        type(student).load_export(form, tmp_path / form, params, ENV) for form in student.forms[1:]
    )
    rounded, margins = quick.predict_with_margins(texts)
    close = float(np.median(margins))
    found = TwoPrecisionT5(quick, exact, close).predict(texts)
    wanted = [
        two.emojis if margin < close else one.emojis
        for one, two, margin in zip(rounded, exact.predict(texts), margins, strict=True)
    ]
    assert [one.emojis for one in found] == wanted


def test_the_usual_form_of_a_t5_holds_both_models(few, small, tmp_path):
    fast = exported(small["t5"], tmp_path)
    parts = {path.parent.name for path in tmp_path.rglob("model.bin")}
    assert parts == {"ctranslate2-int8", "ctranslate2-float32"}
    assert isinstance(fast, TwoPrecisionT5)


@pytest.mark.parametrize("rule", ["beam", "sample"])
def test_a_rule_that_takes_several_passes_is_refused(rule, small, tmp_path):
    student = STUDENTS["t5"](replace(PARAMS["t5"], decode=rule), ENV)
    with pytest.raises(UsageError, match=f"the decoding '{rule}' has no exported form"):
        student.export("ctranslate2", tmp_path)


def test_the_threshold_of_the_parameters_goes_before_the_tuned_one(few, small, tmp_path):
    fast = exported(small["bert"], tmp_path, threshold=0.0)
    assert {len(one.emojis) for one in fast.predict(few[2].texts)} == {5}


def test_the_decoder_of_an_exported_t5_knows_the_emoji_alone(small, tmp_path):
    student = small["t5"]
    student.export("ctranslate2-int8", tmp_path)
    vocabulary = (tmp_path / "target_vocabulary.json").read_text(encoding="utf-8")
    assert vocabulary.count('"') // 2 == 3 + len(student._symbols)
    assert torch.is_grad_enabled()
