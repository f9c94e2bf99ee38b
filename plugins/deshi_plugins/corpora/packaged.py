"""The corpora `sample` and `everyday`: short Japanese texts that come with the package."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import TYPE_CHECKING

from deshi.api import Emojis, Env, NoParams, Text
from deshi.emoji import Mode, parse

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


class Sample:
    """Sentences on about twenty themes, plain and encyclopaedic, in documents of a few sentences each.

    One file a theme, in alphabetical order. `# DOC-ID` begins a document; each further line is a
    sentence, followed by a tab and its reference label sets, separated by `|`, where it has any.
    """

    folder = "sample"

    def __init__(self, params: NoParams, env: Env) -> None:
        self.params = params
        self.env = env

    def texts(self) -> Iterator[Text]:
        """Yield all sentences; the id is `DOC-ID/N`, N counting from 1 in the document."""
        for theme in themes(self.folder):
            yield from _read(theme)


class Everyday(Sample):
    """Posts as people write them: casual, half of them without a word that names what they are about.

    Each has two label sets, the writer's and another reader's.
    """

    folder = "everyday"


def themes(name: str = "sample") -> list[Traversable]:
    """Return the theme files of a packaged corpus in alphabetical order."""
    folder = files("deshi_plugins.corpora").joinpath(name)
    text_files = (file for file in folder.iterdir() if file.name.endswith(".txt"))
    return sorted(text_files, key=lambda file: file.name)


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
