"""One request from its arrival to its answer: key, rules, faults, limits, books."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import web

from deshi.api import Json
from deshi_tools.fakeserver.bodies import LONGEST_PROMPT, BadBodyError, decoded, received
from deshi_tools.fakeserver.books import Books
from deshi_tools.fakeserver.buckets import Limits, Name
from deshi_tools.fakeserver.dialect import HTML, Dialect, Refused
from deshi_tools.fakeserver.faults import Fault, Faults
from deshi_tools.fakeserver.reply import Answering, Question
from deshi_tools.fakeserver.rules import key_of

_WITH_WAIT = frozenset({"throttled", "overloaded", "ramp-limit", "in-flight-budget"})


@dataclass
class Exchange:
    """What all requests of a server share. `latency` and `patience` are in seconds.

    `at_most` bounds those under way; a body that does not come within `patience` is refused.
    """

    answering: Answering
    books: Books
    faults: Faults
    limits: Limits = field(default_factory=Limits)
    latency: float = 0.0
    at_most: int | None = None
    key: str = ""
    patience: float = 30.0
    under_way: int = 0
    _count: Any = field(default_factory=lambda: itertools.count(1))

    def admitted(self, headers: Mapping[str, str]) -> bool:
        """Say whether a request's key opens this server: any does, unless one was set."""
        given = key_of(headers)
        return given == self.key if self.key else bool(given)

    async def serve(self, request: web.Request, dialect: Dialect) -> web.StreamResponse:
        """Answer a request for one message."""
        if not self.admitted(request.headers):
            wrong = dialect.error(401, "no valid key came with the request")
            return self._refusal(wrong, dialect)
        try:
            raw = await received(request, self.patience)
            body = decoded(raw)
            question = _question(body, request.headers, dialect)
        except BadBodyError as error:
            return self._refusal(dialect.error(error.status, str(error)), dialect)
        digest = digest_of(body)
        self.books.received(digest, question.text)
        fault = self.faults.next(request.path, digest, raw.decode("utf-8", "replace"))
        refused = dialect.refused(fault.do) if fault else None
        if fault and refused is not None:
            return self._refusal(refused, dialect, _wait_headers(fault))
        wanted: dict[Name, int] = {
            "requests": 1,
            "input-tokens": question.tokens,
            "output-tokens": question.max_tokens,
        }
        if (full := self._full(wanted, dialect)) is not None:
            return full
        self.limits.take(wanted)
        self.under_way += 1
        try:
            return await self._answered(request, dialect, question, digest, fault)
        finally:
            self.under_way -= 1

    def _full(self, wanted: Mapping[Name, int], dialect: Dialect) -> web.Response | None:
        wait, bucket = self.limits.wait_for(wanted)
        if self.at_most is not None and self.under_way >= self.at_most:
            wait, bucket = max(wait, 1.0), "concurrent requests"
        if wait <= 0:
            return None
        headers = {"Retry-After": str(math.ceil(wait))}
        refused = dialect.error(429, f"This request would exceed the limit of {bucket}.")
        return self._refusal(refused, dialect, headers)

    async def _answered(
        self,
        request: web.Request,
        dialect: Dialect,
        question: Question,
        digest: str,
        fault: Fault | None,
    ) -> web.StreamResponse:
        slow = fault.seconds if fault and fault.do == "slow" else 0.0
        if self.latency or slow:
            await asyncio.sleep(self.latency + slow)
        name, message = await self.billed(dialect, question, digest)
        do = fault.do if fault else ""
        content = _spoiled(dialect.misbehaved(message, do), do)
        headers = {
            dialect.id_header: f"req_{name}",
            "Content-Type": "text/html" if do == "html" else "application/json",
            **dialect.limit_headers(self.limits),
        }
        sent = await _sent(request, content, headers, do)
        if sent is not None:
            self.books.completed(digest)
            return sent
        return web.Response()  # goes nowhere: the connection is closed

    async def billed(
        self, dialect: Dialect, question: Question, digest: str, percent: int = 100
    ) -> tuple[str, dict[str, Any]]:
        """Answer a question and put it on the bill; return the answer's name and body."""
        answer = await self.answering.answer(question, dialect.voice)
        unused = question.max_tokens - answer.output_tokens
        self.limits.take({"output-tokens": -unused})
        cost = self.books.billed(digest, answer.input_tokens, answer.output_tokens, percent)
        name = f"{next(self._count):08d}"
        return name, dialect.message(question, answer, name, cost)

    def _refusal(
        self, refused: Refused, dialect: Dialect, headers: Mapping[str, str] | None = None
    ) -> web.Response:
        told = {
            **refused.headers,
            **(headers or {}),
            dialect.id_header: f"req_{next(self._count):08d}",
            **dialect.limit_headers(self.limits),
        }
        if isinstance(refused.body, str):
            return web.Response(
                status=refused.status, text=refused.body, content_type="text/html", headers=told
            )
        return web.json_response(refused.body, status=refused.status, headers=told)


def digest_of(body: Json) -> str:
    """Return what names a request in the books: equal bodies are one account."""
    canonical = msgspec.json.encode(body, order="deterministic")
    return hashlib.sha256(canonical).hexdigest()[:32]


def _question(body: dict[str, Json], headers: Mapping[str, str], dialect: Dialect) -> Question:
    if wrong := dialect.wrong(body, headers):
        raise BadBodyError(wrong)
    question = dialect.question(body)
    if question.tokens > LONGEST_PROMPT:
        raise BadBodyError(
            f"prompt is too long: {question.tokens} tokens > {LONGEST_PROMPT} maximum"
        )
    return question


def _wait_headers(fault: Fault) -> dict[str, str]:
    given = {"Retry-After": fault.retry_after, "Retry-After-Ms": fault.retry_after_ms}
    return {name: value for name, value in given.items() if value and fault.do in _WITH_WAIT}


def _spoiled(message: Json, do: str) -> bytes:
    text = json.dumps(message, ensure_ascii=False)
    if do == "invalid-json":
        return text[: len(text) * 2 // 3].encode()
    if do == "html":
        return HTML.encode()
    return text.encode("utf-16" if do == "wrong-charset" else "utf-8")


async def _sent(
    request: web.Request, content: bytes, headers: Mapping[str, str], do: str
) -> web.StreamResponse | None:
    """Send an answer, whole or not; return it if it went out whole."""
    if do == "reset":
        _abort(request)
        return None
    broken = do in ("truncated", "reset-midway")
    response = web.StreamResponse(headers=headers)
    response.content_length = len(content) + (64 if broken else 0)
    try:
        await response.prepare(request)
        await response.write(content[: len(content) // 2] if broken else content)
        if broken:
            _abort(request, hard=do == "reset-midway")
            return None
        await response.write_eof()
    except ConnectionError:
        return None
    return response


def _abort(request: web.Request, *, hard: bool = True) -> None:
    transport = request.transport
    if transport is not None:
        transport.abort() if hard else transport.close()
