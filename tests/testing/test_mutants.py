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


def test_a_loss_that_computes_in_float32_passes():
    assert bad(report_of("loss", target="mutants:Single")) == set()


def test_a_teacher_that_never_answered_has_passed_none_of_the_checks_of_answers():
    report = report_of("teacher", target="mutants:Denied")
    of_answers = [
        result
        for result in report.results
        if result.check.id
        in ("answers-are-replies", "labels-hold-emoji", "hard-texts-are-answered", "many-as-one")
    ]
    assert {r.verdict for r in of_answers} == {"n/a"}
    assert all("it never answered (denied: HTTP 401: no such key)" in r.reason for r in of_answers)


def test_where_a_secret_is_read_is_said():
    for target, where in (("Open", "its attribute 'key'"), ("Logging", "a log record of 'acme'")):
        kind = "metric" if target == "Open" else "teacher"
        spec = spec_of(kind, target=f"mutants:{target}", environment=("ACME_KEY",))
        report = check_component("acme/it", kind=kind, registry=registry_of(spec))
        (reason,) = [r.reason for r in report.results if r.is_bad]
        assert reason == f"the secret can be read in {where}"


def test_a_check_is_told_before_it_runs():
    told = []
    check_component(
        "jaccard", kind="metric", progress=lambda check, at, of: told.append((check.id, at, of))
    )
    assert [at for _, at, _ in told] == list(range(1, told[0][2] + 1))
