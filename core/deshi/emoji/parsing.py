"""Finds emoji in strings: the sequences of UTS #51, and which canonical emoji each stands for."""

from __future__ import annotations

import enum
import functools
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass

from deshi.emoji.table import inventory

VS15 = "\N{VARIATION SELECTOR-15}"
VS16 = "\N{VARIATION SELECTOR-16}"
ZWJ = "\N{ZERO WIDTH JOINER}"
KEYCAP = "\N{COMBINING ENCLOSING KEYCAP}"
TONES = "🏻🏼🏽🏾🏿"
TAGS = "\U000e0020-\U000e007f"
REGIONAL = "[\U0001f1e6-\U0001f1ff]"

# The pictographic blocks whole, less regional indicators and tones: an emoji newer than the
# inventory is then an unknown element of a sequence and leaves no joiner behind. It is also
# fast, since `re` walks supplementary ranges one by one.
PICTOGRAPHIC = "\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff"

# Whitespace, and the marks that lists of emoji are written with, in both widths.
_UNKNOWN = r"[^\s、､,，・･/／]+"

_IGNORED = dict.fromkeys(map(ord, VS15 + VS16 + TONES))
_TAGS = dict.fromkeys(range(0xE0020, 0xE0080))


class Mode(enum.StrEnum):
    """When a character counts as an emoji that may as well be text."""

    LABELS = "labels"
    """Always, unless FE0E follows: an answer made of emoji, in which ❤ ☺ ☀ are meant as such."""
    TEXT = "text"
    """If Emoji_Presentation=Yes or FE0F follows: prose, in which © ™ ㊗ 〰 stay what they are."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """The emoji of a string."""

    emojis: tuple[str, ...]
    """Canonical forms in order, repetitions kept."""
    unknown: int
    """The number of runs of anything that is neither an emoji nor a separator."""


@dataclass(frozen=True, slots=True)
class ResolvedToken:
    """The emoji of one token and what else it holds."""

    emojis: tuple[str, ...]
    kept: tuple[str, ...]
    """The text before, between and after the emoji: one more than `emojis`, mostly empty."""


def parse(text: str, *, mode: Mode) -> Parsed:
    """Returns all emoji of a string in order; there is no string that it rejects.

    Skin tones are folded. A ZWJ sequence is one emoji if the inventory has it, or else splits
    into those that it has; regional indicators pair from the left; an emoji newer than the
    inventory is unknown, and so is a skin tone or a regional indicator alone.
    """
    emojis, rest = _scan(text, " ", mode)
    # Nearly every answer leaves nothing but spaces, and needs no second regex.
    unknown = 0 if not rest or rest.isspace() else len(re.findall(_UNKNOWN, rest))
    return Parsed(tuple(emojis), unknown)


def strip(text: str) -> tuple[str, tuple[str, ...]]:
    """Returns prose without its emoji, and the canonical forms of what was removed.

    The policy is `Mode.TEXT`. What belongs to a removed emoji goes with it (variation selectors,
    tones, joiners, tags); everything else stays as it is, whitespace included.
    """
    emojis, rest = _scan(text, "", Mode.TEXT)
    return rest, tuple(emojis)


def _scan(text: str, filler: str, mode: Mode) -> tuple[list[str], str]:
    """Returns the emoji, and the text with `filler` in the place of each."""
    # Measured: a dictionary's longest match is as fast on labels and 3 times slower on prose;
    # one alternation of all forms is 4 and 40 times slower.
    tokens = token_pattern().split(text)
    in_text = mode == Mode.TEXT
    emojis: list[str] = []
    for position in range(1, len(tokens), 2):
        found = resolve(tokens[position], in_text)
        emojis += found.emojis
        tokens[position] = filler.join(found.kept)
    return emojis, "".join(tokens)


@functools.cache
def token_pattern() -> re.Pattern[str]:
    """Returns the pattern, one group, of a maximal run of elements joined by ZWJ.

    An element is a keycap, a pair of regional indicators, or a character that may be an emoji,
    with all variation selectors, tones and tags behind it. Whether the token is an emoji at all
    is for `resolve` to say.
    """
    # `re` holds a set within the BMP as a bitmap, so the exact characters cost nothing there.
    characters = {character for form in _forms() for character in form} - {ZWJ, KEYCAP}
    symbols = sorted(character for character in characters if "\x7f" < character <= "\uffff")
    base = f"[{''.join(symbols)}{PICTOGRAPHIC}]"
    start = f"(?:{base}|{REGIONAL}{REGIONAL}?|[0-9#*]{VS16}?{KEYCAP})"
    element = f"{start}[{VS15}{VS16}{TONES}{TAGS}]*"
    return re.compile(f"({element}(?:{ZWJ}{element})*{ZWJ}*)")


# Distinct tokens are few, so that the cost of a label is one split and a look-up per emoji.
@functools.lru_cache(maxsize=1 << 16)
def resolve(token: str, in_text: bool) -> ResolvedToken:  # noqa: FBT001 - keywords slow the cache down
    """Splits a token into the longest sequences that the inventory knows.

    With `in_text`, a single character needs emoji presentation: its own by default, or by FE0F
    or a skin tone. A joiner is kept only between elements that are kept.
    """
    chain = token.rstrip(ZWJ)
    elements = chain.split(ZWJ)
    emojis: list[str] = []
    kept = [""]
    start = 0
    while start < len(elements):
        emoji, length = _longest(elements[start : start + _longest_chain()])
        if emoji is None or (in_text and length == 1 and not _is_presented(elements[start], emoji)):
            kept[-1] += ZWJ + elements[start] if kept[-1] else elements[start]
            start += 1
        else:
            emojis.append(emoji)
            kept.append("")
            start += length
    if kept[-1]:
        kept[-1] += token[len(chain) :]
    return ResolvedToken(tuple(emojis), tuple(kept))


def canonical(symbol: str) -> str | None:
    """Returns the canonical form if the string is one emoji and nothing else, or else None.

    The canonical form is fully-qualified and has no skin tones: `❤` becomes `❤️`, `☝🏻` becomes
    `☝️` and `👩🏻‍🤝‍👨🏽` becomes `👫`. A character followed by FE0E is no emoji.
    """
    if symbol in inventory():
        return symbol
    if symbol.endswith(ZWJ) or token_pattern().fullmatch(symbol) is None:
        return None
    found = resolve(symbol, False)  # noqa: FBT003 - see there
    return found.emojis[0] if len(found.emojis) == 1 and not any(found.kept) else None


def _longest(elements: list[str]) -> tuple[str | None, int]:
    """Returns the emoji of the longest prefix that is one, and the number of its elements."""
    forms = _forms()
    pictured = list(itertools.takewhile(lambda element: not _is_text_style(element), elements))
    for length in range(len(pictured), 0, -1):
        form = ZWJ.join(pictured[:length]).translate(_IGNORED)
        # A tag sequence that is not in the inventory is shown as its base (UTS #51, C.1.1).
        emoji = forms.get(form) or forms.get(form.translate(_TAGS))
        if emoji is not None:
            return emoji, length
    return None, 1


def _is_text_style(element: str) -> bool:
    """Tells whether the first variation selector of an element is FE0E."""
    text = element.find(VS15)
    return text >= 0 and VS16 not in element[:text]


def _is_presented(element: str, emoji: str) -> bool:
    """Tells whether one element is shown as an emoji by itself."""
    # Only Emoji_Presentation=No puts an FE0F into the canonical form of a single character.
    if VS16 not in emoji or VS16 in element or KEYCAP in element:
        return True
    return inventory()[emoji].toned and not set(TONES).isdisjoint(element)


@functools.cache
def _forms() -> Mapping[str, str]:
    """Maps each emoji without FE0F, and what tones leave of it, to its canonical form."""
    forms = {emoji.replace(VS16, ""): emoji for emoji in inventory()}
    return forms | {info.alias: info.emoji for info in inventory().values() if info.alias}


@functools.cache
def _longest_chain() -> int:
    return 1 + max(form.count(ZWJ) for form in _forms())
