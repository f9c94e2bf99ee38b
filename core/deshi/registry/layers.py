"""The layers of the registry, weakest first: where they lie, and their one merged tree.

    built-in      registry.toml of this repository or wheel
    plugin NAME   fragments that plugins ship
    project       registry.toml found upward from the start folder
    user          ~/.config/deshi/registry.toml, or under XDG_CONFIG_HOME
    environment   DESHI_SET
    command line  --registry FILE, then --set

Tables merge by key, scalars and arrays replace. Changing an entry's `use` drops the `params`, `env`
and `limits` that weaker layers gave it.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from deshi.api import Layer, UsageError
from deshi.registry.schema import FRAGMENT_TABLES, check
from deshi.registry.settings import (
    REGISTRY_TABLES,
    jsonable,
    parse_setting,
    path_text,
    split_environment,
)
from deshi.registry.tomltext import plain, read_toml_text
from deshi.registry.tree import (
    KeyPath,
    Source,
    Tree,
    branch,
    complaint,
    display_path,
    leaves,
    merge,
    overlay,
    plant,
)

FILE: Final = "registry.toml"
_AT: Final = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def host_layers(
    start: Path,
    builtin: Path | None,
    environ: Mapping[str, str],
    files: Sequence[Path],
    sets: Sequence[str],
) -> list[Tree]:
    """Return the layers that come from no plugin, weakest first; the built-in one is the first.

    Raises UsageError for a file or a setting that is wrong, or a named file that is not there.
    """
    below = builtin or builtin_file()
    layers = [read_file(below, "built-in") if below.is_file() else {}]
    if project := project_file(start, builtin=below):
        layers.append(read_file(project, "project"))
    if (user := user_file(environ)) and user.is_file():
        layers.append(read_file(user, "user"))
    layers.append(read_settings(split_environment(environ.get("DESHI_SET", "")), "environment"))
    layers.extend(read_file(file.absolute(), "command line") for file in files)
    layers.append(read_settings(sets, "command line"))
    return layers


def merge_layers(layers: Iterable[Tree]) -> Tree:
    """Return the layers as one tree, each over those before it."""
    return functools.reduce(overlay, layers, {})


def builtin_file() -> Path:
    """Return the built-in registry.toml: in a wheel's package, else at the repository's root."""
    package = Path(__file__).resolve().parents[1]
    inside = package / FILE
    return inside if inside.is_file() else package.parents[1] / FILE


def project_file(start: Path, *, builtin: Path) -> Path | None:
    """Return the nearest registry.toml upward; None if that is the built-in one, or if none is."""
    folder = start.absolute()
    for candidate in (place / FILE for place in (folder, *folder.parents)):
        if candidate.is_file():
            same = builtin.is_file() and candidate.samefile(builtin)
            return None if same else candidate
    return None


def user_file(environ: Mapping[str, str]) -> Path | None:
    """Return where the user's registry.toml would be; None if the user has no home."""
    given = Path(environ.get("XDG_CONFIG_HOME", ""))
    if given.is_absolute():
        return given / "deshi" / FILE
    try:
        return Path.home() / ".config" / "deshi" / FILE
    except RuntimeError:
        return None


def read_file(file: Path, layer: str) -> Tree:
    """Return the tree of one registry.toml. Raises UsageError if it cannot be read or is wrong."""
    try:
        text = read_toml_text(file, display_path(file))
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        raise UsageError(what, where=display_path(file)) from error
    return _read(Source(layer, file.absolute().parent, file=file, text=text), REGISTRY_TABLES)


def read_fragment(plugin: str, fragment: Layer, folder: Path) -> Tree:
    """Return the tree of a plugin's fragment. Raises UsageError if it is wrong."""
    label, text = f"fragment {fragment.name}", plain(fragment.toml)
    source = Source(f"plugin {plugin}", folder, label=label, text=text)
    return _read(source, FRAGMENT_TABLES)


def names_in(layer: Tree) -> Iterator[KeyPath]:
    """Yield the entries, prompts and chains of a layer: `("student", "knn")`."""
    yield from ((t, name) for t, node in layer.items() if isinstance(node, dict) for name in node)


def foreign_name(
    plugin: str, fragment: Tree, holders: Mapping[KeyPath, set[str]]
) -> UsageError | None:
    """Return what is wrong with a plugin's fragment that says something of a name of another layer."""
    own = {f"plugin {plugin}"}
    for path in names_in(fragment):
        before, slash, _ = path[1].partition("/")
        others = (holders.get(path, set()) | ({f"plugin {before}"} if slash else set())) - own
        if others:
            leaf = next((leaf for _, leaf in leaves(branch(fragment, path) or {})), None)
            what = f"is a name of {' and '.join(sorted(others))}"
            return complaint(path_text(path), what, leaf, "a plugin's layer adds names of its own")
    return None


def read_settings(texts: Iterable[str], layer: str) -> Tree:
    """Return the tree of settings of one layer; of two that clash, the later holds."""
    tree: Tree = {}
    label = "DESHI_SET" if layer == "environment" else "--set"
    for text in texts:
        setting = parse_setting(text, where=label)
        source = Source(layer, Path.cwd(), label=f"{label} {setting.text}")
        nest = reversed(setting.path)
        data = functools.reduce(lambda inner, key: {key: inner}, nest, setting.value)
        check(data, source, REGISTRY_TABLES)
        tree = merge(tree, plant(data, source))
    return tree


def _read(source: Source, tables: Sequence[str]) -> Tree:
    """Return the tree of a source. Raises UsageError with the line if it is not TOML or is wrong."""
    try:
        data = jsonable(tomllib.loads(source.text))
    except tomllib.TOMLDecodeError as error:
        at = _AT.search(str(error))
        line = at[1] if at and at[1] else str(max(1, len(source.text.splitlines())))
        what = f"not TOML: {_AT.sub('', str(error))} ({source.layer} layer)"
        raise UsageError(what, where=f"{source.title}:{line}") from error
    check(data, source, tables)
    return plant(data, source)
