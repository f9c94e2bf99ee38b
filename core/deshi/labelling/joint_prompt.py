"""One call for both tasks: a prompt that asks for the rewritten text and its emoji at once.

The answer is JSON, `{"post": "...", "emoji": ["...", "..."]}`, and is kept raw as any other. Where the
row's teacher rewrites and labels with one merged prompt, both tasks have the very same request, so
that it is sent, and paid, once: what was rewritten is remembered by the text that it came from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import msgspec

from deshi.api import Item, Reply, Request
from deshi.benchmark.part import TeacherPart
from deshi.labelling.refusals import is_refusal
from deshi.labelling.teacher_client import TeacherClient


class _JointReply(msgspec.Struct):
    post: str
    emoji: list[str] | str


def is_joint(labeller: TeacherPart, rewriter: TeacherPart | None) -> bool:
    """Say whether one call answers both tasks: two parts are one teacher with a merged prompt."""
    return rewriter is not None and labeller.is_merged and labeller.answers_as(rewriter)


def rewrite_requests(rewriter: TeacherPart, requests: Sequence[Request]) -> list[Request]:
    """Return requests to rewrite as the rewriter's prompt has them; a merged one asks for labels."""
    return [replace(r, task="label" if rewriter.is_merged else "rewrite") for r in requests]


@dataclass
class Tasks:
    """Requests of a rewriter and a labeller, and what their raw answers say about each task."""

    rewriter: TeacherClient | None
    labeller: TeacherClient
    _originals: dict[str, str] = field(default_factory=dict)

    def to_rewrite(self, items: Sequence[Item]) -> list[Request]:
        """Return the requests that rewrite items; a merged one is the request for a label."""
        assert self.rewriter is not None
        self._originals.update((item.text.id, item.text.text) for item in items)
        requests = self.rewriter.requests("rewrite", [item.text.text for item in items])
        return rewrite_requests(self.rewriter.part, requests)

    def to_label(self, items: Sequence[Item], samples: int) -> list[Request]:
        """Return the requests for the labels of items, sample by sample within an item."""
        requests = self.labeller.label_requests([item.text for item in items], samples)
        rewriter = self.rewriter.part if self.rewriter else None
        if not is_joint(self.labeller.part, rewriter):
            return requests
        texts = [self._originals[item.text.id] for item in items for _ in range(samples)]
        return [replace(r, text=text) for r, text in zip(requests, texts, strict=True)]

    def rewritten(self, reply: Reply, original: str) -> Reply:
        """Return what an answer says as the rewritten text."""
        assert self.rewriter is not None
        return rewritten_reply(self.rewriter.part, reply, original)

    def labels(self, reply: Reply) -> Reply:
        """Return what an answer says as the labels."""
        return read_reply(reply, "", "emoji" if self.labeller.part.is_merged else "")


def rewritten_reply(rewriter: TeacherPart, reply: Reply, original: str) -> Reply:
    """Return what a rewriter's answer says as the rewritten text."""
    return read_reply(reply, original, "post" if rewriter.is_merged else "")


def read_reply(reply: Reply, original: str, member: str) -> Reply:
    """Return a reply with the content that counts: of a merged answer, one member.

    A refusal in words becomes one by `finish`; what is no JSON, an error. `meta` then has the
    `outcome` that the item is dropped for.
    """
    if reply.finish != "stop":
        return reply
    if is_refusal(reply.content, original):
        return replace(reply, finish="refusal", meta={**reply.meta, "outcome": "soft-refusal"})
    if not member:
        return reply
    content = reply.content
    try:
        joint = msgspec.json.decode(
            content[max(content.find("{"), 0) : content.rfind("}") + 1], type=_JointReply
        )
    except msgspec.DecodeError:
        return replace(reply, finish="error", meta={**reply.meta, "outcome": "unreadable"})
    emoji = joint.emoji if isinstance(joint.emoji, str) else " ".join(joint.emoji)
    return replace(reply, content=joint.post if member == "post" else emoji)
