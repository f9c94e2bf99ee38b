"""A plugin is loaded behind a guard; what it does wrong stays its own affair."""

import sys
import types
from types import SimpleNamespace

import pytest

from deshi.api import (
    FilterSpec,
    Layer,
    LossSpec,
    NotReadyError,
    StudentSpec,
    UsageError,
    hookimpl,
)
from deshi.registry import Registry

HEAD = "from deshi.api import LossSpec, StudentSpec, hookimpl\n"
T5 = 'StudentSpec(name="t5", target="nowhere:T5", summary="A student.", trains_on=None)'
SIX = {
    "good": f"{HEAD}@hookimpl\ndef deshi_students():\n    yield {T5}\n",
    "absent": "import nonexistent_sdk\n",
    "leaver": "raise SystemExit('bye')\n",
    "hooked": f"{HEAD}@hookimpl\ndef deshi_student():\n    yield {T5}\n",
    "argued": f"{HEAD}@hookimpl\ndef deshi_students(config):\n    yield {T5}\n",
    "unspecific": HEAD
    + "@hookimpl\ndef deshi_students():\n"
    + "    yield StudentSpec(name='T5', target='nowhere', summary='x', trains_on=None)\n",
}
NO_NAME = "the name is not of the form 'lower-case-words' of letters and digits"
STATES = {
    "good": ("ready", ""),
    "absent": ("broken", "ModuleNotFoundError: No module named 'nonexistent_sdk'"),
    "leaver": ("broken", "SystemExit: bye"),
    "hooked": ("invalid", "unknown hook 'deshi_student'; did you mean 'deshi_students'?"),
    "argued": ("invalid", "deshi_students asks for 'config', but gets no argument"),
    "unspecific": (
        "invalid",
        (
            f"deshi_students 'T5': {NO_NAME}; "
            "deshi_students 'T5': target 'nowhere' is not of the form 'module:Class'"
        ),
    ),
}


def student(name="t5", **more):
    given = {"target": "nowhere:T5", "summary": "A student.", "trains_on": None} | more
    return StudentSpec(name=name, **given)


def loss(name="focal"):
    return LossSpec(name=name, target="nowhere:F", summary="A loss.", takes=frozenset({"labels"}))


def state(registry, name):
    found = next(r for r in registry.records() if r.name == name)
    return found.state, found.reason


@pytest.fixture
def six(install, make_registry):
    for name, code in SIX.items():
        install(name, code)
    return make_registry(autoload=True)


@pytest.mark.parametrize("name", SIX)
def test_each_of_six_plugins_has_its_state_and_reason(six, name):
    assert state(six, name) == STATES[name]


def test_the_good_one_of_six_can_be_used(six):
    assert six.entry("student", "good/t5").component == "good/t5"
    assert [offer.id for offer in six.catalog.offers("student")] == ["good/t5"]


@pytest.mark.parametrize("name", [name for name in SIX if name != "good"])
def test_using_a_bad_one_of_six_is_not_ready_with_its_reason(six, name):
    with pytest.raises(NotReadyError) as caught:
        six.entry("student", f"{name}/t5")
    bad, reason = STATES[name]
    assert caught.value.exit_status == 3
    assert str(caught.value) == (
        f"student '{name}/t5': plugin '{name}' ({name}-pkg 0.2) is {bad}: {reason}; "
        f"run `deshi plugins info {name}`"
    )


def test_a_bad_plugin_that_nobody_named_is_one_line(six, warnings):
    six.catalog.offers("student")
    six.catalog.offers("loss")
    assert sorted(warnings) == sorted(
        f"deshi: plugin '{name}' ({name}-pkg 0.2) is {bad}: {reason}; run `deshi plugins info {name}`"
        for name, (bad, reason) in STATES.items()
        if bad != "ready"
    )


def test_by_default_the_line_goes_to_stderr(install, tmp_path, capsys):
    install("absent", SIX["absent"])
    environ = {"DESHI_PLUGINS": "absent", "XDG_CONFIG_HOME": str(tmp_path)}
    registry = Registry(tmp_path, environ=environ, plugins={"builtin": SimpleNamespace()})
    registry.catalog.offers("student")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        "deshi: plugin 'absent' (absent-pkg 0.2) is broken: ModuleNotFoundError: No module named "
        "'nonexistent_sdk'; run `deshi plugins info absent`\n"
    )


def test_a_broken_plugin_keeps_its_trace(six):
    six.catalog.offers("student")
    found = next(r for r in six.records() if r.name == "absent")
    assert "import nonexistent_sdk" in found.trace


