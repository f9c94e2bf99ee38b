"""A ranked choice of one to five emoji from the keywords and cues of a text."""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from deshi.emoji import MAX_EMOJI, inventory
from deshi_plugins.teachers.cues import Cues
from deshi_plugins.teachers.keywords import Hit

Prefer: TypeAlias = Literal["concrete", "faces"]

_EXCLAMATION = 1.3
_REPEATED = 0.5
_FACE_SUBGROUPS = frozenset(
    {"cat-face", "monkey-face", "heart", "emotion", "person-gesture", "hands"}
)
_GAP = 0.5
_QUESTION = 0.55
_CHANGE_OF_MOOD = 0.4

_MOODS: Mapping[str, tuple[str, ...]] = {
    "question": ("🤔", "🧐", "🙄"),
    "exclamation": ("😆", "😲", "😄", "🤩"),
    "food-drink": ("😋", "🤤", "☺️", "😋"),
    "animals-nature": ("🥰", "😊", "😌", "😍"),
    "travel-places": ("😌", "🤩", "😮", "😎"),
    "activities": ("😆", "🤩", "😄", "🤗"),
    "written": ("🧐", "🤓", "😲", "😌", "😮", "🙂"),
    "polite": ("😊", "🙂", "😌", "😄", "☺️"),
    "plain": ("🙂", "😌", "😊", "😅", "😮", "😄", "😏", "😗"),
}
_FALLBACKS: Mapping[str, tuple[str, ...]] = {
    "question": ("🤔", "❓", "💭", "🧐"),
    "exclamation": ("😲", "🙌", "❗", "😆", "👀"),
    "speech": ("💬", "🗣️", "👂", "🙂"),
    "written": ("📝", "📖", "🔎", "💡", "🧐", "📌"),
    "polite": ("🙂", "😊", "🍀", "🙏", "📝"),
    "plain": ("🙂", "💭", "😌", "👀", "📝", "😅", "🍃"),
}


@dataclass(frozen=True, slots=True)
class Taste:
    """How much a teacher shows of what: the gap to the best that still counts, and how many."""

    prefer: Prefer
    things: int
    faces: int
    noise: float


TASTES: Mapping[Prefer, Taste] = {
    "concrete": Taste("concrete", things=3, faces=1, noise=0.2),
    "faces": Taste("faces", things=1, faces=2, noise=0.2),
}


def seeded(*parts: object) -> random.Random:
    """Return a generator whose stream depends on the parts alone, on every machine."""
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode("utf-8", "replace")).digest()
    return random.Random(int.from_bytes(digest[:8], "big"))  # noqa: S311


def choose(hits: Iterable[Hit], cues: Cues, taste: Taste, key: str, sample: int) -> list[str]:
    """Return one to five distinct emoji, those of the preferred sort first.

    Sample 0 follows the scores. Every other sample adds Gumbel noise to their logarithms, which
    samples from the softmax of the scores, seeded by `key` and `sample`.
    """
    scores = _scores(hits, cues)
    stream = seeded("sample", key, sample)
    if sample:
        scores = {emoji: _noisy(score, taste.noise, stream) for emoji, score in scores.items()}
    ranked = sorted(scores, key=lambda emoji: -scores[emoji])
    things = _leading([e for e in ranked if not is_emotive(e)], scores, taste.things)
    faces = _leading([e for e in ranked if is_emotive(e)], scores, taste.faces)
    mood_stream = seeded("mood", key, sample if sample and stream.random() < _CHANGE_OF_MOOD else 0)
    if taste.prefer == "faces":
        return ((faces or [_mood(cues, things, mood_stream)]) + things)[:MAX_EMOJI]
    if things:
        # A weak feeling beside a strong thing is left out, as is a third sort of emphasis.
        faces = [face for face in faces if scores[face] >= _GAP * scores[things[0]]]
    return (things + faces)[:MAX_EMOJI] or [_fallback(cues, mood_stream)]


def is_emotive(emoji: str) -> bool:
    """Tell whether an emoji shows a feeling rather than a thing: faces, hearts, gestures."""
    subgroup = inventory()[emoji].subgroup
    return subgroup.startswith("face-") or subgroup in _FACE_SUBGROUPS


def is_face(emoji: str) -> bool:
    """Tell whether an emoji is a face."""
    return inventory()[emoji].subgroup.startswith("face-")


def _scores(hits: Iterable[Hit], cues: Cues) -> dict[str, float]:
    """Return the score of each emoji: its best reason, and half of each further one."""
    reasons: dict[str, dict[float, float]] = {}
    for hit in hits:
        # The point of a sentence is at its end, feelings above all.
        factor = 0.8 + 0.4 * hit.position if hit.source == "emotion" else 1.0
        for emoji, weight in hit.senses:
            loud = _EXCLAMATION if cues.exclamation and is_emotive(emoji) else 1.0
            positions = reasons.setdefault(emoji, {})
            positions[hit.position] = max(positions.get(hit.position, 0.0), weight * factor * loud)
    if cues.question:
        reasons.setdefault("🤔", {})[1.0] = _QUESTION
    return {emoji: _total(positions.values()) for emoji, positions in reasons.items()}


def _total(weights: Collection[float]) -> float:
    return max(weights) + _REPEATED * (sum(weights) - max(weights))


def _noisy(score: float, noise: float, stream: random.Random) -> float:
    uniform = min(max(stream.random(), 1e-12), 1 - 1e-12)
    return score * math.exp(-noise * math.log(-math.log(uniform)))


def _leading(ranked: Sequence[str], scores: Mapping[str, float], most: int) -> list[str]:
    if not ranked:
        return []
    floor = _GAP * scores[ranked[0]]
    return [emoji for emoji in ranked[:most] if scores[emoji] >= floor]


def _mood(cues: Cues, things: Sequence[str], stream: random.Random) -> str:
    if cues.question:
        return stream.choice(_MOODS["question"])
    if cues.exclamation:
        return stream.choice(_MOODS["exclamation"])
    group = inventory()[things[0]].group if things else ""
    return stream.choice(_MOODS.get(group) or _MOODS[_register(cues)])


def _fallback(cues: Cues, stream: random.Random) -> str:
    if cues.question or cues.exclamation:
        return stream.choice(_FALLBACKS["question" if cues.question else "exclamation"])
    return stream.choice(_FALLBACKS["speech" if cues.speech else _register(cues)])


def _register(cues: Cues) -> str:
    return "polite" if cues.polite else "written" if cues.written else "plain"
