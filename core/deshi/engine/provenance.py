"""Where a result comes from: code, plugins, entries with the origin of each value, machine."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import platform
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from deshi.api import CorpusSpec, Json, TeacherSpec
from deshi.benchmark.parts import members
from deshi.emoji import EMOJI_VERSION, inventory_hash
from deshi.registry import source_of
from deshi.version import __version__

if TYPE_CHECKING:
    from deshi.engine.prepared import Prepared
    from deshi.registry import Resolved

_LIBRARIES = (
    "numpy",
    "scipy",
    "pyarrow",
    "huggingface-hub",
    "scikit-learn",
    "torch",
    "fugashi",
    "unidic-lite",
)


def provenance(prepared: Prepared) -> dict[str, Json]:
    """Return what a reader needs to judge or repeat the run; no path, no secret."""
    return {
        "deshi": __version__,
        "command": list(prepared.command),
        "git": _git(prepared.benchmark.path.parent),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "libraries": dict(_versions()),
        "emoji": {"version": EMOJI_VERSION, "inventory": inventory_hash()[:16]},
        "plugins": list(_plugins(prepared)),
        "entries": dict(_entries(prepared)),
        "permits": dict(prepared.benchmark.permit),
        "seeds": prepared.plan.benchmark.settings.seeds,
        "precision": "float32",
    }


def _git(folder: Path) -> str | None:
    """Return the commit of the repository that the benchmark lies in, with a mark if it is changed."""
    command = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None


def _versions() -> Iterator[tuple[str, str]]:
    for name in _LIBRARIES:
        try:
            yield name, importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue


def _plugins(prepared: Prepared) -> Iterator[Mapping[str, Json]]:
    """Yield each plugin that the run uses, where its code is from, and which components are used."""
    used: dict[str, set[str]] = {}
    records = {}
    for resolved in prepared.parts.resolved().values():
        records[resolved.plugin.name] = resolved.plugin
        component = f"{resolved.spec.kind} {resolved.component}"
        used.setdefault(resolved.plugin.name, set()).add(component)
    for name, record in records.items():
        yield {
            "name": name,
            "distribution": record.distribution,
            "version": record.version,
            **source_of(record),
            "used": sorted(used[name]),
        }


def _entries(prepared: Prepared) -> Iterator[tuple[str, Json]]:
    """Yield each entry with the layer of every value that one sets; others are the component's own."""
    for (kind, label), resolved in sorted(prepared.parts.resolved().items()):
        origins = resolved.entry.origins.items()
        entry = {
            "component": resolved.component,
            "revision": resolved.spec.revision,
            "params": dict(resolved.identity),
            "origins": {".".join(path): origin.layer for path, origin in origins},
            **_terms(resolved, prepared.benchmark.permit),
        }
        if kind == "student":
            entry["threads"] = resolved.entry.env.get("threads", 1)
        yield f"{kind}.{label}", entry


def _terms(resolved: Resolved, permit: Mapping[str, str]) -> dict[str, Json]:
    """Return the terms of a corpus or a teacher; None where nobody knows them.

    With them go the note that permits it all the same, and whether it ran on this machine.
    """
    if not isinstance(resolved.spec, CorpusSpec | TeacherSpec):
        return {}
    name = resolved.entry.name
    combined = members(resolved)
    return {
        "terms": dataclasses.asdict(resolved.terms) if resolved.terms else None,
        **({"permit": permit[name]} if name in permit else {}),
        **({"loopback": True} if resolved.is_loopback else {}),
        **({"members": list(combined)} if combined else {}),
    }
