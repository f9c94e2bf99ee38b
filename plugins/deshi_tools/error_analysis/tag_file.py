"""Tags that a person has corrected: JSON Lines with an `id` and `tags`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from deshi.api import UsageError

if TYPE_CHECKING:
    from deshi_tools.error_analysis.mistakes import EvaluatedText

_SHOWN = 5


class _Tagged(msgspec.Struct):
    id: str
    tags: tuple[str, ...]


_LINE = msgspec.json.Decoder(_Tagged)


def read_tags(path: Path, known: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """Return the tags of each text that the file names, its other keys left alone; any word is a tag.

    Raises:
        UsageError: the file cannot be read, a line is wrong, names no text of `known`, or names one
            twice.
    """
    found: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(_lines(path), 1):
        if not line or line.isspace():
            continue
        where = f"{path}:{number}"
        try:
            one = _LINE.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UsageError(
                str(error), where=where, fix='write {"id": "…", "tags": ["…"]} on each line'
            ) from None
        if one.id not in known:
            some = ", ".join(list(known)[:_SHOWN])
            raise UsageError(
                f"no test text has the id '{one.id}'", where=where, fix=f"ids are like {some}"
            )
        if one.id in found:
            raise UsageError(f"'{one.id}' was tagged above", where=where, fix="tag a text once")
        found[one.id] = tuple(dict.fromkeys(one.tags))
    return found


def write_tags(path: Path, texts: Iterable[EvaluatedText]) -> None:
    """Write one line a text, with what a person needs to correct its tags.

    Raises:
        UsageError: the file already exists, which may hold a person's work, or cannot be written.
    """
    try:
        with path.open("xb") as file:
            for one in texts:
                record = {
                    "id": one.id,
                    "tags": one.tags,
                    "text": one.text,
                    "gold": [" ".join(reference) for reference in one.gold],
                    "answer": " ".join(one.answer),
                }
                file.write(msgspec.json.encode(record) + b"\n")
    except FileExistsError:
        raise UsageError(
            "already exists", where=str(path), fix="name a new file, or remove this one"
        ) from None
    except OSError as error:
        raise UsageError(
            f"cannot be written: {error.strerror}", where=str(path), fix="name another file"
        ) from None


def _lines(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    except OSError as error:
        raise UsageError(
            f"cannot be read: {error.strerror}", where=str(path), fix="name a JSON Lines file"
        ) from None
