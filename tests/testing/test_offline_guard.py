"""Checks reach this machine alone, whatever a component does about it."""

import contextlib
import socket

import pytest
from kit_plugin import bad, report_of
from references import Metric

from deshi.testing.offline import ReachedOut, offline


class Calling(Metric):
    def statistics(self, predicted, expected, alphabet):
        with socket.socket() as one:
            one.settimeout(0.1)
            one.connect(("203.0.113.7", 80))
        return super().statistics(predicted, expected, alphabet)


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


def test_this_machine_can_be_reached_and_afterwards_all_is_as_before():
    before = socket.socket.connect
    with offline(), socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()
        socket.create_connection(("localhost", server.getsockname()[1]), timeout=5).close()
    assert socket.socket.connect is before
    with pytest.raises(ReachedOut, match=r"it opened a connection to 203\.0\.113\.7"), offline():
        socket.create_connection(("203.0.113.7", 80), timeout=0.1)
