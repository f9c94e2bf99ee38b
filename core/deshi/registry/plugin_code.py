"""What identifies a plugin's code in keys: its version, and its files where no version vouches for them.

Nothing is imported for it. A file is read once while it does not change.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.util
import re
import sys
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from typing import Final

from deshi.api.installing import recorded_source
from deshi.registry.plugin import PluginRecord

_HOST: Final = frozenset({"deshi", "deshi_plugins", "deshi_tools"})
_INSTALLED: Final = frozenset({"site-packages", "dist-packages"})
_TARGET: Final = re.compile(r"[^\W\d][\w.]*:\w+")
_DEEP, _MOST = 3, 5_000
"""How many folders below a lone file, and how many files, are looked at for what it names."""
_NO_CODE: Final = re.compile(
    r"\..*|.*~|.*\.log|.*\.py[co]|__pycache__|.*\.(egg|dist)-info", re.DOTALL
)
"""Names of what is hidden, left by an editor, or written when the code runs or is installed."""


def code_of(record: PluginRecord) -> str:
    """Return what two codes of one plugin differ in; empty for deshi's own, which has revisions.

    It is distribution and version. For one file, an editable installation, and all that lies outside
    site-packages it has a SHA-256 of the modules too, and of what those import from there; then,
    behind a `+`, that of the other files.
    """
    if record.is_builtin:
        return ""
    named = f"{record.distribution} {record.version}".strip()
    files = _files(record)
    if not files:
        return named
    modules = {name: path for name, path in files.items() if path.suffix == ".py"}
    data = {name: path for name, path in files.items() if name not in modules}
    found = "+".join(_digest(some) for some in (modules, data) if some)
    return f"{named} sha256:{found}".strip()


def _digest(files: Mapping[str, Path]) -> str:
    total = hashlib.sha256()
    for name, path in sorted(files.items()):
        status = path.stat()
        digest = digest_of_file(path, status.st_size, status.st_mtime_ns)
        total.update(f"{name}\0{digest}\n".encode("utf-8", "surrogateescape"))
    return total.hexdigest()[:32]


def edited(planned: str, now: str) -> bool:
    """Say whether modules differ: data beside them may be what the plugin itself writes as it runs."""
    return planned.partition("+")[0] != now.partition("+")[0]


def may_be_same(made: str, now: str) -> bool:
    """Say whether two codes can be one: an installed plugin may have been in place where it was used."""
    (version, _, files), (other_version, _, other_files) = (
        code.partition("sha256:") for code in (made, now)
    )
    known = files == other_files or not (files and other_files)
    return not made or (version.strip() == other_version.strip() and known)


@functools.cache
def digest_of_file(file: Path, _size: int, _modified: int) -> str:
    """Return the sha256 of a file, which is read once while it does not change."""
    with file.open("rb") as stream:
        return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"


def _files(record: PluginRecord) -> dict[str, Path]:
    """Return the files that no version vouches for, by a name that is the same on every machine."""
    found: dict[str, Path] = {}
    waiting = [*_first(record)]
    seen: set[Path] = set()
    while waiting:
        name, place = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        inside = {name: place} if place.is_file() else dict(_inside(place, name))
        found |= inside
        for file in (one for one in inside.values() if one.suffix == ".py"):
            status = file.stat()
            modules, texts = _mentioned(file, status.st_size, status.st_mtime_ns)
            places = (_beside(file.parent, module) or _elsewhere(module) for module in modules)
            waiting += [one for one in places if one is not None and not _recorded(one[1])]
            waiting += _data(file.parent, texts) if place == file else []
    return found


def _first(record: PluginRecord) -> Iterator[tuple[str, Path]]:
    """Yield the file or the package in which a plugin begins, if a version does not vouch for it."""
    if record.is_local:
        path = Path(record.entry)
        if path.is_file():
            yield path.name, path
        return
    editable = recorded_source(record.distribution).get("dir_info", {}).get("editable", False)
    place = _elsewhere(record.entry.partition(":")[0], even_installed=bool(editable))
    if place is not None:
        yield place


def _inside(folder: Path, name: str, depth: int = 100) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.iterdir()):
        if _NO_CODE.fullmatch(path.name):
            continue
        if path.is_dir() and depth:
            yield from _inside(path, f"{name}/{path.name}", depth - 1)
        elif path.is_file():
            yield f"{name}/{path.name}", path


@functools.cache
def _recorded(place: Path) -> bool:
    """Say whether pip put this into a folder that is not called site-packages."""
    records = (path.read_text(encoding="utf-8") for path in place.parent.glob("*.dist-info/RECORD"))
    return any(
        line.startswith((f"{place.name}/", f"{place.name},"))
        for text in records
        for line in text.splitlines()
    )


@functools.cache
def _mentioned(file: Path, _size: int, _modified: int) -> tuple[frozenset[str], frozenset[str]]:
    """Return the modules that a file imports or names as a target, and all its short strings."""
    modules: set[str] = set()
    texts: set[str] = set()
    try:
        nodes = list(ast.walk(ast.parse(file.read_bytes())))
    except (SyntaxError, ValueError, RecursionError):
        nodes = []  # it cannot be imported either
    for node in nodes:
        match node:
            case ast.Import(names=names):
                modules.update(one.name for one in names)
            case ast.ImportFrom(module=module, names=names):
                modules.update(f"{module or ''}.{one.name}".lstrip(".") for one in names)
            case ast.Constant(value=str(text)) if _TARGET.fullmatch(text):
                modules.add(text.partition(":")[0])
            case ast.Constant(value=str(text)) if 0 < len(text) < 100 and text.isprintable():
                texts.add(text)
    return frozenset(modules), frozenset(texts)


def _data(folder: Path, texts: frozenset[str]) -> Iterator[tuple[str, Path]]:
    """Yield the files and modules near a lone file of which a string in it names a part.

    A path may be put together of such parts, so the last piece of each counts, as a pattern too.
    """
    pieces = {text.rstrip("/").rpartition("/")[2] for text in texts}
    names = {piece for piece in pieces if piece.strip(".*?[]")}
    patterns = [name for name in names if "*" in name or "?" in name]
    for name, path in islice(_inside(folder, "", _DEEP), _MOST):
        parts = [one for part in name.strip("/").split("/") for one in (part, Path(part).stem)]
        if names.intersection(parts) or any(fnmatchcase(path.name, one) for one in patterns):
            yield name.strip("/"), path


def _beside(folder: Path, module: str) -> tuple[str, Path] | None:
    """Return the module or package of a folder that a name means."""
    top = module.partition(".")[0]
    for name in (f"{top}.py", top):
        path = folder / name
        if top not in _HOST and (path.is_file() if name != top else any(path.glob("*.py"))):
            return name, path
    return None


@functools.cache
def _elsewhere(module: str, *, even_installed: bool = False) -> tuple[str, Path] | None:
    """Return what a name means on the path: a file, or the package's folder; None if versions do."""
    top, *rest = module.split(".")
    if top in _HOST or top in sys.stdlib_module_names:
        return None
    try:
        spec = importlib.util.find_spec(top)
    except (ValueError, ImportError):
        return None
    if spec is None:
        return None
    name = top
    places = [Path(one) for one in spec.submodule_search_locations or ()]
    origin = Path(spec.origin) if spec.origin else None
    while origin is None and rest:  # a namespace package, of which every distribution has a part
        part = rest.pop(0)
        inner = next((found for p in places if (found := _beside(p, part))), None)
        if inner is None:
            return None
        name, origin = f"{name}/{inner[0]}", inner[1]
        if origin.is_dir() and not (origin / "__init__.py").is_file():
            places, origin = [origin], None
    if origin is None:
        return None
    place = origin.parent if origin.name == "__init__.py" else origin
    whole = place.resolve()
    if (_INSTALLED & set(whole.parts) and not even_installed) or not whole.exists():
        return None
    return (f"{name}.py" if place.suffix == ".py" and not name.endswith(".py") else name), place
