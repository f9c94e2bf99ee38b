"""Checks reach this machine alone, whatever a component does about it."""

import contextlib
import socket

import pytest
from kit_plugin import bad, registry_of, report_of, spec_of
from references import Metric, Teacher

from deshi.api import AttemptError, Needs
from deshi.testing import check_component
from deshi.testing.offline import ReachedOut, offline
from deshi.testing.verdict import Broken


class Calling(Metric):
    def statistics(self, predicted, expected, alphabet):
        with socket.socket() as one:
            one.settimeout(0.1)
            one.connect(("203.0.113.7", 80))
        return super().statistics(predicted, expected, alphabet)


class Eager(Metric):
    def __init__(self, params, env):
        super().__init__(params, env)
        socket.getaddrinfo("example.org", 80)


class Counting(Teacher):
    asked = 0

    async def answer(self, request):
        Counting.asked += 1
        return await super().answer(request)


class Distant(Teacher):
    async def answer(self, request):
        try:
            socket.getaddrinfo("example.org", 80)
        except Broken:
            raise AttemptError("not there", outcome="connection") from None
        return await super().answer(request)


class Swallowing(Metric):
    def statistics(self, predicted, expected, alphabet):
        with contextlib.suppress(Exception):
            socket.getaddrinfo("example.org", 80)
        return super().statistics(predicted, expected, alphabet)


@pytest.mark.parametrize("name", ["Calling", "Swallowing"])
def test_a_component_that_reaches_out_is_told_even_if_it_hides_it(name):
    report = report_of("metric", target=f"test_offline_guard:{name}")
    assert "counts-are-finite" in bad(report)
    assert report.reached_out


def test_one_that_reaches_out_when_it_is_built_is_told_and_not_put_to_work():
    report = report_of("metric", target="test_offline_guard:Eager")
    assert bad(report) == {"takes-params-and-env"}
    assert report.reached_out


def test_this_machine_can_be_reached_and_afterwards_all_is_as_before():
    before = socket.socket.connect
    with offline(), socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()
        socket.create_connection(("localhost", server.getsockname()[1]), timeout=5).close()
    assert socket.socket.connect is before
    with pytest.raises(ReachedOut, match=r"it opened a connection to 203\.0\.113\.7"), offline():
        socket.create_connection(("203.0.113.7", 80), timeout=0.1)


PAID = Needs(network=True)


def test_live_the_service_alone_is_asked_and_never_beyond_the_budget():
    registry = registry_of(spec_of("teacher", target="test_offline_guard:Counting", needs=PAID))

    def verdict(budget):
        Counting.asked = 0
        report = check_component(
            "acme/it", kind="teacher", registry=registry, live=True, budget=budget
        )
        return next(r for r in report.results if r.check.tier == "live"), report

    found, report = verdict(1.0)
    assert (found.verdict, report.is_good) == ("ok", True)
    whole = Counting.asked
    found, _ = verdict(1e-7)
    assert found.verdict == "n/a"
    assert "raise --budget" in found.reason
    assert Counting.asked == whole - 2


def test_live_what_needs_another_machine_for_other_checks_does_not_apply():
    spec = spec_of("teacher", target="test_offline_guard:Distant", needs=PAID)
    report = check_component(
        "acme/it", kind="teacher", registry=registry_of(spec), live=True, budget=1.0
    )
    asked = {r.check.id: r.verdict for r in report.results}
    assert asked["hard-texts-are-answered"] == "n/a"
    assert asked["costs-are-whole-and-bounded"] == "ok"
