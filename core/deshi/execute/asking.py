"""Ask a teacher: what the ledger holds is read, the rest is asked, stored raw, then returned."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from deshi.api import ComponentError, Item, Json, Reply, Request, Task, Teacher
from deshi.execute.ledger import Ledger, request_key

_AT_ONCE = 16


@dataclass
class Asking:
    """A teacher with its identity, its prompt and the ledger; `asked` counts what was not stored."""

    teacher: Teacher
    part: Mapping[str, Json]
    ledger: Ledger
    asked: int = 0
    reused: int = 0

    def requests(self, task: Task, texts: Sequence[str], samples: int = 1) -> list[Request]:
        """Return the requests for texts, sample by sample within a text."""
        prompt: Mapping[str, Json] = self.part["prompt"]
        return [
            Request(task=task, text=text, sample=sample, prompt=prompt)
            for text in texts
            for sample in range(samples)
        ]

    def label_requests(self, items: Sequence[Item], samples: int) -> list[Request]:
        """Return the requests for the labels of items, with what came with them where that is read."""
        requests = self.requests("label", [item.text.text for item in items], samples)
        if "reads-references" not in self.part["capabilities"]:
            return requests
        came = [item.text.references for item in items for _ in range(samples)]
        return [replace(r, references=own) for r, own in zip(requests, came, strict=True)]

    def replies(self, requests: Sequence[Request]) -> list[Reply]:
        """Return the replies to requests, in order; an equal request is asked once.

        Raises:
            ComponentError: the teacher raised; every reply that came before is stored.
        """
        keys = [request_key(self.part["identity"], request) for request in requests]
        known = self.ledger.find(keys)
        missing = {k: r for k, r in zip(keys, requests, strict=True) if k not in known}
        self.reused += len(known)
        todo = list(missing.items())
        at_once = int(self.part["limits"].get("concurrency", _AT_ONCE))
        for start in range(0, len(todo), at_once):
            known.update(asyncio.run(self._ask(todo[start : start + at_once])))
        return [known[key] for key in keys]

    async def _ask(self, todo: Sequence[tuple[str, Request]]) -> dict[str, Reply]:
        """Ask some requests at once and store what is answered; a kill loses these at most."""
        asked = (self.teacher.answer(request) for _, request in todo)
        answers = await asyncio.gather(*asked, return_exceptions=True)
        done = [
            (key, request, answer)
            for (key, request), answer in zip(todo, answers, strict=True)
            if isinstance(answer, Reply)
        ]
        self.ledger.record(self.part["identity"], [(request, reply) for _, request, reply in done])
        self.asked += len(done)
        for answer in answers:
            if isinstance(answer, BaseException):
                raise ComponentError(
                    f"{type(answer).__name__}: {answer}", where=f"teacher '{self.part['label']}'"
                ) from answer
        return {key: reply for key, _, reply in done}
