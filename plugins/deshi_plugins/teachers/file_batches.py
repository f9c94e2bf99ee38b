"""Batches of OpenAI: an uploaded file of lines, a batch that names it, downloaded results."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from deshi.api import AttemptError, Json, Reply, Request
from deshi_plugins.teachers.batch_lines import outcomes
from deshi_plugins.teachers.failures import without_secrets

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_TAG = "deshi"
_FINISHED = frozenset({"completed", "expired", "cancelled", "failed"})
_SLACK = 60.0


class FileBatches:
    """Files and batches; the tag is in the batch's metadata, so that a lookup is exact."""

    def __init__(self, body: Callable[[Request], Json], model: str, secret: str) -> None:
        self._body = body
        self._model = model
        self._secret = secret

    async def submit(self, client: AsyncOpenAI, requests: Mapping[str, Request], tag: str) -> str:
        """Upload the requests and start a batch of them."""
        lines = (
            msgspec.json.encode(
                {
                    "custom_id": key,
                    "method": "POST",
                    "url": "/v1/chat/completions",
                    "body": self._body(request),
                }
            )
            for key, request in requests.items()
        )
        content = b"\n".join(lines)
        file = await client.files.create(file=(f"{tag}.jsonl", content), purpose="batch")
        batch = await client.batches.create(
            input_file_id=file.id,
            endpoint="/v1/chat/completions",
            completion_window="24h",
            metadata={_TAG: tag},
        )
        return batch.id

    async def find(
        self,
        client: AsyncOpenAI,
        requests: Mapping[str, Request],  # noqa: ARG002
        tag: str,
        since: float,
        taken: Collection[str],  # noqa: ARG002  (the tag identifies it)
    ) -> str | None:
        """Return the batch with this tag."""
        async for batch in client.batches.list(limit=100):
            if batch.created_at < since - _SLACK:
                break
            if (batch.metadata or {}).get(_TAG) == tag:
                return batch.id
        return None

    async def collect(
        self, client: AsyncOpenAI, name: str
    ) -> Mapping[str, Reply | AttemptError] | None:
        """Return the result of each request: answers and errors are in two files."""
        batch = await client.batches.retrieve(name)
        if batch.status not in _FINISHED:
            return None
        if batch.status == "failed":
            raise AttemptError(self._why(batch), outcome="rejected", code="batch_failed")
        lines: list[Json] = []
        for file in (batch.output_file_id, batch.error_file_id):
            if file:
                content = (await client.files.content(file)).content
                lines += [
                    msgspec.json.decode(line) for line in content.splitlines() if line.strip()
                ]
        return outcomes(lines, self._secret)

    def _why(self, batch: Any) -> str:  # noqa: ANN401
        errors = (batch.errors.data or ()) if batch.errors else ()
        reasons = "; ".join(str(error.message) for error in errors) or "the batch failed"
        return without_secrets(reasons, self._secret)
