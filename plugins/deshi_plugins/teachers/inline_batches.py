"""Batches as OpenRouter takes them: the requests in one body, the results too or in pages."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from deshi.api import AttemptError, Json, Reply, Request
from deshi_plugins.teachers.batch_lines import outcomes
from deshi_plugins.teachers.failures import bad_body, without_secrets

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_FINISHED = frozenset({"completed", "failed", "expired", "cancelled"})
_SLACK = 5.0
"""Seconds by which the server's clock may be behind ours."""


class InlineBatches:
    """OpenRouter's /batches, which the SDK has no methods for; it has no field for a tag either."""

    def __init__(self, body: Callable[[Request], Json], model: str, secret: str) -> None:
        self._body = body
        self._model = model if model.endswith(":batch") else f"{model}:batch"
        self._secret = secret

    async def submit(
        self,
        client: AsyncOpenAI,
        requests: Mapping[str, Request],
        tag: str,  # noqa: ARG002
    ) -> str:
        """Hand over a batch; the server reads the body as it comes, so the requests stand last."""
        listed = [
            {"custom_id": key, "body": {**self._body(request), "model": self._model}}
            for key, request in requests.items()
        ]
        body = {"endpoint": "/v1/chat/completions", "model": self._model, "requests": listed}
        return str(self._batch(await client.post("/batches", cast_to=object, body=body))["id"])

    async def find(
        self,
        client: AsyncOpenAI,
        requests: Mapping[str, Request],
        tag: str,  # noqa: ARG002
        since: float,
        taken: Collection[str],
    ) -> str | None:
        """Return the oldest batch of as many requests since then that holds no others' results."""
        listed = cast("Any", await client.get("/batches", cast_to=object))
        rows = listed.get("data", []) if isinstance(listed, dict) else []
        for row in reversed(rows):
            total = (row.get("request_counts") or {}).get("total")
            if _seconds(row.get("created_at")) < since - _SLACK or total != len(requests):
                continue
            if str(row.get("id")) in taken:
                continue
            if row.get("status") not in _FINISHED:
                return str(row["id"])
            results = await self._results(client, str(row["id"]))
            if results and results.keys() <= requests.keys():
                return str(row["id"])
        return None

    async def collect(
        self, client: AsyncOpenAI, name: str
    ) -> Mapping[str, Reply | AttemptError] | None:
        """Return what came of each request."""
        batch = self._batch(await client.get(f"/batches/{name}", cast_to=object))
        if batch.get("status") not in _FINISHED:
            return None
        if batch["status"] == "failed":
            error = batch.get("error")
            reason = error.get("message") if isinstance(error, dict) else error
            what = without_secrets(str(reason or "the batch failed"), self._secret)
            raise AttemptError(what, outcome="rejected", code="batch_failed")
        inside = batch.get("results")  # a small batch holds them; a large one gives them in pages
        if isinstance(inside, list):
            return outcomes(inside, self._secret)
        return await self._results(client, name)

    async def _results(self, client: AsyncOpenAI, name: str) -> Mapping[str, Reply | AttemptError]:
        lines: list[Json] = []
        cursor: str | None = ""
        while cursor is not None:
            query = f"?cursor={cursor}" if cursor else ""
            page: Any = await client.get(f"/batches/{name}/results{query}", cast_to=object)
            if not isinstance(page, dict):
                raise bad_body("no page of results", {}, str(page).encode(), self._secret)
            lines += page.get("data") or []
            cursor = page.get("next_cursor") or None
        return outcomes(lines, self._secret)

    def _batch(self, batch: Any) -> dict[str, Any]:  # noqa: ANN401
        if not isinstance(batch, dict) or "id" not in batch:
            raise bad_body("no batch", {}, str(batch).encode(), self._secret)
        return batch


def _seconds(moment: Json) -> float:
    """Return a time as seconds since the epoch, as a number or in ISO form; 0 where unreadable."""
    try:
        return float(moment)
    except (TypeError, ValueError):
        pass
    try:
        return datetime.fromisoformat(str(moment)).timestamp()
    except ValueError:
        return 0.0
