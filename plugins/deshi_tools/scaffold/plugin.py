"""Write the files of a new plugin from the templates beside this module."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Final

from deshi.api import Kind, UsageError
from deshi.version import __version__
from deshi_tools.scaffold.kinds import BEGINNINGS, Beginning

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_RESERVED: Final = ("builtin", "deshi")
_WIDTH: Final = 88


def distribution(kind: Kind, name: str) -> dict[str, str]:
    """Return the files of a distribution by their paths, with one component of the kind.

    Raises:
        UsageError: the name is none for a plugin.
    """
    values = _values(kind, name)
    package = values["package"]
    beginning = BEGINNINGS[kind]
    module = {**values, "module": f"{package}.{kind}"}
    hook = _filled(f"{kind}.hook", module).rstrip()
    return {
        "pyproject.toml": _filled("pyproject.toml", values),
        "README.md": _filled("README.md", values),
        ".github/workflows/test.yml": _filled("ci.yml", values),
        f"{package}/__init__.py": _filled("init.py", values),
        f"{package}/hooks.py": _filled(
            "hooks.py", {**values, "api": _import(beginning.hook), "hook": hook}
        ),
        f"{package}/{kind}.py": _filled(
            f"{kind}.py", {**values, "api": _import(beginning.component)}
        ),
        f"{package}/py.typed": "",
        "tests/test_contract.py": _filled("test_contract.py", values),
    }


def single_file(kind: Kind, name: str) -> str:
    """Return a plugin that is one file, for `[plugins] local`.

    Raises:
        UsageError: the name is none for a plugin.
    """
    values = _values(kind, name)
    beginning = BEGINNINGS[kind]
    names = tuple(sorted({*beginning.component, *beginning.hook}, key=_order))
    module = {**values, "module": values["package"], "api": _import(names)}
    return f"{_filled(f'{kind}.py', module).rstrip()}\n\n\n{_filled(f'{kind}.hook', module)}"


def write(folder: Path, contents: Mapping[str, str]) -> list[Path]:
    """Write files into a new folder, or one new file; return their paths.

    Raises:
        UsageError: something of that name already exists, or cannot be written.
    """
    if folder.exists():
        raise UsageError("already exists", where=str(folder), fix="choose another name or --into")
    written = []
    for name, text in contents.items():
        path = folder / name if name else folder
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(
                f"cannot be written: {error.strerror}",
                where=str(path),
                fix="choose another --into",
            ) from error
        written.append(path)
    return written


def package_of(name: str) -> str:
    """Return the name of the Python package, or module, of a plugin."""
    return name.replace("-", "_")


def _values(kind: Kind, name: str) -> dict[str, str]:
    _check(name)
    beginning: Beginning = BEGINNINGS[kind]
    major, minor = __version__.split(".")[:2]
    requires = (f"deshi>={major}.{minor}", *beginning.requires)
    words = "".join(word.capitalize() for word in name.split("-"))
    summary = beginning.summary
    return {
        "kind": kind,
        "name": name,
        "package": package_of(name),
        "cls": words,
        "about": f"{summary[0].upper()}{summary[1:]}",
        "summary": summary,
        "example": beginning.example,
        "contract": f"{kind.capitalize()}Contract",
        "requires": ", ".join(f'"{one}"' for one in requires),
        "where": {
            "metric": ", a name in `[benchmark] metrics`",
            "filter": ", a name in a chain of registry.toml",
        }.get(kind, " in `[matrix]`"),
    }


def _check(name: str) -> None:
    where = f"name '{name}'"
    if not _NAME.fullmatch(name):
        raise UsageError(
            "is no name for a plugin",
            where=where,
            fix="use 'lower-case-words' of letters and digits",
        )
    package = package_of(name)
    taken = name in _RESERVED or package in sys.stdlib_module_names or keyword.iskeyword(package)
    if taken:
        raise UsageError("belongs to Python or to deshi", where=where, fix="choose another")


def _filled(name: str, values: Mapping[str, str]) -> str:
    text = files("deshi_tools.scaffold").joinpath("templates", f"{name}.txt").read_text("utf-8")
    return Template(text).substitute(values)


def _import(names: tuple[str, ...]) -> str:
    line = f"from deshi.api import {', '.join(names)}"
    if len(line) <= _WIDTH:
        return line
    return "from deshi.api import (\n" + "".join(f"    {name},\n" for name in names) + ")"


def _order(name: str) -> tuple[bool, str]:
    """Order names as import sorters do: classes first."""
    return name[0].islower(), name
