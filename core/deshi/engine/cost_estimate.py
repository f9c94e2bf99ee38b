"""What a plan would ask of teachers and cost at most, with what is already paid taken off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deshi.api import DeshiError, Emojis, Reply, Request, Task
from deshi.benchmark.stage_params import AnswerParams, LabelParams
from deshi.labelling.calls.limits import Limits, Tariff
from deshi.labelling.joint_prompt import is_joint, rewrite_requests, rewritten_reply
from deshi.labelling.ledger import request_key
from deshi.labelling.ledger.summary import stored_replies
from deshi.stages.dataset import evaluation
from deshi.stages.parquet_tables import emoji_sets, read_table
from deshi.workspace.job import Job

if TYPE_CHECKING:
    from deshi.benchmark.part import TeacherPart
    from deshi.benchmark.plan import Stage
    from deshi.engine.prepared import Prepared

LONGEST = "あ" * 100
"""Stands for a text that is not known yet: the longest that the task is about."""


@dataclass(frozen=True, slots=True)
class CostEstimate:
    """What a stage would ask: calls at most, those already paid, and the worst cost in nano-USD.

    `nano` is None where a teacher cannot say it here.
    """

    calls: int = 0
    paid: int = 0
    nano: int | None = 0

    def __add__(self, other: CostEstimate) -> CostEstimate:
        known = self.nano is not None and other.nano is not None
        nano = (self.nano or 0) + (other.nano or 0) if known else None
        return CostEstimate(self.calls + other.calls, self.paid + other.paid, nano)


class CostEstimator:
    """Quotes the stages of a plan one by one; what two of them would ask counts for the first."""

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared
        self._store = prepared.workspace.store
        self._seen: set[Any] = set()

    def quote(self, stage: Stage) -> CostEstimate:
        """Quote a stage that has to run."""
        match stage.params:
            case LabelParams() as params:
                return self._label(params, stage.inputs["split"])
            case AnswerParams() as params:
                return self._answer(params, stage)
        return CostEstimate()

    def _label(self, params: LabelParams, split: str) -> CostEstimate:
        teacher, rewriter = params.teacher, params.rewriter
        if not self._store.has(split):
            return self._unsplit(params, split)
        rows = read_table(self._store.folder(split) / "texts.parquet")
        sources = [_source(row["text"], emoji_sets(row["references"])) for row in rows]
        quote, requests_to_label = CostEstimate(), sources
        if rewriter:
            requests = rewrite_requests(rewriter, _with_prompt(rewriter, sources))
            replies = self._stored_replies(rewriter, requests)
            quote += self._estimate_missing(rewriter, requests, replies)
            if not is_joint(teacher, rewriter):
                requests_to_label = list(_rewritten(rewriter, sources, replies))
        labels = [
            replace(request, sample=n)
            for request in requests_to_label
            for n in range(params.samples)
        ]
        return quote + self._estimate_requests(teacher, labels)

    def _unsplit(self, params: LabelParams, split: str) -> CostEstimate:
        """Estimate a labelling stage whose texts are not known yet."""
        teacher, rewriter, samples = params.teacher, params.rewriter, params.samples
        settings = self._prepared.plan.benchmark.settings
        most = settings.pull + settings.valid + settings.test
        if is_joint(teacher, rewriter):
            return self._unseen(teacher, "label", most * samples, split)
        quote = self._unseen(rewriter, "rewrite", most, split) if rewriter else CostEstimate()
        texts = (split, str(rewriter and [rewriter.identity, rewriter.prompt]))
        return quote + self._unseen(teacher, "label", most * samples, texts)

    def _estimate_requests(self, part: TeacherPart, requests: list[Request]) -> CostEstimate:
        """Quote requests to a teacher, or to those that it is made of, each with its own prompt."""
        if part.members:
            return sum(
                (self._estimate_requests(one, requests) for one in part.members.values()),
                CostEstimate(),
            )
        own = _with_prompt(part, requests)
        return self._estimate_missing(part, own, self._stored_replies(part, own))

    def _answer(self, params: AnswerParams, stage: Stage) -> CostEstimate:
        labelled = stage.inputs["evaluation"]
        if not self._store.has(labelled):
            return self._unseen(params.teacher, "label", stage.requests, labelled)
        texts = evaluation(self._store.folder(labelled), params.gold).texts
        return self._estimate_requests(
            params.teacher, [_source(text.text, text.references) for text in texts]
        )

    def _unseen(self, part: TeacherPart, task: Task, calls: int, of: object) -> CostEstimate:
        """Quote calls whose texts are not known yet."""
        if part.members:
            each = part.members.values()
            return sum((self._unseen(one, task, calls, of) for one in each), CostEstimate())
        mark = (str(part.identity), str(part.prompt), task, of)
        if mark in self._seen:
            return CostEstimate()
        self._seen.add(mark)
        worst = self._worst(part)
        most = worst(_longest(part, task)) if worst else None
        return CostEstimate(calls, 0, None if most is None else most * calls)

    def _estimate_missing(
        self, part: TeacherPart, requests: list[Request], replies: list[Reply | None]
    ) -> CostEstimate:
        todo: dict[str, Request] = {}
        paid: set[str] = set()
        for request, reply in zip(requests, replies, strict=True):
            key = _key(part, request)
            if key in self._seen:
                continue
            if reply is None:
                todo[key] = request
            else:
                paid.add(key)
        self._seen |= {*todo, *paid}
        worst = self._worst(part)
        costs = [worst(request) if worst else None for request in todo.values()]
        known = [cost for cost in costs if cost is not None]
        nano = sum(known) if len(known) == len(costs) else None
        return CostEstimate(len(todo) + len(paid), len(paid), nano)

    def _stored_replies(self, part: TeacherPart, requests: list[Request]) -> list[Reply | None]:
        """Return the stored answers to requests, None where there is none."""
        keys = [_key(part, request) for request in requests]
        found = stored_replies(self._prepared.workspace.root, keys)
        return [found.get(key) for key in keys]

    def _worst(self, part: TeacherPart) -> Any:  # noqa: ANN401
        """Return the function that gives a request's worst case; None where nobody can tell."""
        if "estimates-cost" not in part.capabilities:
            return lambda _request: 0
        job = Job(None, {}, Path(), Path(), self._prepared.workspace.root, self._prepared.registry)
        in_batch = Limits.of(part.limits).batch and "batches" in part.capabilities
        try:
            tariff = replace(Tariff(job.component(part), is_paid=True), in_batch=in_batch)
            tariff.worst(_longest(part, "label"))
        except DeshiError:
            return None
        return tariff.worst


