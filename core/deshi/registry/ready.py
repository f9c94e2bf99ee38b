"""Whether a component can run here, found without importing it, and its import behind a guard."""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.metadata
import importlib.util
import os
import pkgutil
from typing import TYPE_CHECKING, Any

from deshi.api import DeshiError, NotReadyError, install_command
from deshi.api.installing import pip_command
from deshi.registry.load import attempt
from deshi.registry.plugin import HOST

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from deshi.api import ExecutorSpec, Json, Spec
    from deshi.registry.plugin import PluginRecord


def readiness(
    spec: Spec | ExecutorSpec, distribution: str = HOST, variables: Sequence[str] | None = None
) -> list[str]:
    """Return why the component is not ready, each reason with what fixes it; empty if it is.

    `distribution` is the plugin's, whose extras come before deshi's; `variables` are the entry's,
    where they are not those of the spec. What depends on parameters is looked for by `missing_needs`.
    """
    reasons = [
        f"needs the module '{name}': run `{command_for(spec, distribution, name)}`"
        for name in spec.needs.modules
        if not _is_installed(name)
    ]
    reasons.extend(
        f"needs the environment variable {name}: set it"
        for name in (spec.needs.environment if variables is None else variables)
        if not os.environ.get(name)
    )
    return reasons


def missing_needs(spec: Spec, params: Any, settings: Mapping[str, Json]) -> list[str]:  # noqa: ANN401
    """Return what a component lacks with these parameters and machine settings, by its own word."""
    if spec.needs.check is None:
        return []
    check = spec.needs.check
    outcome = attempt(lambda: list(pkgutil.resolve_name(check)(params, settings)))
    if outcome.value is None:
        return [f"cannot say whether it is ready: {outcome.failure}"]
    return [str(reason) for reason in outcome.value]


def command_for(spec: Spec | ExecutorSpec, distribution: str, module: str) -> str:
    """Return the pip command that brings a module which the component needs."""
    if not spec.needs.extras:
        return pip_command("install", module.partition(".")[0])
    own = set(_extras_of(distribution))
    extras = [extra for extra in spec.needs.extras if extra in own]
    owner = distribution if extras else HOST
    return install_command(*(extras or spec.needs.extras), distribution=owner)


def import_target(target: str, spec: Spec | ExecutorSpec, plugin: PluginRecord, where: str) -> Any:  # noqa: ANN401
    """Return the class that `module:Class` names.

    Raises NotReadyError if it cannot be imported: with the extra to install where a module that the
    component needs is missing, else with what the import said.
    """
    module, _, name = target.partition(":")
    outcome = attempt(lambda: getattr(importlib.import_module(module), name))
    if outcome.value is not None:
        return outcome.value
    raise _unready(outcome.failure, outcome.error, spec, plugin, where) from outcome.error


def build_component(make: Callable[[], Any], spec: Spec, plugin: PluginRecord, where: str) -> Any:  # noqa: ANN401
    """Return the component that `make` builds; a missing module is reported as by `import_target`.

    Any other exception passes as it is.
    """
    try:
        return make()
    except ImportError as error:
        failure = f"{type(error).__name__}: {error}"
        raise _unready(failure, error, spec, plugin, where) from error


def _unready(
    failure: str,
    error: BaseException | None,
    spec: Spec | ExecutorSpec,
    plugin: PluginRecord,
    where: str,
) -> DeshiError:
    missing = error.name if isinstance(error, ModuleNotFoundError) else None
    needed = {name.partition(".")[0] for name in spec.needs.modules}
    if missing and missing.partition(".")[0] in needed:
        command = command_for(spec, plugin.distribution, missing)
        extras = ", ".join(f"'{extra}'" for extra in spec.needs.extras)
        what = f"needs the extra {extras}" if extras else f"needs the module '{missing}'"
        return NotReadyError(f"{what}, which is not installed", where=where, fix=f"run `{command}`")
    what = f"{plugin.title} cannot be imported: {failure}"
    return NotReadyError(what, where=where, fix=plugin.fix)


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
