"""A client of an SDK per event loop, closed when the loop ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Generic, Protocol, TypeVar


class Closes(Protocol):
    """What both SDKs' clients have."""

    async def close(self) -> None:
        """Close the connections."""
        ...


Client = TypeVar("Client", bound=Closes)


class Session(Generic[Client]):
    """Creates a client on a loop's first use; connections of one loop cannot serve another.

    An asynchronous generator holds the client: `asyncio.run` finishes those of its loop, and so
    closes the connections automatically.
    """

    def __init__(self, make: Callable[[], Client]) -> None:
        self._make = make
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: Client | None = None
        self._holder: AsyncGenerator[None, None] | None = None

    async def client(self) -> Client:
        """Return the client of the running loop."""
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            self._client = self._make()
            self._loop = loop
            self._holder = _closing(self._client)
            client = self._client
            await anext(self._holder)
            return client
        return self._client


async def _closing(client: Closes) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        await client.close()
