"""deshi: distil big teachers into small students, and compare every combination honestly."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from deshi.version import __version__

if TYPE_CHECKING:
    from deshi.cli.outcome import Outcome
    from deshi.registry import Registry
    from deshi.workspace.workspace import Workspace


def run(
    file: str | Path,
    *,
    sets: Iterable[str] = (),
    registries: Iterable[str | Path] = (),
    workspace: str | Path | None = None,
    workers: int = 1,
    executor: str | None = None,
    skip_not_ready: bool = False,
    budget: float | None = None,
    progress: bool | None = None,
) -> Outcome:
    """Run a benchmark file and return the finished run; what is there already is not made again.

    `sets` are settings as `--set` takes them: `"benchmark.seeds=3"`. `budget` is what the run may spend
    on teachers in all, in USD. `executor` names a plugin's executor. `progress` writes a line per stage
    to stderr; left out, it does so in a notebook alone.

    Raises:
        deshi.api.UsageError: a file, table, key or value is wrong.
        deshi.api.NotReadyError: something that is named is not ready.
        deshi.api.BudgetReached: the next call of a teacher might exceed a budget.
    """
    from deshi.cli.progress import watcher_for
    from deshi.engine import run as engine

    options = engine.Options(
        sets=tuple(sets),
        registries=tuple(map(Path, registries)),
        workspace=_folder(workspace),
        workers=workers,
        executor=executor,
        skip_not_ready=skip_not_ready,
        budget=budget,
    )
    space, registry = _project(Path(file), options.workspace, options.registries)  # before a chdir
    with watcher_for(quiet=_is_quiet(progress=progress)) as watcher:
        return _outcome(engine.run(Path(file), options, watcher).run, space, registry)


def open_run(name: str = "latest", *, workspace: str | Path | None = None) -> Outcome:
    """Open a finished run: its table, its texts with gold and predictions, its fitted students.

    `name` is a run's name, an unambiguous prefix of it, or `latest`. `workspace` is the folder that the
    run is in; left out, it is that of the current folder's project, as for the commands.

    Raises:
        deshi.api.UsageError: there is no such run, or several.
    """
    return _outcome(name, *_project(Path(), _folder(workspace)))


def _project(
    start: Path, workspace: Path | None, registries: Sequence[Path] = ()
) -> tuple[Workspace, Registry]:
    """Return the workspace and the registry of the project that a file or folder belongs to."""
    from deshi.registry import Registry
    from deshi.workspace.workspace import Workspace

    start = start.resolve()
    folder = start.parent if start.is_file() else start
    files = [file.absolute() for file in registries]
    return Workspace.at(workspace, start), Registry(folder, files=files)


def _outcome(name: str, space: Workspace, registry: Registry) -> Outcome:
    from deshi.cli.outcome import Outcome
    from deshi.runs.saved_run import SavedRun

    return Outcome(SavedRun(space, name, registry))


def _folder(workspace: str | Path | None) -> Path | None:
    """Return the folder of a workspace; an empty name would mean the current folder."""
    from deshi.api import UsageError

    if workspace == "":
        raise UsageError("is empty", where="workspace", fix="name a folder, or leave it out")
    return None if workspace is None else Path(workspace)


def _is_quiet(*, progress: bool | None) -> bool:
    """Say whether no progress is shown: left open, it is shown in IPython and in notebooks."""
    ipython = sys.modules.get("IPython")
    interactive = ipython is not None and ipython.get_ipython() is not None
    return not (interactive if progress is None else progress)


__all__ = ["__version__", "open_run", "run"]