def by_row(
    prepared: Prepared, quotes: Mapping[str, CostEstimate]
) -> Iterator[tuple[str, CostEstimate, list[str]]]:
    """Yield what each row needs: its id, the sum over its stages, and the stages that others share."""
    rows = [row for row in prepared.plan.rows if row.runs]
    needs = {
        row.id: {row.label, row.evaluation, *(a for run in row.runs for a in run.stages)}
        for row in rows
    }
    for row in rows:
        own = [address for address in needs[row.id] if quotes.get(address, CostEstimate()).calls]
        total = sum((quotes[address] for address in own), CostEstimate())
        shared = [a for a in own if sum(a in others for others in needs.values()) > 1]
        if own:
            yield row.id, total, shared


def _longest(part: TeacherPart, task: Task) -> Request:
    return Request(task=task, text=LONGEST, prompt=part.prompt)


def _source(text: str, came: tuple[Emojis, ...]) -> Request:
    return Request(task="label", text=text, references=came)


def _with_prompt(part: TeacherPart, requests: list[Request]) -> list[Request]:
    """Return requests as they are put to a teacher: with its prompt, and what it may see."""
    sees = "reads-references" in part.capabilities
    return [
        replace(r, prompt=part.prompt, references=r.references if sees else ()) for r in requests
    ]


def _rewritten(
    rewriter: TeacherPart, sources: list[Request], replies: list[Reply | None]
) -> Iterator[Request]:
    """Yield the requests for labels of rewritten texts; one that is not rewritten yet may be long."""
    for source, reply in zip(sources, replies, strict=True):
        if reply is None:
            yield replace(source, text=source.text + LONGEST[len(source.text) :])
            continue
        read = rewritten_reply(rewriter, reply, source.text)
        if read.finish == "stop" and (text := read.content.strip()):
            yield replace(source, text=text)


def _key(part: TeacherPart, request: Request) -> str:
    return request_key(part.identity, request)
