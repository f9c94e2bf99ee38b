"""Who answers: the offline teachers, asked through the registry as any other component."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias

from deshi.api import Env, NotReadyError, Request, Task
from deshi.registry.tree import leaves

if TYPE_CHECKING:
    from deshi.registry import Registry

Voice: TypeAlias = Literal["lexicon", "lexicon-faces"]
_LONG = 2_000
_REWRITER = "casual"
_VOICES: tuple[Voice, ...] = ("lexicon", "lexicon-faces")


@dataclass(frozen=True)
class Question:
    """What a request asks: the system's words, the user's, how long the answer may be."""

    model: str
    system: str
    text: str
    max_tokens: int
    seed: int | None = None

    @property
    def tokens(self) -> int:
        """The input tokens: about those of a Japanese text, and never more than its bytes."""
        return len(self.system) + len(self.text) + 8


@dataclass(frozen=True)
class Answer:
    """An answer and how it ended, cut where it would have been too long."""

    text: str
    finish: Literal["stop", "length"]
    input_tokens: int
    output_tokens: int


class Answering:
    """Rewrites with `casual` and labels with `lexicon`, as the prompt asks.

    Which of the two is asked for is known from the registry's prompts, and guessed for others. The
    same question again is another sample, as at a language model with a temperature, unless `steady`.
    """

    def __init__(self, registry: Registry, seed: int = 0, *, steady: bool = False) -> None:
        self._registry = registry
        self._seed = seed
        self._steady = steady
        self._stack = ExitStack()
        self._teachers: dict[str, Any] = {}
        self._asked: Counter[Question] = Counter()
        self._known: dict[tuple[Voice, Task, str, int], str] = {}
        self._tasks: dict[str, str] = {}

    def __enter__(self) -> Self:
        for name in (_REWRITER, *_VOICES):
            entry = self._registry.entry("teacher", name)
            if missing := self._registry.readiness(entry):
                raise NotReadyError("; ".join(missing), where=f"teacher '{name}'")
            found = self._registry.resolve(entry)
            teacher: Any = self._registry.create(
                "teacher", found.component, found.params_json, Env()
            )
            self._teachers[name] = self._stack.enter_context(teacher)
        for path, said in leaves(self._registry.tree.get("prompt", {})):
            self._tasks[str(said.value).strip()] = path[-1]
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def restart(self, seed: int, *, steady: bool) -> None:
        """Forget what was asked, as if the server were new."""
        self._seed, self._steady = seed, steady
        self._asked.clear()

    async def answer(self, question: Question, voice: Voice) -> Answer:
        """Return the answer to a question."""
        sample = question.seed or 0
        if question.seed is None and not self._steady:
            sample = self._asked[question]
            self._asked[question] += 1
        whole = await self._whole(question, voice, sample + 1000 * self._seed)
        text = whole[: question.max_tokens]
        return Answer(
            text=text,
            finish="stop" if text == whole else "length",
            input_tokens=question.tokens,
            output_tokens=max(1, len(text)),
        )

    async def _whole(self, question: Question, voice: Voice, sample: int) -> str:
        task = self._tasks.get(question.system.strip()) or _guessed(question.system)
        if task != "merged":
            asked: Task = "rewrite" if task == "rewrite" else "label"
            return await self._one(voice, asked, question.text, sample)
        post = await self._one(voice, "rewrite", question.text, sample)
        emoji = (await self._one(voice, "label", post, sample)).split()
        return json.dumps({"post": post, "emoji": emoji}, ensure_ascii=False)

    async def _one(self, voice: Voice, task: Task, text: str, sample: int) -> str:
        key = (voice, task, text, sample)
        if key not in self._known:
            teacher = self._teachers[_REWRITER if task == "rewrite" else voice]
            request = Request(task=task, text=text, sample=sample)
            if len(text) > _LONG:  # others are served meanwhile
                reply = await asyncio.to_thread(asyncio.run, teacher.answer(request))
            else:
                reply = await teacher.answer(request)
            self._known[key] = reply.content
        return self._known[key]


def _guessed(system: str) -> str:
    """Guess what an unknown prompt asks for, by its last sentence about the answer."""
    if "JSON" in system:
        return "merged"
    return "label" if "絵文字だけ" in system or "emoji" in system.lower() else "rewrite"
