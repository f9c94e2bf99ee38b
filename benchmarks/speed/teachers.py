"""How near the runner comes to what a server allows, and to what the official SDK alone can do.

    python benchmarks/speed/teachers.py [--free 6000] [--limited 900]

A server on loopback, in a process of its own, answers after 200 ms. Without a limit, the same requests
go through the bare SDK, 64 in flight, then through the runner with its ledger, from its slow start on.
With a limit of 600 requests a minute, the runner knows it from the headers alone.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import anthropic

from deshi.api import AttemptError, RateLimit, Reply, Request, Usage
from deshi.labelling.calls.limits import Limits, Tariff
from deshi.labelling.calls.runner import CallContext, Runner
from deshi.labelling.ledger import Ledger, Payer, request_key

IN_FLIGHT = 64
LIMIT = 600
AIMS = {"share of the SDK": 0.85, "share of the limit": 0.95, "throttled": 0.01}
_PREFIX = "anthropic-ratelimit-requests-"


class Teacher:
    """Asks by the official SDK, which does not try again, and reads the headers of every answer."""

    def __init__(self, address: str) -> None:
        self.client = anthropic.AsyncAnthropic(
            api_key="none",
            base_url=address,
            max_retries=0,
            http_client=anthropic.DefaultAioHttpClient(),
        )

    async def answer(self, request: Request) -> Reply:
        messages = self.client.messages.with_raw_response
        try:
            raw = await messages.create(
                model="fake", max_tokens=32, messages=[{"role": "user", "content": request.text}]
            )
        except anthropic.RateLimitError as error:
            headers = error.response.headers
            raise AttemptError(
                "throttled",
                outcome="throttled",
                status=429,
                retry_after=float(headers["retry-after"]),
                limits=limits(headers),
            ) from None
        message = await raw.parse()
        usage = Usage(input_tokens=message.usage.input_tokens, output_tokens=6)
        return Reply(content="😀", model="fake", usage=usage, limits=limits(raw.headers))

    def worst_case(self, request: Request) -> int:  # noqa: ARG002
        return 1000

    def price(self, usage: Usage) -> int:
        return usage.output_tokens


def limits(headers: object) -> tuple[RateLimit, ...]:
    told = {name: headers.get(_PREFIX + name) for name in ("limit", "remaining", "reset")}  # type: ignore[attr-defined]
    if told["limit"] is None:
        return ()
    reset = (datetime.fromisoformat(told["reset"]) - datetime.now(UTC)).total_seconds()
    return (
        RateLimit(
            bucket="requests",
            limit=int(told["limit"]),
            remaining=int(told["remaining"]),
            reset=max(0.0, reset),
        ),
    )


@contextmanager
def serving(per_minute: int) -> Iterator[str]:
    """Run the server and give its address."""
    script = Path(__file__).with_name("_messages.py")
    process = subprocess.Popen(
        [sys.executable, str(script), str(per_minute)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


async def bare(address: str, n: int) -> float:
    """Return requests a second of the SDK alone, 64 in flight."""
    teacher = Teacher(address)
    left = iter(range(n))

    async def worker() -> None:
        for at in left:
            await teacher.answer(Request(task="label", text=f"text {at}"))

    started = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))
    seconds = time.perf_counter() - started
    await teacher.client.close()
    return n / seconds


async def through_the_runner(address: str, n: int, folder: Path) -> float:
    """Return the seconds that the runner takes, each attempt in the ledger first."""
    teacher = Teacher(address)
    identity = {"component": "speed", "address": address}
    requests = [Request(task="label", text=f"text {at}") for at in range(n)]
    with Ledger(folder) as ledger:
        payer = Payer(run="speed", session="one", entry="speed")
        ledger.set_caps(dict.fromkeys(payer.scopes))
        desk = CallContext(
            teacher=teacher,
            label="speed",
            limits=Limits(concurrency=IN_FLIGHT),
            tariff=Tariff(teacher, is_paid=True),
            ledger=ledger,
            payer=payer,
            row=ledger.teacher(identity),
        )
        started = time.perf_counter()
        await Runner(desk).ask({request_key(identity, r): r for r in requests})
        seconds = time.perf_counter() - started
    await teacher.client.close()
    return seconds


def without_a_limit(n: int) -> float:
    """Measure both in turn, twice; return the better share of the SDK's own rate."""
    shares = []
    for _ in range(2):
        with serving(0) as address, tempfile.TemporaryDirectory() as folder:
            alone = asyncio.run(bare(address, n))
            seconds = asyncio.run(through_the_runner(address, n, Path(folder)))
            shares.append(n / seconds / alone)
            print(f"SDK alone {alone:.0f} requests/s, runner {n / seconds:.0f}", flush=True)
    return max(shares)


def with_a_limit(n: int) -> tuple[float, float]:
    """Return the share of what the limit allows that was used, and the share that was throttled."""
    with serving(LIMIT) as address, tempfile.TemporaryDirectory() as folder:
        seconds = asyncio.run(through_the_runner(address, n, Path(folder)))
        with urllib.request.urlopen(f"{address}/books") as response:
            books = json.loads(response.read())
    possible = LIMIT + LIMIT / 60 * seconds
    print(f"{n} requests in {seconds:.1f} s, {possible:.0f} were possible", flush=True)
    return books["served"] / possible, books["refused"] / (books["served"] + books["refused"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--free", type=int, default=6000, help="requests without a limit")
    parser.add_argument("--limited", type=int, default=900, help="requests with one")
    options = parser.parse_args()
    found = {"share of the SDK": without_a_limit(options.free)}
    found["share of the limit"], found["throttled"] = with_a_limit(options.limited)
    failed = 0
    for name, value in found.items():
        is_met = value < AIMS[name] if name == "throttled" else value >= AIMS[name]
        failed += not is_met
        sign = "under" if name == "throttled" else "at least"
        print(f"{name}: {value:.3f} (aim: {sign} {AIMS[name]})")
    return failed


if __name__ == "__main__":
    sys.exit(main())
