"""Corpus and teacher keep deshi's contract, and agree about the seasons."""

import asyncio

from deshi_haiku.corpus import Haiku, HaikuParams
from deshi_haiku.teacher import Almanac, AlmanacParams

from deshi.api import Env, Request
from deshi.testing import CorpusContract, TeacherContract


class TestHaiku(CorpusContract):
    use = "haiku/haiku"


class TestAlmanac(TeacherContract):
    use = "haiku/almanac"


def test_the_teacher_finds_the_season_of_every_haiku():
    teacher = Almanac(AlmanacParams(), Env())
    for text in Haiku(HaikuParams(), Env()).texts():
        reply = asyncio.run(teacher.answer(Request("label", text.text)))
        assert (reply.content,) == text.references[0]


def test_the_report_counts_what_was_read():
    corpus = Haiku(HaikuParams(limit=100), Env())
    list(corpus.texts())
    assert sum(corpus.report()["read"].values()) == 100
