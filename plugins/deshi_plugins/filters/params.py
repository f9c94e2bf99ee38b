"""Parameters of the built-in filters, in a module that imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from deshi.api import Help
from deshi.emoji import MAX_EMOJI
from deshi_plugins.filters.assistant_phrases import PREFACES, REFUSALS, REMARKS
from deshi_plugins.filters.label_restriction import Action

_TERMS = (
    "性行為",
    "性交",
    "ポルノ",
    "アダルト",
    "風俗",
    "売春",
    "淫行",
    "殺人",
    "虐殺",
    "拷問",
    "処刑",
    "惨殺",
)
# False matches of the terms in 65,000 sentences of Wikipedia, and similar words.
_KEEP = (
    "風俗史",
    "風俗画",
    "風俗文選",
    "風俗習慣",
    "風俗や習慣",
    "風俗研究",
    "風俗資料",
    "風俗博物館",
    "民俗風俗",
    "男性交",
    "女性交",
    "異性交",
    "同性交",
    "ヤングアダルト",
    "アダルト・コンテンポラリー",
    "アダルトコンテンポラリー",
    "アダルトチルドレン",
    "ポルノグラフィティ",
    "殺人的",
)


@dataclass(frozen=True, kw_only=True)
class BalanceParams:
    """Parameters of `balance`."""

    max_share: Annotated[
        float, Help("Maximum share of the training texts with the same emoji.", gt=0, le=1)
    ] = 0.1


@dataclass(frozen=True, kw_only=True)
class BannedEmojiParams:
    """Parameters of `banned-emoji`."""

    emojis: Annotated[tuple[str, ...], Help("The emoji that no label may have.")] = ("✨",)
    action: Annotated[
        Action, Help("Drop the text (`drop-sample`) or only the emoji (`drop-label`).")
    ] = "drop-sample"


@dataclass(frozen=True, kw_only=True)
class EmojiCountParams:
    """Parameters of `emoji-count`."""

    min: Annotated[int, Help("Minimum number of emoji.", ge=1)] = 1
    max: Annotated[int, Help("Maximum number of emoji.", ge=1)] = MAX_EMOJI


@dataclass(frozen=True, kw_only=True)
class FaithfulParams:
    """Parameters of `faithful`."""

    tolerance: Annotated[
        float,
        Help(
            "Maximum share of the source's numbers and names that a rewrite may lose.", ge=0, lt=1
        ),
    ] = 0.25


@dataclass(frozen=True, kw_only=True)
class LanguageLeakageParams:
    """Parameters of `language-leakage`."""

    min_latin: Annotated[int, Help("Minimum letters of a Latin word that counts.", ge=1)] = 3
    allow: Annotated[
        tuple[str, ...], Help("Latin words common in casual Japanese, case ignored.")
    ] = ("bgm", "diy", "dvd", "line", "lol", "orz", "sns", "wow", "youtube")


@dataclass(frozen=True, kw_only=True)
class LengthParams:
    """Parameters of `length`."""

    min: Annotated[int, Help("Minimum number of characters or tokens.", ge=0)] = 10
    max: Annotated[int, Help("Maximum number of characters or tokens.", ge=1)] = 100
    unit: Annotated[
        Literal["characters", "tokens"],
        Help("Count Unicode code points, or morphemes of fugashi with unidic-lite."),
    ] = "characters"


@dataclass(frozen=True, kw_only=True)
class MetaReplyParams:
    """Parameters of `meta-reply`."""

    patterns: Annotated[
        tuple[str, ...], Help("Regular expressions, matched at the start, case ignored.")
    ] = REFUSALS + PREFACES
    anywhere: Annotated[
        tuple[str, ...], Help("Regular expressions, searched everywhere, case ignored.")
    ] = REMARKS


@dataclass(frozen=True, kw_only=True)
class NearDuplicateParams:
    """Parameters of `near-duplicate`."""

    threshold: Annotated[
        float,
        Help("Character 3-gram Jaccard at which two texts are duplicates.", ge=0.5, le=1),
    ] = 0.8


@dataclass(frozen=True, kw_only=True)
class NsfwParams:
    """Parameters of `nsfw`."""

    terms: Annotated[tuple[str, ...], Help("Terms that drop a text.")] = _TERMS
    terms_file: (
        Annotated[Path, Help("A text file with further terms, one per line; # begins a comment.")]
        | None
    ) = None
    keep: Annotated[
        tuple[str, ...], Help("Longer words in which a term is allowed, such as 風俗史.")
    ] = _KEEP


@dataclass(frozen=True, kw_only=True)
class SelfAgreementParams:
    """Parameters of `self-agreement`."""

    at_least: Annotated[
        float, Help("Minimum mean pairwise Jaccard of a text's samples.", ge=0, le=1)
    ] = 0.2


@dataclass(frozen=True, kw_only=True)
class TopEmojiParams:
    """Parameters of `top-emoji`."""

    n: Annotated[int, Help("Number of emoji to keep.", ge=1)] = 100
    mode: Annotated[
        Action,
        Help("Drop a text with another emoji (`drop-sample`), or the emoji (`drop-label`)."),
    ] = "drop-sample"
