"""The command that installs what is missing: the one place that knows how deshi was installed."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

_HOST = "deshi"


def install_command(*extras: str, distribution: str = _HOST) -> str:
    """Return the command that installs extras of a distribution into the running environment.

    A clone or a folder is named by its path, with its `constraints.txt` where there is one; a file or an
    address by its URL. All else is asked of the package index, by name.
    """
    named = f"[{','.join(extras)}]" if extras else ""
    found = recorded_source(distribution)
    folder = clone_of(distribution)
    if folder is None:
        url = _url(found)
        wanted = f"{distribution}{named}"
        return pip_command("install", f"{wanted} @ {url}" if url else wanted)
    pinned = folder / "constraints.txt"
    words = ["-c", _path(pinned)] if pinned.is_file() else []
    editable = ["-e"] if found["dir_info"].get("editable") else []
    return pip_command("install", *words, *editable, _path(folder, dotted=True) + named)


def upgrade_command(distribution: str) -> str:
    """Return what brings a plugin and a deshi that fit each other."""
    folder = clone_of(_HOST)
    if folder is None:
        return f"run `{pip_command('install', '--upgrade', _HOST, distribution)}`"
    theirs = pip_command("install", "--upgrade", distribution)
    return f"run `git -C {_quoted(_path(folder))} pull` and `{theirs}`"


def pip_command(*words: str) -> str:
    """Return a command of the running interpreter's pip, as a shell takes it."""
    return " ".join((_pip(), *map(_quoted, words)))


def recorded_source(distribution: str) -> dict[str, Any]:
    """Return what pip noted of where a distribution came from; empty if it came from an index."""
    import importlib.metadata

    try:
        text = importlib.metadata.distribution(distribution).read_text("direct_url.json")
        found = json.loads(text or "{}")
    except (importlib.metadata.PackageNotFoundError, ValueError, OSError):
        return {}
    return found if isinstance(found, dict) else {}


def clone_of(distribution: str) -> Path | None:
    """Return the folder that a distribution was installed from; None if from elsewhere or gone."""
    found = recorded_source(distribution)
    folder = _file(found) if "dir_info" in found else None
    return folder if folder and folder.is_dir() else None


def _file(found: dict[str, Any]) -> Path | None:
    """Return the file or folder that a distribution came from, there or not."""
    from urllib.request import url2pathname

    url = urlsplit(str(found.get("url", "")))
    return Path(url2pathname(url.path)) if url.scheme == "file" else None


def _url(found: dict[str, Any]) -> str:
    """Return the address of a file or a repository, without a name or a password in it.

    Empty for a folder, and for a file that is gone.
    """
    url = urlsplit(str(found.get("url", "")))
    file = _file(found)
    if not url.scheme or "dir_info" in found or (file and not file.is_file()):
        return ""
    clean = urlunsplit(url._replace(netloc=url.netloc.rpartition("@")[2]))
    version = found.get("vcs_info", {})
    if not version:
        return clean
    commit = version.get("requested_revision") or version.get("commit_id", "")
    return f"{version.get('vcs', 'git')}+{clean}@{commit}"


def _pip() -> str:
    """Return how a shell calls the running interpreter's pip, from this folder."""
    from importlib.util import find_spec

    if find_spec("pip") is None and shutil.which("uv"):
        return "uv pip"
    own, folder = Path(sys.executable), clone_of(_HOST)
    for name in ("python", "python3"):
        there = shutil.which(name)
        if there and Path(there).parent.resolve() == own.parent.resolve():
            return f"{name} -m pip"
    if folder is not None and own.is_relative_to(folder):
        return f"{_quoted(_path(own))} -m pip"
    return "python -m pip"


def _path(path: Path, *, dotted: bool = False) -> str:
    """Return a path as it is shown: from the working directory on, if it lies in it.

    A `dotted` one cannot be taken for the name of a distribution.
    """
    here = Path.cwd()
    if not path.is_relative_to(here):
        return str(path)
    inside = path.relative_to(here)
    return f"./{inside.as_posix()}" if dotted and inside.parts else str(inside)


def _quoted(word: str) -> str:
    if os.name == "nt":  # cmd knows double quotes alone
        return f'"{word}"' if set(word) & set(" [],;=&()^@") else word
    return shlex.quote(word)
