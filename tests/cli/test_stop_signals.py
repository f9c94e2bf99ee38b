"""A signal that a library swallows ends the process all the same."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

SWALLOWS = """
import os, time
from deshi.workspace.stop_signals import StopSignals
StopSignals.installed()
told = False
while True:
    try:
        told = told or not print("ready", flush=True)
        time.sleep(60)
    except KeyboardInterrupt:
        pass
"""


@pytest.mark.parametrize(
    ("number", "word"), [(signal.SIGINT, "interrupted"), (signal.SIGTERM, "terminated")]
)
def test_a_signal_that_is_swallowed_ends_the_process(number: signal.Signals, word: str) -> None:
    words = [sys.executable, "-c", f"import signal\nsignal.signal(2, signal.default_int_handler)\n{SWALLOWS}"]  # fmt: skip
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert err == f"deshi: {word}; run the same command again to continue\n"
