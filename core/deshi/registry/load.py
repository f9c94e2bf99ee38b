"""Loading plugins. The one module of the registry that imports pluggy.

pluggy marks the hooks of a plugin. They are called one plugin at a time: whatever a plugin does wrong
becomes a state of its record; only KeyboardInterrupt and its like pass.
"""

from __future__ import annotations

import copy
import importlib.util
import inspect
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

import pluggy

from deshi.api import ExecutorSpec, Json, Layer, Spec, hooks, nearest
from deshi.registry.guard import CallResult, attempt
from deshi.registry.offer import Offer
from deshi.registry.offers import OFFERS, faults, subject
from deshi.registry.plugin import PluginRecord

Hook: TypeAlias = Callable[..., Any]

T = TypeVar("T")

WATCHES: Final = ("deshi_stage_finished", "deshi_run_finished")
"""The watching hooks."""


class Plugin:
    """A plugin: its record and, once it is loaded, what it offers.

    `given` is the plugin itself where it needs no import; `trace` takes a line for each call of a hook.
    `offered` is by kind (or `executor`, `layers`).
    """

    def __init__(
        self,
        record: PluginRecord,
        given: object | None = None,
        trace: Callable[[str], None] | None = None,
    ) -> None:
        self.record = record
        self.offered: dict[str, tuple[Any, ...]] = {}
        self._given = given
        self._object: object | None = None
        self._trace = trace
        self._hooks: dict[str, Hook] = {}

    def load(self, others: Iterable[Plugin]) -> None:
        """Import the plugin, ask for its offers, and check them, unless that was done.

        The record is then `ready`, `broken` or `invalid`; nothing that the plugin raises is raised.
        """
        if self.record.state != "found":
            return
        opened = attempt(lambda: self._open(others))
        if opened.value is None:
            self.record = replace(
                self.record, state="broken", reason=opened.failure, trace=opened.trace
            )
            return
        wrong: dict[str, list[str]] = defaultdict(list)
        for attribute, text in opened.value.items():
            if text:
                wrong[subject(attribute)].append(text)
        trace = self._ask(wrong)
        problems = {about: "; ".join(found) for about, found in wrong.items()}
        offers = tuple(
            (kind, self.record.component_id(spec.name))
            for kind, found in self.offered.items()
            for spec in found
            if kind != "layers"
        )
        self.record = replace(
            self.record,
            state="invalid" if problems else "ready",
            reason="; ".join(problems.values()),
            trace=trace,
            problems=problems,
            offers=offers,
        )

    def offers(self, kind: str) -> Iterator[Offer]:
        """Yield the components of a kind that a loaded plugin offers."""
        for spec in self.offered.get(kind, ()):
            id_ = self.record.component_id(spec.name)
            yield Offer(kind=kind, id=id_, spec=spec, plugin=self.record)

    @property
    def folder(self) -> Path:
        """The folder of a loaded plugin's module; the working folder where it has none."""
        module = sys.modules.get(self.record.entry.partition(":")[0])
        found = (getattr(one, "__file__", None) for one in (self._object, module))
        return next((Path(file).resolve().parent for file in found if file), Path.cwd())

    def watch(self, hook: str, payload: Mapping[str, Json]) -> str:
        """Call a watching hook with its own copy; return how it failed, if it did."""
        function = self._hooks.get(hook)
        if function is None:
            return ""
        copies = [copy.deepcopy(payload) for _ in _required(function)]
        return self._call(hook, partial(function, *copies)).failure

    def _open(self, others: Iterable[Plugin]) -> Mapping[str, str]:
        """Import the plugin, keep its hooks, return each of them with what is wrong with it."""
        plugin = self._given if self._given is not None else _import(self.record)
        found = _implementations(plugin)
        for other in others:
            if other._object is plugin:  # noqa: SLF001  (of its own class)
                message = f"its hooks are those of plugin '{other.record.name}'"
                raise ValueError(message)
        self._object = plugin
        self._hooks = {name: getattr(plugin, name) for name, wrong in found.items() if not wrong}
        return found

    def _ask(self, wrong: dict[str, list[str]]) -> str:
        """Call each sound offering hook, keep what it offers or take note of what is wrong with it.

        Return the traces of those that failed.
        """
        traces: list[str] = []
        for hook in (hook for hook in OFFERS if hook in self._hooks):
            answer = self._call(hook, partial(_exhaust, self._hooks[hook]))
            if answer.value is None:
                found = [f"{hook}: {answer.failure}"]
                traces.append(answer.trace)
            else:
                found = [*faults(hook, answer.value)]
            if found:
                wrong[subject(hook)] += found
            else:
                self.offered[subject(hook)] = answer.value or ()
        return "\n".join(traces)

    def _call(self, hook: str, call: Callable[[], T]) -> CallResult[T]:
        """Call a hook behind the guard, and trace it."""
        began = time.perf_counter()
        outcome = attempt(call)
        if self._trace is not None:
            took = 1e3 * (time.perf_counter() - began)
            found = outcome.value
            came = f"{len(found)} offered" if isinstance(found, tuple) else "done"
            said = outcome.failure or came
            self._trace(f"deshi: {self.record.name}: {hook}: {said} ({took:.1f} ms)")
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
