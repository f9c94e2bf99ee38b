"""A script of faults: which requests go wrong, how, how often."""

from __future__ import annotations

import hashlib
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import msgspec

from deshi.api import Json, UsageError, nearest
from deshi.registry import read_toml_text

Behaviour: TypeAlias = Literal[
    "slow",
    "throttled",
    "spend-limit",
    "own-spend-limit",
    "ramp-limit",
    "in-flight-budget",
    "no-credit",
    "overloaded",
    "server-error",
    "bad-gateway",
    "unavailable",
    "gateway-timeout",
    "unauthorised",
    "forbidden",
    "flagged",
    "unknown-model",
    "bad-request",
    "too-large",
    "error-in-200",
    "no-choices",
    "choices-missing",
    "null-content",
    "thinking",
    "thinking-tail",
    "thinking-unclosed",
    "empty",
    "refusal",
    "soft-refusal",
    "cut-answer",
    "no-usage",
    "truncated",
    "reset",
    "reset-midway",
    "invalid-json",
    "html",
    "wrong-charset",
    "batch-errored",
    "batch-expired",
    "batch-canceled",
]
BEHAVIOURS: tuple[str, ...] = get_args(Behaviour)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One rule: what matches `path` and `text` behaves so, the first `times` or a `share` of them.

    `seconds` is how long `slow` waits; `retry_after` is sent as it stands, where it is not empty, and
    `retry_after_ms` beside it.
    """

    do: str
    path: str = ""
    text: str = ""
    times: int | None = None
    share: float = 1.0
    seconds: float = 1.0
    retry_after: str = ""
    retry_after_ms: str = ""


class Faults:
    """The rules in order; the first that matches a request and still applies is the one.

    Whether a request is among a share depends on the seed, its body and how often it came: the same
    story again in every run, whatever the order.
    """

    def __init__(self, rules: Sequence[Fault] = (), seed: int = 0) -> None:
        self.rules = tuple(rules)
        self._seed = seed
        self._left = {at: rule.times for at, rule in enumerate(self.rules)}
        self._seen: Counter[str] = Counter()

    def next(self, path: str, key: str, body: str) -> Fault | None:
        """Return how a request misbehaves; None if it does not."""
        self._seen[key] += 1
        for at, rule in enumerate(self.rules):
            if rule.path not in path or rule.text not in body or self._left[at] == 0:
                continue
            if _drawn(self._seed, at, key, self._seen[key]) >= rule.share:
                continue
            left = self._left[at]
            self._left[at] = None if left is None else left - 1
            return rule
        return None


def read_faults(path: Path) -> tuple[Fault, ...]:
    """Return the rules of a TOML file: tables `[[fault]]`, keys in kebab-case.

    Raises:
        UsageError: the file cannot be read, or a rule has an unknown key or behaviour, or a value of
            the wrong kind.
    """
    try:
        rows = tomllib.loads(read_toml_text(path, str(path))).get("fault", [])
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"cannot be read: {error}", where=str(path)) from None
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise UsageError("'fault' is no list of tables", where=str(path), mend="write [[fault]]")
    return tuple(_fault(row, f"{path}: fault {at}") for at, row in enumerate(rows, 1))


def _fault(row: Mapping[str, Json], where: str) -> Fault:
    named = {key.replace("-", "_"): value for key, value in row.items()}
    known = {found.name for found in fields(Fault)}
    if unknown := named.keys() - known:
        name = min(unknown)
        raise UsageError(f"unknown key '{name}'", where=where, mend=nearest(name, known))
    do = str(named.get("do", ""))
    if do not in BEHAVIOURS:
        raise UsageError(f"unknown behaviour '{do}'", where=where, mend=nearest(do, BEHAVIOURS))
    try:
        return msgspec.convert(named, Fault)
    except msgspec.ValidationError as error:
        raise UsageError(str(error), where=where, mend="see docs/teachers.md") from None


def _drawn(seed: int, at: int, key: str, count: int) -> float:
    digest = hashlib.sha256(f"{seed}\x1f{at}\x1f{key}\x1f{count}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
