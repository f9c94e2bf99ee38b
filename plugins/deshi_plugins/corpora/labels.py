"""Reference labels of a text: emoji in the text itself, or in a column."""

from __future__ import annotations

import re
from collections.abc import Mapping

from deshi.api import Emojis, Json
from deshi.emoji import Mode, parse, strip
from deshi_plugins.corpora.rows import Fault

# An emoji between two spaces leaves both.
_SPACES = re.compile("([ \u3000])[ \u3000]+")


def split_emoji(text: str) -> tuple[str, Emojis]:
    """Return a text without its emoji, and the emoji in order, each once."""
    rest, emojis = strip(text)
    if not emojis:
        return text, ()
    return _SPACES.sub(r"\1", rest).strip(), tuple(dict.fromkeys(emojis))


def leading_emoji(text: str) -> int:
    """Return how many characters of a text stand before its first word and belong to emoji."""
    rest = strip(text)[0].strip()
    end = text.find(rest[0]) if rest else len(text)
    return end if parse(text[:end], mode=Mode.TEXT).emojis else 0


def with_their_emoji(sentences: list[str]) -> list[str]:
    """Give the emoji at the start of a sentence to the one before: people write 楽しい！😂また行く."""
    fixed = sentences[:1]
    for sentence in sentences[1:]:
        end = leading_emoji(sentence)
        fixed[-1] += sentence[:end]
        if rest := sentence[end:].strip():
            fixed.append(rest)
    return fixed


def emoji_in(value: Json, emoji_for: Mapping[str, str]) -> Emojis | Fault:
    """Return the emoji of a label column: a string, or a list of them; nothing for null.

    `emoji_for` maps values to emoji, '' for no emoji.
    """
    emojis: list[str] = []
    for label in value if isinstance(value, list) else [value]:
        if label is None:
            continue
        text = emoji_for.get(str(label), str(label))
        parsed = parse(text, mode=Mode.LABELS)
        if parsed.unknown or (text.strip() and not parsed.emojis):
            return Fault("label is no emoji", repr(label))
        emojis += parsed.emojis
    return tuple(dict.fromkeys(emojis))
