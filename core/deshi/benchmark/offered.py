"""The benchmark files that are there, for one who named none, or one that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from deshi.api import UsageError
from deshi.registry import read_toml_text

FOLDER = "benchmarks"
_SHOWN = 8
_TABLE = re.compile(r"^\s*\[\s*(?:benchmark|matrix)\s*\]", re.MULTILINE)


def offer(wanted: Path | None = None) -> str:
    """Return which benchmark file could be meant: one much like `wanted`, or all that are there."""
    found = [*_benchmark_files(wanted)]
    if wanted is not None:
        by_name = {file.stem: file for file in reversed(found)}  # of equal names, the first
        close = get_close_matches(wanted.name.removesuffix(".toml"), by_name, n=1, cutoff=0.6)
        if close:
            return f"did you mean '{by_name[close[0]]}'?"
    if not found:
        return f"no benchmark file is here or in {FOLDER}/; see docs/benchmarks.md for how to write one"
    more = ", …" if len(found) > _SHOWN else ""
    return f"there is: {', '.join(map(str, found[:_SHOWN]))}{more}"


def _benchmark_files(wanted: Path | None) -> Iterator[Path]:
    """Yield those where the file was named, and those here; in each also those in `benchmarks/`."""
    named = [] if wanted is None else [wanted if wanted.is_dir() else wanted.parent]
    seen = set()
    for folder in (folder for top in (*named, Path()) for folder in (top, top / FOLDER)):
        # By name, what is there to begin with first.
        for file in sorted(folder.glob("*.toml"), key=lambda f: (f.stem != "quickstart", f.name)):
            if file.absolute() not in seen and _is_benchmark(file):
                yield file
            seen.add(file.absolute())


def _is_benchmark(file: Path) -> bool:
    try:
        return bool(_TABLE.search(read_toml_text(file, str(file))))
    except (OSError, UsageError):
        return False
