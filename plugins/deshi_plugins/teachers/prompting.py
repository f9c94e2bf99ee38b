"""From a request to the messages of a chat: the prompt as the system's words, the text as the user's."""

from __future__ import annotations

from deshi.api import Request, UsageError

_OVERHEAD = 64
"""Tokens that a server may add around the two messages: roles, turns, its own headings."""


def instructions(request: Request) -> str:
    """Return the entry's prompt for the task; a merged prompt serves both tasks.

    Raises:
        UsageError: there is none.
    """
    name = "merged" if "merged" in request.prompt else request.task
    prompt = request.prompt.get(name)
    if not isinstance(prompt, str) or not prompt.strip():
        raise UsageError(
            f"the entry's prompt has no instructions for {request.task}",
            where="teacher",
            fix=f'name a prompt that has "{request.task}" or "merged": prompt = "seed-v3"',
        )
    return prompt.strip()


def input_bound(request: Request) -> int:
    """Return the most tokens that a request can have: a token is at least one byte of UTF-8."""
    return len(instructions(request).encode()) + len(request.text.encode()) + _OVERHEAD
