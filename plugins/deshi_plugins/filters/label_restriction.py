"""Narrowing of labels to some emoji: what `banned-emoji` and `top-emoji` have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

from deshi.api import Drop, Edit, Emojis, Item, Keep, Verdict

Action: TypeAlias = Literal["drop-sample", "drop-label"]


def restrict_labels(
    item: Item, *, allowed: Callable[[str], bool], action: Action, reason: str
) -> Verdict:
    """Return the verdict that leaves none but allowed emoji in an item's label sets.

    The first set is the gold. With `drop-sample`, an emoji in it that is not allowed drops the
    item; with `drop-label` it goes alone, and the item is dropped if none is left. Either way it
    goes from the further sets too, which would else bring it back as a share.
    """
    gold = item.samples[0] if item.samples else ()
    kept: tuple[Emojis, ...] = tuple(tuple(filter(allowed, emojis)) for emojis in item.samples)
    if kept == item.samples:
        return Keep()
    refused = " ".join(dict.fromkeys(emoji for emoji in gold if not allowed(emoji)))
    if refused and (action == "drop-sample" or not kept[0]):
        return Drop(reason, refused)
    gone = dict.fromkeys(e for emojis in item.samples for e in emojis if not allowed(e))
    return Edit(f"{reason}: removed {' '.join(gone)}", samples=kept)
