"""Build the client of a teacher; an ensemble's client queries its members.

Each member is queried through the ledger as if it were alone: with its own prompt, limits and keys.
Only the raw answers are stored, so that other weights, or a member more, ask nobody twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from deshi.api import MergesAnswers, Reply, Request
from deshi.labelling.joint_prompt import Tasks
from deshi.labelling.teacher_client import TeacherClient
from deshi.registry import open_component

if TYPE_CHECKING:
    from deshi.benchmark.part import TeacherPart
    from deshi.labelling.ledger import Ledger
    from deshi.workspace.job import Job


def open_client(
    part: TeacherPart, job: Job[object], ledger: Ledger, stack: ExitStack
) -> TeacherClient:
    """Build the client of a part, and those of its members if it has any; the stack closes them."""
    teacher = stack.enter_context(open_component(job.component(part)))
    own = {"teacher": teacher, "part": part, "ledger": ledger, "job": job}
    members = {
        name: open_client(member, job, ledger, stack) for name, member in part.members.items()
    }
    return stack.enter_context(
        EnsembleClient(**own, members=members) if members else TeacherClient(**own)
    )


@dataclass
class EnsembleClient(TeacherClient):
    """The client of a teacher that merges the answers of its members."""

    members: Mapping[str, TeacherClient] = field(default_factory=dict)

    @property
    def reads_references(self) -> bool:
        """Whether a member reads what came with a text."""
        return any(member.reads_references for member in self.members.values())

    def replies(self, requests: Sequence[Request]) -> list[Reply]:
        """Return the merged replies to requests, in order."""
        teacher = cast("MergesAnswers", self.teacher)
        given = {name: _member_replies(member, requests) for name, member in self.members.items()}
        self.asked = sum(member.asked for member in self.members.values())
        self.reused = sum(member.reused for member in self.members.values())
        return [
            teacher.merge({name: replies[at] for name, replies in given.items()})
            for at in range(len(requests))
        ]

    def prefetch(self, requests: Sequence[Request]) -> None:
        """Query the members; their answers are in the ledger when they are needed."""
        self.replies(requests)

    def cost(self) -> int:
        """Return what the members' answers cost in nano-USD."""
        return sum(member.cost() for member in self.members.values())


def _member_replies(member: TeacherClient, requests: Sequence[Request]) -> list[Reply]:
    """Query a member with its own prompt, and read its replies in the form of that prompt."""
    reads = member.reads_references
    own = [
        replace(r, prompt=member.part.prompt, references=r.references if reads else ())
        for r in requests
    ]
    tasks = Tasks(None, member)
    return [tasks.labels(reply) for reply in member.replies(own)]
