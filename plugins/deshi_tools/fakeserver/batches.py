"""Batches: requests that are handed over together and answered after a while, at half the price."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from deshi.api import Json
from deshi_tools.fakeserver.bodies import BadBodyError
from deshi_tools.fakeserver.dialect import Dialect
from deshi_tools.fakeserver.exchange import Exchange, digest_of

Came: TypeAlias = Literal["succeeded", "errored", "expired", "canceled"]
Form: TypeAlias = Literal["messages", "files", "inline"]

_PERCENT = 50


def batches_after(rows: list[Batch], name: str) -> list[Batch]:
    """Return the batches that stand after one.

    Raises:
        BadBodyError: there is no such batch.
    """
    names = [batch.id for batch in rows]
    if name not in names:
        raise BadBodyError(f"there is no batch '{name[:40]}'")
    return rows[names.index(name) + 1 :]


@dataclass(frozen=True)
class Result:
    """What came of one request of a batch: a message, or an error's body with its status."""

    name: str
    came: Came
    body: Json = None
    status: int = 200


@dataclass
class Batch:
    """Requests by name, and what came of them once the time is over."""

    id: str
    form: Form
    requests: Mapping[str, Mapping[str, Json]]
    headers: Mapping[str, str]
    dialect: Dialect
    created: float
    ready: float
    metadata: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, Json] = field(default_factory=dict)
    canceled: bool = False
    results: Sequence[Result] | None = None

    @property
    def over(self) -> bool:
        """Whether it has come to its end."""
        return self.canceled or time.time() >= self.ready

    def counted(self, *came: Came) -> int:
        """Return how many requests came to one of these ends; 0 before the end of the batch."""
        return sum(result.came in came for result in self.results or ())


class Batches:
    """All batches of a server; they outlive any client."""

    def __init__(self, exchange: Exchange, seconds: float) -> None:
        self._exchange = exchange
        self.seconds = seconds
        self._held: dict[str, Batch] = {}
        self._count = itertools.count(1)

    def create(
        self,
        form: Form,
        requests: Mapping[str, Mapping[str, Json]],
        dialect: Dialect,
        headers: Mapping[str, str],
        **more: Any,  # noqa: ANN401
    ) -> Batch:
        """Take in a batch."""
        now = time.time()
        prefix = "msgbatch" if form == "messages" else "batch"
        batch = Batch(
            id=f"{prefix}_{next(self._count):06d}",
            form=form,
            requests=requests,
            headers=dict(headers),
            dialect=dialect,
            created=now,
            ready=now + self.seconds,
            **more,
        )
        for body in requests.values():
            if not dialect.wrong(body, headers):
                self._exchange.books.received(digest_of(body), dialect.question(body).text)
        self._held[batch.id] = batch
        return batch

    async def get(self, name: str) -> Batch | None:
        """Return a batch, with its results if its time is over."""
        batch = self._held.get(name)
        if batch is not None and batch.over and batch.results is None:
            batch.results = [await self._result(batch, key) for key in batch.requests]
        return batch

    def forget(self) -> None:
        """Hold no batch any more, as if the server were new."""
        self._held.clear()

    def newest_first(self, *forms: Form) -> list[Batch]:
        """Return the batches of some forms."""
        return [batch for batch in reversed(self._held.values()) if batch.form in forms]

    def handed_over(self, batch: Batch) -> None:
        """Note that the answers of a batch were fetched."""
        for result in batch.results or ():
            if result.came == "succeeded":
                self._exchange.books.completed(digest_of(batch.requests[result.name]))

    async def _result(self, batch: Batch, name: str) -> Result:
        body, dialect = batch.requests[name], batch.dialect
        if batch.canceled:
            return Result(name, "canceled")
        if wrong := dialect.wrong(body, batch.headers):
            return Result(name, "errored", dialect.error(400, wrong).body, 400)
        digest = digest_of(body)
        fault = self._exchange.faults.next("/batches", digest, json.dumps(body, ensure_ascii=False))
        do = fault.do if fault else ""
        if do == "batch-errored":
            refused = dialect.refused("server-error")
            return Result(name, "errored", refused.body if refused else None, 500)
        if do in ("batch-expired", "batch-canceled"):
            return Result(name, "expired" if do == "batch-expired" else "canceled")
        question = dialect.question(body)
        _, message = await self._exchange.billed(dialect, question, digest, _PERCENT)
        return Result(name, "succeeded", dialect.misbehaved(message, do))
