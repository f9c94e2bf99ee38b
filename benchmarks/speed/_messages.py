"""A server on loopback that answers every message with one emoji, 200 ms later, within a rate limit.

    python benchmarks/speed/_messages.py LIMIT

LIMIT is requests a minute, as a full token bucket that fills evenly; 0 is none. The address is the
first line on stdout. GET /books tells how many requests were served and how many were refused.
"""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, datetime, timedelta

from aiohttp import web

LATENCY = 0.2
MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "fake",
    "content": [{"type": "text", "text": "😀"}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 300, "output_tokens": 6},
}
THROTTLED = {"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}}


class Messages:
    """The handler and its books."""

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self.level = float(per_minute)
        self.at = time.monotonic()
        self.served = self.refused = 0

    async def answer(self, request: web.Request) -> web.Response:
        await request.read()
        headers = self._limit()
        if self.level < 1 and self.per_minute:
            self.refused += 1
            wait = (1 - self.level) * 60 / self.per_minute
            return web.json_response(
                THROTTLED, status=429, headers={**headers, "retry-after": f"{wait:.2f}"}
            )
        self.level -= 1
        self.served += 1
        await asyncio.sleep(LATENCY)
        return web.json_response(MESSAGE, headers=self._limit())

    def _limit(self) -> dict[str, str]:
        if not self.per_minute:
            return {}
        now = time.monotonic()
        self.level = min(self.per_minute, self.level + (now - self.at) * self.per_minute / 60)
        self.at = now
        full = datetime.now(UTC) + timedelta(
            seconds=(self.per_minute - self.level) * 60 / self.per_minute
        )
        prefix = "anthropic-ratelimit-requests-"
        return {
            f"{prefix}limit": str(self.per_minute),
            f"{prefix}remaining": str(max(0, int(self.level))),
            f"{prefix}reset": full.isoformat(timespec="seconds"),
        }

    async def books(self, _request: web.Request) -> web.Response:
        return web.json_response({"served": self.served, "refused": self.refused})


async def main() -> None:
    messages = Messages(int(sys.argv[1]))
    app = web.Application()
    app.router.add_post("/v1/messages", messages.answer)
    app.router.add_get("/books", messages.books)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
