"""The command line: a lazy group over the commands of deshi and of plugins."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from traceback import format_exception
from typing import TYPE_CHECKING, NoReturn

import click
from click.shell_completion import CompletionItem

from deshi.cli.commands import by_section, find_commands, load
from deshi.cli.encoding import visible
from deshi.cli.streams import finish, prepare
from deshi.cli.unknown import WORDS
from deshi.cli.wrapping import Context, with_whole_names
from deshi.redaction import Mask
from deshi.version import __version__
from deshi.workspace.stop_signals import StopSignals

if TYPE_CHECKING:
    from collections.abc import Sequence

_NARROWEST, _USUAL_WIDTH = 20, 80
"""The narrowest window that is believed, and what is taken where none is known."""

_SPACE = "free some space, and run the same command again"
_ELSEWHERE = "name another place, or change its permissions"
_OF_THE_SYSTEM = {
    errno.ENOSPC: _SPACE,
    errno.EDQUOT: _SPACE,
    errno.EACCES: _ELSEWHERE,
    errno.EPERM: _ELSEWHERE,
    errno.EROFS: _ELSEWHERE,
    errno.ENOENT: "name an existing file",
    errno.ENOTDIR: "a part of this path is a file; name another",
    errno.EISDIR: "name a file",
    errno.EEXIST: "name a new file or folder",
    errno.ENAMETOOLONG: "take a shorter name",
    errno.ELOOP: "its links go in a circle; name another place",
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
    errno.EIO: "check the disk",
}
"""Errors of the system that no command foresaw, with what to do: they are no fault of deshi."""


class LazyGroup(click.Group):
    """A group that knows its commands' names and help without importing them."""

    context_class = Context

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the words; `help run` is taken as `run --help`, and `version` as `--version`."""
        if args[:1] == ["help"]:
            args = [*args[1:], "--help"]
        elif args == ["version"]:
            args = ["--version"]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the commands in the order of the help."""
        return list(find_commands())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return a command.

        Raises:
            NotReadyError: it belongs to a plugin that cannot be imported, or two plugins claim it.
        """
        entry = find_commands().get(cmd_name)
        return None if entry is None else with_whole_names(load(entry))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete a command's name without importing any; options as click does."""
        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        found = find_commands().values()
        return [
            CompletionItem(entry.name, help=entry.summary)
            for entry in found
            if entry.name.startswith(incomplete)
        ]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Resolve a command; an unknown one is answered with the nearest name."""
        name = args[0]
        if not name.startswith("-") and name not in (there := find_commands()):
            from deshi.api.errors import nearest

            meant = WORDS.get(name.lower())
            fix = f"did you mean '{meant}'?" if meant in there else nearest(name, there)
            ctx.fail(f"no command '{name}'; {fix}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the commands by section, importing none of them."""
        commands = find_commands()
        width = max(map(len, commands))
        for title, entries in by_section(commands.values()).items():
            with formatter.section(title):
                rows = [(entry.name.ljust(width), entry.summary) for entry in entries]
                formatter.write_dl(rows)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="deshi")
@click.option("--debug", is_flag=True, help="Show a traceback with an error.")
def group(*, debug: bool) -> None:
    """Compare small students distilled from big teachers (knowledge distillation)."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit status.

    0 done, 1 some cell failed or a claim was refused, 2 wrong use, 3 something named is not ready,
    4 budget reached, 130 interrupted, 143 terminated, 141 the reader of a pipe went away.
    """
    signals = StopSignals.installed()
    try:
        status = _run(list(sys.argv[1:] if arguments is None else arguments), signals)
        signals.end()
    except KeyboardInterrupt:
        click.echo(signals.message, err=True)
        _leave(signals.status)
    sys.exit(status)


def _run(words: list[str], signals: StopSignals) -> int:
    """Run a command, say what ended it, and return the exit status; whatever a signal led to is one."""
    _forget_odd_sizes()
    for library in ("OMP", "OPENBLAS", "MKL"):  # a stage has the threads that its settings say
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    prepare()
    debug = "--debug" in words
    words = [word for word in words if word != "--debug"]  # it may stand behind the command too
    try:
        status = group.main(
            args=words, prog_name="deshi", standalone_mode=False, terminal_width=_width()
        )
        finish()
    except click.Abort:
        raise KeyboardInterrupt from None
    except Exception as error:
        if signals.number:
            raise KeyboardInterrupt from None
        mask = _mask()
        if debug and not isinstance(error, click.ClickException):
            sys.excepthook = lambda *told: sys.stderr.write(mask("".join(format_exception(*told))))
            raise
        message, status = _failure(error)
        click.echo(visible(mask(message)), err=True)
        with contextlib.suppress(Exception, SystemExit):  # the error is what is said
            finish()
    if signals.number:
        raise KeyboardInterrupt
    return status if isinstance(status, int) else 0


def _mask() -> Mask:
    """Return the mask of what the environment holds under the name of a key."""
    named = ("KEY", "TOKEN", "SECRET", "PASSW", "CREDENTIAL")
    found = (value for name, value in os.environ.items() if any(n in name.upper() for n in named))
    return Mask.of(found)


def _forget_odd_sizes() -> None:
    """Drop COLUMNS and LINES that no window has, such as 0: libraries take them at their word."""
    for name, least in (("COLUMNS", _NARROWEST), ("LINES", 1)):
        value = os.environ.get(name, "")
        if not (value.isascii() and value.isdecimal() and int(value) >= least):
            os.environ.pop(name, None)


def _leave(status: int) -> NoReturn:
    """Leave after an error, which is what is said: not that its output could not be written either."""
    with contextlib.suppress(Exception, SystemExit):
        finish()
    sys.exit(status)


def _failure(error: Exception) -> tuple[str, int]:
    """Return what is said of an error that ended a command, and the exit status."""
    from deshi.api.errors import DeshiError

    if isinstance(error, click.ClickException):
        shown = io.StringIO()
        error.show(file=shown)
        return shown.getvalue().removesuffix("\n"), 2
    if isinstance(error, DeshiError):
        return f"deshi: {error}", error.exit_status
    if isinstance(error, OSError) and error.errno in _OF_THE_SYSTEM:
        where = f"{error.filename}: " if error.filename is not None else ""
        return f"deshi: {where}{error.strerror}; {_OF_THE_SYSTEM[error.errno]}", 2
    what = f"{type(error).__name__}: {error}"
    return f"deshi: unexpected {what}; run again with --debug to see where", 1


def _width() -> int:
    """Return the width of help texts. Click would import shutil, and that the archive formats."""
    columns = int(os.environ.get("COLUMNS", "0"))
    with contextlib.suppress(OSError):
        columns = columns or os.get_terminal_size().columns
    return min(columns if columns >= _NARROWEST else _USUAL_WIDTH, 100)
