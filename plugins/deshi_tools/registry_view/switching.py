"""Switching plugins off and on in a registry.toml, whose comments and order stay."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deshi.api import UsageError
from deshi.registry.tomltext import read_toml_text


def write_disabled(file: Path, names: Sequence[str]) -> None:
    """Write `[plugins] disabled` into a registry.toml, which is made if it is not there.

    Raises:
        UsageError: the file is not TOML, or cannot be written.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        text = read_toml_text(file, str(file)) if file.exists() else ""
        document: Any = tomlkit.parse(text)
    except (OSError, TOMLKitError) as error:
        raise UsageError(str(error), where=str(file), fix="fix the file first") from error
    table = document.setdefault("plugins", tomlkit.table())
    table["disabled"] = list(names)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(tomlkit.dumps(document), encoding="utf-8", newline=_line_end(file))
    except OSError as error:
        raise UsageError(
            f"cannot be written: {error.strerror}", where=str(file), fix="try --user"
        ) from error


def _line_end(file: Path) -> str | None:
    """Return how the lines of a file end; None, the system's way, for a new one."""
    if not file.exists():
        return None
    return "\r\n" if b"\r\n" in file.read_bytes() else "\n"
