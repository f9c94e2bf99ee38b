"""The options that many commands have, each made once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from deshi.redaction import secret_in

F = TypeVar("F", bound=Callable[..., Any])


class PathType(click.Path):
    """A path of the command line: never an empty one, which would mean the current folder."""

    def __init__(
        self, *, dir_okay: bool = True, file_okay: bool = True, dash: bool = False
    ) -> None:
        super().__init__(path_type=Path, dir_okay=dir_okay, file_okay=file_okay, allow_dash=dash)

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:  # noqa: ANN401
        """Return the path."""
        if not os.fspath(value):
            option = param is not None and param.param_type_name == "option" and not param.required
            way_out = "name one, or leave the option out" if option else "name one"
            self.fail(f"the path is empty, as of a variable that is not set; {way_out}", param, ctx)
        return super().convert(value, param, ctx)


def _given(ctx: click.Context, _param: click.Parameter, value: Path | None) -> Path | None:
    if value is None and not ctx.resilient_parsing:
        from deshi.api.errors import UsageError
        from deshi.benchmark.offered import offer

        raise UsageError("no benchmark file given", fix=offer())
    return value


def public_text(_ctx: click.Context, param: click.Parameter, value: str) -> str:
    """Take a text that will be published: a callback of options."""
    if secret_in(value) is not None:
        raise click.BadParameter("it looks like a secret, and would be published", param=param)
    return value


benchmark_argument = click.argument(
    "file", type=PathType(), required=False, callback=_given, metavar="FILE"
)
"""A benchmark file; without one, those that are there are offered."""
workspace_option = click.option(
    "--workspace", type=PathType(file_okay=False), metavar="FOLDER", help="Instead of .deshi/."
)
scale_option = click.option(
    "--scale", metavar="NAME", help="Run the benchmark's [scale.NAME], such as small."
)
fresh_option = click.option(
    "--fresh", multiple=True, metavar="ROW",
    help="Train, predict and score this row again; what teachers answered is kept.",
)  # fmt: skip
wide_option = click.option("--wide", is_flag=True, help="Show all columns.")
notes_option = click.option(
    "--notes", is_flag=True, help="Show baselines, tests, legend, notes and signatures too."
)
format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "ascii", "json", "csv", "markdown", "latex"]),
    default="table",
    show_default=True,
    help="How to print it.",
)
"""`ascii` is the table for terminals that have no other characters."""


def set_options(command: F) -> F:
    """Add `--set` and `--registry`."""
    command = click.option(
        "--set",
        "sets",
        multiple=True,
        metavar="PATH=VALUE",
        help="Change a value: benchmark.seeds=3, student.knn.params.k=5. TOML, or a plain string.",
    )(command)
    return click.option(
        "--registry",
        "registries",
        multiple=True,
        type=PathType(),
        metavar="FILE",
        help="A further registry.toml.",
    )(command)
