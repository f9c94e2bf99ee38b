"""The teacher `union`: the answers of several teachers, merged by weight."""

from __future__ import annotations

from collections.abc import Mapping

from deshi.api import ComponentError, Env, Reply, Request
from deshi.emoji import Mode, parse
from deshi_plugins.teachers.params_local import UnionParams


class Union:
    """Merges answers; the host queries each member like any teacher.

    An emoji weighs what the teachers that gave it weigh, once a teacher; ties go by the earliest
    rank, then by the order of the members. Teachers that failed have no voice; where less than
    `quorum` answered, the item fails.
    """

    def __init__(self, params: UnionParams, env: Env) -> None:
        self.params = params
        self.env = env

    async def answer(self, request: Request) -> Reply:
        """Refuse: there is nobody here to ask.

        Raises:
            ComponentError: always.
        """
        raise ComponentError(
            f"union does not support the task {request.task} by itself", where="teacher 'union'"
        )

    def merge(self, replies: Mapping[str, Reply]) -> Reply:
        """Return the merged answer of the members' answers, by the names of their entries."""
        weights = self.params.weights
        usable = {name: reply for name, reply in replies.items() if reply.finish == "stop"}
        voices = sum(weights[name] for name in usable)
        if voices < self.params.quorum * sum(weights.values()) - 1e-9:
            failed = ", ".join(f"{n}: {r.finish}" for n, r in replies.items() if n not in usable)
            return Reply(content=failed, finish="error", meta={"outcome": "no-quorum"})
        support: dict[str, float] = {}
        rank: dict[str, int] = {}
        for name, reply in usable.items():
            emojis = dict.fromkeys(parse(reply.content, mode=Mode.LABELS).emojis)
            for at, emoji in enumerate(emojis):
                support[emoji] = support.get(emoji, 0.0) + weights[name]
                rank[emoji] = min(rank.get(emoji, at), at)
        kept = [e for e, weight in support.items() if weight >= self.params.share * voices - 1e-9]
        ranked = sorted(kept, key=lambda emoji: (-support[emoji], rank[emoji]))
        content = " ".join(ranked[: self.params.most])
        return Reply(content=content, finish="stop" if content else "empty", model="union")
