"""Teachers that are here and free: asked at once, in batches of their own, or tried again if they fail."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import pytest

from deshi.api import AttemptError, ComponentError, Reply, Request
from deshi.benchmark.part import Identity, TeacherPart
from deshi.labelling.ledger import Ledger
from deshi.labelling.teacher_client import TeacherClient
from deshi.workspace.job import Account, Job
from guarding import behind


def part(*capabilities: str, remote: bool = False, **tables: Any) -> TeacherPart:
    return TeacherPart(
        kind="teacher",
        id="t",
        entry="t",
        label="t",
        params={},
        identity=Identity("t", 1, {}),
        prompt={},
        capabilities=tuple(sorted(capabilities)),
        remote=remote,
        **tables,
    )


def ask(
    folder: Path, teacher: Any, which: TeacherPart, texts: Sequence[str], interrupts: int = 0
) -> tuple[list[Reply], TeacherClient]:
    registry: Any = SimpleNamespace()
    job = Job(None, {}, folder, folder, folder, registry, account=Account(run="r"))
    for _ in range(interrupts):
        job.interrupts.arrive()
    with (
        Ledger(folder) as ledger,
        TeacherClient(teacher=teacher, part=which, ledger=ledger, job=job) as asking,
    ):
        return asking.replies(asking.requests("label", texts)), asking


class Many:
    """Answers many at once, and remembers how many."""

    def __init__(self, short_by: int = 0) -> None:
        self.sizes: list[int] = []
        self.short_by = short_by

    def answer_many(self, requests: Sequence[Request]) -> list[Reply]:
        self.sizes.append(len(requests))
        answers = [Reply(content=request.text.upper()) for request in requests]
        return answers[: len(answers) - self.short_by]


def test_a_teacher_that_answers_many_gets_portions_of_its_own_size(tmp_path: Path) -> None:
    teacher = Many()
    which = part("answers-many", env={"inference-batch": 4})
    texts = [chr(97 + n) for n in range(10)]
    replies, asking = ask(tmp_path, teacher, which, [*texts, "a"])
    assert [reply.content for reply in replies] == [text.upper() for text in [*texts, "a"]]
    assert teacher.sizes == [4, 4, 2]
    assert (asking.asked, asking.reused) == (10, 0)
    _, again = ask(tmp_path, teacher, which, texts)
    assert (again.asked, again.reused) == (0, 10)


def test_a_teacher_that_answers_too_few_is_told(tmp_path: Path) -> None:
    with pytest.raises(ComponentError, match="answer_many returned 2 for 3 requests"):
        ask(tmp_path, behind("teacher", Many(short_by=1)), part("answers-many"), ["a", "b", "c"])


class Moody:
    """Fails once on each text, and has a client that lives in one loop."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.loops: list[Any] = []

    async def __aenter__(self) -> Self:
        self.loops.append(asyncio.get_running_loop())
        return self

    async def __aexit__(self, *error: object) -> None:
        self.loops.append(asyncio.get_running_loop())

    async def answer(self, request: Request) -> Reply:
        assert asyncio.get_running_loop() is self.loops[0]
        if request.text not in self.seen:
            self.seen.add(request.text)
            raise AttemptError("not now", outcome="throttled")
        return Reply(content="😀")


@pytest.mark.parametrize("remote", [False, True])
def test_an_attempt_that_fails_is_made_again_in_the_one_loop_of_the_teacher(
    tmp_path: Path, remote: bool
) -> None:
    teacher = Moody()
    replies, _ = ask(tmp_path, teacher, part(remote=remote), ["a", "b"])
    assert [reply.content for reply in replies] == ["😀", "😀"]
    assert len(set(teacher.loops)) == 1
    assert len(teacher.loops) == 2


def test_a_notebook_whose_loop_runs_can_ask_too(tmp_path: Path) -> None:
    async def cell() -> list[Reply]:
        return ask(tmp_path, Many(), part("answers-many"), ["a"])[0]

    assert asyncio.run(cell())[0].content == "A"


def test_what_is_no_reply_is_told(tmp_path: Path) -> None:
    class Wrong:
        async def answer(self, request: Request) -> Any:
            return request.text

    for remote in (False, True):
        with pytest.raises(ComponentError, match="answer returned a str"):
            ask(tmp_path, behind("teacher", Wrong()), part(remote=remote), ["a"])


class Far:
    """Is far away, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    async def answer(self, request: Request) -> Reply:
        self.asked += 1
        return Reply(content=request.text)


def test_whoever_was_interrupted_before_the_first_question_asks_nothing(tmp_path: Path) -> None:
    teacher = Far()
    with pytest.raises(KeyboardInterrupt):
        ask(tmp_path, teacher, part(remote=True), ["a", "b"], interrupts=1)
    assert teacher.asked == 0


def test_an_answer_that_is_needed_twice_saves_nothing(tmp_path: Path) -> None:
    teacher = Far()
    registry: Any = SimpleNamespace()
    job = Job(None, {}, tmp_path, tmp_path, tmp_path, registry, account=Account(run="r"))
    for saved in (0, 2):
        with (
            Ledger(tmp_path) as ledger,
            TeacherClient(
                teacher=teacher, part=part(remote=True), ledger=ledger, job=job
            ) as asking,
        ):
            for _ in range(2):
                asking.replies(asking.requests("label", ["a", "b"]))
            assert asking.reused == saved
    assert teacher.asked == 2
