"""The teacher `anthropic`: Claude, by the official SDK."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import anthropic
import httpx2
import msgspec

from deshi.api import AttemptError, ComponentError, Env, Reply, Request, Usage
from deshi_plugins.teachers.api_keys import key_for
from deshi_plugins.teachers.failures import error_from_exception, error_from_status
from deshi_plugins.teachers.messages import reply_of, reply_of_json, sampling, standard_body
from deshi_plugins.teachers.params_llm import AnthropicParams
from deshi_plugins.teachers.prices import price_for
from deshi_plugins.teachers.prompting import input_bound
from deshi_plugins.teachers.sessions import Session

_STATUS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
}
"""The statuses of errors inside a batch, which come without one; all others are the server's fault."""
_SLACK = 5.0
"""Seconds by which the server's clock may be behind ours."""


class Anthropic:
    """One call of Claude per request, with its outcome; the host retries.

    A refusal, an empty answer and one cut at `max-tokens` are replies with that `finish`; whatever
    had no answer is an `AttemptError`.
    """

    def __init__(self, params: AnthropicParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._price = price_for(env, params.base_url, params.model)
        self._key = key_for(env, params.base_url, "ANTHROPIC_API_KEY")
        self._session = Session(self._client)
        self._headers = {"anthropic-version": params.api_version}

    async def answer(self, request: Request) -> Reply:
        """Return Claude's answer."""
        body = standard_body(self.params, request)
        client = await self._session.client()

        async def ask() -> Any:  # noqa: ANN401
            raw = await client.messages.with_raw_response.create(
                **body, extra_body=sampling(self.params), extra_headers=self._headers
            )
            return raw.http_response

        answer = await self._call(ask())
        return reply_of(answer.content, answer.headers, self._key)

    def worst_case(self, request: Request) -> int:
        """Return the most that a call can cost, in nano-USD."""
        return self._price.worst(input_bound(request), self.params.max_tokens)

    def price(self, usage: Usage) -> int:
        """Return what a usage cost, in nano-USD."""
        return self._price.of(usage)

    async def submit(self, requests: Mapping[str, Request], tag: str) -> str:  # noqa: ARG002
        """Submit a message batch; the API has no field for a tag."""
        listed: Any = [
            {
                "custom_id": key,
                "params": {**standard_body(self.params, request), **sampling(self.params)},
            }
            for key, request in requests.items()
        ]
        client = await self._session.client()
        create = client.messages.batches.create(requests=listed, extra_headers=self._headers)
        return str((await self._call(create)).id)

    async def find(
        self,
        requests: Mapping[str, Request],
        tag: str,  # noqa: ARG002
        since: float,
        taken: Collection[str],
    ) -> str | None:
        """Return a batch of as many requests, submitted since, whose results are not others'.

        While a batch is under way its requests cannot be seen: then number and time must do.
        """
        client = await self._session.client()
        earliest = datetime.fromtimestamp(since - _SLACK, UTC)
        batches: list[Any] = []

        async def look() -> None:
            async for batch in client.messages.batches.list(limit=100):
                if batch.created_at < earliest:
                    break
                count = sum(dict(batch.request_counts).values())
                if count == len(requests) and batch.id not in taken:
                    batches.append(batch)

        await self._call(look())
        for batch in reversed(batches):
            if batch.processing_status != "ended":
                return str(batch.id)
            results = await self.collect(batch.id)
            if results and results.keys() <= requests.keys():
                return str(batch.id)
        return None

    async def collect(self, batch: str) -> Mapping[str, Reply | AttemptError] | None:
        """Return what came of each request of a batch."""
        client = await self._session.client()
        state = await self._call(client.messages.batches.retrieve(batch))
        if state.processing_status != "ended":
            return None

        async def read() -> dict[str, Reply | AttemptError]:
            lines = await client.messages.batches.results(batch)
            return {line.custom_id: self._result(line.result) async for line in lines}

        collected: dict[str, Reply | AttemptError] = await self._call(read())
        return collected

    def worst_case_in_batch(self, request: Request) -> int:
        """Return the most that a request can cost inside a batch, in nano-USD."""
        return self._price.in_batch(self.worst_case(request))

    def price_in_batch(self, usage: Usage) -> int:
        """Return what a usage cost inside a batch, in nano-USD."""
        return self._price.in_batch(self.price(usage))

    def _result(self, result: Any) -> Reply | AttemptError:  # noqa: ANN401
        """Return what came of one request; what expired or was cancelled cost nothing."""
        if result.type == "succeeded":
            try:
                return reply_of_json(result.message.to_dict(mode="json"))
            except msgspec.ValidationError as error:
                return AttemptError(f"no message ({error})", outcome="bad-body")
        if result.type == "errored":
            body = result.error.to_dict(mode="json")
            kind = str((body.get("error") or {}).get("type"))
            return error_from_status(_STATUS.get(kind, 500), body, {}, self._key)
        return AttemptError(f"{result.type} in the batch", outcome="server", code=result.type)

    async def _call(self, doing: Any) -> Any:  # noqa: ANN401
        """Return what a call of the SDK gives; its failures become ours, without any link to it."""
        try:
            return await doing
        except Exception as error:
            failure = error_from_exception(error, anthropic, self._key)
            if failure is None:
                raise
        raise failure

    def _client(self) -> anthropic.AsyncAnthropic:
        try:
            return anthropic.AsyncAnthropic(
                api_key=self._key,
                base_url=self.params.base_url,
                max_retries=0,
                timeout=httpx2.Timeout(float(self.env.settings.get("timeout", 60)), connect=5.0),
                http_client=anthropic.DefaultAioHttpClient(),
            )
        except ValueError as error:
            raise ComponentError(str(error), where="teacher 'anthropic'") from None
