"""Loading plugins behind a guard. The one module of the registry that imports pluggy.

Whatever a plugin does wrong becomes a state of its record; only KeyboardInterrupt and its like
pass.
"""

from __future__ import annotations

import contextlib
import copy
import importlib.util
import inspect
import sys
import time
import traceback
import types
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import pluggy

from deshi.api import ExecutorSpec, Spec, hooks, nearest
from deshi.api import Layer as Fragment
from deshi.registry.offers import EXECUTORS, LAYERS, OFFERS, faults, subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from deshi.api import Json, Kind
    from deshi.registry.plugin import PluginRecord

T = TypeVar("T")

WATCHES: Final[Mapping[str, str]] = {
    "deshi_stage_finished": "stage",
    "deshi_run_finished": "results",
}
"""The watching hooks and the name of the argument of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A plugin after loading: its record, its specs, its fragments of registry.toml."""

    record: PluginRecord
    specs: Mapping[Kind, tuple[Spec, ...]] = field(default_factory=dict)
    executors: tuple[ExecutorSpec, ...] = ()
    fragments: tuple[Fragment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallResult(Generic[T]):
    """What came of running foreign code: a value, or how it failed."""

    value: T | None = None
    failure: str = ""
    trace: str = ""
    error: BaseException | None = None


def attempt(call: Callable[[], T]) -> CallResult[T]:
    """Run foreign code: `Exception` and `SystemExit` become a failure, prints go to stderr."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            return CallResult(value=call())
    except (Exception, SystemExit) as error:  # noqa: BLE001  (foreign code may raise anything)
        text = f"{type(error).__name__}: {error}".removesuffix(": ")
        failure = " ".join(text.split())
        return CallResult(failure=failure, trace=traceback.format_exc(), error=error)


class PluginHost:
    """Holds the plugins that were loaded, and asks them one at a time."""

    def __init__(self, trace: Callable[[str], None] | None = None) -> None:
        self._manager = _Manager("deshi")
        self._manager.add_hookspecs(hooks)
        self._trace = trace

    def load(self, record: PluginRecord, given: object | None = None) -> Loaded:
        """Import the plugin (or take the given object), ask for its offers, and check them.

        Returns the record as `ready`, `broken` or `invalid`; raises nothing that the plugin raises.
        """
        imported = attempt(lambda: given if given is not None else _import(record))
        if imported.value is None:
            return Loaded(record=_broken(record, imported))
        plugin = _hashable(record.name, imported.value)
        inspected = attempt(lambda: _implementations(plugin))
        if inspected.value is None:
            return Loaded(record=_broken(record, inspected))
        problems = {name: text for name, text in inspected.value.items() if text}
        self._manager.accepted = frozenset(inspected.value) - frozenset(problems)
        registered = attempt(lambda: self._register(record, plugin))
        if registered.value is None:
            self._forget(record.name)
            return Loaded(record=_broken(record, registered))
        return self._ask(record, plugin, problems)

    def folder(self, record: PluginRecord) -> Path | None:
        """Return the folder of a loaded plugin's module, if it has one."""
        plugin = self._manager.get_plugin(record.name)
        module = sys.modules.get(record.entry.partition(":")[0])
        file = getattr(plugin, "__file__", None) or getattr(module, "__file__", None)
        return Path(file).resolve().parent if file else None

    def watch(self, record: PluginRecord, hook: str, payload: Mapping[str, Json]) -> str:
        """Call a watching hook of one plugin with its own copy; return how it failed, if it did."""
        plugin = self._manager.get_plugin(record.name)
        if plugin is None or not self._implements(plugin, hook):
            return ""
        caller = self._caller(plugin, hook)
        call = partial(caller, **{WATCHES[hook]: copy.deepcopy(payload)})
        return self._call_guarded(record, hook, call).failure

    def _call_guarded(
        self, record: PluginRecord, hook: str, call: Callable[[], T]
    ) -> CallResult[T]:
        """Call a hook behind the guard, and trace it."""
        began = time.perf_counter()
        outcome = attempt(call)
        if self._trace is not None:
            took = 1e3 * (time.perf_counter() - began)
            found = outcome.value
            came = f"{len(found)} offered" if isinstance(found, tuple) else "done"
            self._trace(f"deshi: {record.name}: {hook}: {outcome.failure or came} ({took:.1f} ms)")
        return outcome

    def _ask(self, record: PluginRecord, plugin: object, problems: dict[str, str]) -> Loaded:
        """Call every offering hook that was accepted, each behind its own guard."""
        wrong: dict[str, list[str]] = {}
        for attribute, text in problems.items():
            wrong.setdefault(subject(attribute), []).append(text)
        offered: dict[str, tuple[Any, ...]] = {}
        traces: list[str] = []
        for hook in (*OFFERS, EXECUTORS, LAYERS):
            if not self._implements(plugin, hook):
                continue
            caller = self._caller(plugin, hook)
            answer = self._call_guarded(record, hook, partial(_exhaust, caller))
            found = (
                [f"{hook}: {answer.failure}"]
                if answer.value is None
                else faults(hook, answer.value)
            )
            if found:
                wrong.setdefault(subject(hook), []).extend(found)
                traces.append(answer.trace)
            else:
                offered[hook] = answer.value or ()
        texts = {about: "; ".join(found) for about, found in wrong.items()}
        return _loaded(record, offered, texts, "\n".join(filter(None, traces)))

    def _implements(self, plugin: object, hook: str) -> bool:
        callers = self._manager.get_hookcallers(plugin) or []
        return any(caller.name == hook for caller in callers)

    def _caller(self, plugin: object, hook: str) -> pluggy.HookCaller:
        others = [other for other in self._manager.get_plugins() if other is not plugin]
        return self._manager.subset_hook_caller(hook, others)

    def _register(self, record: PluginRecord, plugin: object) -> str | None:
        if other := self._manager.get_name(plugin):
            message = f"its hooks are those of plugin '{other}'"
            raise ValueError(message)
        return self._manager.register(plugin, record.name)

    def _forget(self, name: str) -> None:
        """Take back a registration that failed half-way, as it does before pluggy 1.7."""
        if self._manager.has_plugin(name):
            self._manager.unregister(name=name)


class _Manager(pluggy.PluginManager):
    """A plugin manager that registers only the hook implementations found to be sound.

    pluggy refuses a whole plugin for one wrong signature; here the sound hooks stay.
    """

    accepted: frozenset[str] = frozenset()

    def parse_hookimpl_opts(self, plugin: object, name: str) -> pluggy.HookimplOpts | None:
        return super().parse_hookimpl_opts(plugin, name) if name in self.accepted else None


def _import(record: PluginRecord) -> object:
    if record.is_local:
        return _import_file(Path(record.entry))
    plugin: object = EntryPoint(name=record.name, value=record.entry, group=record.group).load()
    if plugin is None:
        message = f"{record.entry} is None"
        raise TypeError(message)
    return plugin


def _import_file(path: Path) -> object:
    """Import a plugin that is one file, as the module of its name, so that targets can name it."""
    known = sys.modules.get(path.stem)
    if known is not None and getattr(known, "__file__", None) == str(path):
        return known
    found = importlib.util.find_spec(path.stem)
    # `python -m deshi` has the working folder on the path, and so may find the very file.
    if found is not None and Path(found.origin or "").resolve() != path:
        message = f"a module '{path.stem}' is installed; rename the file"
        raise ValueError(message)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[path.stem]
        raise
    return module


def _hashable(name: str, plugin: object) -> object:
    """Return the plugin, as a module where it is a namespace that pluggy cannot keep in a set."""
    if type(plugin).__hash__ is not None:
        return plugin
    module = types.ModuleType(name)
    vars(module).update(vars(plugin))
    return module


def _broken(record: PluginRecord, outcome: CallResult[Any]) -> PluginRecord:
    return replace(record, state="broken", reason=outcome.failure, trace=outcome.trace)


def _implementations(plugin: object) -> dict[str, str]:
    """Return each hook implementation of the plugin with what is wrong with it, or nothing."""
    reader = pluggy.PluginManager("deshi")
    known = (*OFFERS, EXECUTORS, LAYERS, *WATCHES)
    found: dict[str, str] = {}
    for name in dir(plugin):
        marked = reader.parse_hookimpl_opts(plugin, name)
        if marked is None:
            if name in known and inspect.isroutine(getattr(plugin, name)):
                found[name] = f"{name} has no @hookimpl marker"
            continue
        if marked["specname"] or marked["wrapper"] or marked["hookwrapper"]:
            found[name] = f"{name}: the marker takes neither a wrapper nor another name"
        elif name not in known:
            found[name] = f"unknown hook '{name}'; {nearest(name, known)}"
        else:
            found[name] = _signature_fault(name, getattr(plugin, name))
    return found


def _signature_fault(hook: str, function: Callable[..., object]) -> str:
    allowed = [*inspect.signature(getattr(hooks, hook)).parameters]
    wanted = inspect.signature(function).parameters.values()
    excess = [p.name for p in wanted if p.name not in allowed and p.default is p.empty]
    if not excess:
        return ""
    gets = f"gets only {', '.join(allowed)}" if allowed else "gets no argument"
    return f"{hook} asks for {', '.join(map(repr, excess))}, but {gets}"


def _exhaust(caller: pluggy.HookCaller) -> tuple[Any, ...]:
    """Call the one plugin's hook and return what it offered, a generator run to its end."""
    results: list[Any] = caller()
    if not results:
        message = "it returned None, not specs"
        raise TypeError(message)
    offered = results[0]
    if isinstance(offered, (Spec, ExecutorSpec, Fragment)):
        message = f"it returned one {type(offered).__name__}, not a list of them"
        raise TypeError(message)
    return tuple(offered)


def _loaded(
    record: PluginRecord,
    offered: Mapping[str, tuple[Any, ...]],
    problems: dict[str, str],
    trace: str,
) -> Loaded:
    specs = {OFFERS[hook].kind: found for hook, found in offered.items() if hook in OFFERS}
    return Loaded(
        record=replace(
            record,
            state="invalid" if problems else "ready",
            reason="; ".join(problems.values()),
            trace=trace,
            problems=problems,
            offers=(
                *_offers(record, specs),
                *(("executor", record.component_id(e.name)) for e in offered.get(EXECUTORS, ())),
            ),
        ),
        specs=specs,
        executors=offered.get(EXECUTORS, ()),
        fragments=offered.get(LAYERS, ()),
    )


def _offers(
    record: PluginRecord, specs: Mapping[Kind, tuple[Spec, ...]]
) -> Iterator[tuple[str, str]]:
    for kind, found in specs.items():
        for spec in found:
            yield kind, record.component_id(spec.name)
