"""The inventory: every emoji of Emoji 16.0 without skin tones, with its Japanese annotation."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

EMOJI_VERSION = "16.0"


@dataclass(frozen=True, slots=True)
class EmojiInfo:
    """What the Unicode Standard and CLDR say about one emoji."""

    emoji: str
    """The canonical form: fully-qualified, without skin tones."""
    version: float
    """The Emoji version that brought it, 0.6 to 16.0."""
    group: str
    """One of the nine CLDR groups, as in `smileys-emotion`."""
    subgroup: str
    """The CLDR subgroup, as in `face-smiling`."""
    name: str
    """The Japanese short name of CLDR."""
    keywords: tuple[str, ...]
    """The Japanese keywords of CLDR, at least one."""
    toned: bool
    """Whether skin-tone sequences of it exist."""
    alias: str | None
    """What is left of some of these without tones and FE0F, where that is not the emoji itself."""


@functools.cache
def inventory() -> Mapping[str, EmojiInfo]:
    """Returns the 1,906 emoji by their canonical form, in CLDR order."""
    return MappingProxyType({record[0]: _info(record) for record in _records()})


@functools.cache
def inventory_hash() -> str:
    """Returns the SHA-256 of all the content, comments and line ends left out."""
    content = "\n".join("\t".join(record) for record in _records())
    return hashlib.sha256(content.encode()).hexdigest()


@functools.cache
def _records() -> tuple[tuple[str, ...], ...]:
    path = Path(__file__).with_name("data") / f"emoji-{EMOJI_VERSION}.tsv"
    lines = path.read_text(encoding="utf-8").split("\n")
    # A comment is "#" and a space; "#" alone also begins the row of the keycap #️⃣.
    return tuple(tuple(line.split("\t")) for line in lines if line and not line.startswith("# "))


def _info(record: tuple[str, ...]) -> EmojiInfo:
    emoji, version, group, subgroup, toned, alias, name, keywords = record
    words = tuple(keywords.split("|"))
    return EmojiInfo(
        emoji, float(version), group, subgroup, name, words, bool(toned), alias or None
    )
