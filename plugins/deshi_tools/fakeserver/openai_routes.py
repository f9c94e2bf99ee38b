"""The addresses of OpenAI's API and of OpenRouter's: completions, models, files, batches."""

from __future__ import annotations

import itertools
import json
import time
from typing import Any

from aiohttp import web

from deshi_tools.fakeserver.batches import Batch, Batches, Result, batches_after
from deshi_tools.fakeserver.bodies import (
    BadBodyError,
    ChatRow,
    decoded,
    received,
    rows_of,
    whole_number,
)
from deshi_tools.fakeserver.exchange import Exchange
from deshi_tools.fakeserver.openai_dialect import OpenAIDialect
from deshi_tools.fakeserver.stopped import Stopped

_CALLED = {"succeeded": "completed", "canceled": "cancelled"}
_ENDPOINTS = frozenset({"/v1/chat/completions"})


class OpenAIRoutes:
    """Serves below `prefix`; with `router` it is OpenRouter's API, whose batches are inline."""

    def __init__(
        self, exchange: Exchange, batches: Batches, prefix: str, *, router: bool = False
    ) -> None:
        self._exchange = exchange
        self._batches = batches
        self._prefix = prefix
        self._dialect = OpenAIDialect(router=router)
        self._router = router
        self._files: dict[str, bytes] = {}
        self._count = itertools.count(1)

    def routes(self) -> list[web.RouteDef]:
        """Return all of them."""
        at = self._prefix
        return [
            web.post(at + "/chat/completions", self.completion),
            web.post(at + "/files", self.upload),
            web.get(at + "/files/{id}/content", self.content),
            web.post(at + "/batches", self.create),
            web.get(at + "/batches", self.listed),
            web.get(at + "/batches/{id}", self.retrieve),
            web.post(at + "/batches/{id}/cancel", self.cancel),
            web.get(at + "/batches/{id}/results", self.results),
        ]

    async def completion(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        return await self._exchange.serve(request, self._dialect)

    async def upload(self, request: web.Request) -> web.Response:
        """Take in a file of requests."""
        self._admit(request)
        form = await request.post()
        file = form.get("file")
        if not isinstance(file, web.FileField) or form.get("purpose") != "batch":
            raise self._stop(400, "a file and the purpose 'batch' are needed")
        return web.json_response(self._kept(file.file.read(), file.filename, "batch"))

    async def content(self, request: web.Request) -> web.Response:
        """Give a file back."""
        self._admit(request)
        content = self._files.get(request.match_info["id"])
        if content is None:
            raise self._stop(404, "there is no such file")
        return web.Response(body=content, content_type="application/octet-stream")

    async def create(self, request: web.Request) -> web.Response:
        """Take in a batch of either form."""
        self._admit(request)
        body = decoded(await received(request, self._exchange.patience))
        if str(body.get("endpoint")) not in _ENDPOINTS:
            raise self._stop(400, "endpoint: /v1/chat/completions is the only one here")
        if "requests" in body:
            if next(iter(body)) == "requests":
                raise self._stop(400, "'endpoint' and 'model' must stand before 'requests'")
            return self._create_inline(request, body)
        lines = self._files.get(str(body.get("input_file_id", "")))
        if lines is None:
            raise self._stop(400, "input_file_id: there is no such file")
        rows = rows_of([decoded(line) for line in lines.splitlines() if line.strip()], ChatRow)
        requests = {row.custom_id: row.body for row in rows}
        batch = self._batches.create(
            "files",
            requests,
            self._dialect,
            request.headers,
            metadata=_metadata(body.get("metadata")),
            given={"input_file_id": body["input_file_id"], "endpoint": body["endpoint"]},
        )
        return web.json_response(self._shown(batch))

    def _create_inline(self, request: web.Request, body: dict[str, Any]) -> web.Response:
        model = str(body.get("model", ""))
        if not model.endswith(":batch"):
            raise self._stop(400, "model: the :batch variant is needed")
        rows = rows_of(body["requests"], ChatRow)
        requests = {row.custom_id: {"model": model, **row.body} for row in rows}
        if any(one["model"] != model for one in requests.values()):
            raise self._stop(400, "model: must be the batch's in every request")
        given = {"model": model, "endpoint": body["endpoint"]}
        batch = self._batches.create(
            "inline", requests, self._dialect, request.headers, given=given
        )
        return web.json_response(self._shown(batch), status=202)

    async def listed(self, request: web.Request) -> web.Response:
        """List batches, the newest first."""
        self._admit(request)
        rows = self._batches.newest_first("inline" if self._router else "files")
        if after := request.query.get("after"):
            rows = batches_after(rows, after)
        page = rows[: whole_number(request, "limit", 20)]
        shown = [self._shown(batch) for batch in page]
        ends = {"first_id": page[0].id, "last_id": page[-1].id} if page else {}
        more = len(page) < len(rows)
        return web.json_response({"object": "list", "data": shown, "has_more": more, **ends})

    async def retrieve(self, request: web.Request) -> web.Response:
        """Tell how a batch stands."""
        batch = await self._batch(request)
        shown = self._shown(batch)
        if batch.form == "inline" and batch.results is not None:
            shown["results"] = [_line(result) for result in batch.results]
            self._batches.handed_over(batch)
        return web.json_response(shown)

    async def cancel(self, request: web.Request) -> web.Response:
        """Stop a batch."""
        batch = await self._batch(request)
        batch.canceled = batch.canceled or batch.results is None
        return web.json_response(self._shown(batch))

    async def results(self, request: web.Request) -> web.Response:
        """Give the results of an inline batch in pages of 100."""
        batch = await self._batch(request)
        if batch.form != "inline" or batch.results is None:
            raise self._stop(400, "the batch has no results here")
        start = whole_number(request, "cursor", 0)
        page = [_line(result) for result in batch.results[start : start + 100]]
        cursor = str(start + 100) if start + 100 < len(batch.results) else None
        self._batches.handed_over(batch)
        return web.json_response({"data": page, "next_cursor": cursor})

    def _shown(self, batch: Batch) -> dict[str, Any]:
        ended = batch.results is not None
        status = "in_progress"
        if ended:
            status = "cancelled" if batch.canceled else "completed"
        good, bad = batch.counted("succeeded"), batch.counted("errored", "expired", "canceled")
        counts = {"total": len(batch.requests), "completed": good, "failed": bad}
        shown: dict[str, Any] = {
            "id": batch.id,
            "object": "batch",
            "status": "validating" if batch.form == "inline" and not ended else status,
            "created_at": int(batch.created),
            "completion_window": "24h",
            "request_counts": counts,
            **batch.given,
        }
        if batch.form == "files":
            shown.update(metadata=dict(batch.metadata), **self._result_files(batch))
        return shown

    def _result_files(self, batch: Batch) -> dict[str, str]:
        """Keep the results of a batch as files, once; answers in one, errors in the other."""
        if batch.results is None:
            return {}
        named = {}
        for name, good in (("output_file_id", True), ("error_file_id", False)):
            lines = [_line(r) for r in batch.results if (r.came == "succeeded") == good]
            if lines:
                file = f"file-{name}-{batch.id}"
                text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
                self._files.setdefault(file, text.encode())
                named[name] = file
        self._batches.handed_over(batch)
        return named

    async def _batch(self, request: web.Request) -> Batch:
        self._admit(request)
        batch = await self._batches.get(request.match_info["id"])
        if batch is None or batch.form == "messages":
            raise self._stop(404, "there is no such batch")
        return batch

    def _kept(self, content: bytes, filename: str, purpose: str) -> dict[str, Any]:
        name = f"file-{next(self._count):06d}"
        self._files[name] = content
        return {
            "id": name,
            "object": "file",
            "bytes": len(content),
            "created_at": int(time.time()),
            "filename": filename,
            "purpose": purpose,
            "status": "processed",
        }

    def _admit(self, request: web.Request) -> None:
        if not self._exchange.admitted(request.headers):
            raise self._stop(401, "no valid key came with the request")

    def _stop(self, status: int, message: str) -> Exception:
        return Stopped(web.json_response(self._dialect.error(status, message).body, status=status))


def _metadata(given: Any) -> dict[str, str]:  # noqa: ANN401
    if given is not None and not isinstance(given, dict):
        raise BadBodyError("metadata: an object is needed")
    return given or {}


def _line(result: Result) -> dict[str, Any]:
    """Return the line of a request: a response with its status, or an error where there is none."""
    line: dict[str, Any] = {"id": f"batch_req_{result.name}", "custom_id": result.name}
    if result.came in ("succeeded", "errored"):
        answer = {"status_code": result.status, "request_id": "req", "body": result.body}
        return {**line, "response": answer, "error": None}
    code = f"batch_{_CALLED.get(result.came, result.came)}"
    return {**line, "response": None, "error": {"code": code, "message": result.came}}
