"""Switching plugins off and on in a registry.toml, whose comments and order stay."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deshi.api import UsageError


def write_disabled(file: Path, names: Sequence[str]) -> None:
    """Write `[plugins] disabled` into a registry.toml, which is made if it is not there.

    Raises:
        UsageError: the file is not TOML, or cannot be written.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        document: Any = tomlkit.parse(text)
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        raise UsageError(str(error), where=str(file), mend="mend the file first") from error
    table = document.setdefault("plugins", tomlkit.table())
    table["disabled"] = list(names)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(tomlkit.dumps(document), encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"cannot be written: {error.strerror}", where=str(file), mend="try --user"
        ) from error
