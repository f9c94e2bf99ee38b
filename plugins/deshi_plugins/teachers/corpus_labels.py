"""The teacher `given`: the labels that came with the corpus, as if somebody had been asked."""

from __future__ import annotations

from deshi.api import Env, NoParams, Reply, Request


class CorpusLabels:
    """Gives back a text's own labels, so that students learn from people; no language model.

    Of several label sets, the first sample gives the first, the next the next, and so on around. A
    text without any is a refusal.
    """

    def __init__(self, params: NoParams, env: Env) -> None:
        self.params = params
        self.env = env

    async def answer(self, request: Request) -> Reply:
        """Return the label set."""
        if not request.references:
            return Reply(content="no label came with this text", finish="refusal")
        return Reply(content="".join(request.references[request.sample % len(request.references)]))
