"""The teacher `openai`: any server that speaks OpenAI's chat completions, by the official SDK."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import httpx2
import openai

from deshi.api import AttemptError, Env, Reply, Request, Usage, UsageError
from deshi_plugins.teachers.api_keys import key_for
from deshi_plugins.teachers.chat import further_body, reply_of, standard_body
from deshi_plugins.teachers.failures import error_from_exception
from deshi_plugins.teachers.file_batches import FileBatches
from deshi_plugins.teachers.inline_batches import InlineBatches
from deshi_plugins.teachers.params_llm import OpenAIParams
from deshi_plugins.teachers.prices import Price, price_for, stated_price
from deshi_plugins.teachers.prompting import input_bound
from deshi_plugins.teachers.sessions import Session


class OpenAI:
    """One call of a server per request, with its outcome; the host retries.

    A refusal, an empty answer and one cut at `max-tokens`, by thinking aloud too, are replies with
    that `finish`; whatever had no answer is an `AttemptError`.
    """

    def __init__(self, params: OpenAIParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._price = price_for(env, params.base_url, params.model, _maximum_price(params))
        self._key = key_for(env, params.base_url, "OPENAI_API_KEY")
        self._session = Session(self._client)
        self._batches = _form_of(env)(self._body, params.model, self._key)

    async def answer(self, request: Request) -> Reply:
        """Return the model's answer."""
        body = standard_body(self.params, request)
        client = await self._session.client()

        async def ask() -> Any:  # noqa: ANN401
            create = client.chat.completions.with_raw_response.create
            raw = await create(**body, extra_body=further_body(self.params))
            return raw.http_response

        answer = await self._call(ask())
        return reply_of(answer.content, answer.headers, self._key)

    def worst_case(self, request: Request) -> int:
        """Return the most that a call can cost, in nano-USD."""
        return self._price.worst(input_bound(request), self.params.max_tokens)

    def price(self, usage: Usage) -> int:
        """Return what a usage cost, in nano-USD."""
        return self._price.of(usage)

    async def submit(self, requests: Mapping[str, Request], tag: str) -> str:
        """Hand over a batch in the form that `batches` names."""
        client = await self._session.client()
        return str(await self._call(self._batches.submit(client, requests, tag)))

    async def find(
        self, requests: Mapping[str, Request], tag: str, since: float, taken: Collection[str]
    ) -> str | None:
        """Return the batch that was handed over under this tag."""
        client = await self._session.client()
        finding = self._batches.find(client, requests, tag, since, taken)
        batch: str | None = await self._call(finding)
        return batch

    async def collect(self, batch: str) -> Mapping[str, Reply | AttemptError] | None:
        """Return what came of each request of a batch."""
        client = await self._session.client()
        collected: Mapping[str, Reply | AttemptError] | None = await self._call(
            self._batches.collect(client, batch)
        )
        return collected

    def worst_case_in_batch(self, request: Request) -> int:
        """Return the most that a request can cost inside a batch, in nano-USD."""
        return self._price.in_batch(self.worst_case(request))

    def price_in_batch(self, usage: Usage) -> int:
        """Return what a usage cost inside a batch, in nano-USD."""
        return self._price.in_batch(self.price(usage))

    def _body(self, request: Request) -> dict[str, Any]:
        return {**standard_body(self.params, request), **further_body(self.params)}

    async def _call(self, doing: Any) -> Any:  # noqa: ANN401
        """Return what a call of the SDK gives; its failures become ours, without any link to it."""
        try:
            return await doing
        except AttemptError:
            raise
        except Exception as error:
            failure = error_from_exception(error, openai, self._key)
            if failure is None:
                raise
        raise failure

    def _client(self) -> openai.AsyncOpenAI:
        return openai.AsyncOpenAI(
            api_key=self._key,
            base_url=self.params.base_url,
            max_retries=0,
            timeout=httpx2.Timeout(float(self.env.settings.get("timeout", 60)), connect=5.0),
            http_client=openai.DefaultAioHttpClient(),
        )


def _form_of(env: Env) -> type[FileBatches | InlineBatches]:
    """Return the protocol of batches; a setting, since it changes no answer.

    Raises:
        UsageError: the entry names a form that there is not.
    """
    named = env.settings.get("batches", "files")
    if named not in ("files", "inline"):
        raise UsageError(
            f"{named!r} is not a form of batches",
            where="teacher: env.batches",
            fix='name "files", OpenAI\'s, or "inline", OpenRouter\'s',
        )
    return FileBatches if named == "files" else InlineBatches


def _maximum_price(params: OpenAIParams) -> Price | None:
    """Return the price that no provider may exceed, where the request sets one."""
    bound = params.provider.max_price if params.provider else {}
    if {"prompt", "completion"} - bound.keys():
        return None
    dollars = {"input": bound["prompt"], "output": bound["completion"]}
    return stated_price(dollars, "provider.max-price of the entry")
