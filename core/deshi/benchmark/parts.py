"""The entries that a benchmark names, each resolved once, in the forms that planning needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deshi.api import CorpusSpec, Json, Kind, Place, Spec, StudentSpec, TeacherSpec, UsageError
from deshi.api.specs import ScoreShape
from deshi.benchmark.axes import Cell, Choice
from deshi.benchmark.machine import check_machine_settings
from deshi.benchmark.part import FilterPart, Identity, MetricPart, Part, TeacherPart
from deshi.registry.params import ParamsFault
from deshi.registry.plugin_code import code_of

if TYPE_CHECKING:
    from deshi.registry import Entry, PluginRecord, Registry, Resolved


class Parts:
    """Resolves choices through the registry and remembers what it found."""

    def __init__(self, registry: Registry, file: Path) -> None:
        self.registry = registry
        self._file = file
        self._known: dict[tuple[Kind, Choice], Resolved] = {}
        self._parts: dict[tuple[Kind, Choice], Part] = {}
        self._filters: dict[tuple[str, Place], tuple[FilterPart, ...]] = {}
        self._open: list[str] = []
        self._codes: dict[str, str] = {}

    def get(self, kind: Kind, choice: Choice) -> Resolved:
        """Return the resolved entry of a choice.

        Raises:
            UsageError: the entry or one of its parameters is wrong.
            NotReadyError: its plugin is broken.
        """
        key = (kind, choice)
        if key not in self._known:
            self._known[key] = self._resolve(kind, choice)
        return self._known[key]

    def _resolve(self, kind: Kind, choice: Choice) -> Resolved:
        try:
            entry = self.registry.entry(kind, choice.use)
        except UsageError as error:
            table = "[benchmark]" if kind == "metric" else "[matrix]"
            where = error.where or f"{self._file}: {table} {kind}"
            raise UsageError(error.what, where=where, fix=error.fix) from None
        check_machine_settings(entry)
        found = self.registry.resolve(entry, choice.params, file=self._file)
        self._open.append(choice.use)
        try:
            for name in members(found):
                self._check_member(found, name)
        finally:
            self._open.pop()
        return found

    def _check_member(self, whole: Resolved, name: str) -> None:
        """Resolve what another combines; errors name the place of the reference."""
        kind = whole.spec.kind
        key = str(combining_key(whole.spec))
        at = (key, name) if isinstance(whole.params_json[key], dict) else (key,)
        if name in self._open:
            raise whole.fault(ParamsFault(at, f"'{name}' would contain itself"))
        try:
            self.registry.entry(kind, name)
        except UsageError as error:
            raise whole.fault(ParamsFault(at, error.what, error.fix)) from None
        found = self.get(kind, Choice(name))
        if isinstance(found.spec, TeacherSpec) and "label" not in found.spec.tasks:
            raise whole.fault(ParamsFault(at, f"teacher '{name}' does not label"))
        if kind == "student" and "saves" not in whole.spec.capabilities & found.spec.capabilities:
            what = (
                f"an ensemble combines saved students, and '{name}' or the ensemble cannot be saved"
            )
            raise whole.fault(ParamsFault(at, what, "name a student that can"))

    def has(self, kind: Kind, choice: Choice) -> bool:
        """Say whether there is an entry of this kind and name."""
        return any(entry.name == choice.use for entry in self.registry.entries(kind))

    def spec(self, kind: Kind, choice: Choice) -> Any:  # noqa: ANN401
        """Return the spec of a choice, of the class of its kind."""
        return self.get(kind, choice).spec

    def members(self, choice: Choice) -> tuple[Choice, ...]:
        """Return the students that a student combines; none for most."""
        return tuple(Choice(name) for name in members(self.get("student", choice)))

    def trains_on(self, choice: Choice) -> frozenset[ScoreShape]:
        """Return the scores that a student's loss must take, its members' too; none without loss."""
        own = self.spec("student", choice).trains_on
        shapes = frozenset[ScoreShape]((own,) if own else ())
        return shapes.union(*(self.trains_on(member) for member in self.members(choice)))

    def is_deterministic(self, choice: Choice) -> bool:
        """Say whether a student gives the same with every seed, and its members too."""
        return self.spec("student", choice).deterministic and all(
            self.is_deterministic(member) for member in self.members(choice)
        )

    def resolved(self) -> Mapping[tuple[str, str], Resolved]:
        """Return all that was resolved so far, by kind and label."""
        return {(kind, choice.label): found for (kind, choice), found in self._known.items()}

    def part(self, kind: Kind, choice: Choice) -> Part:
        """Return what a stage needs to build a component, and its identity for keys."""
        key = (kind, choice)
        if key not in self._parts:
            self._parts[key] = Part(**self._fields(kind, choice))
        return self._parts[key]

    def _fields(self, kind: Kind, choice: Choice) -> dict[str, Json]:
        """Return the fields that parts of all kinds have."""
        found = self.get(kind, choice)
        combined = {name: self.part(kind, Choice(name)) for name in members(found)}
        asked = {name: part.identity for name, part in combined.items()}
        return {
            "kind": kind,
            "entry": found.entry.name,
            "label": choice.label,
            "id": found.component,
            "params": dict(found.params_json),
            "env": dict(found.entry.env),
            "limits": dict(found.entry.limits),
            "environment": self.registry.variables(found.entry, choice.params),
            "code": self._code(found.plugin),
            "capabilities": tuple(sorted(found.spec.capabilities)),
            "members": combined,
            "identity": _identity(found, found.identity, asked),
        }

    def _code(self, plugin: PluginRecord) -> str:
        if plugin.name not in self._codes:
            self._codes[plugin.name] = code_of(plugin)
        return self._codes[plugin.name]

    def student_identities(self, choice: Choice) -> tuple[Identity, Identity]:
        """Return what of a student matters to `fit`, and what matters to `predict`.

        How its members answer matters to the fit of a student that combines them.
        """
        found = self.get("student", choice)
        combined = self.part("student", choice).members
        asked = {name: part.identity for name, part in combined.items()}
        fitting = _identity(found, found.identity_fit, asked)
        return fitting, _identity(found, found.identity_predict)

    def metric(self, name: str) -> MetricPart:
        """Return a metric's part, with what a reader must know of it."""
        spec = self.spec("metric", Choice(name))
        return MetricPart(
            **self._fields("metric", Choice(name)),
            direction=spec.direction,
            bounds=spec.bounds,
            signature=spec.signature,
            summary=spec.summary,
        )

    def filters(self, chain: str, place: Place) -> tuple[FilterPart, ...]:
        """Return the filters of one place of a chain, in its order."""
        key = (chain, place)
        if key not in self._filters:
            self._filters[key] = tuple(self._chain_filters(chain, place))
        return self._filters[key]

    def _chain(self, name: str) -> Mapping[Place, tuple[Entry, ...]]:
        try:
            return self.registry.chain(name)
        except UsageError as error:
            where = error.where or f"{self._file}: [matrix] chain"
            raise UsageError(error.what, where=where, fix=error.fix) from None

    def _chain_filters(self, chain: str, place: Place) -> Iterator[FilterPart]:
        for entry in self._chain(chain)[place]:
            choice = Choice(entry.name)
            spec = self.spec("filter", choice)
            fits_first = "fits-first" in spec.capabilities
            places = spec.places & {"labelled"} if fits_first else spec.places
            if place not in places:
                what = f"filter '{entry.name}' does not work at '{place}'"
                fix = f"it works at: {', '.join(sorted(places))}"
                raise UsageError(what, where=f"chain.{chain}", fix=fix)
            yield FilterPart(
                **self._fields("filter", choice),
                training_only=spec.training_only,
                fits_first=fits_first,
            )

    def check_samples(self, chain: str, samples: int) -> None:
        """Refuse a chain with a filter that needs more of a teacher's answers to a text."""
        for entry in self._chain(chain)["labelled"]:
            spec = self.spec("filter", Choice(entry.name))
            if samples < spec.samples:
                what = f"filter '{entry.name}' of chain '{chain}' needs samples = {spec.samples} or more"
                where, fix = (
                    f"{self._file}: [benchmark]",
                    "raise samples, or name a chain without that filter",
                )
                raise UsageError(f"{what}, and samples = {samples}", where=where, fix=fix)

    def teachers(self, cell: Cell, teacher: Choice) -> tuple[TeacherPart, TeacherPart | None]:
        """Return the labelling teacher and the rewriter, which may be none."""
        labeller = self.teacher_part(teacher)
        if cell.rewriter.use == "none":
            return labeller, None
        return labeller, self.teacher_part(teacher if cell.rewriter.use == "own" else cell.rewriter)

    def teacher_part(self, teacher: Choice) -> TeacherPart:
        """Return a teacher with its prompt, and so those that it combines."""
        found = self.get("teacher", teacher)
        prompt, spec = found.entry.prompt, self.spec("teacher", teacher)
        combined = {name: self.teacher_part(Choice(name)) for name in members(found)}
        asked = {name: [part.identity, part.prompt] for name, part in combined.items()}
        merged = {"members": combined, "identity": _identity(found, found.identity, asked)}
        return TeacherPart(
            **(self._fields("teacher", teacher) | merged),
            prompt=dict(self.registry.prompt(prompt)) if prompt else {},
            # Far away or paid: its calls are paced and accounted for.
            remote=spec.needs.network
            or spec.endpoint is not None
            or "estimates-cost" in spec.capabilities,
        )


def members(found: Resolved) -> tuple[str, ...]:
    """Return the names of the entries of its own kind that an entry combines; mostly none."""
    key = combining_key(found.spec)
    return tuple(dict.fromkeys(found.params_json[key])) if key else ()


def combining_key(spec: Spec) -> str | None:
    """Return the parameter that names what a component combines, if it combines anything."""
    return spec.combines if isinstance(spec, CorpusSpec | TeacherSpec | StudentSpec) else None


def _identity(
    found: Resolved, params: Json, combined: Mapping[str, Json] | None = None
) -> Identity:
    return Identity(found.component, found.spec.revision, dict(params), combined or {})
