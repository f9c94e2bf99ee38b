"""What the built-in corpora, filters, losses and students say about themselves is true."""

import ast
import importlib
import importlib.util
import subprocess
import sys
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path

import msgspec
import pytest

from deshi.api import Env, NoParams
from deshi_plugins.corpora.specs import corpus_specs
from deshi_plugins.filters.specs import filter_specs
from deshi_plugins.losses.specs import loss_specs
from deshi_plugins.students.specs import student_specs

SPECS = [*corpus_specs(), *filter_specs(), *loss_specs(), *student_specs()]
EACH = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: f"{spec.kind}-{spec.name}")
HEAVY = {"torch", "sklearn", "pyarrow", "scipy"}
METHODS = {
    "corpus": ["texts"],
    "filter": ["decide"],
    "student": ["fit", "predict"],
    "loss": ["__call__"],
}
CAPABILITIES = {
    "saves": ["save", "load"],
    "fits-first": ["learn", "restore"],
    "reports": ["report"],
    "combines": ["combine"],
    "reads-batches": ["batches"],
    "decides-batches": ["decide_batch"],
    "explains": ["explain"],
    "uses-counts": ["prepare"],
    "scheduled": ["at"],
}
FLAGS = {"uses-shares": "uses_shares"}


def named(target):
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)


def params_of(spec):
    return named(spec.params) if spec.params else NoParams


def built(spec):
    pytest.importorskip(spec.needs.modules[0]) if spec.needs.modules else None
    given = {
        "texts": {"path": Path("posts.jsonl")},
        "mix": {"weights": {"sample": 1}},
        "fusion": {"members": ("knn", "linear")},
    }
    return named(spec.target)(params_of(spec)(**given.get(spec.name, {})), Env())


def test_names_are_unique_within_a_kind():
    names = [(spec.kind, spec.name) for spec in SPECS]
    assert len(set(names)) == len(names)


@EACH
def test_it_is_built_from_params_and_env_and_has_the_methods_of_its_kind(spec):
    component = built(spec)
    wanted = METHODS[spec.kind] + [m for c in spec.capabilities for m in CAPABILITIES.get(c, ())]
    assert [method for method in wanted if not callable(getattr(component, method, None))] == []


@EACH
def test_every_parameter_is_frozen_keyword_only_and_explained(spec):
    params = params_of(spec)
    assert is_dataclass(params)
    assert params.__dataclass_params__.frozen
    assert all(field.kw_only for field in fields(params))
    schema = msgspec.json.schema(params, schema_hook=lambda _: {"type": "string"})
    for name, described in schema["$defs"][params.__name__]["properties"].items():
        explained = [described, *described.get("anyOf", [])]
        assert any("description" in one for one in explained), name


@EACH
def test_defaults_pass_their_own_limits(spec):
    params = params_of(spec)
    if all(field.default is not MISSING for field in fields(params)):
        assert msgspec.convert(msgspec.to_builtins(params()), params) == params()


@EACH
def test_decoding_names_parameters_that_there_are(spec):
    names = {field.name.replace("_", "-") for field in fields(params_of(spec))}
    assert set(getattr(spec, "decoding", ())) <= names


@EACH
def test_what_its_module_imports_is_among_its_needs_or_comes_with_deshi(spec):
    path = importlib.util.find_spec(spec.target.partition(":")[0]).origin
    tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    roots = {
        (node.module or "").split(".")[0]
        if isinstance(node, ast.ImportFrom)
        else name.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert roots & {"torch", "sklearn"} <= set(spec.needs.modules)


def test_listing_specs_and_parameters_imports_nothing_heavy():
    modules = sorted({spec.params.partition(":")[0] for spec in SPECS if spec.params})
    packages = [
        f"deshi_plugins.{kind}.specs" for kind in ("corpora", "filters", "losses", "students")
    ]
    code = f"import sys, {', '.join([*packages, *modules])}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert HEAVY & set(done.stdout.split()) == set()


def test_corpora_state_their_terms():
    terms = {spec.name: spec.terms.licence for spec in corpus_specs() if spec.terms}
    assert terms["sample"] == "CC0-1.0"
    assert "CC-BY-SA" in terms["wikipedia"]
