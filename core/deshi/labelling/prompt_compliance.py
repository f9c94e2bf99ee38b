"""How often a teacher's answers follow the rules of its prompt.

A rule that is broken drops nothing: that is for filters. An answer may break several.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from deshi.api import Reply, Task
from deshi.emoji import MAX_EMOJI, Mode, canonical, parse


@dataclass
class Compliance:
    """Counts by task: answers, those that keep every rule, those that break each, failures by kind.

    `format` is kept by emoji alone, apart by one space each, in a line: what a strict parser takes.
    """

    banned: Collection[str] = ()
    counts: dict[Task, Counter[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.banned = {canonical(emoji) or emoji for emoji in self.banned}

    def count(self, task: Task, reply: Reply) -> None:
        """Count one answer, as `joint_prompt` read it."""
        counts = self.counts.setdefault(task, Counter())
        counts["answers"] += 1
        if reply.finish != "stop":
            counts[str(reply.meta.get("outcome", reply.finish))] += 1
            return
        text = reply.content
        broken = label_faults(text, self.banned) if task == "label" else rewrite_faults(text)
        counts.update(broken or ["compliant"])

    def figures(self) -> dict[str, dict[str, int]]:
        """Return the counts of each task."""
        return {task: dict(sorted(counts.items())) for task, counts in self.counts.items()}


def label_faults(content: str, banned: Collection[str]) -> list[str]:
    """Return the rules that an answer made of emoji breaks.

    `other-text`: something that is no emoji; `no-emoji`; `too-many-emoji`; `repeated`; `banned-emoji`;
    `format`: only emoji, but not apart by one space each, in a line.
    """
    parsed = parse(content, mode=Mode.LABELS)
    emojis = parsed.emojis
    rules: Mapping[str, bool] = {
        "other-text": parsed.unknown > 0,
        "no-emoji": not emojis,
        "too-many-emoji": len(emojis) > MAX_EMOJI,
        "repeated": len(set(emojis)) < len(emojis),
        "banned-emoji": any(emoji in banned for emoji in emojis),
        "format": not parsed.unknown and not _is_strict(content, len(emojis)),
    }
    return [rule for rule, broken in rules.items() if broken]


def rewrite_faults(content: str) -> list[str]:
    """Return the rules that a rewritten text breaks: it has emoji, several lines, or nothing."""
    text = content.strip()
    rules: Mapping[str, bool] = {
        "empty": not text,
        "with-emoji": bool(parse(text, mode=Mode.TEXT).emojis),
        "several-lines": "\n" in text,
    }
    return [rule for rule, broken in rules.items() if broken]


def _is_strict(content: str, emojis: int) -> bool:
    parts = content.strip().split(" ")
    is_single = all(len(parse(part, mode=Mode.LABELS).emojis) == 1 for part in parts)
    return len(parts) == emojis and is_single
