"""Finding plugins in the metadata of installed distributions, without importing any of them."""

from __future__ import annotations

import importlib.metadata
import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from deshi.registry.plugin import GROUP, HOST, NAME, PluginRecord
from deshi.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from importlib.metadata import Distribution, EntryPoint

_GROUPS: Final = re.compile(r"deshi\.v([1-9][0-9]*)")
_CHANGES: Final = "docs/how-to/plugins-v2.md"
"""The page that says what a plugin of the first edition has to change."""
_MENTIONED: Final = re.compile(r"^\s*\[\s*deshi\.v[0-9]+\s*\]", re.MULTILINE)


def discover() -> tuple[PluginRecord, ...]:
    """Return every plugin of every installed distribution, sorted by name; nothing is imported.

    Plugins of a later group than this host reads, those whose distribution asks for another deshi,
    and those whose names clash are there too, with their state and the reason.
    """
    records = [record for dist in _distributions() for record in _records(dist)]
    records.sort(key=lambda record: (record.name, record.group, record.distribution))
    return tuple(_reject_shared_names(records))


def permit(
    records: Iterable[PluginRecord],
    *,
    allowed: Sequence[str] | None,
    disabled: Sequence[str],
    why: str,
) -> tuple[PluginRecord, ...]:
    """Return the records with those disabled that must not be imported.

    `allowed` is the list of DESHI_PLUGINS (None: it is not set); the built-in plugin needs no
    permission. `disabled` is the deny list of registry.toml, and `why` says where it is set.
    """

    def with_state(record: PluginRecord) -> PluginRecord:
        if record.name in disabled:
            return replace(record, state="disabled", reason=f"[plugins] disabled names it ({why})")
        if allowed is not None and record.name not in allowed and not record.is_builtin:
            return replace(record, state="disabled", reason="DESHI_PLUGINS does not name it")
        return record

    return tuple(with_state(record) for record in records)


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
        except (ValueError, importlib.metadata.PackageNotFoundError):
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
    except (KeyError, TypeError, ValueError, importlib.metadata.PackageNotFoundError):
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
        reason = (
            f"the name '{point.name}' is not of the form 'lower-case-words' of letters and digits"
        )
        return replace(record, state="invalid", reason=reason, problems={"hooks": reason})
    return record


def _other_interface(group: str) -> str:
    """Return why a plugin of another edition of the plugin interface cannot be used."""
    reads = f"deshi {__version__} reads {GROUP}"
    if _edition(group) > _edition(GROUP):
        return f"it needs a newer deshi (it offers {group}; {reads})"
    return f"it is written for an earlier deshi (it offers {group}; {reads}: see {_CHANGES})"


def _edition(group: str) -> int:
    found = _GROUPS.fullmatch(group)
    return int(found[1]) if found else 0


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
        fix = "none is loaded; uninstall all but one"
        if record.name in own:
            fix = "the name belongs to deshi"
        reason = f"the name '{record.name}' is claimed by {' and '.join(sources)}; {fix}"
        yield replace(record, state="invalid", reason=reason, problems={"hooks": reason})
