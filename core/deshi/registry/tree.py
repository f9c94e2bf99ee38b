"""Tables whose every leaf knows where it was set, and how a stronger one lies over a weaker one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from deshi.api import KINDS
from deshi.registry.origin import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from deshi.api import Json
    from deshi.registry.origin import KeyPath, Source

INHERITED: Final = ("params", "env", "limits", "terms")
"""The tables of an entry that belong to its component, and go when the component is changed."""


@dataclass(frozen=True, slots=True)
class Leaf(Origin):
    """A scalar or an array, and where it was set."""

    value: Json


Tree: TypeAlias = "dict[str, Leaf | Tree]"


def plant(data: Mapping[str, Json], source: Source, at: KeyPath = ()) -> Tree:
    """Return the tables of one source as a tree."""
    tree: Tree = {}
    for key, value in data.items():
        path = (*at, key)
        if isinstance(value, dict):
            tree[key] = plant(value, source, path)
        else:
            tree[key] = Leaf(source, path, value)
    return tree


def merge(weaker: Tree, stronger: Tree) -> Tree:
    """Return the stronger over the weaker: tables merge by key, scalars and arrays replace.

    Layers may be merged in any grouping, as long as no key is a table in one and none in another.
    """
    merged = dict(weaker)
    for key, value in stronger.items():
        below = merged.get(key)
        if isinstance(value, dict) and isinstance(below, dict):
            merged[key] = merge(below, value)
        else:
            merged[key] = value
    return merged


def overlay(weaker: Tree, stronger: Tree) -> Tree:
    """Merge two layers; an entry whose component changes loses what belonged to the old one."""
    kept = dict(weaker)
    for kind in KINDS:
        below, above = kept.get(kind), stronger.get(kind)
        if isinstance(below, dict) and isinstance(above, dict):
            kept[kind] = {
                name: _released(name, entry, above.get(name)) for name, entry in below.items()
            }
    return merge(kept, stronger)


def _released(name: str, below: Leaf | Tree, above: Leaf | Tree | None) -> Leaf | Tree:
    """Return the weaker entry, without its component's tables if the stronger changes that."""
    if not isinstance(below, dict) or not isinstance(above, dict) or "use" not in above:
        return below
    if _use(name, below) == _use(name, above):
        return below
    return {key: value for key, value in below.items() if key not in INHERITED}


def _use(name: str, entry: Tree) -> Json:
    """Return the component of an entry; without `use` it is the one of the entry's own name."""
    use = entry.get("use")
    return use.value if isinstance(use, Leaf) else name


def plain(node: Leaf | Tree) -> Json:
    """Return the values alone."""
    if isinstance(node, Leaf):
        return node.value
    return {key: plain(value) for key, value in node.items()}


def leaves(node: Leaf | Tree, at: KeyPath = ()) -> Iterator[tuple[KeyPath, Leaf]]:
    """Yield every leaf with its path."""
    if isinstance(node, Leaf):
        yield at, node
        return
    for key, value in node.items():
        yield from leaves(value, (*at, key))


def branch(tree: Tree, path: KeyPath) -> Leaf | Tree | None:
    """Return what is at the path; None if there is nothing."""
    node: Leaf | Tree = tree
    for key in path:
        if isinstance(node, Leaf) or key not in node:
            return None
        node = node[key]
    return node
