"""Help texts whose names stay whole: `metric.hit-at-1` is not broken at a hyphen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

_WHOLE = "\ue000"
"""Stands for a hyphen while lines are broken; no text of deshi has this character."""


class WholeNames(click.HelpFormatter):
    """A formatter that breaks lines at spaces alone."""

    def write(self, string: str) -> None:
        """Write a text that is broken into lines already."""
        super().write(string.replace(_WHOLE, "-"))

    def write_text(self, text: str) -> None:
        """Write a paragraph."""
        super().write_text(text.replace("-", _WHOLE))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write a list of options or commands with what they are for."""
        whole = [(name, about.replace("-", _WHOLE)) for name, about in rows]
        super().write_dl(whole, col_max, col_spacing)


class Context(click.Context):
    """A context that formats help so."""

    formatter_class = WholeNames


def with_whole_names(command: click.Command) -> click.Command:
    """Return a command whose help, and that of the commands in it, breaks no name."""
    command.context_class = Context
    for inner in getattr(command, "commands", {}).values():
        with_whole_names(inner)
    return command
