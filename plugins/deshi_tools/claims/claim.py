"""A claim such as `A > B on jaccard`: how it is written, and which rows it means."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from deshi.api import Direction, UsageError

FORM = 'write "A > B on METRIC" or "A > B by 0.01 on METRIC", with A the better one'

_FORM = (
    r"(?P<better>{row})\s+>\s+(?P<worse>{row})(?:\s+by\s+(?P<margin>\S+))?\s+on\s+(?P<metric>\S+)"
)
_CLAIM = re.compile(_FORM.format(row=r"\S.*?"))
_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_OTHER = re.compile(r"\s(?P<sign>=+|!=|<>|≠|≈|~|<=?|>=|≤|≥)\s")
_LONGEST = 1000


@dataclass(frozen=True)
class Claim:
    """`better` is better than `worse` on `metric`, by more than `margin`."""

    text: str
    better: str
    worse: str
    metric: str
    margin: float = 0.0


def parse_claim(text: str, rows: Iterable[str] = ()) -> Claim:
    """Read a claim; names of `rows` and parts of them are taken whole, whatever signs stand in them.

    Raises:
        UsageError: it has another form, or is one that no evidence of this kind can carry.
    """
    where = f"--claim '{text[:_LONGEST]}'"
    if len(text) > _LONGEST:
        raise UsageError(f"has {len(text):,} characters", where=where, fix=FORM)
    if found := _about(rows).fullmatch(text.strip()):
        return _claim(text, found, where)
    if other := _OTHER.search(text):
        raise _unsupported(other["sign"], where)
    found = _CLAIM.fullmatch(text.strip())
    if found is None or " > " in found["worse"]:
        raise UsageError("is not a claim", where=where, fix=FORM)
    return _claim(text, found, where)


def better_side(metric: str, direction: Direction, where: str) -> Literal["higher", "lower"]:
    """Return which values of a metric are better.

    Raises:
        UsageError: neither.
    """
    if direction == "none":
        raise UsageError(
            f"metric '{metric}' has no better side",
            where=where,
            fix="name a metric where higher or lower is better; see `deshi list metric`",
        )
    return direction


def _about(rows: Iterable[str]) -> re.Pattern[str]:
    """Return the pattern of a claim about two of these rows, each named by its id or a part of it."""
    names = {
        "/".join(parts[start:stop])
        for parts in (row.split("/") for row in rows)
        for start, stop in combinations(range(len(parts) + 1), 2)
    }
    longest_first = sorted(names - {""}, key=lambda name: (-len(name), name))
    return re.compile(_FORM.format(row="|".join(map(re.escape, longest_first)) or r"(?!)"))


def _claim(text: str, found: re.Match[str], where: str) -> Claim:
    margin = _margin(found["margin"], where) if found["margin"] else 0.0
    return Claim(text.strip(), found["better"], found["worse"], found["metric"], margin)


def _margin(written: str, where: str) -> float:
    margin = float(written) if _NUMBER.fullmatch(written) else math.nan
    if not (margin > 0 and math.isfinite(margin)):
        raise UsageError(f"'{written}' is not a margin", where=where, fix="write a number above 0")
    return margin


def _unsupported(sign: str, where: str) -> UsageError:
    if sign.startswith("<"):
        return UsageError(
            f"'{sign}' is not supported", where=where, fix="write the better row first: B > A"
        )
    if sign in (">=", "≥"):
        what, fix = "non-inferiority cannot be claimed", FORM
    else:
        what = (
            "equality cannot be claimed: a difference that is not significant is no evidence of "
            "equality"
        )
        fix = "claim a difference, or a difference beyond a margin: A > B by 0.01 on METRIC"
    return UsageError(what, where=where, fix=fix)
