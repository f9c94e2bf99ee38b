"""The command line: a lazy group whose table of commands is data."""

from __future__ import annotations

import contextlib
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click

from deshi.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS: dict[str, str] = {
    "run": "Run a benchmark and show the table; what is there already is not made again.",
    "plan": "Show what a benchmark would do, and run nothing.",
    "show": "Show the table of a run again, in any format.",
    "report": "Write a run as one HTML file that needs no network.",
    "compare": "Compare two runs or two files of predictions, or check a claim; exits 1 if refused.",
    "migrate": "Say what replacing one teacher of a run by another does.",
    "errors": "Show what a row gets wrong: tags, slices, texts, disagreements.",
    "predict": "Answer texts with a fitted student, and say why where it can.",
    "export": "Write a fitted student in a form that answers faster, and check its answers.",
    "publish": "Give a fitted student and its data away, with a card each: a folder, or the hub.",
    "score": "Score a file of predictions against a file of gold; needs no benchmark.",
    "agree": "Say how far raters agree: kappa and alpha, from a file a rater.",
    "ledger": "Show what teachers cost and what failed; carry answers to other workspaces.",
    "list": "List the entries and components of a kind, or of all.",
    "describe": "Describe one entry or component: parameters, needs, terms.",
    "explain": "Tell where each value of an entry comes from.",
    "check": "Check that components do what their kind promises.",
    "schema": "Print the JSON Schema of registry.toml or of benchmark files, for an editor.",
    "plugins": "List the plugins that were found; tell of one; switch one off or on.",
    "new": "Begin a plugin: a distribution, or one file, with a component and its tests.",
    "doctor": "Check this installation and say what to mend.",
    "completion": "Print what makes bash, zsh or fish complete the commands of deshi.",
    "fake-server": "Serve what paid teachers serve, without a model, on this machine alone.",
    "gc": "Remove artefacts that no run names; paid answers are never removed.",
}
"""Every command with its help; a command's module is imported when it runs."""


_NARROWEST, _USUAL_WIDTH = 20, 80
"""The narrowest window that is believed, and what is taken where none is known."""


class LazyGroup(click.Group):
    """A group that knows its commands' names and help without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the commands in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return a command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"deshi.cli.commands.{cmd_name.replace('-', '_')}_command")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Resolve a command; an unknown one is answered with the nearest name."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from deshi.api.errors import nearest

            ctx.fail(f"no command '{name}'; {nearest(name, COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the commands from the table, importing none of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="deshi")
@click.option("--debug", is_flag=True, help="Show a traceback with an error.")
def group(*, debug: bool) -> None:
    """Distil big teachers into small students, and compare every combination honestly."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit status.

    0 done, 1 some cell failed or a claim was refused, 2 wrong use, 3 something named is not ready,
    4 budget reached, 130 interrupted.
    """
    _forget_odd_sizes()
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    words = [word for word in words if word != "--debug"]  # it may stand behind the command too
    try:
        status = group.main(
            args=words, prog_name="deshi", standalone_mode=False, terminal_width=_width()
        )
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("deshi: interrupted; run the same command again to go on", err=True)
        sys.exit(130)
    except Exception as error:
        from deshi.api.errors import DeshiError

        if debug:
            raise
        if isinstance(error, DeshiError):
            click.echo(f"deshi: {error}", err=True)
            sys.exit(error.exit_status)
        what = f"{type(error).__name__}: {error}"
        click.echo(f"deshi: unexpected {what}; run again with --debug to see where", err=True)
        sys.exit(1)
    sys.exit(status if isinstance(status, int) else 0)


def _forget_odd_sizes() -> None:
    """Drop COLUMNS and LINES that no window has, such as 0: libraries take them at their word."""
    for name, least in (("COLUMNS", _NARROWEST), ("LINES", 1)):
        value = os.environ.get(name, "")
        if not (value.isascii() and value.isdecimal() and int(value) >= least):
            os.environ.pop(name, None)


def _width() -> int:
    """Return the width of help texts. Click would import shutil, and that the archive formats."""
    columns = int(os.environ.get("COLUMNS", "0"))
    with contextlib.suppress(OSError):
        columns = columns or os.get_terminal_size().columns
    return min(columns if columns >= _NARROWEST else _USUAL_WIDTH, 100)
