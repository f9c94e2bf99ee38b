"""Show where each value of an entry comes from.

`deshi explain PATH`.
"""

from __future__ import annotations

from pathlib import Path

import click

from deshi.cli.options import format_option, set_options
from deshi_tools.tables.output import print_table


@click.command("explain")
@click.argument("path", default="")
@set_options
@format_option
def command(*, path: str, sets: tuple[str, ...], registries: tuple[Path, ...], form: str) -> None:
    """Tell where each value at or below a path such as `teacher.lexicon` was set."""
    from deshi.registry import Registry
    from deshi_tools.registry_view.explained import explained, shown
    from deshi_tools.tables.table import table_of

    registry = Registry(Path(), sets=sets, files=registries)
    lines = [
        (found.path, shown(found), found.layer, _place(found.file, found.line))
        for found in explained(registry, path)
    ]
    print_table(table_of(path or "registry", ("path", "value", "layer", "set in"), lines), form)


def _place(file: Path | None, line: int | None) -> str:
    if file is None:
        return ""
    shown = file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file
    return f"{shown}:{line}" if line else str(shown)
