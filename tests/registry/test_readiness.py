"""Whether a component can run is told without importing it."""

import sys
import types

import pytest

from deshi.api import Needs, NotReadyError, StudentSpec, install_command
from deshi.api.installing import pip_command


def student(needs):
    return StudentSpec(
        name="t5", target="nowhere:T5", summary="A student.", trains_on=None, needs=needs
    )


@pytest.fixture
def readiness(make_registry, offering):
    """Return a function that tells the readiness of a student with certain needs."""

    def tell(plugin="builtin", **needs):
        registry = make_registry(plugins={plugin: offering(student(Needs(**needs)))})
        name = "t5" if plugin == "builtin" else f"{plugin}/t5"
        return registry.readiness(registry.entry("student", name))

    return tell


def test_missing_modules_and_variables_are_told_with_what_mends_them(readiness, monkeypatch):
    monkeypatch.delenv("ACME_KEY", raising=False)
    needs = {
        "extras": ("neural",),
        "modules": ("nonexistent_sdk", "json.tool"),
        "environment": ("ACME_KEY",),
    }
    assert readiness(**needs) == [
        f"needs the module 'nonexistent_sdk': run `{install_command('neural')}`",
        "needs the environment variable ACME_KEY: set it",
    ]
    monkeypatch.setenv("ACME_KEY", "secret")
    assert len(readiness(**needs)) == 1


def test_a_component_without_needs_is_ready(readiness):
    assert readiness() == []


def test_a_plugins_component_may_need_deshis_extras(readiness):
    assert readiness("acme", extras=("neural",), modules=("nonexistent_sdk",)) == [
        f"needs the module 'nonexistent_sdk': run `{install_command('neural')}`"
    ]


@pytest.mark.parametrize("module", ["json.nothing", "json.tool.deeper", "nonexistent_sdk.part"])
def test_a_submodule_that_is_not_there_is_missed(readiness, module):
    command = pip_command("install", module.partition(".")[0])
    assert readiness(modules=(module,)) == [f"needs the module '{module}': run `{command}`"]


def test_a_module_without_a_spec_that_is_there_is_not_missed(readiness, monkeypatch):
    monkeypatch.setitem(sys.modules, "fake_bare", types.ModuleType("fake_bare"))
    assert readiness(modules=("fake_bare",)) == []


def test_looking_for_a_submodule_imports_no_parent(readiness, install):
    install("acme", "", fake_parent="raise RuntimeError('imported')")
    assert readiness(modules=("fake_parent.child",)) == [
        f"needs the module 'fake_parent.child': run `{pip_command('install', 'fake_parent')}`"
    ]
    assert "fake_parent" not in sys.modules


def test_an_entry_of_a_broken_plugin_is_not_ready_and_cannot_be_resolved(make_registry, install):
    install("absent", "import nonexistent_sdk")
    registry = make_registry(
        autoload=True, project_toml='[student.mine]\nuse = "absent/t5"\n', plugins={}
    )
    entry = registry.entry("student", "mine")
    told = (
        "plugin 'absent' (absent-pkg 0.2) is broken: ModuleNotFoundError: "
        "No module named 'nonexistent_sdk'; run `deshi plugins info absent`"
    )
    assert registry.readiness(entry) == [told]
    with pytest.raises(NotReadyError) as caught:
        registry.resolve(entry)
    assert str(caught.value) == f"student.mine: {told}"
