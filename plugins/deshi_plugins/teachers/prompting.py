"""From a request to the messages of a chat: the prompt as the system's words, the text as the user's."""

from __future__ import annotations

from deshi.api import Request, UsageError

_OVERHEAD = 64
"""Tokens that a server may add around the two messages: roles, turns, its own headings."""


def instructions(request: Request) -> str:
    """Return what the entry's prompt says about the task; a merged prompt serves both tasks.

    Raises:
        UsageError: it says nothing about it.
    """
    name = "merged" if "merged" in request.prompt else request.task
    found = request.prompt.get(name)
    if not isinstance(found, str) or not found.strip():
        raise UsageError(
            f"the entry's prompt does not say how to {request.task}",
            where="teacher",
            fix=f'name a prompt that has "{request.task}" or "merged": prompt = "seed-v3"',
        )
    return found.strip()


def input_bound(request: Request) -> int:
    """Return the most tokens that a request can have: a token is at least one byte of UTF-8."""
    return len(instructions(request).encode()) + len(request.text.encode()) + _OVERHEAD
