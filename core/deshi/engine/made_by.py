"""What made an artefact: asked of the process that makes it, when it does."""

from __future__ import annotations

import functools
import importlib.metadata
import platform
import re
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from deshi.api import ComponentError, Json
from deshi.benchmark.part import Part
from deshi.registry import code_of
from deshi.registry.plugin import HOST
from deshi.registry.plugin_code import edited
from deshi.version import __version__
from deshi.workspace.manifest import MadeBy, UsedPlugin

if TYPE_CHECKING:
    from deshi.benchmark.stage_params import StageParams
    from deshi.registry import Registry

_OF_THE_KERNEL: Final = ("numpy", "scipy", "pyarrow")
_DISTRIBUTIONS: Final = {"sklearn": "scikit-learn", "faiss": "faiss-cpu"}


def made_by(params: StageParams, registry: Registry, figures: object) -> MadeBy:
    """Return what makes a stage now, of which `figures` came."""
    parts = _whole(params)
    offers = [registry.catalog.find(part.kind, part.id) for part in parts]
    modules = {name.partition(".")[0] for offer in offers for name in offer.spec.needs.modules}
    records = {offer.plugin.name: offer.plugin for offer in offers}
    required = {name for one in records.values() for name in _required(one.distribution)}
    codes = {offer.plugin.name: part.code for offer, part in zip(offers, parts, strict=True)}
    devices = sorted({str(part.env["device"]) for part in parts if "device" in part.env})
    return MadeBy(
        deshi=__version__,
        python=platform.python_version(),
        libraries=dict(_versions({*_OF_THE_KERNEL, *modules, *required})),
        plugins=tuple(
            UsedPlugin(name, one.distribution, one.version, codes[name])
            for name, one in sorted(records.items())
        ),
        device=", ".join(devices) or "cpu",
        threads=max([1, *(int(part.env.get("threads", 1)) for part in parts)]),
        precision=_precision(figures),
    )


def check_code(params: StageParams, registry: Registry) -> None:
    """Refuse a stage whose code is not what its key says: somebody edited it since it was planned."""
    for part in {one.code: one for one in _whole(params) if one.code}.values():
        plugin = registry.catalog.find(part.kind, part.id).plugin
        if edited(part.code, code_of(plugin)):
            what = f"{plugin.title} has changed since this run was planned"
            raise ComponentError(what, where=f"{part.kind} '{part.label}'", fix="run it again")


def _whole(params: StageParams) -> list[Part]:
    return [one for part in params.parts() for one in part.whole()]


def _versions(modules: set[str]) -> Iterator[tuple[str, str]]:
    for module in sorted(modules):
        name = _DISTRIBUTIONS.get(module, module)
        if found := _installed(name) or getattr(sys.modules.get(module), "__version__", None):
            yield name, str(found)


@functools.cache
def _required(distribution: str) -> frozenset[str]:
    """Return what a third party's distribution requires; deshi's own specs say it each for itself."""
    if distribution in ("", HOST):
        return frozenset()
    try:
        lines = importlib.metadata.requires(distribution) or []
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return frozenset()
    names = (re.match(r"[\w.-]+", line) for line in lines if "extra ==" not in line)
    return frozenset(found[0] for found in names if found) - {HOST}


@functools.cache
def _installed(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _precision(figures: object) -> str:
    """Return the precision that a student reports of its training; empty where it reports none."""
    report: Any = getattr(figures, "report", None)
    notes: Json = report.get("notes") if isinstance(report, Mapping) else None
    return str(notes.get("precision", "")) if isinstance(notes, Mapping) else ""
