"""Loading plugins behind a guard. The one module of the registry that imports pluggy.

pluggy marks the hooks of a plugin. They are called one plugin at a time: whatever a plugin does wrong
becomes a state of its record; only KeyboardInterrupt and its like pass.
"""

from __future__ import annotations

import contextlib
import copy
import importlib.util
import inspect
import sys
import time
import traceback
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, TypeAlias, TypeVar

import pluggy

from deshi.api import ExecutorSpec, Layer, Spec, hooks, nearest
from deshi.registry.offers import OFFERS, faults, subject

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from deshi.api import Json
    from deshi.registry.plugin import PluginRecord

    Hook: TypeAlias = Callable[..., Any]

T = TypeVar("T")

WATCHES: Final = ("deshi_stage_finished", "deshi_run_finished")
"""The watching hooks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A plugin after loading: its record, and what it offers, by kind (or `executor`, `layers`)."""

    record: PluginRecord
    offered: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


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
        self._trace = trace
        self._plugins: dict[str, object] = {}
        self._hooks: dict[str, dict[str, Hook]] = {}

    def load(self, record: PluginRecord, given: object | None = None) -> Loaded:
        """Import the plugin (or take the given object), ask for its offers, and check them.

        Returns the record as `ready`, `broken` or `invalid`; raises nothing that the plugin raises.
        """
        opened = attempt(lambda: self._open(record, given))
        if opened.value is None:
            broken = replace(record, state="broken", reason=opened.failure, trace=opened.trace)
            return Loaded(record=broken)
        wrong: dict[str, list[str]] = defaultdict(list)
        for attribute, text in opened.value.items():
            if text:
                wrong[subject(attribute)].append(text)
        offered: dict[str, tuple[Any, ...]] = {}
        trace = self._ask(record, offered, wrong)
        problems = {about: "; ".join(found) for about, found in wrong.items()}
        record = replace(
            record,
            state="invalid" if problems else "ready",
            reason="; ".join(problems.values()),
            trace=trace,
            problems=problems,
            offers=tuple(
                (kind, record.component_id(spec.name))
                for kind, found in offered.items()
                for spec in found
                if not isinstance(spec, Layer)
            ),
        )
        return Loaded(record=record, offered=offered)

    def folder(self, record: PluginRecord) -> Path | None:
        """Return the folder of a loaded plugin's module, if it has one."""
        module = sys.modules.get(record.entry.partition(":")[0])
        found = (self._plugins.get(record.name), module)
        file = next((file for one in found if (file := getattr(one, "__file__", None))), None)
        return Path(file).resolve().parent if file else None

    def watch(self, record: PluginRecord, hook: str, payload: Mapping[str, Json]) -> str:
        """Call a watching hook of one plugin with its own copy; return how it failed, if it did."""
        function = self._hooks.get(record.name, {}).get(hook)
        if function is None:
            return ""
        copies = [copy.deepcopy(payload) for _ in _required(function)]
        return self._call(record, hook, partial(function, *copies)).failure

    def _open(self, record: PluginRecord, given: object | None) -> Mapping[str, str]:
        """Import a plugin, keep its hooks, return each of them with what is wrong with it."""
        plugin = given if given is not None else _import(record)
        found = _implementations(plugin)
        for other, known in self._plugins.items():
            if known is plugin:
                message = f"its hooks are those of plugin '{other}'"
                raise ValueError(message)
        self._plugins[record.name] = plugin
        sound = {name: getattr(plugin, name) for name, wrong in found.items() if not wrong}
        self._hooks[record.name] = sound
        return found

    def _ask(
        self,
        record: PluginRecord,
        offered: dict[str, tuple[Any, ...]],
        wrong: dict[str, list[str]],
    ) -> str:
        """Call each sound offering hook, take note of what it offers or what is wrong with it.

        Return the traces of those that failed.
        """
        traces: list[str] = []
        sound = self._hooks[record.name]
        for hook in (hook for hook in OFFERS if hook in sound):
            answer = self._call(record, hook, partial(_exhaust, sound[hook]))
            if answer.value is None:
                found = [f"{hook}: {answer.failure}"]
                traces.append(answer.trace)
            else:
                found = [*faults(hook, answer.value)]
            if found:
                wrong[subject(hook)] += found
            else:
                offered[subject(hook)] = answer.value or ()
        return "\n".join(traces)

    def _call(self, record: PluginRecord, hook: str, call: Callable[[], T]) -> CallResult[T]:
        """Call a hook behind the guard, and trace it."""
        began = time.perf_counter()
        outcome = attempt(call)
        if self._trace is not None:
            took = 1e3 * (time.perf_counter() - began)
            found = outcome.value
            came = f"{len(found)} offered" if isinstance(found, tuple) else "done"
            self._trace(f"deshi: {record.name}: {hook}: {outcome.failure or came} ({took:.1f} ms)")
        return outcome


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


def _implementations(plugin: object) -> dict[str, str]:
    """Return each hook implementation of the plugin with what is wrong with it, or nothing."""
    reader = pluggy.PluginManager("deshi")
    known = (*OFFERS, *WATCHES)
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


def _signature_fault(hook: str, function: Hook) -> str:
    allowed = _required(getattr(hooks, hook))
    excess = [name for name in _required(function) if name not in allowed]
    if not excess:
        return ""
    gets = f"gets only {', '.join(allowed)}" if allowed else "gets no argument"
    return f"{hook} asks for {', '.join(map(repr, excess))}, but {gets}"


def _required(function: Hook) -> list[str]:
    """Return the names of the parameters that have no default."""
    parameters = inspect.signature(function).parameters.values()
    return [one.name for one in parameters if one.default is one.empty]


def _exhaust(function: Hook) -> tuple[Any, ...]:
    """Call an offering hook and return what it offered, a generator run to its end."""
    offered = function()
    if offered is None:
        message = "it returned None, not specs"
        raise TypeError(message)
    if isinstance(offered, (Spec, ExecutorSpec, Layer)):
        message = f"it returned one {type(offered).__name__}, not a list of them"
        raise TypeError(message)
    return tuple(offered)
