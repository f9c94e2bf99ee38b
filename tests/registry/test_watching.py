"""Watching hooks see what happens and can change nothing."""

from types import SimpleNamespace

import pytest

from deshi.api import hookimpl


def test_a_watcher_gets_its_own_copy(make_registry):
    seen = []

    @hookimpl
    def spoils(stage):
        stage["list"].append("spoilt")

    @hookimpl
    def watches(stage):
        seen.append(stage)

    plugins = {
        "a": SimpleNamespace(deshi_stage_finished=spoils),
        "b": SimpleNamespace(deshi_stage_finished=watches),
    }
    payload = {"list": [1]}
    assert make_registry(plugins=plugins).catalog.notify("deshi_stage_finished", payload) == 0
    assert seen == [{"list": [1]}]
    assert payload == {"list": [1]}


def test_a_failing_watcher_is_one_line_and_stops_nobody(make_registry, warnings):
    seen = []

    @hookimpl
    def fails(results):
        raise ValueError("boom")

    @hookimpl
    def watches(results):
        seen.append(results)

    plugins = {
        "a": SimpleNamespace(deshi_run_finished=fails),
        "b": SimpleNamespace(deshi_run_finished=watches),
        "c": SimpleNamespace(),
    }
    registry = make_registry(plugins=plugins)
    assert [registry.catalog.notify("deshi_run_finished", {}) for _ in range(3)] == [1, 1, 1]
    assert len(seen) == 3
    assert warnings == ["deshi: plugin 'a' failed in deshi_run_finished: ValueError: boom"]
    assert registry.catalog.failures == {("a", "deshi_run_finished"): 3}


def test_a_watcher_may_take_no_argument_but_no_strange_one(make_registry):
    calls = []

    @hookimpl
    def plain():
        calls.append("plain")

    @hookimpl
    def strange(results, extra):
        calls.append("strange")

    plugins = {
        "a": SimpleNamespace(deshi_run_finished=plain),
        "b": SimpleNamespace(deshi_run_finished=strange),
    }
    registry = make_registry(plugins=plugins)
    assert registry.catalog.notify("deshi_run_finished", {}) == 0
    assert calls == ["plain"]
    found = next(record for record in registry.records() if record.name == "b")
    assert found.state == "invalid"
    assert found.reason == "deshi_run_finished asks for 'extra', but gets only results"


def test_there_is_no_watching_hook_of_another_name(make_registry):
    with pytest.raises(ValueError, match=r"^'deshi_students' is not a watching hook$"):
        make_registry().catalog.notify("deshi_students", {})
