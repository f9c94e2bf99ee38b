"""The reference is what the code says of itself; nothing of it is missing."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from functools import cache
from pathlib import Path

import pytest

from deshi.api import KINDS, hooks
from deshi.testing.capabilities import CAPABILITIES

ROOT = Path(__file__).parents[2]


@cache
def written():
    sys.path.insert(0, str(ROOT / "scripts"))
    return importlib.import_module("reference").pages()


def text(name):
    return (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name",
    [
        "hooks.md", "api.md", "components.md", "entries.md", "commands.md", "checks.md", "files.md",
        "results.md",
    ],
)  # fmt: skip
def test_a_page_is_as_the_code_would_write_it(name):
    assert text(name) == written()[name], "run scripts/reference.py"


def test_every_hook_stands_there_with_its_signature():
    page = text("hooks.md")
    for name, function in vars(hooks).items():
        if name.startswith("deshi_"):
            signature = str(inspect.signature(function)).replace("'", "")
            assert f"def {name}{signature}" in page


def test_every_capability_stands_there_and_in_the_page_of_its_kind():
    page = text("api.md")
    for kind in KINDS:
        how_to = (ROOT / "docs" / "how-to" / f"{kind}.md").read_text(encoding="utf-8")
        for name in CAPABILITIES[kind]:
            assert f"| {kind} | `{name}` |" in page
            assert f"| `{name}` |" in how_to


def test_the_capabilities_of_the_kit_are_those_that_the_protocols_name():
    from deshi.api import kinds

    source = inspect.getsource(kinds)
    named = set(re.findall(r"Capability `([a-z-]+)`", source))
    promises = {"reads-references", "ignores-texts", "keeps-texts", "share-of-texts"}
    assert {name for kind in KINDS for name in CAPABILITIES[kind]} == named | promises
