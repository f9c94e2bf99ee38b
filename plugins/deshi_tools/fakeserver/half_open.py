"""Closes connections over which no request comes: a client that stalls holds nothing for long."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler


class HalfOpen:
    """Knows since when each connection waits for a request.

    Args:
        patience: Seconds after which one that waits is closed.
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._since: dict[Any, float] = {}
        self._busy: set[Any] = set()

    @web.middleware
    async def watch(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let a connection alone while a request is served."""
        connection = request.protocol
        self._busy.add(connection)
        try:
            return await handler(request)
        finally:
            self._busy.discard(connection)
            self._since[connection] = time.monotonic()

    async def sweep(self, server: web.Server | None) -> None:
        """Close what waits too long, until cancelled."""
        while True:
            await asyncio.sleep(min(1.0, self._patience / 4))
            now = time.monotonic()
            self._since = {
                one: self._since.get(one, now) for one in (server.connections if server else ())
            }
            for connection, since in self._since.items():
                if now - since > self._patience and connection not in self._busy:
                    connection.force_close()
