"""What a row fails on, in plain sentences: texts without a hit, emoji missed, emoji overused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from deshi.api import Emojis, Prediction
from deshi.evaluate.tags import RULES

_SHOWN = 5


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
        f"{none} of {len(pairs)} texts ({share * 100:.0f} %) get no right emoji at all "
        "(first training run)."
    )
    yield from _tagged(tags)
    wanted = Counter(e for _, references in pairs for e in set(references[0]))
    given = Counter(e for answer, _ in pairs for e in set(answer))
    hits = Counter(e for answer, refs in pairs for e in set(answer) & set(refs[0]))
    yield from _missed(wanted, hits)
    yield from _overused(wanted, given)
    never = len(set(wanted) - set(given))
    if never:
        yield f"It never answers {never} of the gold's {len(wanted)} different emoji."


def _tagged(tags: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Name the kinds of mistake by their rules, the most frequent first."""
    counts = Counter(tag for own in tags for tag in own)
    if counts:
        told = "; ".join(
            f"{tag.replace('-', ' ')} in {count / len(tags) * 100:.0f} % of texts ({RULES[tag]})"
            for tag, count in counts.most_common(3)
        )
        yield f"Its most frequent mistakes: {told}."


def _missed(wanted: Counter[str], hits: Counter[str]) -> Iterator[str]:
    missed = Counter({emoji: count - hits[emoji] for emoji, count in wanted.items()})
    top = [(emoji, count) for emoji, count in _most(missed) if count > 0]
    if top:
        told = ", ".join(f"{emoji} {count} of {wanted[emoji]} times" for emoji, count in top)
        yield f"It misses most often: {told}."


def _overused(wanted: Counter[str], given: Counter[str]) -> Iterator[str]:
    excess = Counter({emoji: count - wanted[emoji] for emoji, count in given.items()})
    top = [emoji for emoji, count in _most(excess) if count >= 3]
    if top:
        told = ", ".join(f"{emoji} {given[emoji]} times (gold {wanted[emoji]})" for emoji in top)
        yield f"It answers too often: {told}."


def _most(counts: Counter[str]) -> list[tuple[str, int]]:
    """Return the most frequent, ties in the order of the emoji."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]
