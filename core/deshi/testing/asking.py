"""Ask a teacher as the host would: in one event loop, one after the other or all at once."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Sequence
from typing import Any

import anyio

from deshi.api import AttemptError, Reply, Request
from deshi.testing import samples
from deshi.testing.subject import Subject
from deshi.testing.verdict import Broken


def requests_of(subject: Subject, strings: Sequence[str], *tasks: str) -> list[Request]:
    """Return requests for each task of a teacher, or for those named, with its entry's prompt."""
    entry = subject.resolved.entry
    prompt = subject.registry.prompt(entry.prompt) if entry.prompt else samples.PROMPT
    named: tuple[Any, ...] = tasks or tuple(sorted(subject.spec.tasks))
    return [one for task in named for one in samples.requests(task, strings, prompt)]


def replies_of(subject: Subject) -> dict[str, Reply]:
    """Return one answer of each member that a teacher merges."""
    names = subject.member_names or ("one", "two")
    return {name: Reply(" ".join(samples.EMOJI[at : at + 2])) for at, name in enumerate(names)}


def ask(component: Any, requests: Sequence[Request]) -> list[Reply | AttemptError]:  # noqa: ANN401
    """Return a teacher's answers to requests, one after the other, in one event loop."""

    async def work() -> list[Reply | AttemptError]:
        async with _entered(component) as teacher:
            return [await _answered(teacher, request) for request in requests]

    return anyio.run(work)


def ask_at_once(component: Any, requests: Sequence[Request]) -> list[Reply | AttemptError]:  # noqa: ANN401
    """Return a teacher's answers to requests that are all under way at the same time."""
    found: dict[int, Reply | AttemptError] = {}

    async def one(teacher: Any, at: int) -> None:  # noqa: ANN401
        found[at] = await _answered(teacher, requests[at])

    async def work() -> None:
        async with _entered(component) as teacher, anyio.create_task_group() as group:
            for at in range(len(requests)):
                group.start_soon(one, teacher, at)

    anyio.run(work)
    return [found[at] for at in range(len(requests))]


def content(reply: Reply | AttemptError) -> tuple[str, str]:
    """Return what compares of a reply: its text and how it ended, or how the attempt failed."""
    if isinstance(reply, Reply):
        return reply.content, reply.finish
    return "", reply.outcome


async def _answered(component: Any, request: Request) -> Reply | AttemptError:  # noqa: ANN401
    try:
        answering = component.answer(request)
        if not inspect.isawaitable(answering):
            kind = type(answering).__name__
            raise Broken(f"answer() returns a {kind} at once: write `async def answer`")
        reply: Reply = await answering
    except AttemptError as error:
        return error
    return reply


def _entered(component: Any) -> contextlib.AbstractAsyncContextManager[Any]:  # noqa: ANN401
    if hasattr(component, "__aenter__"):
        found: contextlib.AbstractAsyncContextManager[Any] = component
        return found
    return contextlib.nullcontext(component)
