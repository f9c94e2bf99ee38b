"""What a row fails on, in plain sentences: texts without a hit, emoji missed, emoji overused.

Emoji are ordered by share, not by number: one that is wanted often is missed often by any row. So
that a share means something, an emoji counts from `_LEAST` occurrences or one text in a hundred on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from deshi.api import Emojis, Prediction
from deshi_tools.error_analysis.tags import RULES

_SHOWN = 5
_LEAST = 3


def failures(
    answers: Sequence[Prediction],
    gold: Sequence[tuple[Emojis, ...]],
    tags: Sequence[tuple[str, ...]],
) -> Iterator[str]:
    """Yield what the answers of one run miss; of several references the first counts for emoji.

    A text is without a hit if its answer shares no emoji with any reference.
    """
    pairs = [(one.emojis, references) for one, references in zip(answers, gold, strict=True)]
    none = sum(not set(answer) & set().union(*references) for answer, references in pairs)
    share = none / len(pairs)
    yield (
        f"{none} of {len(pairs)} texts ({share * 100:.0f} %) get no right emoji (first training "
        "run)."
    )
    yield from _tagged(tags)
    wanted = Counter(e for _, references in pairs for e in set(references[0]))
    given = Counter(e for answer, _ in pairs for e in set(answer))
    hits = Counter(e for answer, refs in pairs for e in set(answer) & set(refs[0]))
    least = max(_LEAST, round(len(pairs) / 100))
    yield from _missed(wanted, hits, least)
    yield from _overused(wanted, given, least)
    never = len(set(wanted) - set(given))
    if never:
        yield f"It never predicts {never} of the gold's {len(wanted)} different emoji."


def _tagged(tags: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Name the kinds of mistake by their rules, the most frequent first."""
    counts = Counter(tag for own in tags for tag in own)
    if counts:
        told = "; ".join(
            f"{tag.replace('-', ' ')} in {count / len(tags) * 100:.0f} % of texts ({RULES[tag]})"
            for tag, count in counts.most_common(3)
        )
        yield f"Its most frequent mistakes: {told}."


def _missed(wanted: Counter[str], hits: Counter[str], least: int) -> Iterator[str]:
    missed = {e: count - hits[e] for e, count in wanted.items() if count >= least}
    top = _largest({e: (count / wanted[e], count) for e, count in missed.items() if count})
    if top:
        told = ", ".join(f"{emoji} {missed[emoji]} of {wanted[emoji]} times" for emoji in top)
        yield f"It misses most, by share: {told}."


def _overused(wanted: Counter[str], given: Counter[str], least: int) -> Iterator[str]:
    excess = {e: count - wanted[e] for e, count in given.items() if count - wanted[e] >= least}
    top = _largest({e: (count / given[e], count) for e, count in excess.items()})
    if top:
        told = ", ".join(f"{emoji} {given[emoji]} times (gold {wanted[emoji]})" for emoji in top)
        yield f"It overuses most, by share: {told}."


def _largest(measured: Mapping[str, tuple[float, int]]) -> list[str]:
    """Return the emoji with the largest share, then number, ties in the order of the emoji."""
    order = sorted(measured, key=lambda emoji: (-measured[emoji][0], -measured[emoji][1], emoji))
    return order[:_SHOWN]
