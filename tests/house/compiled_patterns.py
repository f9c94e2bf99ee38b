"""Lists every regular expression that the packages compile, and texts that are hard for each.

A pattern of a module is recorded while the module is imported, one that a component builds while the
component is used. A hard text repeats what a part of the pattern matches, after what leads to it and
before what matches nothing: there a search that tries every start, or every split, shows itself.
Run by itself it prints the patterns as JSON: only a process that imports all anew sees all of them.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import deshi
import deshi_plugins
import deshi_tools

ROOT = Path(__file__).parents[2]
PACKAGES = tuple(str(ROOT / folder) for folder in ("core", "plugins"))
CHARACTERS = {
    op.CATEGORY_SPACE: " ",
    op.CATEGORY_DIGIT: "7",
    op.CATEGORY_WORD: "a",
    op.CATEGORY_NOT_SPACE: "a",
    op.CATEGORY_NOT_DIGIT: "a",
    op.CATEGORY_NOT_WORD: "-",
}


@dataclass(frozen=True)
class CompiledPattern:
    """A regular expression of deshi's own code, and whether a search may begin anywhere in a text."""

    pattern: str
    flags: int
    file: str
    searched: bool

    def run(self, text: str) -> None:
        """Use it as its module does."""
        regex = re.compile(self.pattern, self.flags)
        if self.searched:
            for _ in regex.finditer(text):
                pass
        else:
            regex.match(text)
            regex.fullmatch(text)


def compiled_patterns() -> list[CompiledPattern]:
    """Return each pattern that deshi's own code compiles."""
    seen: dict[tuple[str, int], str] = {}
    original = re._compile  # type: ignore[attr-defined]

    def record(pattern: Any, flags: int) -> re.Pattern[str]:
        result: re.Pattern[str] = original(pattern, flags)
        file = sys._getframe(2).f_code.co_filename
        if file.startswith(PACKAGES) and isinstance(result.pattern, str | bytes):
            text = result.pattern if isinstance(result.pattern, str) else result.pattern.decode()
            seen.setdefault((text, result.flags & ~re.UNICODE), file)
        return result

    re._compile = record  # type: ignore[attr-defined]
    try:
        for package in (deshi, deshi_plugins, deshi_tools):
            for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
                if not module.name.endswith("__main__"):
                    importlib.import_module(module.name)
        _use_what_compiles_late()
    finally:
        re._compile = original  # type: ignore[attr-defined]
    return [
        CompiledPattern(pattern, flags, file, _is_searched(file, pattern))
        for (pattern, flags), file in seen.items()
    ]


def _is_searched(file: str, pattern: str) -> bool:
    """Say whether the module of a pattern does more than `match` and `fullmatch` with it."""
    module = next(m for m in sys.modules.values() if getattr(m, "__file__", None) == file)
    source = Path(file).read_text(encoding="utf-8")
    for name, value in vars(module).items():
        if isinstance(value, re.Pattern) and value.pattern in (
            pattern,
            pattern.encode("utf-8", "surrogatepass"),
        ):
            return set(re.findall(rf"\b{name}\.(\w+)\(", source)) - {"match", "fullmatch"} != set()
    return True


def _use_what_compiles_late() -> None:
    from deshi.emoji import Mode, parse
    from deshi_plugins.corpora.markup import Markup
    from deshi_plugins.filters.meta_reply import MetaReply
    from deshi_plugins.filters.params import MetaReplyParams as Params

    parse("猫😺とkaputt", mode=Mode.LABELS)
    Markup(["ファイル"])
    MetaReply(Params(), None)  # type: ignore[arg-type]


@dataclass(frozen=True)
class HardText:
    """A text of any size: what leads to a part, the part many times, and what matches nothing."""

    lead: str
    unit: str
    end: str

    def of(self, size: int) -> str:
        """Return a text of about `size` characters."""
        return self.lead + self.unit * (size // len(self.unit)) + self.end


def hard_texts(pattern: str, flags: int) -> list[HardText]:
    """Return texts that try each part of a pattern."""
    parts = dict.fromkeys(_parts(parser.parse(pattern, flags)))
    return [HardText(*part, end) for part in parts for end in ("", "\0", "\n\0")]


def _parts(tree: Any) -> Iterator[tuple[str, str]]:
    for sequence in _sequences(tree):
        pieces = [_shortest([item]) for item in sequence]
        starts = range(len(pieces))
        for start, stop in combinations(range(len(pieces) + 1), 2):
            if stop - start <= 4 and (unit := "".join(pieces[start:stop])):
                yield "", unit
                yield "".join(pieces[:start]), unit
        for start in starts:
            if unit := _shortest([sequence[start]], repeated=True):
                yield "".join(pieces[:start]), unit


def _sequences(tree: Any) -> Iterator[list[Any]]:
    yield list(tree)
    for _, argument in tree:
        for inner in _inner(argument):
            yield from _sequences(inner)


def _inner(argument: Any) -> Iterator[Any]:
    if isinstance(argument, parser.SubPattern):
        yield argument
    elif isinstance(argument, tuple | list):
        for item in argument:
            yield from _inner(item)


def _shortest(items: Any, *, repeated: bool = False) -> str:
    """Return a short string that the items match; of what may be absent, one where `repeated`."""
    return "".join(_one(code, argument, repeated) for code, argument in items)


def _one(code: Any, argument: Any, repeated: bool) -> str:
    if code is op.LITERAL:
        return chr(int(argument))
    if code is op.NOT_LITERAL:
        return "a" if argument != ord("a") else "b"
    if code is op.ANY:
        return "a"
    if code is op.IN:
        return _member(argument)
    if code in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        low, _, inner = argument
        return _shortest(inner, repeated=repeated) * max(low, 1)
    if code is op.SUBPATTERN:
        return _shortest(argument[3], repeated=repeated)
    if code is op.ATOMIC_GROUP:
        return _shortest(argument, repeated=repeated)
    if code is op.BRANCH:
        return _shortest(argument[1][0], repeated=repeated)
    return ""


def _member(members: Any) -> str:
    excluded = members[0][0] is op.NEGATE
    if not excluded:
        for code, argument in members:
            if code is op.LITERAL:
                return chr(argument)
            if code is op.RANGE:
                return chr(argument[0])
            return CHARACTERS.get(argument, "a")
    forbidden = re.compile(
        "[" + "".join(_spelled(code, argument) for code, argument in members[1:]) + "]"
    )
    return next(mark for mark in "a7 -あ\n[<" if not forbidden.match(mark))


def _spelled(code: Any, argument: Any) -> str:
    if code is op.LITERAL:
        return re.escape(chr(argument))
    if code is op.RANGE:
        return f"{re.escape(chr(argument[0]))}-{re.escape(chr(argument[1]))}"
    names = {op.CATEGORY_SPACE: r"\s", op.CATEGORY_DIGIT: r"\d", op.CATEGORY_WORD: r"\w"}
    return names.get(argument, r"\W" if argument is op.CATEGORY_NOT_WORD else r"\S")


if __name__ == "__main__":
    print(json.dumps([asdict(one) for one in compiled_patterns()]))
