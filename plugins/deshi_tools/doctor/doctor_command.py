"""Check this installation.

`deshi doctor`.
"""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from deshi.cli.options import format_option
from deshi.version import __version__
from deshi_tools.tables.output import print_table

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
@format_option
def command(*, form: str) -> int:
    """Check this installation. Leaves with 3 if a plugin is broken."""
    from deshi_tools.tables.table import table_of

    plugins = list(_plugins())
    lines = [*_python(), *_libraries(), *_workspace(), *plugins]
    print_table(table_of("deshi doctor", ("what", "found", "state", "fix"), lines), form)
    return 3 if any(state in ("broken", "invalid") for _, _, state, _ in plugins) else 0


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


def _workspace() -> Iterator[tuple[str, str, str, str]]:
    from deshi.workspace.workspace import Workspace

    space = Workspace.at(None)
    answers = _answers(space.root)
    what = f"{len(space.runs())} runs, {answers} answers in the ledger"
    yield "workspace", f"{space.root}: {what}" if space.root.is_dir() else "none yet", "ok", ""


def _answers(workspace: Path) -> int:
    """Return the number of stored answers, without taking the ledger."""
    from deshi.labelling.ledger.ledger import FILE, open_to_read

    path = workspace / FILE
    if not path.is_file():
        return 0
    db = open_to_read(path)
    try:
        query = (
            "SELECT count(*) FROM request WHERE state = 'done'"
            if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'request'").fetchone()
            else "SELECT count(*) FROM answer"
        )
        return int(db.execute(query).fetchone()[0])
    finally:
        db.close()


def _plugins() -> Iterator[tuple[str, str, str, str]]:
    from deshi.registry import Registry

    for record in Registry(Path(), warn=lambda _: None).records():
        fix = record.fix if record.state in ("broken", "invalid", "incompatible") else ""
        source = f"{record.distribution} {record.version}".strip()
        yield f"plugin {record.name}", record.reason or source, record.state, fix
