"""Measure whether the fast tests can fail: `python scripts/mutation.py [PACKAGE ...] [--sample 40]`.

Of all mutants that cosmic-ray makes of a kernel package a seeded sample is tried on a copy of the
repository, each against the fast tests that stand beside the package. A run that was stopped goes on.
Mutants inside annotations are left out: they change nothing that runs.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from cosmic_ray.commands import init
from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import TestOutcome, WorkItem

ROOT = Path(__file__).parents[1]
TESTS: Mapping[str, tuple[str, ...]] = {
    "statistics": ("statistics", "evaluate", "metrics/test_metric_dependence.py"),
    "registry": ("registry", "plugins/test_plugin_specs.py", "cli/test_broken_plugins.py"),
    "benchmark": ("benchmark", "registry/test_registry_file.py", "execute", "schema"),
    "labelling": ("calls", "plugins/llm", "execute"),
    "stages": ("evaluate", "execute", "plugins/test_chains.py"),
    "engine": ("execute", "cli/test_progress_lines.py", "plugins/test_third_parties.py"),
}
SECONDS = 600.0


def main() -> int:
    """Try the sample of each package, and print what survived and the share that was killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("packages", nargs="*", default=list(TESTS), choices=[*TESTS, []])
    parser.add_argument("--sample", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, default=ROOT / ".mutation")
    options = parser.parse_args()
    tree = options.folder.absolute() / "tree"
    if not tree.exists():
        _copy(tree)
    os.chdir(tree)
    for package in options.packages:
        with use_db(str(tree.parent / f"{package}.sqlite"), WorkDB.Mode.create) as work:
            if not work.num_work_items:
                _draw(work, package, options.sample, options.seed)
            _try(work, package)
            _report(work, package)
    return 0


def _copy(tree: Path) -> None:
    """Copy what git knows of the repository."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files"], capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        target = tree / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)


def _draw(work: WorkDB, package: str, count: int, seed: int) -> None:
    """Fill a session with a sample of a package's mutants."""
    files = sorted(Path("core/deshi", package).rglob("*.py"))
    init(files, work, {})
    every = sorted((item for item in work.work_items if _runs(item)), key=_place)
    chosen = random.Random(seed).sample(every, min(count, len(every)))
    work.clear()
    work.add_work_items(chosen)


def _place(item: WorkItem) -> tuple[str, tuple[int, int], str, int]:
    (mutation,) = item.mutations
    name, occurrence = mutation.operator_name, mutation.occurrence
    return str(mutation.module_path), mutation.start_pos, name, occurrence


def _runs(item: WorkItem) -> bool:
    (mutation,) = item.mutations
    spans = _annotations(Path(mutation.module_path))
    return not any(start <= mutation.start_pos < end for start, end in spans)


@cache
def _annotations(file: Path) -> tuple[tuple[tuple[int, int], tuple[int, int]], ...]:
    """Return where annotations and blocks for type checkers begin and end."""
    return tuple(_unrun(ast.parse(file.read_text(encoding="utf-8"))))


def _unrun(tree: ast.AST) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    for node in ast.walk(tree):
        parts = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            parts += node.body
        for part in parts:
            if isinstance(part, ast.AST):
                yield (
                    (part.lineno, part.col_offset),  # type: ignore[attr-defined]
                    (part.end_lineno, part.end_col_offset),  # type: ignore[attr-defined]
                )


def _try(work: WorkDB, package: str) -> None:
    paths = " ".join(f"tests/{name}" for name in TESTS[package])
    command = f"{sys.executable} -m pytest -x -q -n 2 -p no:cacheprovider -m 'not slow' {paths}"
    os.environ["PYTHONPATH"] = os.pathsep.join(
        str(Path(name).absolute()) for name in ("core", "plugins")
    )
    for item in list(work.pending_work_items):
        work.set_result(item.job_id, mutate_and_test(item.mutations, command, SECONDS))


def _report(work: WorkDB, package: str) -> None:
    items = {item.job_id: item for item in work.work_items}
    outcomes = Counter(result.test_outcome for _, result in work.results)
    for job, result in work.results:
        if result.test_outcome == TestOutcome.SURVIVED:
            (mutation,) = items[job].mutations
            print(f"{mutation.module_path}:{mutation.start_pos[0]} {mutation.operator_name}")
    killed, tried = outcomes[TestOutcome.KILLED], sum(outcomes.values())
    print(f"{package}: {killed} of {tried} killed ({killed / max(tried, 1):.0%})", flush=True)


if __name__ == "__main__":
    sys.exit(main())
