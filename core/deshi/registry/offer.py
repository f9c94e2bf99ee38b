"""A component that a plugin offers: whether it can run here, and how it is imported and built.

What it is made of is foreign code, so that whatever it raises becomes an error that says whose it is.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.machinery
import importlib.metadata
import importlib.util
import os
import pkgutil
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, is_dataclass
from functools import partial
from typing import Any, cast

import msgspec

from deshi.api import (
    Json,
    NoParams,
    NotReadyError,
    Spec,
    StudentSpec,
    install_command,
)
from deshi.api.installing import pip_command
from deshi.registry import params as parameters
from deshi.registry.boundary import guarded, refuse
from deshi.registry.guard import attempt
from deshi.registry.params import ParamsFault, ResolvePath
from deshi.registry.plugin import HOST, PluginRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A component that a plugin offers: its kind (or `executor`), its id, its spec, the plugin."""

    kind: str
    id: str
    spec: Spec
    plugin: PluginRecord

    @property
    def title(self) -> str:
        """The component as messages name it where no entry does: `student 'acme/t5'`."""
        return f"{self.kind} '{self.id}'"

    def readiness(self, variables: Sequence[str] | None = None) -> list[str]:
        """Return why it is not ready, each reason with what fixes it; nothing is imported to tell.

        `variables` are the entry's, where they are not those of the spec. What depends on parameters
        is looked for by `missing_needs`.
        """
        reasons = [
            f"needs the module '{name}': run `{self._command_for(name)}`"
            for name in self.spec.needs.modules
            if not _is_installed(name)
        ]
        reasons.extend(
            f"needs the environment variable {name}: set it"
            for name in (self.spec.needs.environment if variables is None else variables)
            if not os.environ.get(name)
        )
        return reasons

    def missing_needs(self, params: Any, settings: Mapping[str, Json]) -> list[str]:  # noqa: ANN401
        """Return what it lacks with these parameters and machine settings, by its own word."""
        check = self.spec.needs.check
        if check is None:
            return []
        outcome = attempt(lambda: list(pkgutil.resolve_name(check)(params, settings)))
        if outcome.value is None:
            return [f"cannot say whether it is ready: {outcome.failure}"]
        return [str(reason) for reason in outcome.value]

    def imported(self, target: str, where: str) -> Any:  # noqa: ANN401
        """Return the class that `module:Class` names.

        Raises NotReadyError if it cannot be imported: with the extra to install where a module that
        the component needs is missing, else with what the import said.
        """
        module, _, name = target.partition(":")
        outcome = attempt(lambda: getattr(importlib.import_module(module), name))
        if outcome.value is not None:
            return outcome.value
        raise self._unready(outcome.failure, outcome.error, where) from outcome.error

    def params_class(self, where: str = "") -> type[Any]:
        """Return the parameters' dataclass, imported; NotReadyError if it is none or cannot be read.

        `where` is what messages name; left out, it is the component.
        """
        where = where or self.title
        target = self.spec.params
        if target is None:
            return NoParams
        cls = self.imported(target, where)
        if not isinstance(cls, type) or not is_dataclass(cls):
            raise self._wrong(where, f"{target} is not a dataclass")
        fields = attempt(partial(parameters.fields_of, cls))
        if fields.value is None:
            raise self._wrong(where, f"the types of {target} cannot be read: {fields.failure}")
        combining: str | None = getattr(self.spec, "combines", None)
        named = decoding_keys(self.spec) | ({combining} if combining else set())
        if unknown := named.difference(fields.value):
            what = f"its spec names '{min(unknown)}', which is not a field of {target}"
            raise self._wrong(where, what)
        return cls

    def params(self, raw: Mapping[str, Json], absolute: ResolvePath, where: str) -> Any:  # noqa: ANN401
        """Return the parameters, an instance of their class.

        Raises ParamsFault where values are wrong, NotReadyError where the class is.
        """
        cls = self.params_class(where)
        try:
            return parameters.build(raw, cls, absolute)
        except (TypeError, NotImplementedError) as error:
            raise self._wrong(where, f"{self.spec.params}: {error}") from error

    def default(self, key: str) -> Json:
        """Return the default of a parameter, in kebab-case; None if it has none."""
        found = parameters.fields_of(self.params_class()).get(key)
        has = found is not None and found.default is not msgspec.NODEFAULT
        return parameters.dump(found.default, lambda path, _: str(path)) if found and has else None

    def build(
        self, params_json: Mapping[str, Json], make: Callable[[Any, Any], Any], done: str = "built"
    ) -> Any:  # noqa: ANN401
        """Return what `make` makes of the component's class and its parameters.

        Raises NotReadyError if something that it needs is not installed, UsageError if the parameters
        do not fit, ComponentError if it could not be `done` otherwise.
        """
        where = self.title
        try:
            params = self.params(params_json, lambda text, _: text, where)
        except ParamsFault as fault:
            raise fault.told(where, None) from fault
        target = self.imported(self.spec.target, where)
        try:
            with contextlib.redirect_stdout(sys.stderr):
                bounds = getattr(self.spec, "bounds", (None, None))
                return guarded(make(target, params), self.kind, where, bounds)
        except ImportError as error:
            raise self._unready(f"{type(error).__name__}: {error}", error, where) from error
        except BaseException as error:  # noqa: BLE001  (it becomes a ComponentError)
            method = {"built": "__init__"}.get(done, "load")
            refuse(error, where, target, method, f"could not be {done}")

    def _unready(self, failure: str, error: BaseException | None, where: str) -> NotReadyError:
        missing = error.name if isinstance(error, ModuleNotFoundError) else None
        needs = self.spec.needs
        if missing and missing.partition(".")[0] in {
            one.partition(".")[0] for one in needs.modules
        }:
            extras = ", ".join(f"'{extra}'" for extra in needs.extras)
            what = f"needs the extra {extras}" if extras else f"needs the module '{missing}'"
            fix = f"run `{self._command_for(missing)}`"
            return NotReadyError(f"{what}, which is not installed", where=where, fix=fix)
        what = f"{self.plugin.title} cannot be imported: {failure}"
        return NotReadyError(what, where=where, fix=self.plugin.fix)

    def _wrong(self, where: str, what: str) -> NotReadyError:
        return NotReadyError(f"{self.plugin.title}: {what}", where=where, fix=self.plugin.fix)

    def _command_for(self, module: str) -> str:
        """Return the pip command that brings a module, by an extra of the plugin or of deshi."""
        extras = self.spec.needs.extras
        if not extras:
            return pip_command("install", module.partition(".")[0])
        offered = _extras_of(self.plugin.distribution)
        own = [extra for extra in extras if extra in offered]
        return install_command(
            *(own or extras), distribution=self.plugin.distribution if own else HOST
        )


def open_component(component: Any) -> AbstractContextManager[Any]:  # noqa: ANN401
    """Enter a component that can be entered; do nothing for one that cannot."""
    if hasattr(component, "__enter__"):
        return cast("AbstractContextManager[Any]", component)
    return nullcontext(component)


def decoding_keys(spec: Spec) -> frozenset[str]:
    """Return the parameters that a student's predictions alone depend on."""
    names = spec.decoding if isinstance(spec, StudentSpec) else ()
    return frozenset(map(parameters.kebab, names))


def _is_installed(module: str) -> bool:
    """Whether the module can be found; unlike `find_spec` on a dotted name, imports no parent."""
    top, *rest = module.split(".")
    try:
        found = importlib.util.find_spec(top)
    except ValueError:  # already imported, without a spec
        return True
    name = top
    for part in rest:
        if found is None:
            return False
        name = f"{name}.{part}"
        folders = found.submodule_search_locations
        found = importlib.machinery.PathFinder.find_spec(name, folders) if folders else None
    return found is not None


def _extras_of(distribution: str) -> list[str]:
    try:
        return importlib.metadata.metadata(distribution).get_all("Provides-Extra") or []
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return []
