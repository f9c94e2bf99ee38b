"""The server itself, on an address of this machine alone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from deshi.api import UsageError, is_loopback
from deshi.workspace.stop_signals import listening
from deshi_tools.fakeserver.anthropic_dialect import AnthropicDialect
from deshi_tools.fakeserver.anthropic_routes import AnthropicRoutes
from deshi_tools.fakeserver.batches import Batches
from deshi_tools.fakeserver.bodies import BadBodyError
from deshi_tools.fakeserver.books import Books
from deshi_tools.fakeserver.buckets import Bucket, Limits, Name
from deshi_tools.fakeserver.exchange import Exchange
from deshi_tools.fakeserver.faults import Fault, Faults
from deshi_tools.fakeserver.half_open import HalfOpen
from deshi_tools.fakeserver.openai_dialect import OpenAIDialect
from deshi_tools.fakeserver.openai_routes import OpenAIRoutes
from deshi_tools.fakeserver.reply import Answering
from deshi_tools.fakeserver.stopped import Stopped

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

    from deshi.registry import Registry

MODELS = ("claude-haiku-4-5-20251001", "claude-haiku-5-5", "qwen/qwen3-235b-a22b-2507")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a server is to behave. Times are in seconds, limits a minute, prices nano-USD a token.

    A client that stalls for `patience` is cut off.
    `steady` gives the same body the same answer every time; without it the second answer is another
    sample. `at_most` bounds the requests under way, `key` is the only one that opens the server.
    """

    host: str = "127.0.0.1"
    port: int = 0
    seed: int = 0
    steady: bool = False
    latency: float = 0.0
    rpm: int | None = None
    itpm: int | None = None
    otpm: int | None = None
    at_most: int | None = None
    key: str = ""
    price: tuple[int, int] = (0, 0)
    books: Path | None = None
    faults: tuple[Fault, ...] = ()
    batch_seconds: float = 1.0
    patience: float = 30.0


class Server:
    """The exchange and the web application around it."""

    def __init__(self, settings: Settings, registry: Registry) -> None:
        self.settings = settings
        self.answering = Answering(registry, settings.seed, steady=settings.steady)
        self.books = Books(path=settings.books, price=settings.price)
        self.exchange = Exchange(
            answering=self.answering,
            books=self.books,
            faults=Faults(settings.faults, settings.seed),
            limits=_limits(settings),
            latency=settings.latency,
            at_most=settings.at_most,
            key=settings.key,
            patience=settings.patience,
        )
        self._half_open = HalfOpen(settings.patience)
        self.batches = Batches(self.exchange, settings.batch_seconds)

    def application(self) -> web.Application:
        """Return the application with all addresses of all APIs."""
        batches = self.batches
        app = web.Application(
            middlewares=[self._half_open.watch, _stopped], client_max_size=300 * 2**20
        )
        app.add_routes(AnthropicRoutes(self.exchange, batches).routes())
        app.add_routes(OpenAIRoutes(self.exchange, batches, "/v1").routes())
        app.add_routes(OpenAIRoutes(self.exchange, batches, "/api/v1", router=True).routes())
        for prefix in ("/v1", "/api/v1"):
            app.router.add_get(prefix + "/models", _models)
        return app

    async def run(self, started: Callable[[str], None], until: asyncio.Event) -> None:
        """Serve until the event is set; `started` is told the address.

        Raises:
            UsageError: the address is not this machine's, or cannot be had.
        """
        host = self.settings.host
        if not is_loopback(f"http://{host if ':' not in host else f'[{host}]'}"):
            raise UsageError(
                f"'{host}' is no address of this machine alone",
                where="fake-server --host",
                fix="name 127.0.0.1, ::1 or localhost: it knows no keys and answers anybody",
            )
        logging.getLogger("aiohttp").setLevel(logging.ERROR)
        with self.answering:
            runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=1.0)
            await runner.setup()
            try:
                site = web.TCPSite(runner, host, self.settings.port)
                try:
                    await site.start()
                except OSError as error:
                    raise UsageError(
                        f"port {self.settings.port} cannot be had: {error.strerror}",
                        where="fake-server --port",
                        fix="name another, or 0 for any",
                    ) from None
                name, port = runner.addresses[0][:2]
                started(f"http://{f'[{name}]' if ':' in str(name) else name}:{port}")
                sweep = asyncio.ensure_future(self._half_open.sweep(runner.server))
                await until.wait()
                sweep.cancel()
            finally:
                await runner.cleanup()
                self.books.close()


def serve(settings: Settings, registry: Registry, started: Callable[[str], None]) -> None:
    """Serve in this process until it is interrupted; raises KeyboardInterrupt once all is closed."""

    async def main() -> None:
        until = asyncio.Event()
        loop = asyncio.get_running_loop()
        with listening(lambda: loop.call_soon_threadsafe(until.set)):
            await Server(settings, registry).run(started, until)

    asyncio.run(main())
    raise KeyboardInterrupt


@web.middleware
async def _stopped(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Stopped as stopped:
        return stopped.response
    except BadBodyError as error:
        dialect = AnthropicDialect() if request.path.startswith("/v1/messages") else OpenAIDialect()
        return web.json_response(dialect.error(error.status, str(error)).body, status=error.status)


async def _models(request: web.Request) -> web.Response:
    """List the models, in the form of whichever API is spoken."""
    if "anthropic-version" in request.headers:
        about = {"type": "model", "lifecycle": "active", "created_at": "2026-10-07T00:00:00Z"}
        rows = [{**about, "id": name, "display_name": name} for name in MODELS]
        ends = {"first_id": MODELS[0], "last_id": MODELS[-1]}
        return web.json_response({"data": rows, "has_more": False, **ends})
    plain = [{"id": n, "object": "model", "created": 0, "owned_by": "fake"} for n in MODELS]
    return web.json_response({"object": "list", "data": plain})


def _limits(settings: Settings) -> Limits:
    named: dict[Name, int | None] = {
        "requests": settings.rpm,
        "input-tokens": settings.itpm,
        "output-tokens": settings.otpm,
    }
    return Limits({name: Bucket(limit) for name, limit in named.items() if limit})
