"""The students that a student combines, inside the folder in which it is saved."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import msgspec

from deshi.api import Json, UsageError

_FOLDER = "members"
_FILE = "members.json"


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """What a component is made of: its id and the JSON of its parameters."""

    id: str
    params: Mapping[str, Json]


def folder_of(model: Path, name: str) -> Path:
    """Return where a member lies inside the folder of the student that combines it."""
    return model / _FOLDER / name


def save_members(model: Path, parts: Mapping[str, Member], folders: Mapping[str, Path]) -> None:
    """Put fitted members, by name, into the folder of the student that combines them.

    `parts` say what they are made of. Their files are linked where the disk can do that.
    """
    for name in parts:
        shutil.copytree(folders[name], folder_of(model, name), copy_function=_link)
    describe(model, parts)


def describe(model: Path, parts: Mapping[str, Member]) -> None:
    """Write what the members in a folder are made of."""
    kept = {name: {"id": part.id, "params": part.params} for name, part in parts.items()}
    (model / _FILE).write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")


def read(model: Path) -> Mapping[str, Member]:
    """Return what the members in a folder are made of, by name; none where it combines nothing.

    Raises:
        UsageError: what is written of them cannot be read.
    """
    file = model / _FILE
    if not file.exists():
        return {}
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Member])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        what = f"does not say what a student is made of: {error}"
        raise UsageError(what, where=str(file), fix="publish it again") from error


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target
