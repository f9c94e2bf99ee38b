"""Reads the bodies of requests: whatever a client sends is an object of the right shape, or a fault."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import msgspec
from aiohttp import web

from deshi.api import Json

LONGEST_PROMPT = 200_000
"""Tokens: above it, Anthropic's API answers 400."""


class BadBodyError(Exception):
    """A body that cannot be served; `status` is 400, or 408 where it never came whole."""

    def __init__(self, what: str, status: int = 400) -> None:
        super().__init__(what)
        self.status = status


class _Block(msgspec.Struct):
    type: str = "text"
    text: str = ""


class _Message(msgspec.Struct):
    role: str
    content: str | list[_Block] | None = None


class MessagesShape(msgspec.Struct):
    """The types of a request to the Messages API."""

    model: str
    messages: Annotated[list[_Message], msgspec.Meta(min_length=1)]
    max_tokens: Annotated[int, msgspec.Meta(ge=1)] = 1
    system: str | list[_Block] | None = None
    stop_sequences: list[str] = []


class ChatShape(msgspec.Struct):
    """The types of a request for a chat completion."""

    model: str
    messages: Annotated[list[_Message], msgspec.Meta(min_length=1)]
    max_tokens: Annotated[int, msgspec.Meta(ge=1)] | None = None
    max_completion_tokens: Annotated[int, msgspec.Meta(ge=1)] | None = None
    seed: int | None = None
    stop: str | list[str] | None = None


class MessageRow(msgspec.Struct):
    """A request in a batch of messages."""

    custom_id: str
    params: dict[str, Any] = {}


class ChatRow(msgspec.Struct):
    """A request in a batch of completions."""

    custom_id: str
    body: dict[str, Any]


def shape_fault(body: Any, shape: type[msgspec.Struct]) -> str:  # noqa: ANN401
    """Return which value of a body has the wrong type; empty if none has."""
    try:
        msgspec.convert(body, shape)
    except msgspec.ValidationError as error:
        return str(error)
    return ""


def rows_of(rows: Any, shape: type[Any]) -> list[Any]:  # noqa: ANN401
    """Return the requests of a batch.

    Raises:
        BadBodyError: they have another form, or two have one name.
    """
    try:
        found: list[Any] = [msgspec.convert(row, shape) for row in msgspec.convert(rows, list[Any])]
    except msgspec.ValidationError as error:
        raise BadBodyError(f"requests: {error}") from None
    if not found:
        raise BadBodyError("requests: at least one is needed")
    if len({row.custom_id for row in found}) < len(found):
        raise BadBodyError("custom_id: must be unique")
    return found


def decoded(raw: bytes) -> dict[str, Any]:
    """Return the object that a body holds.

    Raises:
        BadBodyError: it is no JSON, no object, or nested too deep.
    """
    try:
        body: Json = msgspec.json.decode(raw)
    except RecursionError:
        raise BadBodyError("the body is nested too deep") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadBodyError("the body is no JSON") from None
    if not isinstance(body, dict):
        raise BadBodyError("the body is no object")
    return body


async def received(request: web.Request, patience: float) -> bytes:
    """Return a body once it came whole, within `patience` seconds.

    Raises:
        BadBodyError: it did not.
    """
    try:
        async with asyncio.timeout(patience):
            return await request.read()
    except TimeoutError:
        raise BadBodyError(f"the body did not come within {patience:g} s", 408) from None


def text_of(content: Json) -> str:
    """Return the text of a string or of text blocks."""
    if isinstance(content, str) or content is None:
        return content or ""
    return "".join(str(block.get("text", "")) for block in content)


def whole_number(request: web.Request, name: str, default: int) -> int:
    """Return a number of a request's address.

    Raises:
        BadBodyError: it is none, or below 0.
    """
    given = request.query.get(name) or str(default)
    if not given.isdecimal() or len(given) > 9:
        raise BadBodyError(f"{name}: '{given[:40]}' is no number")
    return int(given)
