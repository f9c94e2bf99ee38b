"""Every check rejects a component that breaks its promise, and only that check does."""

from pathlib import Path

import pytest
from kit_plugin import bad, registry_of, report_of, spec_of
from mutants import ANYTHING, MUTANTS

from deshi.api import KINDS
from deshi.registry import Registry
from deshi.testing import check_component
from deshi.testing.running import checks_of

WITHOUT_MUTANT = {"listing-imports-nothing-heavy"}  # has a test of its own


@pytest.mark.parametrize("one", MUTANTS, ids=lambda one: f"{one.of}-{one.fails}")
def test_a_mutant_is_rejected_by_its_check_alone(one):
    spec = spec_of(one.of, **one.changes)
    report = check_component(
        "acme/it", kind=spec.kind, registry=registry_of(spec), live=one.live, budget=1.0
    )
    found = bad(report)
    assert one.fails in found
    assert one.also == ANYTHING or found == {one.fails} | one.also
    assert not report.is_good


def test_every_check_has_a_mutant():
    checks = {check.id for kind in KINDS for check in checks_of(kind)}
    assert {one.fails for one in MUTANTS} | WITHOUT_MUTANT == checks


def test_a_plugin_whose_hooks_import_a_heavy_library_is_told():
    plugins = {"builtin": "deshi_plugins.hooks", "acme": "heavy_hooks"}
    registry = Registry(Path(), autoload=False, plugins=plugins, environ={})
    report = check_component("acme/it", kind="metric", registry=registry)
    assert bad(report) == {"listing-imports-nothing-heavy"}
    (reason,) = [r.reason for r in report.results if r.is_bad]
    assert "importing heavy_hooks imports scipy" in reason


def test_a_loss_that_refuses_a_shape_of_its_spec_by_default_is_rejected():
    assert "one-value-an-item" in bad(report_of("loss", target="mutants:Refusing"))


def test_what_a_mutant_did_is_told_with_the_input_that_shows_it():
    report = report_of("filter", target="mutants:Sentence")
    (reason,) = [r.reason for r in report.results if r.is_bad]
    assert reason.startswith("'ああああ")
    assert reason.endswith("the reason is 'It is too long!'")
