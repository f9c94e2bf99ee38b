"""Which plugins a registry knows: installed ones, files of the project, and those that a caller gave.

None of them is imported for it.
"""

from __future__ import annotations

import importlib.metadata
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import Distribution, EntryPoint, PackageNotFoundError
from pathlib import Path
from types import ModuleType
from typing import Final

from deshi.registry.plugin import GROUP, HOST, NAME, NAME_FORM, PluginRecord
from deshi.version import __version__

_GROUPS: Final = re.compile(r"deshi\.v([1-9][0-9]*)")
_CHANGES: Final = "docs/how-to/plugins-v2.md"
"""The page that says what a plugin of the first edition has to change."""
_MENTIONED: Final = re.compile(r"^\s*\[\s*deshi\.v[0-9]+\s*\]", re.MULTILINE)
_BUILTIN: Final = "builtin"


def known_plugins(
    *,
    autoload: bool,
    local: Iterable[Path],
    given: Mapping[str, object],
    allowed: Sequence[str] | None,
    disabled: Sequence[str],
    why: str,
) -> tuple[PluginRecord, ...]:
    """Return the record of every plugin, sorted by name; those that must not be imported disabled.

    `local` are the files of `[plugins] local`. `allowed` is the list of DESHI_PLUGINS (None: it is not
    set), of which the built-in plugin and those `given` need no permission. `disabled` is the deny list
    of registry.toml, and `why` says where it is set.
    """
    installed = [record for record in (discover() if autoload else ()) if record.name not in given]
    files = _reject_taken_names([_local(path) for path in local], installed)
    own = list(map(_given, given, given.values()))

    def with_state(record: PluginRecord) -> PluginRecord:
        if record.name in disabled:
            return replace(record, state="disabled", reason=f"[plugins] disabled names it ({why})")
        if not (allowed is None or record.name in allowed or record.is_builtin or record in own):
            return replace(record, state="disabled", reason="DESHI_PLUGINS does not name it")
        return record

    records = map(with_state, [*installed, *files, *own])
    return tuple(sorted(records, key=lambda record: record.name))


def discover() -> tuple[PluginRecord, ...]:
    """Return every plugin of every installed distribution, sorted by name.

    Plugins of a later group than this host reads, those whose distribution asks for another deshi,
    and those whose names clash are there too, with their state and the reason.
    """
    records = [record for dist in _distributions() for record in _records(dist)]
    records.sort(key=lambda record: (record.name, record.group, record.distribution))
    return tuple(_reject_shared_names(records))


def importable(plugin: object) -> str | None:
    """Return the entry-point value of a plugin that was given, None if it cannot be imported."""
    if isinstance(plugin, str):
        return plugin
    return plugin.__name__ if isinstance(plugin, ModuleType) else None


def _given(name: str, plugin: object) -> PluginRecord:
    """Return the record of a plugin that the caller gave."""
    own = name == _BUILTIN
    return PluginRecord(
        name=name,
        distribution=HOST if own else "",
        version=__version__ if own else "",
        entry=importable(plugin) or "",
        state="broken" if plugin is None else "found",
        reason="it is an object of another process" if plugin is None else "",
    )


def _local(path: Path) -> PluginRecord:
    """Return the record of a plugin that is one file, named after it."""
    name = path.stem.replace("_", "-").lower()
    record = PluginRecord(name=name, distribution=path.name, version="", entry=str(path))
    if not path.is_file():
        return replace(record, state="broken", reason=f"there is no file {path}")
    if path.suffix != ".py" or not path.stem.isidentifier() or not NAME.fullmatch(name):
        return record.invalid(f"{path.name} is not named as a module: lower_case.py")
    return record


def _reject_taken_names(
    files: Sequence[PluginRecord], installed: Sequence[PluginRecord]
) -> Iterator[PluginRecord]:
    """Yield the records of files, as invalid where their name is another plugin's."""
    for at, record in enumerate(files):
        others = [*installed, *files[:at]]
        taken = next((other for other in others if other.name == record.name), None)
        reason = f"its name is that of {taken.title}; rename the file" if taken else ""
        yield record.invalid(reason) if taken else record


