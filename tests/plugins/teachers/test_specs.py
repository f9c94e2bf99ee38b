"""The specs say what the teachers are, without importing them."""

from __future__ import annotations

import importlib
import subprocess
import sys

from deshi_plugins.teachers.specs import teacher_specs


def test_teachers_that_are_no_language_model_say_so() -> None:
    for spec in teacher_specs():
        if spec.name not in {"lexicon", "casual", "given"}:
            continue
        module, _, name = spec.target.partition(":")
        component = getattr(importlib.import_module(module), name)
        assert "no language model" in spec.summary
        assert "no language model" in (component.__doc__ or "")


def test_listing_imports_no_tokeniser_and_no_component() -> None:
    code = (
        "import sys; from deshi_plugins.teachers.specs import teacher_specs; teacher_specs();"
        "bad = [m for m in sys.modules if m.startswith(('fugashi', 'deshi_plugins.teachers.lex'))];"
        "sys.exit(bool(bad))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
