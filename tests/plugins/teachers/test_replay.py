"""Answers that somebody gave before, and several teachers' answers put together."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deshi.api import Env, Reply, Request, UsageError
from deshi_plugins.teachers.params_local import ReplayParams, UnionParams
from deshi_plugins.teachers.replay import Replay
from deshi_plugins.teachers.union import Union

ROWS = [
    {"text": "猫が好き", "emoji": ["🐱", "😊"], "casual": "猫好きだよ"},
    {"text": "猫が好き", "emoji": "🐈", "casual": "猫いいよね"},
    {"text": "か\u3099っこう", "emoji": "🏫", "casual": None},
]


def said(path: Path, asked: str, sample: int = 0, task: Any = "label", **params: Any) -> Reply:
    with Replay(ReplayParams(path=path, **params), Env()) as teacher:
        return asyncio.run(teacher.answer(Request(task=task, text=asked, sample=sample)))


def lines(folder: Path, rows: list[Any] = ROWS) -> Path:
    path = folder / "answers.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
    return path


def test_each_sample_is_the_next_answer_to_the_text(tmp_path: Path) -> None:
    path = lines(tmp_path)
    found = [said(path, "猫が好き", sample).content for sample in range(3)]
    assert found == ["🐱 😊", "🐈", "🐱 😊"]


def test_texts_are_compared_in_one_normal_form(tmp_path: Path) -> None:
    assert said(lines(tmp_path), " がっこう ").content == "🏫"


def test_rewritten_texts_are_given_back_too(tmp_path: Path) -> None:
    path = lines(tmp_path)
    assert said(path, "猫が好き", task="rewrite", rewrite="casual").content == "猫好きだよ"


def test_parquet_is_read_as_json_lines_are(tmp_path: Path) -> None:
    path = tmp_path / "answers.parquet"
    rows = [{"sentence": "猫", "labels": ["🐱"]}]
    pq.write_table(pa.Table.from_pylist(rows), path)
    assert said(path, "猫", text="sentence", label="labels").content == "🐱"


def test_a_text_without_an_answer_is_an_item_that_failed(tmp_path: Path) -> None:
    found = said(lines(tmp_path), "犬")
    assert (found.finish, found.meta["outcome"]) == ("error", "no-answer")


def test_a_line_that_cannot_be_read_stops_it_with_its_place(tmp_path: Path) -> None:
    path = lines(tmp_path)
    path.write_text(path.read_text() + '\n{"text": ')
    with pytest.raises(UsageError, match=r"answers.jsonl:4: broken JSON"):
        said(path, "猫が好き")


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({}, "needs either"),
        ({"dataset": "a/b", "pattern": "*"}, "as 'revision' a commit"),
        ({"path": Path("x"), "label": ""}, "needs 'label' or 'rewrite'"),
    ],
)
def test_parameters_that_contradict_each_other_are_refused(params: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ReplayParams(**params)


# Union


def merged(replies: dict[str, str | Reply], **params: Any) -> Reply:
    given_replies = {
        name: reply if isinstance(reply, Reply) else Reply(content=reply)
        for name, reply in replies.items()
    }
    weights = params.pop("weights", dict.fromkeys(replies, 1.0))
    return Union(UnionParams(weights=weights, **params), Env()).merge(given_replies)


def test_what_more_weight_supports_comes_first() -> None:
    answers = {"a": "🐱 😊", "b": "😊 🎉", "c": "🎉"}
    assert merged(answers, weights={"a": 1.0, "b": 1.0, "c": 3.0}).content == "🎉 😊 🐱"


def test_an_emoji_below_the_share_is_left_out_and_at_most_so_many_stay() -> None:
    answers = {"a": "🐱 😊 🎉", "b": "😊 🎉", "c": "🎉"}
    assert merged(answers, share=0.5).content == "🎉 😊"
    assert merged(answers, most=1).content == "🎉"


def test_a_teacher_that_failed_has_no_voice_and_too_few_voices_are_a_failure() -> None:
    failed = Reply(content="", finish="refusal")
    answers: dict[str, str | Reply] = {"a": "🐱", "b": failed}
    assert merged(answers).meta["outcome"] == "no-quorum"
    assert merged(answers, quorum=0.5, share=1.0).content == "🐱"


EMOJIS = st.lists(st.sampled_from(["🐱", "😊", "🎉", "🍣", "🏆"]), max_size=5, unique=True)


@given(answers=st.lists(EMOJIS, min_size=2, max_size=4))
def test_a_merged_answer_holds_what_some_member_said_once_each(answers: list[list[str]]) -> None:
    found = merged({f"t{n}": " ".join(answer) for n, answer in enumerate(answers)})
    emojis = found.content.split()
    assert len(set(emojis)) == len(emojis) <= 5
    assert set(emojis) == {e for answer in answers for e in answer}
    assert found.finish == ("stop" if emojis else "empty")