def _distributions() -> Iterator[Distribution]:
    """Yield the distributions that have a group of ours; of one name, the first on the path."""
    seen: set[str] = set()
    for found in importlib.metadata.distributions():
        if not _mentions_deshi(found):
            continue
        name = _name(found)
        if name and name in seen:
            continue
        seen.add(name)
        try:
            yield importlib.metadata.distribution(name)
        except (ValueError, PackageNotFoundError):
            yield found  # its folder is not named as its metadata say


def _mentions_deshi(dist: Distribution) -> bool:
    try:
        text = dist.read_text("entry_points.txt")
    except (OSError, ValueError):
        return False
    return _MENTIONED.search(text or "") is not None


def _name(dist: Distribution) -> str:
    """Return the normalised name; empty if the metadata has none."""
    try:
        name = dist.metadata["Name"]
    except (KeyError, TypeError, ValueError, PackageNotFoundError):
        return ""
    return re.sub(r"[-_.]+", "-", name or "").lower()


def _records(dist: Distribution) -> Iterator[PluginRecord]:
    """Yield one record an entry point; an unreadable list of them is one broken record."""
    name = _name(dist) or "unknown"
    try:
        version = dist.version if _name(dist) else ""
        points = [point for point in dist.entry_points if _GROUPS.fullmatch(point.group)]
    except (ValueError, TypeError, KeyError) as error:
        reason = f"its metadata cannot be read: {error}"
        yield PluginRecord(
            name=name, distribution=name, version="", entry="", state="broken", reason=reason
        )
        return
    readable = {point.name for point in points if point.group == GROUP}
    for point in points:
        if point.group == GROUP or point.name not in readable:
            yield _record(point, dist, name, version)


def _record(point: EntryPoint, dist: Distribution, name: str, version: str) -> PluginRecord:
    record = PluginRecord(
        name=point.name, distribution=name, version=version, entry=point.value, group=point.group
    )
    if point.group != GROUP:
        return replace(record, state="incompatible", reason=_other_interface(point.group))
    if unmet := _unmet(dist):
        reason = f"it needs {unmet}, and this is deshi {__version__}"
        return replace(record, state="incompatible", reason=reason)
    if not NAME.fullmatch(point.name):
        return record.invalid(f"the name '{point.name}' is not of the form {NAME_FORM}")
    return record


def _other_interface(group: str) -> str:
    """Return why a plugin of another edition of the plugin interface cannot be used."""
    offered, read = (int(one.removeprefix("deshi.v")) for one in (group, GROUP))
    both = f"it offers {group}; deshi {__version__} reads {GROUP}"
    if offered > read:
        return f"it needs a newer deshi ({both})"
    return f"it is written for an earlier deshi ({both}: see {_CHANGES})"


def _unmet(dist: Distribution) -> str:
    """Return the requirement on deshi that this host does not meet, or an empty string."""
    mentioned = [line for line in dist.requires or () if line.lower().startswith(HOST)]
    if not mentioned:
        return ""
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    for line in mentioned:
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            continue
        if canonicalize_name(requirement.name) != HOST:
            continue
        applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if applies and not requirement.specifier.contains(__version__, prereleases=True):
            return f"{HOST}{requirement.specifier}"
    return ""


def _reject_shared_names(records: Sequence[PluginRecord]) -> Iterator[PluginRecord]:
    """Yield the records, those that share a name as invalid with all their distributions named.

    The names of deshi's own plugins stay deshi's: another's claim to one cannot disable it.
    """
    claims = [record for record in records if record.group == GROUP and record.entry]
    counts = Counter(record.name for record in claims)
    own = {record.name for record in claims if record.is_builtin}
    for record in records:
        if record not in claims or counts[record.name] == 1 or record.is_builtin:
            yield record
            continue
        sources = [f"{r.distribution} {r.version}" for r in claims if r.name == record.name]
        ours = record.name in own
        fix = "the name belongs to deshi" if ours else "none is loaded; uninstall all but one"
        yield record.invalid(
            f"the name '{record.name}' is claimed by {' and '.join(sources)}; {fix}"
        )
