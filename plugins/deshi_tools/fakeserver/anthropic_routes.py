"""The addresses of Anthropic's API: messages, their tokens, message batches."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from deshi_tools.fakeserver.anthropic_dialect import AnthropicDialect
from deshi_tools.fakeserver.batches import Batch, Batches, Result, batches_after
from deshi_tools.fakeserver.bodies import MessageRow, decoded, received, rows_of, whole_number
from deshi_tools.fakeserver.exchange import Exchange
from deshi_tools.fakeserver.rules import messages_fault
from deshi_tools.fakeserver.stopped import Stopped

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


class AnthropicRoutes:
    """Serves below /v1/messages."""

    def __init__(self, exchange: Exchange, batches: Batches) -> None:
        self._exchange = exchange
        self._batches = batches
        self._dialect = AnthropicDialect()

    def routes(self) -> list[web.RouteDef]:
        """Return all of them."""
        batches = "/v1/messages/batches"
        return [
            web.post("/v1/messages", self.message),
            web.post("/v1/messages/count_tokens", self.count),
            web.post(batches, self.create),
            web.get(batches, self.listed),
            web.get(batches + "/{id}", self.retrieve),
            web.post(batches + "/{id}/cancel", self.cancel),
            web.get(batches + "/{id}/results", self.results),
        ]

    async def message(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        return await self._exchange.serve(request, self._dialect)

    async def count(self, request: web.Request) -> web.Response:
        """Count the input tokens of a request; free."""
        body = await self._body(request)
        version = request.headers.get("anthropic-version", "")
        self._demand(messages_fault(body, version, counting=True))
        return web.json_response({"input_tokens": self._dialect.question(body).tokens})

    async def create(self, request: web.Request) -> web.Response:
        """Take in a batch; what is wrong with a request's parameters shows at the end alone."""
        body = await self._body(request)
        requests = {row.custom_id: row.params for row in rows_of(body.get("requests"), MessageRow)}
        bad = [name for name in requests if not _NAME.fullmatch(name)]
        self._demand(f"custom_id: '{bad[0]}' is no name" if bad else "")
        batch = self._batches.create("messages", requests, self._dialect, request.headers)
        return web.json_response(_shown(batch, request))

    async def listed(self, request: web.Request) -> web.Response:
        """List batches, the newest first."""
        await self._body(request, read=False)
        rows = self._batches.newest_first("messages")
        if after := request.query.get("after_id"):
            rows = batches_after(rows, after)
        page = rows[: whole_number(request, "limit", 20)]
        return web.json_response(
            {
                "data": [_shown(batch, request) for batch in page],
                "has_more": len(page) < len(rows),
                "first_id": page[0].id if page else None,
                "last_id": page[-1].id if page else None,
            }
        )

    async def retrieve(self, request: web.Request) -> web.Response:
        """Tell how a batch stands."""
        return web.json_response(_shown(await self._batch(request), request))

    async def cancel(self, request: web.Request) -> web.Response:
        """Stop a batch: what was not answered is not billed."""
        batch = await self._batch(request)
        batch.canceled = batch.canceled or batch.results is None
        return web.json_response(_shown(batch, request))

    async def results(self, request: web.Request) -> web.Response:
        """Give the results, in an order that is not the requests'."""
        batch = await self._batch(request)
        self._demand("" if batch.results is not None else "the batch has not ended")
        rows = sorted(batch.results or (), key=lambda result: result.name[::-1], reverse=True)
        lines = "".join(
            json.dumps({"custom_id": row.name, "result": _result(row)}, ensure_ascii=False) + "\n"
            for row in rows
        )
        self._batches.handed_over(batch)
        return web.Response(text=lines, content_type="application/x-jsonl")

    async def _batch(self, request: web.Request) -> Batch:
        await self._body(request, read=False)
        batch = await self._batches.get(request.match_info["id"])
        if batch is None or batch.form != "messages":
            raise self._stop(404, "there is no such batch")
        return batch

    async def _body(self, request: web.Request, *, read: bool = True) -> dict[str, Any]:
        if not self._exchange.admitted(request.headers):
            raise self._stop(401, "no valid key came with the request")
        if not read:
            return {}
        return decoded(await received(request, self._exchange.patience))

    def _demand(self, wrong: str) -> None:
        if wrong:
            raise self._stop(400, wrong)

    def _stop(self, status: int, message: str) -> Exception:
        return Stopped(web.json_response(self._dialect.error(status, message).body, status=status))


def _shown(batch: Batch, request: web.Request) -> dict[str, Any]:
    created = datetime.fromtimestamp(batch.created, UTC)
    ended = batch.results is not None
    address = f"{request.scheme}://{request.host}/v1/messages/batches/{batch.id}/results"
    counts = {name: batch.counted(name) for name in ("succeeded", "errored", "expired", "canceled")}
    return {
        "id": batch.id,
        "type": "message_batch",
        "processing_status": "ended" if ended else "canceling" if batch.canceled else "in_progress",
        "request_counts": {"processing": 0 if ended else len(batch.requests), **counts},
        "created_at": created.isoformat(),
        "expires_at": (created + timedelta(days=1)).isoformat(),
        "ended_at": datetime.now(UTC).isoformat() if ended else None,
        "cancel_initiated_at": None,
        "archived_at": None,
        "results_url": address if ended else None,
    }


def _result(result: Result) -> dict[str, Any]:
    if result.came == "succeeded":
        return {"type": "succeeded", "message": result.body}
    if result.came == "errored":
        return {"type": "errored", "error": result.body}
    return {"type": result.came}
