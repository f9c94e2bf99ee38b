"""Where results come from: what the stages say that made them, entries with the origin of each value."""

from __future__ import annotations

import dataclasses
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from deshi.api import CorpusSpec, Json, TeacherSpec
from deshi.benchmark.parts import members
from deshi.emoji import EMOJI_VERSION, inventory_hash
from deshi.workspace.manifest import MadeBy

if TYPE_CHECKING:
    from deshi.benchmark.plan import PlannedRow
    from deshi.engine.prepared import Prepared
    from deshi.registry import Resolved
    from deshi.workspace.manifest import Finished, Manifest


def provenance(prepared: Prepared, done: Mapping[str, Finished]) -> dict[str, Json]:
    """Return what a reader needs to judge or repeat the run; no path, no secret.

    `makers` are the different ones of all manifests; `rows` gives their numbers by row and stage. Where
    a single value is asked for, several are joined by commas.
    """
    manifests = [found.manifest for found in done.values() if found.manifest]
    makers = list({msgspec.json.encode(m.made_by): m.made_by for m in manifests}.values())
    return {
        "deshi": _joined(maker.deshi for maker in makers),
        "command": list(prepared.command),
        "git": _git(prepared.benchmark.path.parent),
        "python": _joined(maker.python for maker in makers),
        "platform": _joined(str(one.machine.get("platform", "")) for one in manifests),
        "libraries": _libraries(makers),
        "emoji": {"version": EMOJI_VERSION, "inventory": inventory_hash()[:16]},
        "plugins": list(_plugins(prepared, makers)),
        "entries": dict(_entries(prepared)),
        "changes": list(_changes(prepared)),
        "permits": dict(prepared.benchmark.permit),
        "seeds": prepared.plan.benchmark.settings.seeds,
        "precision": _joined(maker.precision for maker in makers),
        "makers": msgspec.to_builtins(makers),
        "rows": {row.id: _of_row(row, done, makers) for row in prepared.plan.rows if row.runs},
    }


def mixed_rows(rows: Iterable[PlannedRow], done: Mapping[str, Finished]) -> Iterator[str]:
    """Say which rows have runs that were not made alike, and in what they differ."""
    for row in rows:
        differing: dict[str, str] = {}
        for stages in zip_longest(*(run.stages for run in row.runs)):
            found = [done[a].manifest for a in stages if a in done]
            differing |= _differing([one.made_by for one in found if one])
        if differing:
            what = ", ".join(f"{name} ({values})" for name, values in differing.items())
            yield f"{row.id}: its runs differ in {what}; --fresh {row.id} makes them again"


def _differing(makers: list[MadeBy]) -> Iterator[tuple[str, str]]:
    """Yield each field in which makers differ, with its values."""
    flat = [dict(_flat(maker)) for maker in makers]
    for name in sorted({name for one in flat for name in one}):
        values = sorted({one.get(name, "") or "unknown" for one in flat})
        if len(values) > 1:
            yield name, ", ".join(values)


def _flat(maker: MadeBy) -> Iterator[tuple[str, str]]:
    yield from maker.libraries.items()
    for plugin in maker.plugins:
        yield f"plugin {plugin.name}", plugin.code or plugin.version
    for name in ("deshi", "python", "device", "threads", "precision"):
        yield name, str(getattr(maker, name))


def _of_row(
    row: PlannedRow, done: Mapping[str, Finished], makers: list[MadeBy]
) -> dict[str, list[int]]:
    """Return the numbers of the makers of a row's stages, by the stage's name."""
    found: dict[str, list[int]] = {}
    for address in (row.split, row.label, row.evaluation, *(a for r in row.runs for a in r.stages)):
        manifest: Manifest | None = done[address].manifest if address in done else None
        if manifest:
            numbers = found.setdefault(address.partition("/")[0], [])
            if (number := makers.index(manifest.made_by)) not in numbers:
                numbers.append(number)
    return found


def _joined(values: Iterable[str]) -> str:
    return ", ".join(sorted(set(filter(None, values))))


def _libraries(makers: Iterable[MadeBy]) -> dict[str, str]:
    pairs = [pair for maker in makers for pair in maker.libraries.items()]
    return {name: _joined(v for n, v in pairs if n == name) for name, _ in sorted(pairs)}


def _git(folder: Path) -> str | None:
    """Return the commit of the repository that the benchmark lies in, with a mark if it is changed."""
    command = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None


def _plugins(prepared: Prepared, makers: Iterable[MadeBy]) -> Iterator[Mapping[str, Json]]:
    """Yield each plugin as it was when it made something, with the components of it that are used."""
    used: dict[str, set[str]] = {}
    for resolved in prepared.parts.resolved().values():
        component = f"{resolved.spec.kind} {resolved.component}"
        used.setdefault(resolved.plugin.name, set()).add(component)
    for plugin in sorted({one for maker in makers for one in maker.plugins}, key=repr):
        yield {**msgspec.to_builtins(plugin), "used": sorted(used.get(plugin.name, ()))}


def _changes(prepared: Prepared) -> Iterator[str]:
    """Say what a person changed of the entries, prompts and chains of others that the run uses."""
    entries = [found.entry for found in prepared.parts.resolved().values()]
    used: list[tuple[str, str]] = [(entry.kind, entry.name) for entry in entries]
    used += [("prompt", entry.prompt) for entry in entries if entry.prompt]
    used += [("chain", row.cell.chain.use) for row in prepared.plan.rows]
    for table, name in dict.fromkeys(used):
        yield from prepared.registry.changes(table, name)


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