def test_a_failing_hook_takes_its_own_kind_alone(make_registry, offering):
    @hookimpl
    def fails():
        yield student()
        raise RuntimeError("half-way")

    plugin = offering(loss(), deshi_students=fails)
    registry = make_registry(plugins={"acme": plugin})
    assert registry.catalog.find("loss", "acme/focal").spec.name == "focal"
    assert registry.catalog.offers("student") == ()
    assert state(registry, "acme") == ("invalid", "deshi_students: RuntimeError: half-way")
    with pytest.raises(NotReadyError) as caught:
        registry.catalog.find("student", "acme/t5")
    assert str(caught.value) == (
        "student 'acme/t5': plugin 'acme' is invalid: deshi_students: RuntimeError: half-way; "
        "run `deshi plugins info acme`"
    )
    with pytest.raises(UsageError):
        registry.catalog.find("loss", "acme/other")


@pytest.mark.parametrize(
    ("specs", "reason"),
    [
        ([loss()], "deshi_students item 0 is a LossSpec, not a StudentSpec"),
        (["t5"], "deshi_students item 0 is a str, not a StudentSpec"),
        ([student(), student()], "deshi_students 't5' is offered twice"),
        ([student(name=3)], f"deshi_students 3: {NO_NAME}"),
        (
            [student(target="a.b")],
            "deshi_students 't5': target 'a.b' is not of the form 'module:Class'",
        ),
        (
            [student(params="P")],
            "deshi_students 't5': params 'P' is not of the form 'module:Class'",
        ),
        ([student(summary="a\nb")], "deshi_students 't5': summary must be one line of text"),
        ([student(revision=0)], "deshi_students 't5': revision 0 is not a whole number from 1"),
        ([student(needs={})], "deshi_students 't5': needs is a dict, not a Needs"),
        (None, "deshi_students: TypeError: it returned None, not specs"),
        (student(), "deshi_students: TypeError: it returned one StudentSpec, not a list of them"),
    ],
)
def test_what_is_wrong_with_an_offer_is_told(make_registry, specs, reason):
    @hookimpl
    def offers():
        return specs

    registry = make_registry(plugins={"acme": SimpleNamespace(deshi_students=offers)})
    assert registry.catalog.offers("student") == ()
    assert state(registry, "acme") == ("invalid", reason)


def test_a_hook_without_its_marker_is_told(make_registry):
    registry = make_registry(plugins={"acme": SimpleNamespace(deshi_students=lambda: [student()])})
    assert state(registry, "acme") == ("invalid", "deshi_students has no @hookimpl marker")


def test_a_hook_that_wraps_is_told(make_registry):
    @hookimpl(wrapper=True)
    def offers():
        return (yield)

    registry = make_registry(plugins={"acme": SimpleNamespace(deshi_students=offers)})
    reason = "deshi_students: the marker takes neither a wrapper nor another name"
    assert state(registry, "acme") == ("invalid", reason)


def test_a_keyboard_interrupt_is_not_swallowed(make_registry):
    @hookimpl
    def interrupted():
        raise KeyboardInterrupt

    registry = make_registry(plugins={"acme": SimpleNamespace(deshi_students=interrupted)})
    with pytest.raises(KeyboardInterrupt):
        registry.catalog.offers("student")


def test_what_a_plugin_prints_does_not_reach_stdout(install, make_registry, capsys):
    install("chatty", "print('hello')\n" + SIX["good"])
    assert make_registry(autoload=True).catalog.find("student", "chatty/t5")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "hello\n")


def test_a_plugin_can_be_a_class_a_module_or_an_object(make_registry):
    class AsClass:
        @hookimpl
        def deshi_students():
            return [student()]

    class AsObject:
        @hookimpl
        def deshi_students(self):
            return [student()]

    module = types.ModuleType("as_module")
    module.deshi_students = AsClass.deshi_students
    registry = make_registry(plugins={"a": AsClass, "b": AsObject(), "c": module})
    assert [offer.id for offer in registry.catalog.offers("student")] == ["a/t5", "b/t5", "c/t5"]


def test_a_bare_name_loads_the_built_in_plugin_alone(install, make_registry, offering):
    module = install("acme", SIX["good"])
    registry = make_registry(autoload=True, plugins={"builtin": offering(student("knn"))})
    assert registry.catalog.find("student", "knn").plugin.name == "builtin"
    assert module not in sys.modules


