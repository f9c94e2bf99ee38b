"""What a stage that has to run would ask of teachers, and what of it the ledger holds already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from deshi.api import Emojis, Reply, Request, Task
from deshi.benchmark.stage_params import AnswerParams, LabelParams
from deshi.labelling.joint_prompt import is_joint, rewrite_requests, rewritten_reply
from deshi.labelling.ledger import request_key
from deshi.labelling.ledger.reading import stored_replies
from deshi.stages.dataset import evaluation
from deshi.stages.parquet_tables import emoji_sets, read_table

if TYPE_CHECKING:
    from deshi.benchmark.part import TeacherPart
    from deshi.benchmark.plan import Stage
    from deshi.engine.prepared import Prepared

LONGEST = "あ" * 100
"""Stands for a text that is not known yet: the longest that the task is about."""


@dataclass(frozen=True, slots=True)
class Calls:
    """Requests to one teacher, their keys in the ledger, and the stored answers: None where none is."""

    part: TeacherPart
    requests: Sequence[Request]
    keys: Sequence[str]
    replies: Sequence[Reply | None]

    @property
    def is_paid(self) -> bool:
        """Whether every answer is stored."""
        return None not in self.replies


@dataclass(frozen=True, slots=True)
class UnseenCalls:
    """As many calls to one teacher at most, about texts that are not known yet; `of` tells whose."""

    part: TeacherPart
    task: Task
    count: int
    of: object

    @property
    def is_paid(self) -> bool:
        """Whether there is nothing to ask."""
        return self.count == 0


class CallsAhead:
    """Looks up what the stages of a plan would ask."""

    def __init__(self, prepared: Prepared) -> None:
        self._settings = prepared.plan.benchmark.settings
        self._store = prepared.workspace.store
        self._root = prepared.workspace.root

    def of(self, stage: Stage) -> Iterator[Calls | UnseenCalls]:
        """Yield the calls of a stage, teacher by teacher."""
        match stage.params:
            case LabelParams() as params:
                yield from self._label(params, stage.inputs["split"])
            case AnswerParams(teacher=teacher, gold=gold):
                labelled = stage.inputs["evaluation"]
                if self._store.has(labelled):
                    texts = evaluation(self._store.folder(labelled), gold).texts
                    yield from self._calls(teacher, [_source(t.text, t.references) for t in texts])
                else:
                    yield from _unseen(teacher, "label", stage.requests, labelled)

    def _label(self, params: LabelParams, split: str) -> Iterator[Calls | UnseenCalls]:
        if not self._store.has(split):
            yield from self._unsplit(params, split)
            return
        teacher, rewriter = params.teacher, params.rewriter
        rows = read_table(self._store.folder(split) / "texts.parquet")
        sources = [_source(row["text"], emoji_sets(row["references"])) for row in rows]
        to_label = sources
        if rewriter:
            rewriting = self._own_calls(
                rewriter, rewrite_requests(rewriter, _with_prompt(rewriter, sources))
            )
            yield rewriting
            if not is_joint(teacher, rewriter):
                to_label = list(_rewritten(rewriter, sources, rewriting.replies))
        samples = range(params.samples)
        yield from self._calls(teacher, [replace(r, sample=n) for r in to_label for n in samples])

    def _unsplit(self, params: LabelParams, split: str) -> Iterator[UnseenCalls]:
        """Yield the calls of a labelling stage whose texts are not known yet."""
        teacher, rewriter = params.teacher, params.rewriter
        most = self._settings.pull + self._settings.valid + self._settings.test
        of: object = split
        if not is_joint(teacher, rewriter):
            if rewriter:
                yield from _unseen(rewriter, "rewrite", most, split)
            of = (split, str(rewriter and [rewriter.identity, rewriter.prompt]))
        yield from _unseen(teacher, "label", most * params.samples, of)

    def _calls(self, part: TeacherPart, requests: list[Request]) -> Iterator[Calls]:
        """Yield calls to a teacher, or to those that it is made of, each with its own prompt."""
        for member in part.members.values():
            yield from self._calls(member, requests)
        if not part.members:
            yield self._own_calls(part, _with_prompt(part, requests))

    def _own_calls(self, part: TeacherPart, requests: list[Request]) -> Calls:
        keys = [request_key(part.identity, request) for request in requests]
        found = stored_replies(self._root, keys)
        return Calls(part, requests, keys, [found.get(key) for key in keys])


def _unseen(part: TeacherPart, task: Task, count: int, of: object) -> Iterator[UnseenCalls]:
    for member in part.members.values():
        yield from _unseen(member, task, count, of)
    if not part.members:
        yield UnseenCalls(part, task, count, of)


def _source(text: str, came: tuple[Emojis, ...]) -> Request:
    return Request(task="label", text=text, references=came)


def _with_prompt(part: TeacherPart, requests: list[Request]) -> list[Request]:
    """Return requests as they are put to a teacher: with its prompt, and what it may see."""
    sees = "reads-references" in part.capabilities
    return [
        replace(r, prompt=part.prompt, references=r.references if sees else ()) for r in requests
    ]


def _rewritten(
    rewriter: TeacherPart, sources: list[Request], replies: Sequence[Reply | None]
) -> Iterator[Request]:
    """Yield the requests for labels of rewritten texts; one that is not rewritten yet may be long."""
    for source, reply in zip(sources, replies, strict=True):
        if reply is None:
            yield replace(source, text=source.text + LONGEST[len(source.text) :])
            continue
        read = rewritten_reply(rewriter, reply, source.text)
        if read.finish == "stop" and (text := read.content.strip()):
            yield replace(source, text=text)
