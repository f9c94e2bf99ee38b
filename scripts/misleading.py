"""Runs the cases of docs/misleading.md and writes what they print into the page.

    python scripts/misleading.py [--check]

A case is a heading with a benchmark in a `toml` block, a `text` block for what it prints, and between
them, if it needs more than the defaults, a comment:

    <!-- run: --set teacher.blindfold.params.seed=1 -->   further words of the command
    <!-- then: show --wide -->                            another command, whose output is shown
    <!-- notes: near-test warning -->                     notes that are shown, by their first word
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "misleading.md"
PLUGIN = ROOT / "examples" / "misleading"
_CASE = re.compile(
    r"^## (?P<title>.+?)\n(?P<before>.*?)```toml\n(?P<toml>.*?)```\n(?P<between>.*?)"
    r"```text\n(?P<shown>.*?)```",
    re.DOTALL | re.MULTILINE,
)
_HASH = re.compile(r"(?<=[a-z])-[0-9a-f]{8}(?=: )")
_COMMENT = re.compile(r"<!-- (run|then|notes): (.*?) -->")


@dataclass(frozen=True)
class Case:
    """One way to mislead: its benchmark, what is run, and what the page shows of it."""

    title: str
    toml: str
    shown: str
    words: tuple[str, ...] = ()
    then: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of its benchmark file."""
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")


def cases(page: str) -> Iterator[Case]:
    """Yield the cases of a page in its order."""
    for found in _CASE.finditer(page):
        said = {key: tuple(shlex.split(value)) for key, value in _COMMENT.findall(found["between"])}
        yield Case(
            title=found["title"],
            toml=found["toml"],
            shown=found["shown"],
            words=said.get("run", ()),
            then=said.get("then", ()),
            notes=said.get("notes", ()),
        )


def environment(folder: Path) -> dict[str, str]:
    """Return variables under which the plugin of tricks counts as installed."""
    info = folder / "plugins" / "deshi_misleading-1.0.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: deshi-misleading\nVersion: 1.0\n")
    entry = "[deshi.v2]\nmisleading = deshi_misleading.hooks\n"
    (info / "entry_points.txt").write_text(entry)
    given = os.environ.get("PYTHONPATH")
    path = os.pathsep.join(filter(None, [str(info.parent), str(PLUGIN), given]))
    config = {"XDG_CONFIG_HOME": str(folder / "config"), "PYTHONPATH": path}
    return {k: v for k, v in os.environ.items() if not k.startswith("DESHI_")} | config


def run(case: Case, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a case in a folder that cases may share, so that none label_stages anew."""
    (folder / f"{case.name}.toml").write_text(case.toml, encoding="utf-8")
    command = ["run", f"{case.name}.toml", "--quiet", "--notes", *case.words, *words]
    return _deshi(folder, *command)


def _deshi(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deshi", *words],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def shown(case: Case, folder: Path) -> str:
    """Return what the page shows of a run: the table, what it says, and the notes that matter."""
    done = run(case, folder)
    if case.then:
        done = _deshi(folder, *case.then)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{case.title}: {done.stderr}")
    lines = done.stdout.rstrip().splitlines()
    legend = next((at for at, line in enumerate(lines) if line.startswith("Interval:")), len(lines))
    notes = [line for line in lines[legend:] if line.startswith(case.notes)] if case.notes else []
    text = "\n".join(line.rstrip() for line in [*lines[:legend], *notes]) + "\n"
    return _HASH.sub("", text)  # a run's name ends in a hash of its plan, which says nothing here


def main() -> int:
    """Rewrite the page, or say with `--check` which cases it tells wrongly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="Change nothing; fail if it would.")
    options = parser.parse_args()
    page = PAGE.read_text(encoding="utf-8")
    stale = []
    with tempfile.TemporaryDirectory() as folder:
        for case in cases(page):
            text = shown(case, Path(folder))
            if text != case.shown:
                stale.append(case.title)
                block = f"```toml\n{case.toml}```"
                at = page.index(block)
                page = page[:at] + page[at:].replace(
                    f"```text\n{case.shown}```", f"```text\n{text}```", 1
                )
    if not options.check:
        PAGE.write_text(page, encoding="utf-8")
    print(f"{len(stale)} cases differ: {', '.join(stale)}" if stale else "the page is up to date")
    return int(options.check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