def test_a_name_with_a_plugin_loads_that_plugin_alone(install, make_registry):
    wanted, other = install("acme", SIX["good"]), install("other", SIX["good"])
    make_registry(autoload=True).catalog.find("student", "acme/t5")
    assert wanted in sys.modules
    assert other not in sys.modules


def test_an_unknown_component_is_wrong_use_with_a_suggestion(make_registry, offering):
    plugins = {"builtin": offering(student("knn")), "acme": offering(student("t5"))}
    registry = make_registry(plugins=plugins)
    with pytest.raises(UsageError) as caught:
        registry.catalog.find("student", "knm")
    assert str(caught.value) == "unknown student 'knm'; did you mean 'knn'?"
    with pytest.raises(UsageError) as caught:
        registry.catalog.find("student", "acme/t6")
    assert str(caught.value) == "unknown student 'acme/t6'; did you mean 'acme/t5'?"
    with pytest.raises(UsageError) as caught:
        registry.catalog.find("student", "acm/t5")
    assert str(caught.value) == (
        "no plugin 'acm' is installed, which student 'acm/t5' names; did you mean 'acme'?"
    )


def test_a_third_party_plugin_cannot_offer_a_bare_name(make_registry, offering):
    registry = make_registry(plugins={"acme": offering(student("knn"))})
    assert [offer.id for offer in registry.catalog.offers("student")] == ["acme/knn"]
    with pytest.raises(UsageError):
        registry.catalog.find("student", "knn")


def test_offers_are_listed_with_the_plugin(make_registry, offering):
    specs = [
        student(),
        loss(),
        FilterSpec(name="f", target="a:B", summary="F.", places=frozenset()),
    ]
    registry = make_registry(plugins={"acme": offering(*specs)})
    found = next(iter(registry.records()))
    assert found.offers == (
        ("filter", "acme/f"),
        ("student", "acme/t5"),
        ("loss", "acme/focal"),
    )


def test_a_wrong_fragment_leaves_the_components(make_registry, offering, warnings):
    @hookimpl
    def layers():
        return [Layer(name="defaults", toml='[student.x]\nuse = "acme/t5"\nparms = {}\n')]

    registry = make_registry(plugins={"acme": offering(student(), deshi_layers=layers)})
    reason = (
        "student.x: unknown key 'parms'; did you mean 'params'? "
        "(fragment defaults:3, plugin acme layer)"
    )
    assert registry.entries("student") == ()
    assert registry.catalog.find("student", "acme/t5")
    assert state(registry, "acme") == ("invalid", reason)
    assert warnings == [f"deshi: plugin 'acme' is invalid: {reason}; run `deshi plugins info acme`"]


def test_a_fragment_must_be_a_layer_with_text(make_registry):
    @hookimpl
    def layers():
        return [Layer(name="My layer", toml=b""), "text"]

    registry = make_registry(plugins={"acme": SimpleNamespace(deshi_layers=layers)})
    assert state(registry, "acme") == (
        "invalid",
        (
            f"deshi_layers 'My layer': {NO_NAME}; "
            "deshi_layers 'My layer': toml is a bytes, not a string; "
            "deshi_layers item 1 is a str, not a Layer"
        ),
    )


def test_two_names_for_one_module_are_one_plugin(make_registry, offering):
    plugin = types.ModuleType("twice")
    vars(plugin).update(vars(offering(student())))
    registry = make_registry(plugins={"first": plugin, "second": plugin})
    assert [offer.id for offer in registry.catalog.offers("student")] == ["first/t5"]
    assert state(registry, "second") == (
        "broken",
        "ValueError: its hooks are those of plugin 'first'",
    )


def test_an_entry_point_that_is_none_is_broken(install, make_registry, tmp_path):
    module = install("acme", "hooks = None")
    points = tmp_path / "site" / "acme_pkg-0.2.dist-info" / "entry_points.txt"
    points.write_text(f"[deshi.v2]\nacme = {module}:hooks\n")
    registry = make_registry(autoload=True)
    assert state(registry, "acme") == ("broken", f"TypeError: {module}:hooks is None")


def test_a_plugin_that_cannot_be_looked_at_is_broken(make_registry):
    class Odd:
        @property
        def deshi_students(self):
            raise RuntimeError("do not look")

    assert state(make_registry(plugins={"acme": Odd()}), "acme") == (
        "broken",
        "RuntimeError: do not look",
    )


def test_nothing_happens_at_import():
    import subprocess

    code = (
        "import sys, deshi.registry\n"
        "print(sorted(m for m in sys.modules if m.startswith(('deshi_plugins', 'torch', 'numpy'))))"
    )
    run = [sys.executable, "-c", code]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout == "[]\n"
