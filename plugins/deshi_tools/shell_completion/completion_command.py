"""Print a completion script for bash, zsh or fish.

`deshi completion bash|zsh|fish`.
"""

from __future__ import annotations

import click

from deshi_tools.tables.output import print_data


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(*, shell: str) -> None:
    """Print what makes a shell complete the commands and options of deshi.

    For bash, put `eval "$(deshi completion bash)"` into ~/.bashrc; for zsh the same with zsh into
    ~/.zshrc; for fish, `deshi completion fish | source` into ~/.config/fish/config.fish.
    """
    from click.shell_completion import get_completion_class

    from deshi.cli import group

    found = get_completion_class(shell)
    assert found is not None
    print_data(found(group, {}, "deshi", "_DESHI_COMPLETE").source() + "\n")
