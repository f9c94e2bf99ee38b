"""Folding of gender: 🏃‍♀️ and 🏃‍♂️ to 🏃."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from deshi.emoji.parsing import ZWJ, canonical
from deshi.emoji.table import inventory

_ADULTS = str.maketrans("👨👩👦👧", "🧑🧑🧒🧒")

# Characters of their own, which no rule about sequences reaches (UTS #51, section 2.2).
_WORDS = {
    "👴": "🧓",
    "👵": "🧓",
    "🤴": "🫅",
    "👸": "🫅",
    "🎅": "🧑‍🎄",
    "🤶": "🧑‍🎄",
    "🤰": "🫄",
    "🫃": "🫄",
    "👫": "🧑‍🤝‍🧑",
    "👬": "🧑‍🤝‍🧑",
    "👭": "🧑‍🤝‍🧑",
}


def fold_gender(emoji: str) -> str:
    """Returns the gender-neutral counterpart of a canonical emoji, or the emoji if it has none."""
    return _neutral().get(emoji, emoji)


@functools.cache
def _neutral() -> Mapping[str, str]:
    folded = {emoji: _neutral_form(emoji) for emoji in inventory()}
    return {emoji: neutral for emoji, neutral in folded.items() if neutral not in {None, emoji}}


def _neutral_form(emoji: str) -> str | None:
    for sign in ("♀️", "♂️"):
        emoji = emoji.replace(ZWJ + sign, "")
    return _WORDS.get(emoji) or canonical(emoji.translate(_ADULTS))
