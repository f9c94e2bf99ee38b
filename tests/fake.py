"""The fake server in a thread, and the teachers that ask it by the official SDKs."""

from __future__ import annotations

import asyncio
import atexit
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, cast

from deshi.api import AttemptError, Env, Reply, Request
from deshi.registry import Registry
from deshi_tools.fakeserver.faults import Fault
from deshi_tools.fakeserver.server import Server, Settings

CANARY = "sk-canary-5f0c9e17d2"
PROMPT = {"rewrite": "砕けた日本語に直す。", "label": "絵文字だけを返す。"}


@cache
def registry() -> Registry:
    return Registry(Path(__file__).parents[1])


@contextmanager
def fake(*faults: Fault, **settings: Any) -> Iterator[tuple[str, Server]]:
    """Serve with some faults; gives the address and the server, whose books are empty.

    One server serves all tests of a process, as if it were new: its words take a second to load.
    """
    address, server = _running()
    wanted = Settings(faults=faults, **settings)
    fresh = Server(wanted, registry())
    answering, exchange = server.answering, server.exchange
    answering.restart(wanted.seed, steady=wanted.steady)
    for name in ("books", "faults", "limits", "latency", "at_most", "key"):
        setattr(exchange, name, getattr(fresh.exchange, name))
    server.books = exchange.books
    server.batches.forget()
    server.batches.seconds = wanted.batch_seconds
    yield address, server
    server.books.close()


@cache
def _running() -> tuple[str, Server]:
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(serving(Settings(), registry()))


@contextmanager
def serving(settings: Settings, known: Registry) -> Iterator[tuple[str, Server]]:
    """Serve in a thread of this process; gives the address and the server with its books."""
    server = Server(settings, known)
    ready = threading.Event()
    found: dict[str, object] = {}

    async def main() -> None:
        found["until"] = until = asyncio.Event()
        found["loop"] = asyncio.get_running_loop()

        def started(address: str) -> None:
            found["address"] = address
            ready.set()

        await server.run(started, until)

    def run() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:  # noqa: BLE001  (told to whoever waits)
            found["error"] = error
            ready.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait()
    if "error" in found:
        raise cast("Exception", found["error"])
    try:
        yield str(found["address"]), server
    finally:
        loop, until = cast("asyncio.AbstractEventLoop", found["loop"]), found["until"]
        loop.call_soon_threadsafe(cast("asyncio.Event", until).set)
        thread.join()


def teacher(
    name: str,
    address: str,
    *,
    settings: Mapping[str, Any] | None = None,
    key: str = "",
    **params: Any,
) -> Any:
    """Return the teacher `anthropic` or `openai` for a fake at an address."""
    place = address if name == "anthropic" else f"{address}{params.pop('below', '/v1')}"
    api = {"api-version": "2023-06-01"} if name == "anthropic" else {}
    entry = registry().entry("teacher", name)
    overrides = {"model": "m", "base-url": place, **api, **params}
    found = registry().resolve(entry, overrides)
    variable = "ANTHROPIC_API_KEY" if name == "anthropic" else "OPENAI_API_KEY"
    env = Env(settings=settings or {}, secrets={variable: key} if key else {})
    return registry().create("teacher", name, found.params_json, env)


def request(text: str = "猫が好き", task: Any = "label", **more: Any) -> Request:
    return Request(task=task, text=text, prompt=PROMPT, **more)


def ask(asked: Any, *requests: Request) -> list[Reply | AttemptError]:
    """Return what comes of asking for each request at once."""

    async def all_of_them() -> Sequence[Any]:
        return await asyncio.gather(*map(asked.answer, requests), return_exceptions=True)

    found = list(asyncio.run(all_of_them()))
    for one in found:
        if isinstance(one, BaseException) and not isinstance(one, AttemptError):
            raise one
    return found


def ask_one(asked: Any, one: Request | None = None) -> Reply | AttemptError:
    return ask(asked, one or request())[0]
