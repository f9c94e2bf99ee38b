"""Settings: `a.b=value`, its keys, its values, and several of them in one variable."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deshi.api import UsageError
from deshi.registry import parse_setting, split_settings
from deshi.registry.settings import parse_path, parse_value, path_text, split_environment
from deshi_tools.registry_view.explained import value_text

SLOW_MACHINES = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
SCALARS = (
    st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
PATHS = st.lists(st.text(), min_size=1, max_size=4).map(tuple)


@SLOW_MACHINES
@given(PATHS, VALUES)
def test_any_jsonable_value_comes_back_under_any_key(path, value):
    setting = parse_setting(f"{path_text(path)}={value_text(value)}")
    assert setting.path == path
    assert json.dumps(setting.value) == json.dumps(value)


@SLOW_MACHINES
@given(st.lists(st.tuples(PATHS, VALUES), max_size=4), st.sampled_from(["; ", ";", "\n", ";\n;"]))
def test_any_settings_come_back_from_the_environment(given_settings, separator):
    texts = [f"{path_text(path)}={value_text(value)}" for path, value in given_settings]
    assert split_environment(separator.join(texts)) == texts


@SLOW_MACHINES
@given(PATHS)
def test_any_path_comes_back(path):
    assert parse_path(path_text(path)) == path


@SLOW_MACHINES
@given(st.text())
def test_a_value_that_is_no_toml_is_a_plain_string(text):
    value = parse_value(f"!{text}")
    assert value == f"!{text}".strip()


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        (
            "teacher.haiku.params.temperature=0.2",
            ("teacher", "haiku", "params", "temperature"),
            0.2,
        ),
        ("a.b=claude-haiku-4-5", ("a", "b"), "claude-haiku-4-5"),
        ("a.b= two words ", ("a", "b"), "two words"),
        ('a.b="0.2"', ("a", "b"), "0.2"),
        ("a.b=", ("a", "b"), ""),
        ("a.b=[1e-4, 3e-4]", ("a", "b"), [1e-4, 3e-4]),
        ("a.b={ c = 1, d.e = 2 }", ("a", "b"), {"c": 1, "d": {"e": 2}}),
        ("a.b=true", ("a", "b"), True),
        ("a.b=True", ("a", "b"), "True"),
        ("a.b=2026-11-01", ("a", "b"), "2026-11-01"),
        ("a.b=x=y", ("a", "b"), "x=y"),
        ("a.b=1\nc=2", ("a", "b"), "1\nc=2"),
        (' a . "b=c.d" = 1', ("a", "b=c.d"), 1),
        ("a.'b\"c'=1", ("a", 'b"c'), 1),
    ],
)
def test_a_setting_is_read_as(text, path, value):
    setting = parse_setting(text)
    assert (setting.path, setting.value) == (path, value)


@pytest.mark.parametrize("text", ["a.b", "", "=1", "a..b=1", "a b=1", '"a=1', "é=1"])
def test_what_is_no_setting_is_told(text):
    with pytest.raises(UsageError) as caught:
        parse_setting(text)
    assert str(caught.value) == f"--set: '{text}' is not of the form a.b=value"


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("", []),
        (" ; \n ;", []),
        ("a.b=1;c.d=x", ["a.b=1", "c.d=x"]),
        ("a.b=1\nc.d=x\n", ["a.b=1", "c.d=x"]),
        ('a.b="x;y"; c=1', ['a.b="x;y"', "c=1"]),
        ('a.b=["x;y",\n "z"]\nc=1', ['a.b=["x;y",\n "z"]', "c=1"]),
        ("a.b=don't;c=can't", ["a.b=don't", "c=can't"]),
        ("a.b='open;c=1", ["a.b='open", "c=1"]),
        ("a.b=[open;c=1", ["a.b=[open", "c=1"]),
        ("nonsense;c=1", ["nonsense", "c=1"]),
    ],
)
def test_the_environment_holds_settings(text, settings):
    assert split_environment(text) == settings


def test_settings_are_split_between_registry_and_benchmark():
    texts = [
        "student.knn.params.k=3",
        "benchmark.seeds=5",
        "matrix.student=knn",
        "prompt.p.label=x",
    ]
    assert split_settings(texts) == (
        ["student.knn.params.k=3", "prompt.p.label=x"],
        ["benchmark.seeds=5", "matrix.student=knn"],
    )


def test_a_setting_of_an_unknown_table_is_told():
    with pytest.raises(UsageError) as caught:
        split_settings(["benchmrk.seeds=5"])
    assert str(caught.value) == (
        "--set benchmrk.seeds=5: unknown table 'benchmrk'; did you mean 'benchmark'?"
    )


def test_null_has_no_toml():
    with pytest.raises(UsageError) as caught:
        value_text([None])
    assert str(caught.value) == "TOML has no value for None"


@pytest.mark.parametrize("text", ["", "a..b", "a b", r'"\z"', "a\nb"])
def test_what_is_no_dotted_key_is_told(text):
    with pytest.raises(UsageError) as caught:
        parse_path(text)
    assert str(caught.value) == (
        f"'{text}' is not a dotted key; write it as teacher.haiku or teacher.\"a.b\""
    )
