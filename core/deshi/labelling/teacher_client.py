"""Query a teacher: read what the ledger holds, request the rest, store it raw, return it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

from deshi.api import AttemptError, Drop, Reply, Request, Task, Teacher, Text
from deshi.labelling.calls.batching import BatchRunner
from deshi.labelling.calls.limits import Limits, Tariff
from deshi.labelling.calls.retry_policy import Interrupted
from deshi.labelling.calls.runner import CallContext, Runner, component_error, error_reply
from deshi.labelling.ledger import Ledger, Payer, request_key
from deshi.redaction import Mask
from deshi.workspace.stop_signals import held

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal

    from deshi.benchmark.part import TeacherPart
    from deshi.workspace.job import Job

_AT_ONCE = 16
_IN_A_BATCH = 64


@dataclass
class TeacherClient:
    """A teacher with its identity, its prompt and the ledger; `asked` counts what was not stored."""

    teacher: Teacher
    part: TeacherPart
    ledger: Ledger
    job: Job[object]
    asked: int = 0
    reused: int = 0
    _keys: dict[str, None] = field(default_factory=dict)
    _prefetched: dict[str, Reply] = field(default_factory=dict)

    def __post_init__(self) -> None:
        account = self.job.account
        self._payer = Payer(run=account.run, session=account.session, entry=self.part.entry)
        self._mask = Mask.of(self.job.env(self.part).secrets.values())
        self._limits = Limits.of(self.part.limits)
        self._stack = ExitStack()
        self._portal: BlockingPortal | None = None
        self._runner: Runner | None = None

    def __enter__(self) -> Self:
        self._stack.enter_context(self._mask.over_logs())
        return self

    def __exit__(self, *error: object) -> None:
        with held():
            self._stack.__exit__(*error)  # type: ignore[arg-type]

    @property
    def reads_references(self) -> bool:
        """Whether it reads what came with a text."""
        return "reads-references" in self.part.capabilities

    def requests(self, task: Task, texts: Sequence[str], samples: int = 1) -> list[Request]:
        """Return the requests for texts, sample by sample within a text."""
        return [
            Request(task=task, text=text, sample=sample, prompt=self.part.prompt)
            for text in texts
            for sample in range(samples)
        ]

    def label_requests(self, texts: Sequence[Text], samples: int = 1) -> list[Request]:
        """Return the requests for the labels of texts, with what came with them where that is read."""
        return [
            replace(request, references=text.references if self.reads_references else ())
            for text in texts
            for request in self.requests("label", [text.text], samples)
        ]

    def replies(self, requests: Sequence[Request]) -> list[Reply]:
        """Return the replies to requests, in order; an equal request is sent once.

        The reply to a request that was given up has `finish` "error" and is kept nowhere.

        Raises:
            ComponentError: the teacher raised; every reply that came before is stored.
            BudgetReached, NotReadyError: the teacher cannot be called any longer, for now.
        """
        keys = [request_key(self.part.identity, request) for request in requests]
        if all(key in self._prefetched for key in keys):
            return [self._prefetched[key] for key in keys]
        known = self.ledger.find(keys)
        if again := [key for key in known if key not in self._keys]:
            self.reused += len(again)
            self.ledger.note_reuse(self._payer, len(again), self.ledger.cost(again))
        self._keys |= dict.fromkeys(keys)
        todo = {k: r for k, r in zip(keys, requests, strict=True) if k not in known}
        if self.part.remote:  # what failed in an earlier session is retried
            for key, failed in self.ledger.failed(self._payer.session, list(todo)).items():
                known[key] = error_reply(*failed)
                del todo[key]
        if todo:
            known |= self._ask(todo)
        return [known[key] for key in keys]

    def prefetch(self, requests: Sequence[Request]) -> None:
        """Send requests whose replies will be needed later, a few at a time."""
        replies = self.replies(requests)
        keys = [request_key(self.part.identity, request) for request in requests]
        self._prefetched = dict(zip(keys, replies, strict=True))

    def cost(self) -> int:
        """Return what all that was needed so far cost in nano-USD, whoever paid it and when."""
        return self.ledger.cost(self._keys)

    def _ask(self, todo: Mapping[str, Request]) -> dict[str, Reply]:
        self.ledger.check()
        if self._limits.batch or self.part.remote:
            return self._ask_remote(todo)
        found = self._ask_local(todo)
        left = {key: request for key, request in todo.items() if key not in found}
        return found | (self._ask_remote(left) if left else {})

    def _ask_local(self, todo: Mapping[str, Request]) -> dict[str, Reply]:
        """Query a local teacher; Ctrl-C stops after the portion in progress, a second one at once."""
        interrupts: list[bool] = []

        def interrupted() -> None:
            interrupts.append(True)
            if len(interrupts) > 1 and threading.current_thread() is threading.main_thread():
                raise KeyboardInterrupt

        with self.job.interrupts.on_interrupt(interrupted):
            found = self._loop().call(self._ask_in_portions, todo, interrupts)
        if interrupts:
            raise KeyboardInterrupt
        return found

    def _loop(self) -> BlockingPortal:
        """Return the one event loop of this teacher: its clients live there."""
        if self._portal is None:
            from anyio.from_thread import start_blocking_portal

            with held():  # broken off in its start, it would be waited for for ever
                self._portal = self._stack.enter_context(start_blocking_portal("asyncio"))
            if hasattr(self.teacher, "__aenter__"):
                client: Any = self._portal.wrap_async_context_manager(self.teacher)  # type: ignore[arg-type]
                self._stack.enter_context(client)
        return self._portal

    async def _ask_in_portions(
        self, todo: Mapping[str, Request], interrupts: Sequence[bool]
    ) -> dict[str, Reply]:
        """Query a local teacher; requests that raise an AttemptError are left out.

        A kill loses one portion at most.
        """
        found: dict[str, Reply] = {}
        many = "answers-many" in self.part.capabilities
        size = int(self.part.env.get("inference-batch", _IN_A_BATCH)) if many else _AT_ONCE
        pairs = list(todo.items())
        for start in range(0, len(pairs), size):
            if interrupts:
                break
            portion = pairs[start : start + size]
            if many:
                answers = self._answer_many([request for _, request in portion])
            else:
                asked = (self.teacher.answer(request) for _, request in portion)
                answers = list(await asyncio.gather(*asked, return_exceptions=True))
            done = [
                (key, request, answer)
                for (key, request), answer in zip(portion, answers, strict=True)
                if isinstance(answer, Reply)
            ]
            stored = self.ledger.record(self.part.identity, self.part.entry, done)
            await asyncio.wrap_future(stored)
            self._count(len(done))
            found |= {key: reply for key, _, reply in done}
            for answer in answers:
                if not isinstance(answer, Reply | AttemptError):
                    raise component_error(answer, self.part.label, self._mask)
        return found

    def _answer_many(self, requests: Sequence[Request]) -> list[Reply | BaseException]:
        teacher: Any = self.teacher
        try:
            return list(teacher.answer_many(requests))
        except Exception as error:  # noqa: BLE001  (it becomes a ComponentError)
            return [error] * len(requests)

    def _ask_remote(self, todo: Mapping[str, Request]) -> dict[str, Reply]:
        """Ask through the runner, or in batches."""
        runner = self._runner = self._runner or Runner(self._context())
        batches = "batches" in self.part.capabilities
        ask = BatchRunner(runner).ask if batches else runner.ask
        loop = self._loop()
        try:
            with self.job.interrupts.on_interrupt(lambda: loop.start_task_soon(runner.interrupt)):
                return loop.call(ask, todo)
        except Interrupted:
            raise KeyboardInterrupt from None

    def _context(self) -> CallContext:
        caps = zip(self._payer.scopes, (self.job.account.cap, self._limits.usd), strict=True)
        self.ledger.set_caps(dict(caps))
        return CallContext(
            teacher=self.teacher,
            label=self.part.label,
            limits=self._limits,
            tariff=Tariff(self.teacher, "estimates-cost" in self.part.capabilities),
            ledger=self.ledger,
            payer=self._payer,
            row=self.ledger.teacher(self.part.identity),
            mask=self._mask,
            on_answer=lambda: self._count(1),
        )

    def _count(self, answers: int) -> None:
        self.asked += answers
        self.job.progress(self.asked + self.reused, None)


def unusable(reply: Reply) -> Drop | None:
    """Return why an item with this reply is dropped; None for an answer."""
    if reply.finish == "stop":
        return None
    return Drop(str(reply.meta.get("outcome", reply.finish)), reply.content)
