"""A key is in no message, no log, no repr, no pickle, no traceback, no ledger of the teachers."""

from __future__ import annotations

import logging
import pickle
import traceback

import pytest

from deshi.api import AttemptError, Reply
from deshi_plugins.teachers.failures import without_secrets
from deshi_tools.fakeserver.faults import Fault
from fake import CANARY, ask_one, fake, teacher

BOTH = pytest.mark.parametrize("name", ["anthropic", "openai"])
DOINGS = ["unauthorised", "throttled", "html", "reset", "truncated", "invalid-json", "bad-gateway"]


@BOTH
@pytest.mark.parametrize("do", DOINGS)
def test_a_failure_has_no_way_back_to_the_key(
    name: str, do: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), fake(Fault(do=do)) as (address, _):
        asked = teacher(name, address, key=CANARY)
        found = ask_one(asked)
    assert isinstance(found, AttemptError)
    assert found.__cause__ is None
    assert found.__context__ is None
    told = "".join(traceback.format_exception(found))
    shown = [repr(found), str(found), str(vars(found)), told, repr(asked), caplog.text]
    assert not [text for text in shown if CANARY in text]
    assert CANARY.encode() not in pickle.dumps(vars(found))


@BOTH
def test_an_answer_has_no_key_in_it(name: str) -> None:
    with fake() as (address, _):
        found = ask_one(teacher(name, address, key=CANARY))
    assert isinstance(found, Reply)
    assert CANARY not in repr(found)


def test_a_message_that_quotes_a_key_is_masked_and_short() -> None:
    told = without_secrets(f"Incorrect API key {CANARY}\nor sk-ant-REDACTED" + "x" * 999, CANARY)
    assert CANARY not in told
    assert "sk-ant-api03" not in told
    assert len(told) <= 300
    assert "\n" not in told
