"""The corpus `sample`: short Japanese texts that come with the package."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import TYPE_CHECKING

from deshi.api import Emojis, Env, NoParams, Text
from deshi.emoji import Mode, parse

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


class Sample:
    """Everyday sentences on about twenty themes, in documents of a few sentences each.

    One file a theme, in alphabetical order. `# DOC-ID` begins a document; each further line is a
    sentence, followed by a tab and its reference label sets, separated by `|`, where it has any.
    """

    def __init__(self, params: NoParams, env: Env) -> None:
        self.params = params
        self.env = env

    def texts(self) -> Iterator[Text]:
        """Yield all sentences; the id is `DOC-ID/N`, N counting from 1 in the document."""
        for theme in themes():
            yield from _read(theme)


def themes() -> list[Traversable]:
    """Return the theme files in alphabetical order."""
    folder = files("deshi_plugins.corpora").joinpath("sample")
    found = (file for file in folder.iterdir() if file.name.endswith(".txt"))
    return sorted(found, key=lambda file: file.name)


def _read(file: Traversable) -> Iterator[Text]:
    meta = {"theme": file.name.removesuffix(".txt")}
    document, number = "", 0
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            document, number = line[2:].strip(), 0
        elif line.strip():
            number += 1
            sentence, _, sets = line.partition("\t")
            yield Text(
                id=f"{document}/{number}",
                document=document,
                text=sentence.strip(),
                references=_references(sets),
                meta=meta,
            )


def _references(sets: str) -> tuple[Emojis, ...]:
    parsed = (parse(one, mode=Mode.LABELS).emojis for one in sets.split("|"))
    return tuple(emojis for emojis in parsed if emojis)
