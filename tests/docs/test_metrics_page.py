"""docs/metrics.md has every metric with its direction and its signature, and none that is not there."""

import re
from pathlib import Path

import pytest

from deshi_plugins.metrics.specs import metric_specs

PAGE = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
SPECS = {spec.name: spec for spec in metric_specs()}
ROWS = {
    found["name"]: found
    for found in re.finditer(
        r"^\| `(?P<name>[a-z0-9-]+)` \| (?P<arrow>[↑↓–]) \|.*\| `(?P<signature>[^`]+)` \|$",
        PAGE,
        re.MULTILINE,
    )
}
ARROWS = {"higher": "↑", "lower": "↓", "none": "–"}


def test_the_page_has_every_metric_and_no_other() -> None:
    assert set(ROWS) == set(SPECS)


@pytest.mark.parametrize("name", SPECS)
def test_direction_and_signature_are_those_of_the_spec(name: str) -> None:
    assert ROWS[name]["arrow"] == ARROWS[SPECS[name].direction]
    assert ROWS[name]["signature"].replace("\\|", "|") == SPECS[name].signature
