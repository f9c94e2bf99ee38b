"""From an entry to a component: checked parameters, what enters keys, and the instance itself."""

from __future__ import annotations

import dataclasses
import typing
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import msgspec

from deshi.api import (
    ComponentError,
    CorpusSpec,
    DeshiError,
    NoParams,
    NotReadyError,
    StudentSpec,
    TeacherSpec,
    is_loopback,
)
from deshi.registry import params as parameters
from deshi.registry.load import attempt
from deshi.registry.origin import Origin, complaint
from deshi.registry.params import ParamsFault
from deshi.registry.ready import build_component, import_target, readiness
from deshi.registry.terms import terms_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from deshi.api import (
        Component,
        Env,
        Executor,
        ExecutorSpec,
        Exported,
        Json,
        Spec,
        Student,
        Terms,
        UsageError,
    )
    from deshi.registry.catalog import Offer
    from deshi.registry.contents import Contents
    from deshi.registry.entries import Entry
    from deshi.registry.origin import KeyPath, Source
    from deshi.registry.params import ResolvePath
    from deshi.registry.plugin import PluginRecord


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """An entry whose parameters were checked against its component.

    `params` is the component's own dataclass. `params_json` is the same as JSON, paths absolute:
    what `create` needs in another process. `terms` are the entry's over the component's; None for
    other kinds, and where nobody knows them.
    """

    entry: Entry
    spec: Spec
    plugin: PluginRecord
    params: Any
    params_json: Mapping[str, Json]
    terms: Terms | None
    fault: Callable[[ParamsFault], UsageError] = field(repr=False, compare=False)
    contents: Contents = field(repr=False, compare=False)

    @property
    def component(self) -> str:
        """The component's id."""
        return self.entry.component

    @property
    def env_settings(self) -> Mapping[str, Json]:
        """The machine settings of `[kind.entry.env]`, which are not identity."""
        return self.entry.env

    @property
    def is_loopback(self) -> bool:
        """Whether this teacher's endpoint is on this very machine."""
        key = self.spec.endpoint if isinstance(self.spec, TeacherSpec) else None
        return key is not None and is_loopback(str(self.params_json.get(key, "")))

    @cached_property
    def identity(self) -> Mapping[str, Json]:
        """Every parameter, defaults included, in kebab-case; a path is the hash of what it names.

        Raises UsageError if a file or folder cannot be read.
        """

        def digest_of(path: Path, at: KeyPath) -> str:
            try:
                return self.contents.digest(path)
            except OSError as error:
                what = f"'{path}' cannot be read: {error.strerror}"
                raise self.fault(ParamsFault(at, what)) from error

        dumped: Mapping[str, Json] = parameters.dump(self.params, digest_of)
        return dumped

    @property
    def identity_fit(self) -> Mapping[str, Json]:
        """The part of the identity that fitting depends on; all of it but for students."""
        return {key: value for key, value in self.identity.items() if key not in self._decoding}

    @property
    def identity_predict(self) -> Mapping[str, Json]:
        """The part that only a student's predictions depend on; empty for other kinds."""
        return {key: value for key, value in self.identity.items() if key in self._decoding}

    @cached_property
    def _decoding(self) -> frozenset[str]:
        return _decoding_keys(self.spec)


def resolve(
    entry: Entry,
    offer: Offer,
    overrides: Mapping[str, Json],
    *,
    overriding: Source,
    contents: Contents,
) -> Resolved:
    """Check an entry's parameters, the overrides over them, against its component.

    `overriding` is what sets the overrides. Raises UsageError for an unknown key, a wrong value or
    a missing file, NotReadyError if the parameters' class cannot be imported.
    """
    placed = _Placed(entry, overrides, overriding)
    cls = params_class(offer, entry.path)
    try:
        params = _params({**entry.params, **overrides}, cls, placed.absolute, offer, entry.path)
        params_json = parameters.dump(params, _absolute_path)
    except ParamsFault as fault:
        raise placed.error(fault) from fault
    return Resolved(
        entry=entry,
        spec=offer.spec,
        plugin=offer.plugin,
        params=params,
        params_json=params_json,
        terms=terms_of(entry, offer.spec),
        fault=placed.error,
        contents=contents,
    )


def create(offer: Offer, params_json: Mapping[str, Json], env: Env) -> Component:
    """Return `Component(params, env)`, imported and built.

    Raises NotReadyError if something that it needs is not installed, UsageError if the parameters
    do not fit, ComponentError if its constructor fails otherwise.
    """
    component: Component = _build_guarded(
        offer, params_json, "be built", lambda cls, params: cls(params, env)
    )
    return component


def executor_class(
    spec: ExecutorSpec, plugin: PluginRecord, where: str
) -> Callable[[int], Executor]:
    """Return an executor's class, called with the number of workers.

    Raises NotReadyError if it lacks something or cannot be imported.
    """
    if reasons := readiness(spec, plugin.distribution):
        raise NotReadyError("; ".join(reasons), where=where)
    found: Callable[[int], Executor] = import_target(spec.target, spec, plugin, where)
    return found


def load_student(offer: Offer, params_json: Mapping[str, Json], folder: Path, env: Env) -> Student:
    """Return a student that was saved in a folder; its class has the capability `saves`.

    Raises what `create` raises.
    """
    student: Student = _build_guarded(
        offer, params_json, "be loaded", lambda cls, params: cls.load(folder, params, env)
    )
    return student


