"""Ask a teacher in batches, which a server answers within hours."""

from __future__ import annotations

from collections.abc import Mapping

from deshi.api import Reply, Request
from deshi.execute.calls.runner import Desk, Runner


class Batching:
    """Hands over batches and collects what comes of them."""

    def __init__(self, desk: Desk, runner: Runner) -> None:
        self._desk = desk
        self._runner = runner

    async def ask(self, requests: Mapping[str, Request]) -> dict[str, Reply]:
        """Ask requests by key; return the replies."""
        return await self._runner.ask(requests)
