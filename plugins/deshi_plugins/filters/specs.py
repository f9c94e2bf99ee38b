"""The built-in filters."""

from __future__ import annotations

from deshi.api import FilterSpec, Needs, Place

_TEXT: frozenset[Place] = frozenset({"source", "rewritten"})
_REWRITTEN: frozenset[Place] = frozenset({"rewritten"})
_BATCHES = frozenset({"decides-batches"})
_LABELS: frozenset[Place] = frozenset({"labelled"})


def filter_specs() -> tuple[FilterSpec, ...]:
    """Return the specs of all built-in filters."""
    return (
        *_text_filters(),
        *_content_filters(),
        *_rewrite_filters(),
        *_label_filters(),
        *_training_filters(),
    )


def _text_filters() -> tuple[FilterSpec, ...]:
    return (
        FilterSpec(
            name="complete-sentence",
            target="deshi_plugins.filters.complete_sentence:CompleteSentence",
            summary="Drops headings, cut-off sentences and unbalanced quotations.",
            places=_TEXT,
            capabilities=_BATCHES,
        ),
        FilterSpec(
            name="length",
            target="deshi_plugins.filters.length:Length",
            params="deshi_plugins.filters.params:LengthParams",
            summary="Drops texts of fewer than 10 or more than 100 characters, or tokens.",
            places=_TEXT,
            capabilities=_BATCHES,
        ),
    )


def _content_filters() -> tuple[FilterSpec, ...]:
    return (
        FilterSpec(
            name="script",
            target="deshi_plugins.filters.script:Script",
            summary="Drops texts without kana or kanji, and garbled ones.",
            revision=2,
            places=_TEXT,
            capabilities=_BATCHES,
        ),
        FilterSpec(
            name="nsfw",
            target="deshi_plugins.filters.nsfw:Nsfw",
            params="deshi_plugins.filters.params:NsfwParams",
            summary="Drops texts with sexual or violent terms, except within harmless longer words.",
            places=_TEXT,
            capabilities=_BATCHES,
        ),
        FilterSpec(
            name="near-duplicate",
            target="deshi_plugins.filters.near_duplicate:NearDuplicate",
            params="deshi_plugins.filters.params:NearDuplicateParams",
            summary="Drops near-duplicates of an earlier text.",
            places=_TEXT,
            needs=Needs(extras=("filters",), modules=("rensa",)),
        ),
    )


def _rewrite_filters() -> tuple[FilterSpec, ...]:
    return (
        FilterSpec(
            name="strip-emoji",
            target="deshi_plugins.filters.strip_emoji:StripEmoji",
            summary="Removes the emoji from texts; drops texts of emoji alone.",
            places=_TEXT,
            capabilities=_BATCHES,
        ),
        FilterSpec(
            name="meta-reply",
            target="deshi_plugins.filters.meta_reply:MetaReply",
            params="deshi_plugins.filters.params:MetaReplyParams",
            summary="Drops rewrites with a refusal, a preface or an assistant's remark.",
            places=_REWRITTEN,
        ),
        FilterSpec(
            name="language-leakage",
            target="deshi_plugins.filters.language_leakage:LanguageLeakage",
            params="deshi_plugins.filters.params:LanguageLeakageParams",
            summary="Drops rewrites with Latin words or Chinese characters not in the source.",
            places=_REWRITTEN,
        ),
        FilterSpec(
            name="faithful",
            target="deshi_plugins.filters.faithful:Faithful",
            params="deshi_plugins.filters.params:FaithfulParams",
            summary="Drops rewrites that lose the numbers and names of their source.",
            places=_REWRITTEN,
        ),
    )


def _label_filters() -> tuple[FilterSpec, ...]:
    return (
        FilterSpec(
            name="emoji-count",
            target="deshi_plugins.filters.emoji_count:EmojiCount",
            params="deshi_plugins.filters.params:EmojiCountParams",
            summary="Drops labels of fewer than 1 or more than 5 emoji.",
            places=_LABELS,
        ),
        FilterSpec(
            name="only-emoji",
            target="deshi_plugins.filters.only_emoji:OnlyEmoji",
            summary="Drops labels parsed from a teacher's answer with non-emoji text.",
            places=_LABELS,
        ),
        FilterSpec(
            name="banned-emoji",
            target="deshi_plugins.filters.banned_emoji:BannedEmoji",
            params="deshi_plugins.filters.params:BannedEmojiParams",
            summary="Drops texts labelled with a banned emoji, or only that emoji.",
            places=_LABELS,
        ),
    )


def _training_filters() -> tuple[FilterSpec, ...]:
    return (
        FilterSpec(
            name="top-emoji",
            target="deshi_plugins.filters.top_emoji:TopEmoji",
            params="deshi_plugins.filters.params:TopEmojiParams",
            summary="Restricts training labels to the most frequent emoji of the training part.",
            places=_LABELS,
            training_only=True,
            capabilities=frozenset({"fits-first"}),
        ),
        FilterSpec(
            name="balance",
            target="deshi_plugins.filters.balance:Balance",
            params="deshi_plugins.filters.params:BalanceParams",
            summary="Drops training texts until no emoji is in more than a given share of them.",
            places=_LABELS,
            training_only=True,
            capabilities=frozenset({"fits-first"}),
        ),
        FilterSpec(
            name="self-agreement",
            target="deshi_plugins.filters.self_agreement:SelfAgreement",
            params="deshi_plugins.filters.params:SelfAgreementParams",
            summary="Drops training texts on which the teacher's own samples disagree.",
            places=_LABELS,
            training_only=True,
            samples=2,
        ),
    )
