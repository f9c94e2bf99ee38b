"""The command that installs what is missing: the one place that knows how deshi was installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

_HOST: Final = "deshi"
_CONSTRAINTS: Final = "constraints.txt"
"""The file of a clone that pins what it is tested with."""


def install_command(*extras: str, distribution: str = _HOST) -> str:
    """Return the command that installs extras of a distribution into the running environment.

    A clone or a folder is named by its path, with its `constraints.txt` where there is one; a file or an
    address by its URL. All else is asked of the package index, by name.
    """
    wanted = f"{distribution}[{','.join(extras)}]" if extras else distribution
    found = recorded_source(distribution)
    folder = clone_of(distribution)
    if folder is None:
        url = _url(found)
        return pip_command("install", f"{wanted} @ {url}" if url else wanted)
    words = ["-c", _path(folder / _CONSTRAINTS)] if (folder / _CONSTRAINTS).is_file() else []
    editable = ["-e"] if found.get("dir_info", {}).get("editable") else []
    place = _path(folder, dotted=True) + (f"[{','.join(extras)}]" if extras else "")
    return pip_command("install", *words, *editable, place)


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
    import json

    try:
        text = importlib.metadata.distribution(distribution).read_text("direct_url.json")
        found = json.loads(text or "{}")
    except (importlib.metadata.PackageNotFoundError, ValueError, OSError):
        return {}
    return found if isinstance(found, dict) else {}


def clone_of(distribution: str) -> Path | None:
    """Return the folder that a distribution was installed from; None if from elsewhere or gone."""
    from pathlib import Path
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    found = recorded_source(distribution)
    url = urlsplit(str(found.get("url", "")))
    if "dir_info" not in found or url.scheme != "file":
        return None
    folder = Path(url2pathname(url.path))
    return folder if folder.is_dir() else None


def _url(found: dict[str, Any]) -> str:
    """Return the address of a file or a repository, without a name or a password in it.

    Empty for a folder, and for a file that is gone.
    """
    from pathlib import Path
    from urllib.parse import urlsplit, urlunsplit
    from urllib.request import url2pathname

    url = urlsplit(str(found.get("url", "")))
    if not url.scheme or "dir_info" in found:
        return ""
    if url.scheme == "file" and not Path(url2pathname(url.path)).is_file():
        return ""
    clean = urlunsplit(url._replace(netloc=url.netloc.rpartition("@")[2]))
    version = found.get("vcs_info", {})
    if not version:
        return clean
    commit = version.get("requested_revision") or version.get("commit_id", "")
    return f"{version.get('vcs', 'git')}+{clean}@{commit}"


def _pip() -> str:
    """Return how a shell calls the running interpreter's pip, from this folder."""
    import shutil
    import sys
    from importlib.util import find_spec
    from pathlib import Path

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
    from pathlib import Path

    here = Path.cwd()
    if not path.is_relative_to(here):
        return str(path)
    inside = path.relative_to(here)
    return f"./{inside.as_posix()}" if dotted and inside.parts else str(inside)


def _quoted(word: str) -> str:
    import os
    import shlex

    if os.name == "nt":  # cmd knows double quotes alone
        return f'"{word}"' if set(word) & set(" [],;=&()^@") else word
    return shlex.quote(word)
