"""Automatic tags: in what way an answer goes wrong, by explicit rules that a person can overrule.

The rules look at CLDR's groups, at sizes and at the row's own habits, never at the text. They are
a first sorting for a reader, not a judgement:

* `emotion-mismatch`: gold and prediction both show feelings, but none in common. Feelings are the CLDR
  subgroups of smileys, gathered into three (`FEELINGS`).
* `over-generation`: at least two pieces more than the gold; repeats and what is no emoji count.
* `under-generation`: at least two pieces fewer than the gold, or no emoji at all.
* `context-missed`: the gold names things (emoji outside CLDR's group of smileys), and no emoji of the
  answer is of the CLDR subgroup of any of them.
* `frequency-bias`: nothing is right, and every emoji is one of the five that the row answers most.

A text can have several tags or none; an answer whose set is right has none but `over-generation`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from deshi.emoji import inventory

if TYPE_CHECKING:
    from deshi.api import Emojis, Prediction

RULES: Mapping[str, str] = {
    "emotion-mismatch": "gold and prediction both show feelings, but none in common",
    "over-generation": "two or more too many, non-emoji tokens counted",
    "under-generation": "two or more emoji too few, or none at all",
    "context-missed": (
        "the gold has emoji beyond faces and hearts, and no predicted emoji is of the same kind"
    ),
    "frequency-bias": "nothing right, and only emoji that the row predicts most often",
}
"""Each tag with its rule in short."""

FEELINGS: Mapping[str, str] = {
    "face-smiling": "pleasant",
    "face-affection": "pleasant",
    "face-tongue": "pleasant",
    "face-hat": "pleasant",
    "face-glasses": "pleasant",
    "heart": "pleasant",
    "face-hand": "reserved",
    "face-neutral-skeptical": "reserved",
    "face-sleepy": "reserved",
    "face-unwell": "unpleasant",
    "face-concerned": "unpleasant",
    "face-negative": "unpleasant",
}
"""The feeling that a CLDR subgroup shows; costumes, cats, monkeys and signs such as 💬 show none."""

SIZE_GAP = 2
FREQUENT = 5
_SMILEYS = "smileys-emotion"


def most_predicted(answers: Sequence[Prediction]) -> frozenset[str]:
    """Return the five emoji that most answers have; of equally frequent ones, those first in CLDR."""
    counts = Counter(emoji for answer in answers for emoji in set(answer.emojis))
    order = {emoji: at for at, emoji in enumerate(inventory())}
    ranked = sorted(counts, key=lambda emoji: (-counts[emoji], order[emoji]))
    return frozenset(ranked[:FREQUENT])


def tags_of(answer: Prediction, gold: Emojis, frequent: Collection[str]) -> tuple[str, ...]:
    """Return the tags of an answer in the order of `RULES`; `frequent` is what `most_predicted` gave."""
    gap = len(answer.emojis) + answer.unknown - len(gold)
    felt, shown = _feelings(gold), _feelings(answer.emojis)
    things = {inventory()[e].subgroup for e in gold if inventory()[e].group != _SMILEYS}
    kinds = {inventory()[e].subgroup for e in answer.emojis}
    right = not set(answer.emojis).isdisjoint(gold)
    found = {
        "emotion-mismatch": bool(felt and shown) and felt.isdisjoint(shown),
        "over-generation": gap >= SIZE_GAP,
        "under-generation": gap <= -SIZE_GAP or bool(gold and not answer.emojis),
        "context-missed": bool(things) and things.isdisjoint(kinds),
        "frequency-bias": bool(answer.emojis) and not right and set(answer.emojis) <= set(frequent),
    }
    return tuple(tag for tag in RULES if found[tag])


def _feelings(emojis: Emojis) -> set[str]:
    subgroups = {inventory()[emoji].subgroup for emoji in emojis}
    return {FEELINGS[subgroup] for subgroup in subgroups if subgroup in FEELINGS}
