"""docs/losses.md has every loss with its shapes, decoding and capabilities, and none that is not there."""

import importlib
import re
from pathlib import Path

import pytest

from deshi.api import Env, NoParams
from deshi_plugins.losses.specs import loss_specs

pytest.importorskip("torch")

PAGE = (Path(__file__).parents[2] / "docs" / "losses.md").read_text(encoding="utf-8")
SPECS = {spec.name: spec for spec in loss_specs()}
ROWS = {
    found["name"]: found
    for found in re.finditer(
        r"^\| `(?P<name>[a-z-]+)` \| (?P<takes>[a-z, ]+) \| (?P<decoding>[a-z-]+) \| ?(?P<capabilities>[a-z, -]*)"
        r" \| .+ \| .*\|$",
        PAGE,
        re.MULTILINE,
    )
}


def named(target):
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)


def test_the_page_has_every_loss_and_no_other():
    assert set(ROWS) == set(SPECS)


@pytest.mark.parametrize("name", SPECS)
def test_shapes_and_capabilities_are_those_of_the_spec(name):
    spec = SPECS[name]
    assert ROWS[name]["takes"] == ", ".join(sorted(spec.takes))
    assert ROWS[name]["capabilities"] == ", ".join(sorted(spec.capabilities))


@pytest.mark.parametrize("name", SPECS)
def test_the_decoding_is_that_of_the_class_with_its_defaults(name):
    spec = SPECS[name]
    params = named(spec.params) if spec.params else NoParams
    assert ROWS[name]["decoding"] == named(spec.target)(params(), Env()).decoding
