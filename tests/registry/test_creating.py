"""A component is built from JSON, in this process or another, or says why not."""

import json
import subprocess
import sys
import textwrap

import pytest
from registry_parts import COMPONENTS, DEFAULTS, OURS, resolve

from deshi.api import ComponentError, Env, NotReadyError, UsageError, install_command
from deshi.registry import Registry
from deshi_tools.registry_view.parameters import parameters


def test_a_component_is_built_from_its_json(make_parts):
    registry = make_parts(
        '[student.mine]\nuse = "t5"\nparams = { words = ["b", "a"], folder = "." }\n'
    )
    resolved = resolve(registry, "mine", {"schedule": {"warm-up": 7}})
    env = Env(seed=3)
    text = json.loads(json.dumps(resolved.params_json))
    built = registry.create("student", "t5", text, env)
    assert built.params == resolved.params
    assert built.env is env


NO_EXTRA = "needs the extra 'neural', which is not installed; run `COMMAND`"


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("absent", NotReadyError, NO_EXTRA),
        ("lazy", NotReadyError, NO_EXTRA),
        (
            "nowhere",
            NotReadyError,
            (
                f"{OURS} cannot be imported: AttributeError: module 'fake_parts' has no attribute "
                "'Nowhere'; run `deshi plugins info builtin`"
            ),
        ),
        ("failing", ComponentError, "could not be built: RuntimeError: no such weights"),
    ],
)
def test_a_component_that_cannot_be_built_says_why(make_parts, name, error, message):
    with pytest.raises(error) as caught:
        make_parts().create("student", name, {}, Env())
    told = message.replace("COMMAND", install_command("neural"))
    line = " (fake_parts.py:70)" if name == "failing" else ""
    assert str(caught.value) == f"student '{name}'{line}: {told}"


def test_a_saved_student_is_loaded_with_its_parameters(make_parts, tmp_path):
    env = Env()
    loaded = make_parts().load_student("t5", {"top-k": 2}, tmp_path, env)
    assert (loaded.params.top_k, loaded.env, loaded.folder) == (2, env, tmp_path)


def test_a_student_that_cannot_be_loaded_says_why(make_parts, tmp_path):
    with pytest.raises(ComponentError) as caught:
        make_parts().load_student("failing", {}, tmp_path, Env())
    assert str(caught.value) == (
        "student 'failing' (fake_parts.py:68): could not be loaded: AttributeError: "
        "type object 'Failing' has no attribute 'load'"
    )


def test_the_parameters_of_an_entry_are_told_with_value_and_help(make_parts):
    registry = make_parts(sets=["student.t5.params.top-k=2"])
    rows = [*parameters(registry, registry.entry("student", "t5"))]
    assert [key for key, _, _ in rows] == [*DEFAULTS]
    assert rows[:2] == [("learning-rate", 0.1, "Rate."), ("top-k", 2, "Beams.")]


def test_wrong_json_is_told(make_parts):
    with pytest.raises(UsageError) as caught:
        make_parts().create("student", "t5", {"topk": 1}, Env())
    assert str(caught.value) == "student 't5': unknown key 'topk'; did you mean 'top-k'?"


def test_an_extra_of_a_plugins_own_is_installed_with_the_plugin(install, make_registry, tmp_path):
    install(
        "acme",
        """
        from deshi.api import Needs, StudentSpec, hookimpl

        @hookimpl
        def deshi_students():
            needs = Needs(extras=("gpu",), modules=("nonexistent_sdk",))
            yield StudentSpec(
                name="t5", target="fake_absent:S", summary="S.", trains_on=None, needs=needs
            )
        """,
        fake_absent="import nonexistent_sdk",
    )
    metadata = tmp_path / "site" / "acme_pkg-0.2.dist-info" / "METADATA"
    metadata.write_text(metadata.read_text() + "Provides-Extra: gpu\n")
    registry = make_registry(autoload=True)
    with pytest.raises(NotReadyError) as caught:
        registry.create("student", "acme/t5", {}, Env())
    assert str(caught.value) == (
        "student 'acme/t5': needs the extra 'gpu', which is not installed; "
        f"run `{install_command('gpu', distribution='acme-pkg')}`"
    )


def test_another_process_builds_the_same_component_and_loads_no_other_plugin(install, tmp_path):
    hooks = """
        from deshi.api import StudentSpec, hookimpl

        @hookimpl
        def deshi_students():
            yield StudentSpec(name="t5", target="fake_parts:Student", params="fake_parts:Params",
                              summary="S.", trains_on=None)
    """
    install("acme", hooks, fake_parts=COMPONENTS)
    install("other", "raise RuntimeError('imported')")
    (tmp_path / "registry.toml").write_text('[student.mine]\nuse = "acme/t5"\nparams.top-k = 9\n')
    environ = {"XDG_CONFIG_HOME": str(tmp_path), "DESHI_PLUGINS": "acme"}
    registry = Registry(tmp_path, environ=environ)
    resolved = resolve(registry, "mine")
    handed = json.dumps([registry.to_json(), resolved.params_json])
    (tmp_path / "registry.toml").write_text("no TOML at all")
    code = textwrap.dedent(
        """
        import json, sys
        from deshi.api import Env
        from deshi.registry import Registry

        data, params = json.loads(sys.stdin.read())
        built = Registry.from_json(data).create("student", "acme/t5", params, Env())
        loaded = [m for m in sys.modules if m.startswith(("fake_", "deshi_plugins"))]
        print(built.params.top_k, sorted(loaded))
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=handed,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(tmp_path / "site")},
    )
    assert done.stderr == ""
    assert done.stdout == "9 ['fake_acme_pkg', 'fake_parts']\n"


def test_a_plugin_given_as_an_object_stays_in_its_process(make_parts):
    registry = Registry.from_json(make_parts().to_json())
    with pytest.raises(NotReadyError) as caught:
        registry.create("student", "t5", {}, Env())
    assert str(caught.value) == (
        f"student 't5': {OURS} is broken: "
        "it is an object of another process; run `deshi plugins info builtin`"
    )


def test_a_plugin_given_as_a_module_is_imported_by_name_elsewhere(install, make_registry):
    install(
        "acme",
        fake_parts=COMPONENTS,
        fake_hooks="""
        from deshi.api import StudentSpec, hookimpl

        @hookimpl
        def deshi_students():
            return [StudentSpec(name="t5", target="fake_parts:Student", summary="S.", trains_on=None)]
        """,
    )
    import fake_hooks

    data = make_registry(plugins={"acme": fake_hooks}).to_json()
    assert json.loads(json.dumps(data))["plugins"] == {"acme": "fake_hooks"}
    assert Registry.from_json(data).create("student", "acme/t5", {}, Env()).env == Env()
