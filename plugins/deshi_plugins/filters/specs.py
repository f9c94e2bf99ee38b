"""The built-in filters."""

from __future__ import annotations

from deshi.api import FilterSpec, Place

_TEXT: frozenset[Place] = frozenset({"source", "rewritten"})
_BATCHES = frozenset({"judges-batches"})
_LABELS: frozenset[Place] = frozenset({"labelled"})


def filter_specs() -> tuple[FilterSpec, ...]:
    """Return the specs of all built-in filters."""
    return (*_text_filters(), *_rewrite_filters(), *_label_filters())


def _text_filters() -> tuple[FilterSpec, ...]:
    return (
        FilterSpec(
            name="complete-sentence",
            target="deshi_plugins.filters.complete_sentence:CompleteSentence",
            summary="Drops headings, cut-off sentences and torn quotations.",
            places=_TEXT,
            capabilities=_BATCHES,
        ),
        FilterSpec(
            name="length",
            target="deshi_plugins.filters.length:Length",
            params="deshi_plugins.filters.params:LengthParams",
            summary="Drops texts of fewer than 10 or more than 100 characters.",
            places=_TEXT,
            capabilities=_BATCHES,
        ),
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
            summary="Drops texts with terms of sex and violence, but for harmless longer words.",
            places=_TEXT,
            capabilities=_BATCHES,
        ),
    )


def _rewrite_filters() -> tuple[FilterSpec, ...]:
    return (
        FilterSpec(
            name="strip-emoji",
            target="deshi_plugins.filters.strip_emoji:StripEmoji",
            summary="Removes the emoji from texts; drops those that were nothing else.",
            places=_TEXT,
            capabilities=_BATCHES,
        ),
        FilterSpec(
            name="meta-reply",
            target="deshi_plugins.filters.meta_reply:MetaReply",
            params="deshi_plugins.filters.params:MetaReplyParams",
            summary="Drops answers that begin with a refusal or a preface.",
            places=frozenset({"rewritten"}),
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
            name="banned-emoji",
            target="deshi_plugins.filters.banned_emoji:BannedEmoji",
            params="deshi_plugins.filters.params:BannedEmojiParams",
            summary="Drops texts labelled with a banned emoji, or that emoji alone.",
            places=_LABELS,
        ),
        FilterSpec(
            name="top-emoji",
            target="deshi_plugins.filters.top_emoji:TopEmoji",
            params="deshi_plugins.filters.params:TopEmojiParams",
            summary="Trains on the most frequent emoji of the training part alone.",
            places=_LABELS,
            training_only=True,
            capabilities=frozenset({"fits-first"}),
        ),
    )
