"""The fenced blocks of the documentation."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [
    *sorted(ROOT.glob("README*.md")),
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "examples").glob("*/README.md")),
]
_SKIP = re.compile(r"<!-- not run: (.+) -->")
_ENDS = ("|", ">", "&", ";", "&&", "||", "2>", "<")


@dataclass(frozen=True)
class Block:
    """`skip` is why it is not run, from the comment before it."""

    page: Path
    line: int
    language: str
    text: str
    skip: str = ""

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def shown(self) -> list[str]:
        """The lines that a console block prints, but for rules and those with an ellipsis."""
        lines, inside = [], False
        for line in self.text.splitlines():
            if line.startswith("$ ") or inside:
                inside = line.endswith("\\")
            elif line.strip(" ─") and "…" not in line:
                lines.append(line.rstrip())
        return lines

    @property
    def commands(self) -> list[str]:
        """The commands of a console block, whole; what they print is left out."""
        lines = iter(self.text.splitlines())
        found = []
        for line in lines:
            if not line.startswith("$ ") and self.language == "console":
                continue
            command = line.removeprefix("$ ")
            while command.endswith("\\"):
                command = command[:-1] + next(lines).strip()
            found.append(command)
        return [command for command in found if command.strip() and not command.startswith("#")]


def blocks(page: Path) -> Iterator[Block]:
    lines = page.read_text(encoding="utf-8").splitlines()
    before, at = "", 0
    while at < len(lines):
        opened = re.fullmatch(r"```(\S*).*", lines[at])
        if not opened:
            before = lines[at] if lines[at].strip() else before
            at += 1
            continue
        end = next(i for i in range(at + 1, len(lines)) if lines[i] == "```")
        skip = _SKIP.fullmatch(before.strip())
        text = "\n".join(lines[at + 1 : end])
        yield Block(page, at + 1, opened[1], text, skip[1] if skip else "")
        before, at = "", end + 1


def all_blocks(*languages: str) -> list[Block]:
    return [b for page in PAGES for b in blocks(page) if b.language in languages]


def words(command: str) -> Iterator[list[str]]:
    """Yield the words of each program that a command line starts with `deshi`."""
    found: list[str] = []
    for word in [*shlex.split(command, comments=True), ";"]:
        if word in _ENDS or word.endswith(";"):
            found += [word[:-1]] if len(word) > 1 and word not in _ENDS else []
            yield from [found] if found else []
            found = []
        elif "=" in word and not found and not word.startswith("-"):
            continue  # a variable before the program
        else:
            found.append(word)
