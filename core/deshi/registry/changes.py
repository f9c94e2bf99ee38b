"""What a project, a user, the environment or a command changes of what deshi or a plugin offers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from deshi.api import Json
from deshi.registry.settings import path_text
from deshi.registry.tree import KeyPath, Leaf, Source, Tree, branch, leaves

_OF_NO_FIGURE: Final = ("env", "limits", "about")
_LONGEST: Final = 40


def changes(
    tree: Tree, offered: Tree, path: KeyPath, default: Callable[[str], Json]
) -> Iterator[str]:
    """Yield `registry.toml changes student.knn: k 10 -> 1` for each source that changes what is there.

    `offered` is what no person set. `default` gives that of a parameter, None if there is none.
    """
    found: dict[str, list[str]] = {}
    for at, leaf in leaves(branch(tree, path) or {}):
        if at[0] in _OF_NO_FIGURE:
            continue
        below = branch(offered, (*path, *at))
        old = below.value if isinstance(below, Leaf) else None
        if below is None and at[0] == "params" and len(at) > 1:
            old = default(at[1])
        if below is not leaf and old != leaf.value:
            name = path_text(at[1:] if at[0] == "params" else at)
            before = "" if old is None else f" {_short(old)}"
            found.setdefault(_who(leaf.source), []).append(
                f"{name}{before} -> {_short(leaf.value)}"
            )
    for who, what in found.items():
        yield f"{who} changes {path_text(path)}: {', '.join(what)}"


def _who(source: Source) -> str:
    """Name a source without its folders, and a setting without its value."""
    if source.file is None:
        return source.label.partition(" ")[0]
    return f"the user's {source.file.name}" if source.layer == "user" else source.file.name


def _short(value: Json) -> str:
    text = "[" + ", ".join(map(str, value)) + "]" if isinstance(value, list) else str(value)
    return text if len(text) <= _LONGEST and text.isprintable() else "…"
