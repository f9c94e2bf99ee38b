"""The teacher `given`: the reference labels of the corpus."""

from __future__ import annotations

from deshi.api import Env, NoParams, Reply, Request


class CorpusLabels:
    """Returns a text's own labels, such as human labels; no language model.

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
