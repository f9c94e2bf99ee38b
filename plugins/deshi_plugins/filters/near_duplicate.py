"""The filter `near-duplicate`: of texts that nearly equal each other, keeps the first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deshi.api import Drop, Env, Item, Keep, Part, Text, Verdict
from deshi_plugins.filters.letters import letters
from deshi_plugins.filters.params import NearDuplicateParams

# 32 bands of 4 rows find a pair of Jaccard 0.7 with a probability of 0.9998, one of 0.5 with 0.87.
_PERMUTATIONS = 128
_BANDS = 32
_SEED = 1


class NearDuplicate:
    """Drops a text whose character 3-grams nearly equal those of an earlier text.

    MinHash finds the candidates, the exact Jaccard decides. Texts are compared within their part
    alone: which texts are tested must not depend on how many train, and a training text that
    nearly equals a test text is dropped by the flow in any case. It remembers what it kept from
    call to call, about 3.5 kB per text.
    """

    def __init__(self, params: NearDuplicateParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._kept: dict[Part, _Kept] = {}

    def decide(self, items: Sequence[Item]) -> Sequence[Verdict]:
        """Return one verdict per item; the detail is the Jaccard, then the kept text's id and text."""
        from rensa import RMinHash

        grams = [_grams(item.text.text) for item in items]
        sketches = RMinHash.from_token_sets(
            [sorted(gram_set) for gram_set in grams], num_perm=_PERMUTATIONS, seed=_SEED
        )
        return [
            self._verdict(item, gram_set, sketch)
            for item, gram_set, sketch in zip(items, grams, sketches, strict=True)
        ]

    def _verdict(self, item: Item, grams: set[str], sketch: Any) -> Verdict:  # noqa: ANN401
        if not grams:
            return Keep()
        kept = self._kept.setdefault(item.part, _Kept(self.params.threshold))
        similar, first = kept.nearest(grams, sketch)
        if similar >= self.params.threshold:
            return Drop("near-duplicate", f"{similar:.2f} {first}")
        kept.add(item.text, sketch)
        return Keep()


class _Kept:
    """The texts of one part that were kept, by the bands of their sketches."""

    def __init__(self, threshold: float) -> None:
        from rensa import RMinHashLSH

        self._index = RMinHashLSH(threshold, _PERMUTATIONS, _BANDS)
        self._texts: list[tuple[str, str]] = []

    def add(self, text: Text, sketch: Any) -> None:  # noqa: ANN401
        self._index.insert(len(self._texts), sketch)
        self._texts.append((text.id, text.text))

    def nearest(self, grams: set[str], sketch: Any) -> tuple[float, str]:  # noqa: ANN401
        """Return the highest Jaccard of a candidate and its name, the earliest of equals; or 0."""
        best, nearest = 0.0, ""
        for at in sorted(self._index.query(sketch)):
            identifier, text = self._texts[at]
            others = _grams(text)
            similar = len(grams & others) / len(grams | others)
            if similar > best:
                best, nearest = similar, f"{identifier}: {text}"
        return best, nearest


def _grams(text: str) -> set[str]:
    """Return the 3-grams of a text's letters; a shorter text is one gram."""
    compared = letters(text)
    return {compared[i : i + 3] for i in range(max(1, len(compared) - 2)) if compared}
