"""A plugin made of one component, on the fly: its spec, and a registry that knows it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

from deshi.api import (
    CorpusSpec,
    FilterSpec,
    LossSpec,
    MetricSpec,
    Needs,
    StudentSpec,
    TeacherSpec,
    hookimpl,
)
from deshi.registry import Registry
from deshi.testing import check_component

PARAMS = "references:Params"
SPECS = {
    "corpus": CorpusSpec(
        name="it",
        target="references:Corpus",
        params=PARAMS,
        summary="Numbers.",
        terms=None,
        capabilities=frozenset({"reads-batches", "reports"}),
    ),
    "teacher": TeacherSpec(
        name="it",
        target="references:Teacher",
        params=PARAMS,
        summary="Sums letters.",
        tasks=frozenset({"label", "rewrite"}),
        terms=None,
        endpoint="url",
        capabilities=frozenset({"answers-many", "estimates-cost"}),
    ),
    "merging": TeacherSpec(
        name="it",
        target="references:Merging",
        summary="Merges.",
        tasks=frozenset({"label"}),
        terms=None,
        capabilities=frozenset({"merges-answers"}),
    ),
    "filter": FilterSpec(
        name="it",
        target="references:Filter",
        summary="Drops what is long.",
        places=frozenset({"source"}),
        capabilities=frozenset({"decides-batches"}),
    ),
    "learning": FilterSpec(
        name="it",
        target="references:Learning",
        summary="Drops what is longer than most.",
        places=frozenset({"labelled"}),
        training_only=True,
        capabilities=frozenset({"fits-first"}),
    ),
    "student": StudentSpec(
        name="it",
        target="references:Student",
        params=PARAMS,
        summary="Looks up a character.",
        trains_on=None,
        deterministic=True,
        decoding=("limit",),
        capabilities=frozenset({"saves", "exports", "explains"}),
    ),
    "loss": LossSpec(
        name="it",
        target="references:Loss",
        summary="Cross-entropy.",
        takes=frozenset({"labels", "tokens"}),
        capabilities=frozenset({"uses-counts", "scheduled"}),
    ),
    "metric": MetricSpec(
        name="it",
        target="references:Metric",
        params=PARAMS,
        summary="Precision.",
        direction="higher",
        bounds=(0.0, 1.0),
        signature="set|micro",
    ),
    "share": MetricSpec(
        name="it",
        target="references:Share",
        summary="Share of empty answers.",
        direction="lower",
        bounds=(0.0, 1.0),
        signature="share",
        capabilities=frozenset({"share-of-texts"}),
    ),
}
HOOKS = {
    "corpus": "deshi_corpora",
    "teacher": "deshi_teachers",
    "filter": "deshi_filters",
    "student": "deshi_students",
    "loss": "deshi_losses",
    "metric": "deshi_metrics",
}


def spec_of(name, **changes):
    spec = SPECS[name]
    if (secret := changes.pop("environment", None)) is not None:
        changes["needs"] = Needs(environment=secret)
    added = frozenset(changes.pop("add", ()))
    removed = frozenset(changes.pop("remove", ()))
    capabilities = (spec.capabilities | added) - removed
    return replace(spec, **{"capabilities": capabilities, **changes})


def registry_of(spec, entry=None):
    """Return a registry with deshi's own plugin and one that offers this spec."""
    hook = HOOKS[spec.kind]
    plugin = SimpleNamespace(**{hook: hookimpl(_named(hook, lambda: [spec]))})
    return Registry(
        Path(),
        autoload=False,
        plugins={"builtin": "deshi_plugins.hooks", "acme": plugin},
        environ={},
    )


def _named(name, function):
    function.__name__ = name
    return function


def report_of(name, **changes):
    """Check the reference component of this name with its spec changed."""
    params = changes.pop("given", {})
    spec = spec_of(name, **changes)
    return check_component("acme/it", params, kind=spec.kind, registry=registry_of(spec))


def bad(report):
    return {result.check.id for result in report.results if result.is_bad}
