"""Entries: components with parameters and a short name, as the merged registry has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from deshi.api import Json, Kind, UsageError, nearest
from deshi.registry.settings import path_text
from deshi.registry.tree import (
    INHERITED,
    KeyPath,
    Leaf,
    Origin,
    Tree,
    branch,
    complaint,
    leaves,
    plain,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the registry, not yet checked against its component.

    `terms`, of a corpus or a teacher, go over those of its component. `params` are as written, in
    kebab-case. `origins` says for each leaf, by its path inside the entry (`("params", "k")`), where it
    was set. An entry that is only the name of a component has none.
    """

    kind: Kind
    name: str
    component: str
    params: Mapping[str, Json] = field(default_factory=dict)
    env: Mapping[str, Json] = field(default_factory=dict)
    limits: Mapping[str, Json] = field(default_factory=dict)
    terms: Mapping[str, Json] = field(default_factory=dict)
    prompt: str | None = None
    about: str = ""
    origins: Mapping[KeyPath, Origin] = field(default_factory=dict, repr=False)

    @property
    def path(self) -> str:
        """The entry as messages name it: `teacher.haiku`."""
        return path_text((self.kind, self.name))

    @property
    def origin(self) -> Origin | None:
        """Where its component was set, or else its first value; None if nothing was set."""
        return self.origins.get(("use",)) or next(iter(self.origins.values()), None)

    def origin_of(self, *path: str) -> Origin | None:
        """Return where the value was set, or the nearest value around or inside it."""
        for length in range(len(path), 0, -1):
            if found := self.origins.get(path[:length]):
                return found
        inside = (origin for at, origin in self.origins.items() if at[: len(path)] == path)
        return next(inside, self.origin)


def explicit(tree: Tree, kind: Kind, name: str) -> Entry | None:
    """Return the entry of this name; None if the registry has none.

    Raises UsageError if `enabled = false` removed it.
    """
    node = branch(tree, (kind, name))
    if not isinstance(node, dict):
        return None
    if origin := _removed(node):
        what = "removed by 'enabled = false'"
        raise complaint(path_text((kind, name)), what, origin)
    return _entry(kind, name, node)


def enabled(tree: Tree, kind: Kind) -> Iterator[Entry]:
    """Yield the entries of a kind that are not removed, sorted by name."""
    for name, node in sorted(_tables(tree, kind).items()):
        if isinstance(node, dict) and not _removed(node):
            yield _entry(kind, name, node)


def _entry(kind: Kind, name: str, node: Tree) -> Entry:
    values = plain(node)
    given = {key: values[key] for key in (*INHERITED, "prompt", "about") if key in values}
    component, origins = values.get("use", name), dict(leaves(node))
    return Entry(kind=kind, name=name, component=component, origins=origins, **given)


def table_of(tree: Tree, table: str, name: str) -> Leaf | Tree:
    """Return what is at a name in a table. Raises UsageError if there is nothing."""
    known = _tables(tree, table)
    if name not in known:
        what = f"unknown {table} '{name}'"
        raise UsageError(what, fix=nearest(name, known))
    return known[name]


def _tables(tree: Tree, table: str) -> Tree:
    node = tree.get(table, {})
    return node if isinstance(node, dict) else {}


def _removed(node: Tree) -> Origin | None:
    """Return where the entry was removed; None if it was not."""
    leaf = node.get("enabled")
    return leaf if isinstance(leaf, Leaf) and leaf.value is False else None
