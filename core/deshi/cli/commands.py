"""The commands of deshi and of plugins, listed without importing any of them.

A command is one entry point of the group `deshi.commands`: its name, and the click command as
`package.module:attribute`. What `--help` says of it is the first line of that module's docstring, read
from the file as text.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click

GROUP = "deshi.commands"

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "Run": ("run", "plan"),
    "Look": ("show", "report", "errors", "compare", "migrate", "score", "agree"),
    "Use": ("predict", "export", "publish"),
    "Pay": ("ledger", "fake-server"),
    "Extend": (
        *("list", "describe", "explain", "check", "new", "plugins", "schema", "doctor"),
        *("completion", "gc"),
    ),
}
"""Where `--help` lists a command; one that is not here stands under the distribution it comes from."""

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_TARGET = re.compile(r"([A-Za-z_]\w*(?:\.\w+)*):(\w+)")
_PLUGINS = re.compile(r"^\[\s*deshi\.v\d+\s*\]\s*$(.*?)(?=^\[|\Z)", re.MULTILINE | re.DOTALL)
_SECTION = re.compile(r"^\[\s*deshi\.commands\s*\]\s*$(.*?)(?=^\[|\Z)", re.MULTILINE | re.DOTALL)
_DOCSTRING = re.compile(
    r'\s*(?:#[^\n]*\n\s*)*[rR]?(?:"""|\'\'\')\s*([^\n]+?)\s*(?:"""|\'\'\'|\n|$)'
)
_POINT = re.compile(r"^\s*([a-z0-9-]+)\s*=", re.MULTILINE)
_HOST = "deshi"
_LONGEST = 200


@dataclass(frozen=True)
class CommandEntry:
    """One command: where it comes from and where its code is; `clash` names another that claims it.

    `plugins` are those of its distribution: whoever switches one off means the command too.
    """

    name: str
    module: str
    attribute: str
    distribution: str
    clash: str = ""
    plugins: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """The first line of its module's docstring; empty where the file cannot be read."""
        file = _file_of(self.module)
        try:
            with file.open(encoding="utf-8") as source:
                found = _DOCSTRING.match(source.read(4096))
        except (OSError, UnicodeDecodeError):
            return ""
        return found[1][:_LONGEST] if found and found[1].isprintable() else ""


def find_commands() -> Mapping[str, CommandEntry]:
    """Return every command by name, in the order of the help.

    One of deshi's own cannot be replaced; a name that two others claim is nobody's, which `clash` says.
    """
    found: dict[str, CommandEntry] = {}
    for entry in _installed():
        there = found.get(entry.name)
        if there is None or entry.distribution == _HOST:
            found[entry.name] = entry
        elif there.distribution != _HOST and not there.clash:
            found[entry.name] = replace(there, clash=entry.distribution)
    order = [name for names in SECTIONS.values() for name in names]
    rank = {name: at for at, name in enumerate(order)}
    names = sorted(found, key=lambda name: (rank.get(name, len(rank)), name))
    return {name: found[name] for name in names}


def by_section(commands: Iterable[CommandEntry]) -> Mapping[str, Sequence[CommandEntry]]:
    """Return the commands under the headings of `--help`, other plugins' under their own."""
    home = {name: title for title, names in SECTIONS.items() for name in names}
    found: dict[str, list[CommandEntry]] = {title: [] for title in SECTIONS}
    for entry in commands:
        own = entry.distribution == _HOST and entry.name in home
        title = home[entry.name] if own else f"From {entry.distribution}"
        found.setdefault(title, []).append(entry)
    return {title: entries for title, entries in found.items() if entries}


def load(entry: CommandEntry) -> click.Command:
    """Import a command.

    Raises:
        NotReadyError: its module or the command in it is not there or fails to import.
    """
    if entry.clash:
        raise _not_ready(
            entry,
            f"is claimed by {entry.distribution} and by {entry.clash}",
            "uninstall one of them",
        )
    if entry.distribution != _HOST and (off := _switched_off(entry)):
        raise _not_ready(
            entry, f"is switched off with '{off}'", f"run `deshi plugins enable {off}`"
        )
    try:
        command = getattr(import_module(entry.module), entry.attribute)
    except (Exception, SystemExit) as error:
        if entry.distribution == _HOST:
            raise
        what = f"cannot be imported: {type(error).__name__}: {error}"
        raise _not_ready(entry, what, "run with --debug to see where") from error
    if not isinstance(command, click.Command):
        what = f"is no click command, but {type(command).__name__}"
        raise _not_ready(entry, what, "name one in its entry point")
    return command


def _switched_off(entry: CommandEntry) -> str:
    """Return the name under which a registry.toml switches the command off; mostly there is none."""
    from deshi.registry import Registry

    disabled = Registry(Path()).disabled
    return next((name for name in (entry.distribution, *entry.plugins) if name in disabled), "")


def _not_ready(entry: CommandEntry, what: str, fix: str) -> Exception:
    from deshi.api.errors import NotReadyError

    return NotReadyError(what, where=f"command '{entry.name}' of {entry.distribution}", fix=fix)


def _installed() -> Iterator[CommandEntry]:
    """Yield the commands of installed distributions; of one distribution, the first on the path.

    `importlib.metadata` knows them too, but to import it takes as long as all else that `--help` does.
    """
    allowed = os.environ.get("DESHI_PLUGINS")
    seen: set[str] = set()
    for folder in sys.path:
        for name, text in _entry_points(folder or "."):
            if name in seen:
                continue
            seen.add(name)
            plugins = tuple(
                point for part in _PLUGINS.findall(text) for point in _POINT.findall(part)
            )
            if name == _HOST or allowed is None or {name, *plugins} & _names(allowed):
                yield from _entries(name, text, plugins)


def _entry_points(folder: str) -> Iterator[tuple[str, str]]:
    """Yield the name of each distribution in a folder that offers commands, and its entry points."""
    try:
        with os.scandir(folder) as listing:
            names = sorted(one.name for one in listing)
    except OSError:
        return
    for name in names:
        if not name.endswith((".dist-info", ".egg-info")):
            continue
        try:
            with open(os.path.join(folder, name, "entry_points.txt"), encoding="utf-8") as file:  # noqa: PTH118, PTH123
                text = file.read()
        except (OSError, UnicodeDecodeError):
            continue
        if GROUP in text:
            stem = re.sub(r"-py[0-9.]+$", "", name.rpartition(".")[0])
            yield _normalised(stem.rpartition("-")[0] or stem), text


def _names(allowed: str) -> set[str]:
    return {_normalised(name.strip()) for name in allowed.split(",")}


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _entries(distribution: str, text: str, plugins: tuple[str, ...]) -> Iterator[CommandEntry]:
    for section in _SECTION.findall(text):
        for line in section.splitlines():
            name, _, target = (part.strip() for part in line.partition("="))
            if _NAME.fullmatch(name) and (found := _TARGET.fullmatch(target)):
                yield CommandEntry(name, found[1], found[2], distribution, plugins=plugins)


def _file_of(module: str) -> Path:
    """Return the file of a module; its packages are not imported."""
    top, *inner = module.split(".")
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        return Path(os.devnull)
    if not inner:
        return Path(spec.origin or os.devnull)
    for place in spec.submodule_search_locations or ():
        base = Path(place, *inner)
        for file in (base.with_suffix(".py"), base / "__init__.py"):
            if file.is_file():
                return file
    return Path(os.devnull)
