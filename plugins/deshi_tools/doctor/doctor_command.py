"""Check this installation.

`deshi doctor`.
"""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deshi.cli.options import format_option, workspace_option
from deshi.version import __version__
from deshi_tools.tables.output import print_table

if TYPE_CHECKING:
    from deshi.workspace.workspace import Workspace

_LIBRARIES = {
    "scikit-learn": "offline",
    "fugashi": "offline",
    "unidic-lite": "offline",
    "torch": "neural",
    "rensa": "filters",
    "huggingface-hub": "hub",
    "pandas": "report",
}


@click.command("doctor")
@click.option("--artefacts", is_flag=True, help="Verify all that the workspace holds instead.")
@workspace_option
@format_option
def command(*, artefacts: bool, workspace: Path | None, form: str) -> int:
    """Check this installation. Leaves with 3 if a plugin is broken, with 1 if an artefact is damaged."""
    from deshi.workspace.workspace import Workspace
    from deshi_tools.tables.table import table_of

    space = Workspace.at(workspace)
    if artefacts:
        return _verify(space, form)
    plugins = list(_plugins())
    lines = [*_python(), *_libraries(), *_workspace(space), *plugins]
    print_table(table_of("deshi doctor", ("what", "found", "state", "fix"), lines), form)
    return 3 if any(state in ("broken", "invalid") for _, _, state, _ in plugins) else 0


def _verify(space: Workspace, form: str) -> int:
    """Print what of a workspace is damaged, and return 1 if anything is."""
    from deshi_tools.doctor.damage import find_damage
    from deshi_tools.tables.table import table_of

    checked, found = find_damage(space)
    title = f"{space.root}: {checked}, {len(found) or 'none'} damaged"
    print_table(table_of(title, ("what", "file", "what happens"), found), form)
    return 1 if found else 0


def _python() -> Iterator[tuple[str, str, str, str]]:
    yield "deshi", __version__, "ok", ""
    yield "python", f"{platform.python_version()} at {sys.executable}", "ok", ""
    encoding = sys.stdout.encoding or ""
    fine = encoding.lower().replace("-", "") == "utf8"
    yield "output", encoding, "ok" if fine else "no emoji", "" if fine else "set PYTHONUTF8=1"


def _libraries() -> Iterator[tuple[str, str, str, str]]:
    from deshi.api import install_command

    for name, extra in _LIBRARIES.items():
        try:
            yield name, importlib.metadata.version(name), "ok", ""
        except importlib.metadata.PackageNotFoundError:
            yield name, "", "not installed", install_command(extra)


def _workspace(space: Workspace) -> Iterator[tuple[str, str, str, str]]:
    from deshi.api import UsageError

    if not space.root.is_dir():
        yield "workspace", "none yet", "ok", ""
        return
    yield "workspace", f"{space.root}: {len(space.runs())} runs", "ok", ""
    try:
        yield "ledger", f"{_answers(space.root)} answers", "ok", ""
    except UsageError as error:
        what, _, fix = str(error).partition("; ")
        yield "ledger", what, "not readable", fix


def _answers(workspace: Path) -> int:
    """Return the number of stored answers, without taking the ledger."""
    from deshi.labelling.ledger import FILE
    from deshi.labelling.ledger.reading import open_for_reading

    if not (workspace / FILE).is_file():
        return 0
    with open_for_reading(workspace) as db:
        found = db.execute("SELECT count(*) FROM request WHERE state = 'done'").fetchone()
    return int(found[0])


def _plugins() -> Iterator[tuple[str, str, str, str]]:
    from deshi.registry import Registry

    for record in Registry(Path(), warn=lambda _: None).records():
        fix = record.fix if record.state in ("broken", "invalid", "incompatible") else ""
        source = f"{record.distribution} {record.version}".strip()
        yield f"plugin {record.name}", record.reason or source, record.state, fix
