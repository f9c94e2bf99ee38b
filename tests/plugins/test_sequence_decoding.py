"""A student may decode the sequences of a `t5` in its own way, by one method or by composition."""

from dataclasses import dataclass, replace
from typing import get_args

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import torch
from neural_kit import ENV, PARAMS, SMALL, cut, fitted
from student_kit import LOSSES, sample_parts

from deshi.api import Prediction, UsageError
from deshi_plugins.students import T5, SequenceModel, T5Params, greedy_sequences
from deshi_plugins.students.neural.params import Decode
from deshi_plugins.students.neural.sequence_decoding import DECODINGS


@pytest.fixture(scope="module")
def few():
    train, valid, test = sample_parts()
    return cut(train, 60), cut(valid, 30), cut(test, 12)


@pytest.fixture(scope="module")
def small(few):
    return fitted("t5", *few[:2])


@dataclass(frozen=True, kw_only=True)
class LeastParams(T5Params):
    emoji: int = 2


class Least(T5):
    """Predicts the least likely emoji of the first step, as no built-in decoding does."""

    def sequence_decoding(self):
        return self._least

    def _least(self, model: SequenceModel, ids):
        def decode(generation):
            scores = generation.next()[:, 1:]  # the end stands first
            return torch.topk(-scores, self.params.emoji, dim=-1).indices.tolist()

        return model.generate(ids, decode)


def test_a_subclass_decodes_in_its_own_way_by_one_method(few, tmp_path):
    train, valid, test = few
    student = Least(LeastParams(**SMALL, emoji=3), ENV)
    student.fit(train, valid, LOSSES["ce"])
    found = student.predict(test.texts)
    assert all(
        len(set(one.emojis)) == 3 and set(one.emojis) <= set(train.alphabet) for one in found
    )
    student.save(tmp_path)
    # The weights are a t5's: only what is made of its scores differs.
    plain = T5.load(tmp_path, replace(PARAMS["t5"], decode="set"), ENV).predict(test.texts)
    for one, likely in zip(found, plain, strict=True):
        ranking = [emoji for emoji, _ in likely.ranked]
        assert set(one.emojis) & set(ranking[:3]) == set()
    loaded = Least.load(tmp_path, LeastParams(**SMALL, emoji=3), ENV)
    assert loaded.predict(test.texts) == found
    alone = [loaded.predict([text])[0] for text in test.texts]
    assert alone == found
    with pytest.raises(UsageError, match="a custom decoding has no exported form"):
        student.export(student.forms[0], tmp_path)


def test_a_student_may_hold_a_t5_and_decode_its_sequences(few, small):
    texts = few[2].texts
    model = small.sequence_model()
    ids = small.token_ids(texts)
    found = greedy_sequences(model, ids)
    assert all(isinstance(one, Prediction) and 1 <= len(one.emojis) <= 5 for one in found)
    reversed_ = model.generate(ids, lambda generation: [[1, 0]] * len(generation.next()))
    assert [one.emojis for one in reversed_] == [(model.symbols[1], model.symbols[0])] * len(texts)


def test_each_value_of_decode_is_one_function_of_the_table():
    assert tuple(DECODINGS) == get_args(Decode)
    for name in DECODINGS:
        assert T5(replace(PARAMS["t5"], decode=name), ENV).sequence_decoding() is DECODINGS[name]