def load_export(
    offer: Offer, params_json: Mapping[str, Json], form: str, folder: Path, env: Env
) -> Exported:
    """Return a student that was exported into a folder; its class has the capability `exports`.

    Raises what `create` raises.
    """
    found: Exported = _build_guarded(
        offer,
        params_json,
        "be loaded",
        lambda cls, params: cls.load_export(form, folder, params, env),
    )
    return found


def _build_guarded(
    offer: Offer, params_json: Mapping[str, Json], what: str, make: Callable[[Any, Any], Any]
) -> Any:  # noqa: ANN401
    spec, plugin = offer.spec, offer.plugin
    where = f"{spec.kind} '{offer.id}'"
    cls = params_class(offer, where)
    try:
        params = _params(params_json, cls, lambda text, _: text, offer, where)
    except ParamsFault as fault:
        raise complaint(".".join((where, *fault.path)), fault.what, None, fault.fix) from fault
    target = import_target(spec.target, spec, plugin, where)
    try:
        return build_component(lambda: make(target, params), spec, plugin, where)
    except DeshiError:
        raise
    except Exception as error:
        found = f"could not {what}: {type(error).__name__}: {error}"
        raise ComponentError(found, where=where) from error


def described(offer: Offer, where: str) -> Iterator[tuple[str, Json, str]]:
    """Yield the parameters of a component: key in kebab-case, default (None without), help."""
    cls = params_class(offer, where)
    hints = parameters.hints_of(cls)
    for found in dataclasses.fields(cls):
        hint = hints[found.name]
        notes = (n for kind in (hint, *typing.get_args(hint)) for n in _notes(kind))
        default = found.default if found.default is not dataclasses.MISSING else None
        if found.default_factory is not dataclasses.MISSING:
            default = found.default_factory()
        plain = parameters.dump(default, lambda path, _: str(path))
        yield parameters.kebab(found.name), plain, next(notes, "")


def _notes(hint: Any) -> Iterator[str]:  # noqa: ANN401
    for note in getattr(hint, "__metadata__", ()):
        if isinstance(note, msgspec.Meta):
            yield note.description or ""


@dataclass(frozen=True)
class _Placed:
    """Knows for each parameter who set it."""

    entry: Entry
    overrides: Mapping[str, Json]
    overriding: Source

    def origin(self, path: KeyPath) -> Origin | None:
        if path and path[0] in self.overrides:
            return Origin(self.overriding, path)
        return self.entry.origin_of("params", *path)

    def absolute(self, text: str, path: KeyPath) -> str:
        """Return the path relative to the folder of whoever set it."""
        origin = self.origin(path)
        folder = origin.source.folder if origin else Path.cwd()
        return str((folder / Path(text).expanduser()).absolute())

    def error(self, fault: ParamsFault) -> UsageError:
        where = ".".join((self.entry.path, "params", *fault.path))
        origin = self.origin((*fault.path, fault.key) if fault.key else fault.path)
        return complaint(where, fault.what, origin, fault.fix)


def _absolute_path(path: Path, at: KeyPath) -> str:
    if not path.exists():
        raise ParamsFault(at, f"there is no file or folder '{path}'")
    return str(path.absolute())


def params_class(offer: Offer, where: str) -> type[Any]:
    """Return the parameters' dataclass, imported; NotReadyError if it is none or cannot be read."""
    target = offer.spec.params
    if target is None:
        return NoParams
    cls = import_target(target, offer.spec, offer.plugin, where)
    if not isinstance(cls, type) or not dataclasses.is_dataclass(cls):
        raise _wrong(offer, where, f"{target} is not a dataclass")
    hints = attempt(partial(parameters.hints_of, cls))
    if hints.value is None:
        raise _wrong(offer, where, f"the types of {target} cannot be read: {hints.failure}")
    named = _decoding_keys(offer.spec) | _combining_keys(offer.spec)
    if unknown := named.difference(parameters.key_names(cls)):
        raise _wrong(
            offer, where, f"its spec names '{min(unknown)}', which is not a field of {target}"
        )
    return cls


def _params(
    raw: Mapping[str, Json], cls: type[Any], absolute: ResolvePath, offer: Offer, where: str
) -> Any:  # noqa: ANN401
    try:
        return parameters.build(raw, cls, absolute)
    except (TypeError, NotImplementedError) as error:
        raise _wrong(offer, where, f"{offer.spec.params}: {error}") from error


def _wrong(offer: Offer, where: str, what: str) -> NotReadyError:
    return NotReadyError(f"{offer.plugin.title}: {what}", where=where, fix=offer.plugin.fix)


def _combining_keys(spec: Spec) -> frozenset[str]:
    if not isinstance(spec, CorpusSpec | TeacherSpec | StudentSpec) or spec.combines is None:
        return frozenset()
    return frozenset((spec.combines,))


def _decoding_keys(spec: Spec) -> frozenset[str]:
    names = spec.decoding if isinstance(spec, StudentSpec) else ()
    return frozenset(map(parameters.kebab, names))


def open_component(component: Any) -> AbstractContextManager[Any]:  # noqa: ANN401
    """Enter a component that can be entered; do nothing for one that cannot."""
    if hasattr(component, "__enter__"):
        return cast("AbstractContextManager[Any]", component)
    return nullcontext(component)
