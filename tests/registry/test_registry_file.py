"""Where a registry.toml is found, and what may be wrong in it."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from deshi.api import Layer, UsageError, hookimpl
from deshi.registry import Registry
from deshi.registry.layers import builtin_file, project_file, user_file
from deshi_tools.registry_view.explained import explain

KNN = "[student.knn]\nparams.k = 2\n"


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("a = ", "registry.toml:1: not TOML: Invalid value (project layer)"),
        (
            "\n[student\n",
            "registry.toml:2: not TOML: Expected ']' at the end of a table declaration (project layer)",
        ),
    ],
)
def test_what_is_no_toml_is_told_with_its_line(make_registry, toml, message):
    make_registry()
    Path("registry.toml").write_text(toml)
    with pytest.raises(UsageError) as caught:
        make_registry().entries("student")
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("table", "line", "message"),
    [
        ("prompt.mine", "x = [nan]", "prompt.mine.x: must be JSON: finite numbers, no dates"),
        ("teachr.x", "use = 1", "teachr: unknown table; did you mean 'teacher'?"),
        ("matrix", "seed = 1", "matrix: unknown table; it belongs in a benchmark file"),
        ("student", "knn = 'x'", "student.knn: must be a table, not the string 'x'"),
        ("student.knn", "parm = {}", "student.knn: unknown key 'parm'; did you mean 'params'?"),
        ("student.knn", "use = true", "student.knn.use: must be a string, not true"),
        ("student.knn", "params = [1]", "student.knn.params: must be a table, not a list"),
        ("student.knn", "enabled = 1", "student.knn.enabled: must be true or false, not 1"),
        ("prompt.p", "label = {}", "prompt.p.label: must be a string, not a table"),
        ("prompt.p", "ban = [1]", "prompt.p.ban: must be a list of strings, not a list"),
        ("chain.c", "sauce = []", "chain.c: unknown key 'sauce'; did you mean 'source'?"),
        (
            "chain.c",
            "source = 'a'",
            "chain.c.source: must be a list of strings, not the string 'a'",
        ),
        ("plugins", "denied = []", "plugins: unknown key 'denied'; there is: disabled, local"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_line(make_registry, table, line, message):
    registry = make_registry(project_toml=f"# a comment\n[{table}]\n{line}\n")
    with pytest.raises(UsageError) as caught:
        registry.entries("student")
    where = 2 if "unknown table" in message else 3
    assert str(caught.value) == f"{message} (registry.toml:{where}, project layer)"
    assert caught.value.exit_status == 2


def test_a_top_level_key_that_must_be_a_table_is_told(make_registry):
    with pytest.raises(UsageError) as caught:
        make_registry(project_toml="student = 3").entries("student")
    assert str(caught.value) == "student: must be a table, not 3 (registry.toml:1, project layer)"


@pytest.mark.parametrize("setting", ["student.knn.params.k", "=3"])
def test_what_is_no_setting_is_told(make_registry, setting):
    with pytest.raises(UsageError) as caught:
        make_registry([setting]).entries("student")
    assert str(caught.value) == f"--set: '{setting}' is not of the form a.b=value"


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("teachr.x.use=a", "teachr: unknown table; did you mean 'teacher'?"),
        ("student.knn.use=3", "student.knn.use: must be a string, not 3"),
        ("matrix.seed=3", "matrix: unknown table; it belongs in a benchmark file"),
    ],
)
def test_what_is_wrong_in_a_setting_is_told_with_the_setting(make_registry, setting, message):
    with pytest.raises(UsageError) as caught:
        make_registry([setting]).entries("student")
    assert str(caught.value) == f"{message} (--set {setting}, command line layer)"


def test_a_wrong_setting_of_the_environment_names_the_variable(make_registry):
    registry = make_registry(environ={"DESHI_SET": "student.knn.use=a; nonsense"})
    with pytest.raises(UsageError) as caught:
        registry.entries("student")
    assert str(caught.value) == "DESHI_SET: 'nonsense' is not of the form a.b=value"


def test_a_named_file_that_is_not_there_is_told(make_registry, tmp_path):
    registry = make_registry(files=[tmp_path / "absent.toml"])
    with pytest.raises(UsageError) as caught:
        registry.entries("student")
    assert str(caught.value) == (
        f"{tmp_path}/absent.toml: cannot be read: No such file or directory"
    )


def test_a_file_that_is_not_utf8_is_told(make_registry, tmp_path):
    (tmp_path / "latin.toml").write_bytes('[prompt.p]\nlabel = "é"\n'.encode("latin-1"))
    with pytest.raises(UsageError) as caught:
        make_registry(files=[tmp_path / "latin.toml"]).entries("student")
    assert str(caught.value).startswith(f"{tmp_path}/latin.toml:2: is not UTF-8")


def test_a_plugin_may_not_govern_the_host(make_registry):
    @hookimpl
    def layers():
        return [Layer(name="defaults", toml='[plugins]\ndisabled = ["other"]\n')]

    registry = make_registry(plugins={"acme": SimpleNamespace(deshi_layers=layers)})
    (found,) = registry.records()
    assert found.reason == (
        "plugins: unknown table; a plugin may only ship entries, prompts and chains "
        "(fragment defaults:1, plugin acme layer)"
    )


def test_the_project_file_is_found_upward(make_registry, tmp_path):
    make_registry(project_toml=KNN)
    inner = tmp_path / "project" / "a" / "b"
    inner.mkdir(parents=True)
    registry = Registry(inner, autoload=False, environ={"XDG_CONFIG_HOME": str(tmp_path)})
    (row,) = explain(registry, "student.knn.params.k")
    assert (row.layer, row.file) == ("project", tmp_path / "project" / "registry.toml")


def test_the_built_in_file_is_not_its_own_project_layer(make_registry, tmp_path):
    registry = make_registry(project_toml=KNN, builtin=tmp_path / "project" / "registry.toml")
    assert {row.layer for row in explain(registry, "student")} == {"built-in"}


def test_this_repositorys_file_is_the_built_in_layer(tmp_path):
    root = Path(__file__).parents[2]
    assert builtin_file().samefile(root / "registry.toml")
    assert project_file(root / "tests", builtin=builtin_file()) is None


def test_the_user_file_is_below_home_where_no_other_place_is_set(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    expected = tmp_path / ".config" / "deshi" / "registry.toml"
    assert user_file({}) == expected
    assert user_file({"XDG_CONFIG_HOME": "relative"}) == expected
    assert user_file({"XDG_CONFIG_HOME": "/x"}) == Path("/x/deshi/registry.toml")


def test_a_date_is_read_as_its_text(make_registry):
    registry = make_registry(project_toml="[corpus.w.params]\ndump = 2026-11-01\nat = [07:30:00]\n")
    assert registry.entry("corpus", "w").params == {"dump": "2026-11-01", "at": ["07:30:00"]}
