"""The reference components keep their contract, and the counts of checks are what they are."""

import pytest
from kit_plugin import SPECS, bad, report_of

from deshi.testing.running import checks_of, least

COUNTS = {  # run, of how many
    "corpus": (19, 22),
    "teacher": (21, 26),
    "merging": (12, 26),
    "filter": (17, 22),
    "learning": (18, 22),
    "student": (25, 28),
    "loss": (22, 26),
    "metric": (19, 23),
    "share": (20, 23),
}


@pytest.mark.parametrize("name", SPECS)
def test_a_reference_component_passes_all_checks_that_apply(name):
    report = report_of(name)
    assert {r.check.id: r.reason for r in report.results if r.is_bad} == {}
    assert report.is_good
    assert (report.run, len(report.results)) == COUNTS[name]


@pytest.mark.parametrize("kind", ["corpus", "teacher", "filter", "student", "loss", "metric"])
def test_ids_are_unique_and_every_check_says_what_it_asks_and_how_to_fix(kind):
    checks = checks_of(kind)
    assert len({check.id for check in checks}) == len(checks)
    for check in checks:
        assert check.sentence.endswith(".")
        assert check.fix
        assert not check.fix.endswith(".")
    assert 0 < least(kind) <= len(checks)


def test_a_report_with_fewer_checks_than_always_run_is_not_good():
    from dataclasses import replace

    report = report_of("metric")
    cut = replace(report, results=report.results[:5])
    assert bad(cut) == set()
    assert not cut.is_good
    assert "too few" in cut.counts
