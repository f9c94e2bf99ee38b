"""The label alphabet of deshi: Emoji 16.0, canonical forms, parsing.

Everything here works on strings, needs the standard library alone, and knows only the pinned
table beside it, so that labels mean the same with every installation.
"""

from deshi.emoji.alphabet import MAX_EMOJI, Alphabet
from deshi.emoji.gender import fold_gender
from deshi.emoji.parsing import Mode, Parsed, canonical, parse, strip
from deshi.emoji.table import EMOJI_VERSION, EmojiInfo, inventory, inventory_hash

__all__ = [
    "EMOJI_VERSION",
    "MAX_EMOJI",
    "Alphabet",
    "EmojiInfo",
    "Mode",
    "Parsed",
    "canonical",
    "fold_gender",
    "inventory",
    "inventory_hash",
    "parse",
    "strip",
]
