"""Parts: the entries that a benchmark names, as stages get them and as manifests keep them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import msgspec

from deshi.api import Json, Kind
from deshi.registry.members import Member


class Identity(msgspec.Struct, frozen=True, omit_defaults=True):
    """What of a part goes into keys: two parts of one identity give the same.

    `members` has the identities of what it combines; with a teacher's goes the prompt that it is asked
    with.
    """

    component: str
    revision: int
    params: Mapping[str, Json]
    members: Mapping[str, Json] = {}


class Part(Member, frozen=True, kw_only=True, rename="kebab"):
    """What a stage needs to build a component, and its identity for keys.

    `env` and `limits` are machine settings, which no key depends on; `environment` names the variables
    with secrets that it may see. `members` are the entries that it combines, by name; mostly none.
    `code` is that of its plugin, if that is not deshi's own: in the keys of stages, not in the ledger's.
    """

    kind: Kind
    entry: str
    label: str
    capabilities: tuple[str, ...]
    identity: Identity
    env: Mapping[str, Json] = {}
    limits: Mapping[str, Json] = {}
    environment: tuple[str, ...] = ()
    code: str = ""
    members: Mapping[str, Part] = {}

    def whole(self) -> Iterator[Part]:
        """Yield the part and all that it combines."""
        yield self
        for member in self.members.values():
            yield from member.whole()


def code_key(parts: Iterable[Part]) -> dict[str, Json]:
    """Return what keys hold of the code of parts and of what they combine; nothing for deshi's."""
    codes = sorted({(one.id, one.code) for part in parts for one in part.whole() if one.code})
    return {"code": codes} if codes else {}


class TeacherPart(Part, frozen=True, kw_only=True):
    """A teacher: with its prompt, and whether it is far away or paid."""

    prompt: Mapping[str, Json]
    remote: bool
    members: Mapping[str, TeacherPart] = {}

    @property
    def banned(self) -> tuple[str, ...]:
        """The emoji that the prompt forbids."""
        return tuple(self.prompt.get("ban", ()))

    @property
    def is_merged(self) -> bool:
        """Whether the prompt asks for both tasks in one call."""
        return "merged" in self.prompt

    def answers_as(self, other: TeacherPart) -> bool:
        """Say whether two teachers give the same answers to the same requests."""
        return self.identity == other.identity and self.prompt == other.prompt


class FilterPart(Part, frozen=True, kw_only=True):
    """A filter at one place of a chain."""

    training_only: bool
    fits_first: bool


class MetricPart(Part, frozen=True, kw_only=True):
    """A metric, with what a reader must know of it."""

    direction: Literal["higher", "lower", "none"]
    bounds: tuple[float | None, float | None]
    signature: str
    summary: str
