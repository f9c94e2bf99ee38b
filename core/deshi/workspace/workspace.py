"""The workspace: the folder `.deshi/` beside the benchmark's project, and the runs in it.

Of a run's plan, `plan.json` keeps the artefacts of each row, to find them again.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import msgspec

from deshi.api import Json, UsageError, nearest
from deshi.benchmark.plan import Plan, Run
from deshi.redaction import secret_in
from deshi.results import SCHEMA as RESULTS_SCHEMA
from deshi.workspace.sealed_json import is_intact
from deshi.workspace.store import Store, replace_json

FOLDER = ".deshi"
PLAN_SCHEMA = 1
"""The form of plan.json."""
_AGAIN = "run its benchmark again: answers of teachers are in the ledger and cost nothing"
_MARKS = (FOLDER, "registry.toml", "pyproject.toml", ".git")


class SavedArtefacts(msgspec.Struct, frozen=True):
    """One row: its labelled texts, its test texts, and its training runs."""

    label: str
    evaluation: str
    runs: tuple[Run, ...]


class SavedPlan(msgspec.Struct, frozen=True):
    """The name of the benchmark file, all stages of a run, and its rows by id."""

    benchmark: str
    stages: tuple[str, ...]
    rows: Mapping[str, SavedArtefacts]
    schema: int = PLAN_SCHEMA

    @classmethod
    def of(cls, plan: Plan, *more: str) -> SavedPlan:
        """Return what is kept of a plan, with stages that came to it later."""
        rows = {row.id: SavedArtefacts(row.label, row.evaluation, row.runs) for row in plan.rows}
        return cls(plan.benchmark.path.name, (*plan.stages, *more), rows)

    def label_stages(self) -> Iterator[str]:
        """Yield the artefacts with labelled texts, each once, in a stable order."""
        yield from sorted({row.label for row in self.rows.values() if row.label})


def check_name(path: Path) -> None:
    """Check that a path is text, which a locale may fail to read: Arrow and SQLite take no other."""
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        what = "this locale cannot read the name"
        raise UsageError(what, where=str(path), fix="set PYTHONUTF8=1") from None
    if secret_in(path.name) is not None:
        raise UsageError("its name looks like a secret", where=str(path), fix="rename it")


class Workspace:
    """A workspace on disk: `artefacts/`, `ledger.sqlite` and `runs/NAME/`; `root` is absolute."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.store = Store(self.root)

    @classmethod
    def at(cls, folder: Path | None, start: Path = Path()) -> Workspace:
        """Return the workspace in a folder that was named, else that of the project of `start`."""
        return cls.beside(start) if folder is None else cls(folder)

    @classmethod
    def beside(cls, start: Path) -> Workspace:
        """Return the workspace of the project that a file or folder belongs to.

        The project is the nearest folder upward that holds a workspace, a registry.toml, a
        pyproject.toml or a repository; if there is none, the folder itself.
        """
        start = start.resolve()
        folder = start if start.is_dir() else start.parent
        for candidate in (folder, *folder.parents):
            if any((candidate / mark).exists() for mark in _MARKS):
                return cls(candidate / FOLDER)
        return cls(folder / FOLDER)

    def save_plan(self, name: str, plan: SavedPlan) -> None:
        """Write what a run needs, before it starts: `gc` keeps what a plan names."""
        replace_json(self.root / "runs" / name / "plan.json", msgspec.to_builtins(plan))

    def save_results(self, name: str, results: Json) -> None:
        """Write a run's results; a reader sees the old ones or the new, never a part."""
        replace_json(self.root / "runs" / name / "results.json", results)

    def failures(self, name: str) -> Path:
        """Return where the tracebacks of a run's failed stages are kept."""
        return self.root / "runs" / name / "failures.log"

    def save_failures(self, name: str, traces: Sequence[str]) -> None:
        """Keep the tracebacks of failed stages, or remove those of an earlier time."""
        self.failures(name).unlink(missing_ok=True)  # whatever took its place
        if traces:
            self.failures(name).write_text("\n".join(traces), encoding="utf-8")

    def check_usable(self) -> None:
        """Make the workspace's folder, or say why it cannot be used."""
        check_name(self.root)
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            probe = self.root / f".probe-{uuid.uuid4().hex}"
            probe.touch()
            probe.unlink()
        except OSError as error:
            what, fix = (
                f"cannot be written: {error.strerror}",
                "name another folder with --workspace",
            )
            raise UsageError(what, where=str(self.root), fix=fix) from None

    def runs(self) -> list[str]:
        """Return the names of finished runs, the latest first."""
        results = [p for p in self.root.glob("runs/*/results.json") if p.is_file()]
        results.sort(key=lambda path: (path.stat().st_mtime_ns, path.parent.name), reverse=True)
        return [path.parent.name for path in results]

    def find(self, name: str) -> str:
        """Return the run that `name` means: a name, an unambiguous prefix, or `latest`."""
        names = self.runs()
        wrong = partial(UsageError, where=str(self.root / "runs"))
        if not name:
            raise wrong("the name of a run is empty", fix="name it, or `latest`")
        if not names:
            raise wrong("there is no run yet", fix="try `deshi run FILE`")
        if name == "latest":
            return names[0]
        found = [name] if name in names else [run for run in names if run.startswith(name)]
        if len(found) == 1:
            return found[0]
        if found:
            raise wrong(f"'{name}' could be {' or '.join(sorted(found))}", fix="write more of it")
        raise wrong(f"no run '{name}'", fix=nearest(name, names))

    def results(self, name: str) -> dict[str, Json]:
        """Return the content of a run's results.json.

        Raises:
            UsageError: it cannot be read, was edited or damaged, or has the form of another deshi.
        """
        path = self.root / "runs" / self.find(name) / "results.json"
        return dict(_read(path, RESULTS_SCHEMA))

    def plan(self, name: str) -> SavedPlan:
        """Return what is kept of a run's plan: the artefacts of each row."""
        return read_plan(self.root / "runs" / self.find(name) / "plan.json")


def read_plan(path: Path) -> SavedPlan:
    """Read what was kept of a plan.

    Raises:
        UsageError: it cannot be read, was edited or damaged, or has the form of another deshi.
    """
    try:
        return msgspec.convert(_read(path, PLAN_SCHEMA), SavedPlan)
    except msgspec.ValidationError as error:
        what = f"is not the plan of a run: {error}"
        raise UsageError(what, where=str(path), fix=_AGAIN) from error


def _read(path: Path, schema: int) -> Mapping[str, Json]:
    """Return what a sealed file of a run holds, if it has this schema."""
    wrong = partial(UsageError, where=str(path), fix=_AGAIN)
    try:
        content = path.read_bytes()
        found = json.loads(content)
    except (OSError, ValueError, RecursionError) as error:
        raise wrong(f"cannot be read: {type(error).__name__}: {error}") from error
    there = found.get("schema") if isinstance(found, dict) else None
    if there != schema:
        raise wrong(f"has schema {there!r}, and this deshi reads {schema}")
    if not is_intact(content):
        raise wrong("was damaged or edited after it was written")
    return {key: value for key, value in found.items() if key != "sha256"}
