"""Which plugins a registry knows: installed ones, files of the project, and those that a caller gave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Final

from deshi.registry.discover import discover, permit
from deshi.registry.plugin import HOST, NAME, PluginRecord
from deshi.version import __version__

BUILTIN: Final = "builtin"


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Which plugins may be imported.

    `allowed` is the list of DESHI_PLUGINS, None if it is not set; `disabled` the deny list, and `why`
    says where it is set.
    """

    allowed: Sequence[str] | None
    disabled: Sequence[str]
    why: str


def known_plugins(
    rules: Rules, *, autoload: bool, local: Sequence[Path], given: Mapping[str, object]
) -> tuple[PluginRecord, ...]:
    """Return the record of every plugin, sorted by name; nothing is imported.

    `local` are the files of `[plugins] local`; those in `given` need no permission but must not be
    disabled.
    """
    installed = [r for r in (discover() if autoload else ()) if r.name not in given]
    files = _reject_taken_names([_local(path) for path in local], installed)
    asked = permit(
        [*installed, *files], allowed=rules.allowed, disabled=rules.disabled, why=rules.why
    )
    own = permit(_records_of_objects(given), allowed=None, disabled=rules.disabled, why=rules.why)
    return tuple(sorted([*asked, *own], key=lambda record: record.name))


def importable(plugin: object) -> str | None:
    """Return the entry-point value of a plugin that was given, None if it cannot be imported."""
    if isinstance(plugin, str):
        return plugin
    return plugin.__name__ if isinstance(plugin, ModuleType) else None


def _local(path: Path) -> PluginRecord:
    """Return the record of a plugin that is one file, named after it."""
    record = PluginRecord(
        name=path.stem.replace("_", "-").lower(),
        distribution=path.name,
        version="",
        entry=str(path),
    )
    if not path.is_file():
        return replace(record, state="broken", reason=f"there is no file {path}")
    if path.suffix != ".py" or not path.stem.isidentifier() or not NAME.fullmatch(record.name):
        reason = f"{path.name} is not named as a module: lower_case.py"
        return replace(record, state="invalid", reason=reason, problems={"hooks": reason})
    return record


def _reject_taken_names(
    files: Sequence[PluginRecord], installed: Sequence[PluginRecord]
) -> Iterator[PluginRecord]:
    """Yield the records of files, as invalid where their name is another plugin's."""
    for at, record in enumerate(files):
        others = [*installed, *files[:at]]
        taken = next((other for other in others if other.name == record.name), None)
        if taken is None:
            yield record
            continue
        reason = f"its name is that of {taken.title}; rename the file"
        yield replace(record, state="invalid", reason=reason, problems={"hooks": reason})


def _records_of_objects(plugins: Mapping[str, object]) -> Iterator[PluginRecord]:
    """Yield the records of the plugins that the caller gave."""
    for name, plugin in plugins.items():
        own = name == BUILTIN
        reason = "" if plugin is not None else "it is an object of another process"
        yield PluginRecord(
            name=name,
            distribution=HOST if own else "",
            version=__version__ if own else "",
            entry=importable(plugin) or "",
            state="broken" if reason else "found",
            reason=reason,
        )
