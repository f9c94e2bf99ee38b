"""The teacher `lexicon`: Japanese keywords to emoji by rules. It is no language model."""

from __future__ import annotations

import unicodedata
from typing import Self

from deshi.api import ComponentError, Env, Reply, Request, UsageError
from deshi.emoji import MAX_EMOJI, canonical, inventory
from deshi_plugins.teachers.choice import TASTES, choose, seeded
from deshi_plugins.teachers.cues import cues
from deshi_plugins.teachers.keywords import Keywords
from deshi_plugins.teachers.morphemes import Morphemes
from deshi_plugins.teachers.params import LexiconParams


class Lexicon:
    """Labels texts by rules: no language model, no network, deterministic answers.

    It finds words of CLDR's Japanese annotations and of its own tables on lemmas, minds negation,
    questions and exclamations, and shows the best one to five emoji. It understands nothing; it is
    there so that every step can run, and be tested, without a paid call. Sample 0 is the plain
    answer; further samples vary by seeded noise, as a language model would. With a `seed` all do.
    """

    def __init__(self, params: LexiconParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._keywords: tuple[Morphemes, Keywords] | None = None
        if params.overuse_share and canonical(params.overuse_emoji) is None:
            raise UsageError(
                f"{params.overuse_emoji!r} is not an emoji",
                where="overuse-emoji",
                fix="set one emoji of Emoji 16.0, or set overuse-share to 0",
            )

    def __enter__(self) -> Self:
        self._load()
        return self

    def __exit__(self, *exception: object) -> None:
        self._keywords = None

    async def answer(self, request: Request) -> Reply:
        """Return emoji separated by spaces."""
        if request.task != "label":
            raise ComponentError(
                f"lexicon does not support the task {request.task}",
                where="teacher",
                fix="it only labels texts",
            )
        emojis = self.label(request.text, self._variant(request.sample))
        return Reply(content=" ".join(emojis), model=f"lexicon ({self.params.prefer}, rules)")

    def label(self, text: str, sample: int = 0) -> list[str]:
        """Return one to five distinct canonical emoji."""
        stream = seeded("stray", text, sample)
        if self.params.stray_share and stream.random() < self.params.stray_share:
            return stream.sample(list(inventory()), stream.randint(1, MAX_EMOJI))
        morphemes, keywords = self._load()
        plain = unicodedata.normalize("NFKC", text)
        hits = keywords.find(morphemes.split(plain))
        key = f"{self.params.prefer}\x1f{text}"
        emojis = choose(hits, cues(plain), TASTES[self.params.prefer], key, sample)
        return self._overused(emojis, text, sample)

    def _variant(self, sample: int) -> int:
        """Return the number of the noise: 0 is none, and no two seeds share any."""
        return sample if self.params.seed == 0 else self.params.seed * 1_000_000 + sample

    def has_keyword(self, text: str) -> bool:
        """Return whether a text has any word of the tables."""
        morphemes, keywords = self._load()
        return bool(keywords.find(morphemes.split(unicodedata.normalize("NFKC", text))))

    def _overused(self, emojis: list[str], text: str, sample: int) -> list[str]:
        extra = canonical(self.params.overuse_emoji) if self.params.overuse_share else None
        if extra is None or extra in emojis:
            return emojis
        if seeded("overuse", extra, text, sample).random() >= self.params.overuse_share:
            return emojis
        return [*emojis[: MAX_EMOJI - 1], extra]

    def _load(self) -> tuple[Morphemes, Keywords]:
        if self._keywords is None:
            morphemes = Morphemes()
            self._keywords = (morphemes, Keywords(morphemes))
        return self._keywords
