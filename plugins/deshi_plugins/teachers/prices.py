"""What a token costs at a teacher's endpoint: packaged with a date, or as the user states it."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

from deshi.api import Env, Json, NotReadyError, Usage, UsageError, is_loopback

_PER_MILLION = 1000  # nano-USD per token in one USD per million tokens


@dataclass(frozen=True, kw_only=True)
class Price:
    """Nano-USD a token; `batch` is the share of it that a batch pays, in percent."""

    input: int
    output: int
    cache_write: int
    cache_read: int
    batch: int = 100
    source: str = ""
    as_of: str = ""

    def worst(self, input_tokens: int, output_tokens: int) -> int:
        """Return the most that so many tokens can cost, however the prompt is cached."""
        dearest = max(self.input, self.cache_write, self.cache_read)
        return input_tokens * dearest + output_tokens * self.output

    def of(self, usage: Usage) -> int:
        """Return what a usage costs."""
        return (
            usage.input_tokens * self.input
            + usage.output_tokens * self.output
            + usage.cache_write_tokens * self.cache_write
            + usage.cache_read_tokens * self.cache_read
        )

    def in_batch(self, amount: int) -> int:
        """Return what an amount is inside a batch, rounded up."""
        return -(-amount * self.batch // 100)


FREE = Price(input=0, output=0, cache_write=0, cache_read=0, source="free")


def price_for(env: Env, address: str, model: str, most: Price | None = None) -> Price:
    """Return the price of a model at an address.

    `[teacher.x.env] price` comes first, then free for this machine, then `most`, the bound that the
    request itself sets, then the packaged list.

    Raises:
        UsageError: the price that the entry states cannot be read.
        NotReadyError: no price is known.
    """
    if (stated := env.settings.get("price")) is not None:
        return _stated(stated)
    if is_loopback(address):
        return FREE
    price = most or _packaged().get((urlsplit(address).hostname or "", model))
    if price is None:
        raise NotReadyError(
            f"there is no price for the model '{model}' at {address}, so that no budget "
            "can be enforced",
            where="teacher",
            fix="state it in the entry, in USD per million tokens: "
            'env = { price = { input = 0.2, output = 0.6 } }, or price = "free"',
        )
    return price


def stated_price(dollars: Mapping[str, float], source: str) -> Price:
    """Return the price of dollars per million tokens, by `input`, `output`, and `batch` in percent."""
    whole = {name: math.ceil(value * _PER_MILLION - 1e-9) for name, value in dollars.items()}
    batch = int(dollars.get("batch", 100))
    known = whole["input"]
    return Price(
        input=known,
        output=whole["output"],
        cache_write=whole.get("cache-write", known),
        cache_read=whole.get("cache-read", known),
        batch=batch,
        source=source,
    )


def _stated(value: Json) -> Price:
    if value == "free":
        return FREE
    known = {"input", "output", "cache-write", "cache-read", "batch"}
    fits = isinstance(value, Mapping) and {"input", "output"} <= set(value) <= known
    if not fits or any(not _is_amount(amount) for amount in value.values()):
        raise UsageError(
            f"{value!r} is not a price",
            where="teacher: env.price",
            fix='state USD per million tokens, such as { input = 1.0, output = 5.0 }, or "free"',
        )
    return stated_price(value, "stated in the entry")


def _is_amount(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e6


@cache
def _packaged() -> Mapping[tuple[str, str], Price]:
    text = files("deshi_plugins.teachers").joinpath("data/prices.toml").read_text("utf-8")
    prices: dict[tuple[str, str], Price] = {}
    for row in tomllib.loads(text)["price"]:
        price = Price(
            input=row["input"],
            output=row["output"],
            cache_write=row.get("cache-write", row["input"]),
            cache_read=row.get("cache-read", row["input"]),
            batch=row.get("batch", 100),
            source=row["source"],
            as_of=row["as_of"],
        )
        prices.update({(row["host"], model): price for model in row["models"]})
    return prices
