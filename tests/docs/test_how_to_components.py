"""What the how-to pages show as components keeps the contract that it is meant to explain."""

from __future__ import annotations

import sys
import types
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated

import pytest
from markdown_blocks import ROOT, blocks

from deshi.api import FilterSpec, Help, LossSpec, MetricSpec, StudentSpec, hookimpl
from deshi.registry import Registry
from deshi.testing import check_component


@dataclass(frozen=True, kw_only=True)
class Params:
    most: Annotated[int, Help("Marks at most.")] = 3
    margin: Annotated[float, Help("How far from zero.")] = 1.0


SPECS = {
    "student": ("Telling", StudentSpec, {"trains_on": None, "deterministic": True}),
    "metric": (
        "Precision",
        MetricSpec,
        {"direction": "higher", "bounds": (0.0, 1.0), "signature": "set|micro"},
    ),
    "filter": ("Calm", FilterSpec, {"places": frozenset({"source"})}),
    "loss": ("Hinge", LossSpec, {"takes": frozenset({"labels"})}),
}


@pytest.fixture
def page():
    module = types.ModuleType("how_to_page")
    module.Params = Params
    sys.modules["how_to_page"] = module
    yield module
    del sys.modules["how_to_page"]


@pytest.mark.parametrize("kind", SPECS)
def test_the_component_of_a_how_to_page_keeps_its_contract(kind, page):
    name, spec, more = SPECS[kind]
    found = blocks(ROOT / "docs" / "how-to" / f"{kind}.md")
    text = next(block.text for block in found if block.language == "python")
    exec(compile(text, kind, "exec", dont_inherit=True), vars(page))
    shown = spec(
        name="it", target=f"how_to_page:{name}", params="how_to_page:Params", summary="It.", **more
    )

    def offer():
        return [shown]

    offer.__name__ = {"loss": "deshi_losses"}.get(kind, f"deshi_{kind}s")
    plugin = SimpleNamespace(**{offer.__name__: hookimpl(offer)})
    plugins = {"builtin": "deshi_plugins.hooks", "acme": plugin}
    registry = Registry(Path(), autoload=False, plugins=plugins, environ={})
    report = check_component("acme/it", kind=kind, registry=registry)
    assert {r.check.id: r.reason for r in report.results if r.is_bad} == {}
    assert report.is_good
