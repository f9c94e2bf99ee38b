"""The options that many commands have, each made once; see `output` for those that shape a table."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from typing import NoReturn

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
            self._refuse(param, ctx)
        return super().convert(value, param, ctx)

    def _refuse(self, param: click.Parameter | None, ctx: click.Context | None) -> NoReturn:
        option = param is not None and param.param_type_name == "option" and not param.required
        way_out = "name one, or leave the option out" if option else "name one"
        self.fail(f"the path is empty, as of a variable that is not set; {way_out}", param, ctx)


def benchmark_argument(command: F) -> F:
    """Add FILE, a benchmark file; without one, those that are there are offered."""

    def given(ctx: click.Context, _param: click.Parameter, value: Path | None) -> Path | None:
        if value is None and not ctx.resilient_parsing:
            from deshi.api.errors import UsageError
            from deshi.benchmark.offered import offer

            raise UsageError("no benchmark file given", fix=offer())
        return value

    return click.argument("file", type=PathType(), required=False, callback=given, metavar="FILE")(
        command
    )


def workspace_option(command: F) -> F:
    """Add `--workspace`, the folder that `Workspace.at` opens."""
    return click.option(
        "--workspace",
        type=PathType(file_okay=False),
        metavar="FOLDER",
        help="Instead of .deshi/.",
    )(command)
