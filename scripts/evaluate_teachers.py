"""Prints what the offline labelling teachers are worth: `python scripts/evaluate_teachers.py`.

Agreement is measured on the sentences of the embedded sample that carry references. The tables of the
teachers were extended with the texts of that sample in view, though not fitted to its references, so
agreement and coverage flatter: other texts will give less. The round trip leaves out keywords that
the tables give a meaning of their own. `--misses` lists
sentences for which a teacher found nothing.
"""

from __future__ import annotations

import argparse
import itertools
import math
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from deshi.api import Env, NoParams, Text
from deshi.emoji import inventory
from deshi_plugins.corpora.packaged import Sample
from deshi_plugins.teachers.choice import is_face
from deshi_plugins.teachers.lexicon import Lexicon, LexiconParams
from deshi_plugins.teachers.word_tables import unambiguous

POLARITY = Path(__file__).parents[1] / "tests" / "plugins" / "teachers" / "polarity.tsv"
ENTRIES = {
    "lexicon": LexiconParams(prefer="concrete"),
    "lexicon-faces": LexiconParams(prefer="faces"),
}
_GLAD = {"face-smiling", "face-affection", "face-tongue", "face-hat", "face-glasses"}
_SAD = {"face-concerned", "face-negative", "face-unwell"}
_EITHER = {"🥹": "+", "🤗": "+", "😌": "+", "😂": "+", "🤣": "+", "😭": "", "😮‍💨": "", "🥱": "-"}


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--misses", action="store_true", help="list texts that nothing was found in"
    )
    options = parser.parse_args()
    texts = list(Sample(NoParams(), Env()).texts())
    answers = {}
    for name, params in ENTRIES.items():
        with Lexicon(params, Env()) as teacher:
            answers[name] = [teacher.label(text.text) for text in texts]
            _print_teacher(name, teacher, texts, answers[name])
            if options.misses:
                _print_misses(teacher, texts)
    _print_swap(*answers.values())


def best_jaccard(answer: Sequence[str], references: Iterable[Sequence[str]]) -> float:
    """Return the greatest Jaccard similarity to any reference set."""
    return max(jaccard(answer, reference) for reference in references)


def jaccard(one: Sequence[str], other: Sequence[str]) -> float:
    """Return the Jaccard similarity of two sets that are not both empty."""
    return len(set(one) & set(other)) / len(set(one) | set(other))


def hit(answer: Sequence[str], references: Iterable[Sequence[str]]) -> bool:
    """Tell whether one of the first three emoji is in any reference set."""
    return bool(set(answer[:3]) & set(itertools.chain(*references)))


def polarity(answer: Sequence[str]) -> str:
    """Return `+`, `-` or nothing: the side of the first face that takes one."""
    for emoji in answer:
        subgroup = inventory()[emoji].subgroup
        side = "+" if subgroup in _GLAD else "-" if subgroup in _SAD else ""
        side = _EITHER.get(emoji, side)
        if side:
            return side
    return ""


def polarity_accuracy(teacher: Lexicon) -> float:
    """Return the share of sentences with a feeling whose first face is on the right side."""
    rows = [line.split("\t") for line in POLARITY.read_text(encoding="utf-8").splitlines()]
    return _mean(polarity(teacher.label(text)) == side for text, side in rows)


def round_trip(teacher: Lexicon) -> float:
    """Return the share of keywords of exactly one emoji that are answered with it first."""
    return _mean(teacher.label(keyword)[0] == emoji for keyword, emoji in unambiguous())


def effective_number(emojis: Iterable[str]) -> float:
    """Return the exponential of the entropy: how many emoji, equally used, vary as much."""
    shares = _shares(emojis)
    return math.exp(-sum(share * math.log(share) for share in shares.values()))


def divergence(one: Iterable[str], other: Iterable[str]) -> float:
    """Return the Jensen-Shannon divergence of two distributions of emoji, in bits."""
    left, right = _shares(one), _shares(other)
    total = 0.0
    for emoji in left.keys() | right.keys():
        middle = (left.get(emoji, 0) + right.get(emoji, 0)) / 2
        for share in (left.get(emoji, 0), right.get(emoji, 0)):
            total += share * math.log2(share / middle) / 2 if share else 0
    return total


def _print_teacher(
    name: str, teacher: Lexicon, texts: Sequence[Text], answers: Sequence[Sequence[str]]
) -> None:
    emojis = list(itertools.chain(*answers))
    start = time.perf_counter()
    again = [teacher.label(text.text, 1) for text in texts]
    speed = (time.perf_counter() - start) / len(texts)
    both = [(text, a) for text, a in zip(texts, answers, strict=True) if text.references]
    print(f"\n{name}: {len(texts)} texts, {len(both)} with references")
    _line("best-of-references Jaccard", _mean(best_jaccard(a, t.references) for t, a in both))
    _line("hit@3", _mean(hit(a, t.references) for t, a in both))
    _line("self-agreement (Jaccard)", _mean(map(jaccard, answers, again)))
    _line("mean number of emoji", len(emojis) / len(texts))
    _line("distinct emoji", len(set(emojis)))
    _line("effective number", effective_number(emojis))
    _line("share of the most frequent", max(_shares(emojis).values()))
    _line("share of faces", _mean(is_face(emoji) for emoji in emojis))
    _line("coverage (not a fallback)", _mean(teacher.found(text.text) for text in texts))
    _line("CLDR round-trip hit@1", round_trip(teacher))
    _line("polarity accuracy", polarity_accuracy(teacher))
    _line("milliseconds a text", 1000 * speed)
    print("  ", " ".join(f"{emoji} {n}" for emoji, n in Counter(emojis).most_common(12)))
    _print_themes(teacher, texts, both)


def _print_themes(
    teacher: Lexicon, texts: Sequence[Text], both: Sequence[tuple[Text, Sequence[str]]]
) -> None:
    covered, hits = defaultdict(list), defaultdict(list)
    for text in texts:
        covered[text.meta["theme"]].append(teacher.found(text.text))
    for text, answer in both:
        hits[text.meta["theme"]].append(hit(answer, text.references))
    print("   theme: coverage, hit@3")
    for theme in sorted(covered):
        print(f"   {theme:<12}{_mean(covered[theme]):6.2f}{_mean(hits[theme]):6.2f}")


def _print_misses(teacher: Lexicon, texts: Sequence[Text]) -> None:
    for text in texts:
        if not teacher.found(text.text):
            print("   nothing:", text.text)


def _print_swap(one: Sequence[Sequence[str]], other: Sequence[Sequence[str]]) -> None:
    print("\nlexicon against lexicon-faces")
    _line("mean Jaccard", _mean(map(jaccard, one, other)))
    _line("JS divergence (bits)", divergence(itertools.chain(*one), itertools.chain(*other)))


def _shares(emojis: Iterable[str]) -> dict[str, float]:
    counts = Counter(emojis)
    return {emoji: count / counts.total() for emoji, count in counts.items()}


def _mean(values: Iterable[float]) -> float:
    taken = list(values)
    return sum(taken) / len(taken)


def _line(name: str, value: float) -> None:
    print(f"   {name:<30}{value:8.3f}")


if __name__ == "__main__":
    main()
