"""Small neural students for tests."""

from __future__ import annotations

from dataclasses import replace

from student_kit import LOSSES

from deshi.api import Env
from deshi_plugins.students.neural.bert import Bert
from deshi_plugins.students.neural.params import BertParams, T5Params
from deshi_plugins.students.neural.t5 import T5

ENV = Env(seed=1, entry="mine")
SMALL = {"epochs": 2, "width": 16, "heads": 2, "layers": 1, "vocabulary": 300, "max_length": 32}
STUDENTS = {"bert": Bert, "t5": T5}
PARAMS = {"bert": BertParams(**SMALL), "t5": T5Params(**SMALL)}
LOSS = {"bert": "bce", "t5": "ce"}


def fitted(name, train, valid, env=ENV, loss=None, **changed):
    student = STUDENTS[name](replace(PARAMS[name], **changed), env)
    student.fit(train, valid, LOSSES[loss or LOSS[name]])
    return student


def cut(examples, number):
    """Return the first texts of a part; its alphabet and counts stay."""
    return replace(examples, texts=examples.texts[:number], expected=examples.expected[:number])
