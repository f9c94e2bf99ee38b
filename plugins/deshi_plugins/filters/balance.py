"""The filter `balance`: thins out the texts that carry an over-frequent emoji."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Sequence

from deshi.api import ComponentError, Drop, Env, Item, Json, Keep, UsageError, Verdict
from deshi_plugins.filters.params import BalanceParams

_KEY = b"deshi balance 1"


class Balance:
    """Drops training texts until no emoji is carried by more than `max-share` of those left.

    Each text has a fixed position in [0, 1) by a keyed hash of its id, and each over-frequent emoji gets
    a limit: texts that carry it stay below. So more texts move none that stays to another position, and
    the same texts give the same choice. The emoji furthest over its share is reduced first. Test and
    validation texts are neither counted nor changed.
    """

    def __init__(self, params: BalanceParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._limits: dict[str, float] | None = None

    def learn(self, train: Iterable[Item]) -> Json:
        """Return `{"limits": {emoji: position}}`; an emoji without a limit is within its share.

        Raises:
            UsageError: there are too few kinds of emoji for any choice to keep to the share.
        """
        left = [(hash_position(item.text.id), _gold(item)) for item in train]
        self._check(left)
        counts = Counter(emoji for _, gold in left for emoji in gold)
        limits: dict[str, float] = {}
        while (worst := self._worst(counts, len(left))) is not None:
            carriers = sorted(position for position, gold in left if worst in gold)
            surplus = (counts[worst] - self.params.max_share * len(left)) / (
                1 - self.params.max_share
            )
            limits[worst] = carriers[max(1, len(carriers) - math.ceil(surplus))]
            gone = [gold for position, gold in left if worst in gold and position >= limits[worst]]
            left = [(position, gold) for position, gold in left if _stays(position, gold, limits)]
            counts.subtract(emoji for gold in gone for emoji in gold)
        state = {"limits": limits}
        self.restore(state)
        return state

    def restore(self, state: Json) -> None:
        """Take up what `learn` returned."""
        self._limits = dict(state["limits"])

    def decide(self, items: Sequence[Item]) -> Sequence[Verdict]:
        """Return one verdict per item; the detail names the over-frequent emoji."""
        if self._limits is None:
            raise ComponentError(
                "it is not fitted", where="filter balance", fix="call learn or restore"
            )
        return [self._verdict(item, self._limits) for item in items]

    def _verdict(self, item: Item, limits: dict[str, float]) -> Verdict:
        position, gold = hash_position(item.text.id), _gold(item)
        if _stays(position, gold, limits):
            return Keep()
        return Drop(
            "over-frequent", " ".join(sorted(e for e in gold if position >= limits.get(e, 1)))
        )

    def _worst(self, counts: Counter[str], texts: int) -> str | None:
        """Return the emoji that is furthest over its share; one text's emoji never is."""
        most = max(1.0, self.params.max_share * texts)
        over = [(-count, emoji) for emoji, count in counts.items() if count > most]
        return min(over)[1] if over else None

    def _check(self, texts: Sequence[tuple[float, frozenset[str]]]) -> None:
        kinds = len({emoji for _, gold in texts for emoji in gold})
        if kinds and len(texts) * self.params.max_share >= 1 > kinds * self.params.max_share:
            raise UsageError(
                f"max-share = {self.params.max_share:g} is impossible: the {len(texts)} training "
                f"texts have {kinds} emoji, so that one is on at least {1 / kinds:.0%} of them",
                where="filter balance",
                fix=f"set max-share to {math.ceil(100 / kinds) / 100:g} or more",
            )


def hash_position(identifier: str) -> float:
    """Return a text's fixed position in [0, 1)."""
    digest = hashlib.blake2b(
        identifier.encode("utf-8", "surrogatepass"), key=_KEY, digest_size=8
    ).digest()
    return (int.from_bytes(digest, "big") >> 11) / 2**53


def _stays(position: float, gold: frozenset[str], limits: dict[str, float]) -> bool:
    return all(position < limits.get(emoji, 1) for emoji in gold)


def _gold(item: Item) -> frozenset[str]:
    return frozenset(item.samples[0] if item.samples else ())
