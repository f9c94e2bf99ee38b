"""What differs between two runs: settings, matrix, entries, prompts, versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from deshi.api import Json
    from deshi.results import Results


class Difference(msgspec.Struct, frozen=True):
    """A key with its value in the old and in the new run; None where a run does not have it."""

    key: str
    old: Any
    new: Any


def differences(old: Mapping[str, Json], new: Mapping[str, Json]) -> tuple[Difference, ...]:
    """Return the keys whose values differ, in the order of the old run, then of the new."""
    keys = dict.fromkeys((*old, *new))
    return tuple(
        Difference(key, old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key)
    )


def described(results: Results, prompts: Mapping[str, Json]) -> dict[str, Json]:
    """Return all that may explain a run's figures as dotted keys with plain values."""
    known = results.provenance
    entries = {
        name: {key: entry[key] for key in ("component", "revision", "params")}
        for name, entry in known["entries"].items()
    }
    tree = {
        "benchmark": results.benchmark,
        "matrix": results.matrix,
        **entries,
        **prompts,
        "plugin": {plugin["name"]: plugin["version"] for plugin in known["plugins"]},
        **{key: known[key] for key in ("deshi", "git", "python", "platform", "libraries", "emoji")},
    }
    return dict(_flat("", tree))


def _flat(path: str, value: Json) -> Iterator[tuple[str, Json]]:
    """Yield leaves; a list is one, since an axis that grew is one change."""
    if not isinstance(value, Mapping):
        yield path, list(value) if isinstance(value, tuple) else value
        return
    for key, inner in value.items():
        yield from _flat(f"{path}.{key}" if path else str(key), inner)
