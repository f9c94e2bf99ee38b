"""No regular expression of the packages takes more than linear time in what a corpus can hold."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from compiled_patterns import CompiledPattern, hard_texts

BOUNDED = {
    "deshi/cli/commands.py": "it reads the first characters of a module, and names",
    "deshi_tools/claims/claim.py": "a claim has a limit of its own",
}
"""Files whose patterns read what never is long."""
NOISE = 0.004
"""Seconds below which a ratio says nothing."""
HOPELESS = 0.5
"""Seconds for the short text above which the long one need not be tried."""


@pytest.fixture(scope="module")
def patterns() -> list[CompiledPattern]:
    """Return the patterns whose texts may be long."""
    command = [sys.executable, str(Path(__file__).with_name("compiled_patterns.py"))]
    done = subprocess.run(command, capture_output=True, check=True)
    found = [CompiledPattern(**one) for one in json.loads(done.stdout)]
    kept = [one for one in found if not one.file.endswith(tuple(BOUNDED))]
    assert len(kept) > 100
    return kept


def _seconds(pattern: CompiledPattern, text: str) -> float:
    def once() -> float:
        start = time.perf_counter()
        pattern.run(text)
        return time.perf_counter() - start

    first = once()
    return first if first < NOISE else min(first, once(), once())


def _steep(pattern: CompiledPattern, small: int, factor: int, texts: int) -> list[str]:
    """Return the hard texts for which `factor` times the length takes over 3 times that time."""
    hard = list(hard_texts(pattern.pattern, pattern.flags))
    timed = sorted(hard, key=lambda one: -_seconds(pattern, one.of(small)))[:texts]
    return [
        f"{Path(pattern.file).name}: {pattern.pattern[:60]} on {one.of(20)!r}"
        for one in timed
        if (base := _seconds(pattern, one.of(small))) > HOPELESS
        or _seconds(pattern, one.of(small * factor)) > 3 * factor * max(base, NOISE / factor)
    ]


def test_no_pattern_is_steeper_than_linear_on_short_hostile_texts(
    patterns: list[CompiledPattern],
) -> None:
    assert [text for one in patterns for text in _steep(one, 300, 8, 12)] == []


@pytest.mark.slow
def test_no_pattern_is_steeper_than_linear_on_20_and_200_kilobytes(
    patterns: list[CompiledPattern],
) -> None:
    assert [text for one in patterns for text in _steep(one, 20_000, 10, 4)] == []


@pytest.mark.parametrize("pattern", [r"\[//[^\s\[\]]*[ \t]*([^\[\]]*)\]", r"[0-9]+(年)", r"\s+$"])
def test_a_quadratic_pattern_is_seen(pattern: str) -> None:
    assert _steep(CompiledPattern(pattern, 0, "example.py", searched=True), 300, 8, 12)
