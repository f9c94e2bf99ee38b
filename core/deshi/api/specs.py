"""Specs: what a plugin says about its components, as data that is read without importing them.

Parameters are frozen keyword-only dataclasses, whose fields carry their own help and limits.

    @dataclass(frozen=True, kw_only=True)
    class KnnParams:
        k: Annotated[int, Help("Neighbours that vote.", ge=1)] = 10

The host turns `[student.knn] params = { k = 25 }` into an instance: kebab-case keys become
snake_case fields, unknown keys are errors with a suggestion, types and limits are checked by msgspec.
A field of type `pathlib.Path` is taken relative to the file that sets it, and enters keys by the
content of what it names.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias
from urllib.parse import urlsplit

import msgspec

from deshi.api.records import Place, Task

Kind: TypeAlias = Literal["corpus", "teacher", "filter", "student", "loss", "metric"]
KINDS: tuple[Kind, ...] = ("corpus", "teacher", "filter", "student", "loss", "metric")

ScoreShape: TypeAlias = Literal["tokens", "labels"]

Direction: TypeAlias = Literal["higher", "lower", "none"]
"""Which values of a metric are better."""


@dataclass(frozen=True, kw_only=True)
class NoParams:
    """For components that take no parameters."""


def Help(description: str, **limits: Any) -> msgspec.Meta:  # noqa: ANN401, N802
    """Return the annotation that documents and bounds one parameter.

    `limits` are those of `msgspec.Meta`: `ge`, `gt`, `le`, `lt`, `multiple_of` for numbers,
    `pattern`, `min_length`, `max_length` for strings and lists.
    """
    return msgspec.Meta(description=description, **limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What must be at hand before a component can run.

    `extras` are deshi's own extras or a plugin's, `modules` what must be importable for them,
    `environment` variables that must be set. `check` names a function, as `module:function`, for what
    depends on parameters and machine settings, such as a device: called with both, it yields what is
    missing, each with how to fix it. It is imported before a run that uses the component, and never to
    list it.
    """

    extras: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    network: bool = False
    check: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Licence or terms of use, recorded as the component's author found them; no legal advice."""

    licence: str
    source: str = ""
    as_of: str = ""
    train_models: Literal["allow", "ask", "deny"] = "allow"
    redistribute: Literal["allow", "ask", "deny"] = "allow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What every spec has.

    `target` and `params` are `module:Class` strings, so that listing imports nothing. `revision` goes
    up whenever the component's output changes for the same parameters; it is part of every key.
    """

    kind: ClassVar[Kind]
    name: str
    target: str
    summary: str
    params: str | None = None
    revision: int = 1
    needs: Needs = Needs()
    capabilities: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusSpec(Spec):
    """A corpus. `terms` is required; None means unknown and is shown as such.

    `combines` names, as registry.toml spells it, a table among the parameters whose keys are entries
    of other corpora: the host builds those too, and hands them over (capability `combines`).
    """

    kind: ClassVar[Kind] = "corpus"
    terms: Terms | None
    combines: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TeacherSpec(Spec):
    """A teacher: the tasks it can do, and the terms of its answers.

    `endpoint` names, as registry.toml spells it, the parameter with the address that is asked: at a
    loopback address nobody's terms apply. An entry may state other `terms` than its component.
    `combines` names a table among the parameters whose keys are entries of other teachers: the host
    asks those, each as it would any, and has their answers merged (capability `merges-answers`).
    """

    kind: ClassVar[Kind] = "teacher"
    tasks: frozenset[Task]
    terms: Terms | None
    endpoint: str | None = None
    combines: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterSpec(Spec):
    """A filter: the places of a chain where it makes sense, and whether it acts on training items alone.

    `samples` is how many of a teacher's answers to each text it needs; a benchmark that asks for
    fewer is refused.
    """

    kind: ClassVar[Kind] = "filter"
    places: frozenset[Place]
    training_only: bool = False
    samples: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentSpec(Spec):
    """A student.

    A baseline that answers every text alike says so by the capability `ignores-texts`, one whose files
    hold training texts by `keeps-texts`: these are given away only where the texts may be.

    `trains_on` names the scores that its loss works on; None if it takes no loss. A deterministic
    student runs once, not once a seed. `decoding` lists the parameters that matter to `predict`
    alone, as registry.toml spells them, so that changing them refits nothing.

    `combines` names, as registry.toml spells it, a list or a table among the parameters that names
    entries of other students: the host fits those, each with the row's loss where it takes one, and
    hands them over fitted (capability `combines`). They must have the capability `saves`. The whole
    then takes the losses of its members, and is deterministic only if all of them are.
    """

    kind: ClassVar[Kind] = "student"
    trains_on: ScoreShape | None
    deterministic: bool = False
    decoding: tuple[str, ...] = ()
    combines: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LossSpec(Spec):
    """A loss and the scores it takes."""

    kind: ClassVar[Kind] = "loss"
    takes: frozenset[ScoreShape]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSpec(Spec):
    """A metric: which way is better, its bounds, and the part of its signature that it knows itself.

    The host adds to the signature what it knows: parameters, gold, number of texts, inventory. The
    capability `share-of-texts` says that the value is the share of texts that have some property, so
    that 0 of all texts has an interval too.
    """

    kind: ClassVar[Kind] = "metric"
    direction: Direction
    bounds: tuple[float | None, float | None] = (None, None)
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A fragment of registry.toml that a plugin ships: a name and the TOML text."""

    name: str
    toml: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutorSpec:
    """An executor: it runs stages and has no part in what they make, so it is in no key.

    `target` is its class as `module:Class`, called with the number of workers.
    """

    name: str
    target: str
    summary: str
    needs: Needs = Needs()


def is_loopback(address: str) -> bool:
    """Say whether a URL leads to this machine: `localhost`, 127.0.0.0/8, ::1; no name is looked up.

    Nobody's terms, keys or prices apply there.
    """
    try:
        host = urlsplit(address if "//" in address else f"//{address}").hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
