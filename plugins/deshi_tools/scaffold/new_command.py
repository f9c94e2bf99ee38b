"""Create a plugin with a component and its tests.

`deshi new KIND NAME`.
"""

from __future__ import annotations

from pathlib import Path

import click

from deshi.cli.options import PathType


@click.command("new")
@click.argument("kind")
@click.argument("name")
@click.option(
    "--into",
    type=PathType(file_okay=False),
    default=Path(),
    help="The folder to write into; this one if left out.",
)
@click.option("--single-file", is_flag=True, help="One file for [plugins] local, no distribution.")
def command(*, kind: str, name: str, into: Path, single_file: bool) -> None:
    """Begin a plugin with a component of KIND: corpus, teacher, filter, student, loss or metric.

    Writes a distribution that installs, passes its own tests and does something small; or, with
    --single-file, one file that a project's registry.toml can name.
    """
    from deshi.api import KINDS, UsageError, nearest
    from deshi_tools.scaffold import plugin

    found = next((one for one in KINDS if one == kind), None)
    if found is None:
        raise UsageError(f"unknown kind '{kind}'", where="deshi new", fix=nearest(kind, KINDS))
    if single_file:
        path = into / f"{plugin.package_of(name)}.py"
        plugin.write(path, {"": plugin.single_file(found, name)})
        click.echo(f"{path} is a plugin. Name it in registry.toml:\n")
        click.echo(f'[plugins]\nlocal = ["{path}"]\n\nThen: deshi check {name}/{name}')
        return
    folder = into / name
    for path in plugin.write(folder, plugin.distribution(found, name)):
        click.echo(str(path))
    click.echo(f"\nThen: pip install -e '{folder}[test]' && deshi check {name}/{name}")
