"""The text of a TOML file as editors save it: UTF-8, with or without a byte order mark."""

from __future__ import annotations

import codecs
import io
from pathlib import Path
from typing import Final

from deshi.api import UsageError

_JAPANESE: Final = {"euc_jp": "EUC-JP", "cp932": "Shift_JIS (cp932)"}
_SAVE: Final = "save it as UTF-8; editors ask for the encoding under Save as"


def read_toml_text(file: Path, where: str) -> str:
    """Return the text of a TOML file without a byte order mark, its lines ended by a newline alone.

    Raises:
        UsageError: it is in another encoding than UTF-8; `where` is what the message calls the file.
        OSError: it cannot be read.
    """
    content = file.read_bytes()
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UsageError("is UTF-16, not UTF-8", where=where, fix=_SAVE)
    if b"\0" in content:
        raise UsageError("is not text, or is UTF-16 and not UTF-8", where=where, fix=_SAVE)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(_foreign(content), where=f"{where}:{line}", fix=_SAVE) from None
    return plain(text)


def plain(text: str) -> str:
    """Return a TOML text without a byte order mark, its lines ended by a newline alone.

    Windows editors put the mark before UTF-8; TOML knows none.
    """
    return io.StringIO(text.removeprefix("\ufeff"), newline=None).read()


def _foreign(content: bytes) -> str:
    """Say what bytes are that are not UTF-8, as far as they show it."""
    for encoding, name in _JAPANESE.items():
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return f"is not UTF-8; it could be {name}"
    return "is not UTF-8"
