"""The fake server answers what a client gets wrong as a real one does: 400, never 500, and lives on."""

from __future__ import annotations

import json
import socket
import threading
import time
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from deshi_tools.fakeserver.server import Settings
from fake import fake, registry, serving

HEADERS = {"anthropic-version": "2023-06-01", "X-Api-Key": "k", "Content-Type": "application/json"}
SAID = [{"role": "user", "content": "猫が好き"}]
MESSAGE: dict[str, Any] = {"model": "m", "max_tokens": 5, "messages": SAID}
CHANGES: list[dict[str, Any]] = [
    {"messages": [{"role": "user", "content": {"text": "猫"}}]},
    {"messages": [{"role": "user", "content": [1, 2]}]},
    {"messages": [{"role": "user", "content": [{"type": "text", "text": 5}]}]},
    {"messages": [{"role": 5, "content": "猫"}]},
    {"messages": [{"content": "猫"}]},
    {"messages": ["猫"]},
    {"messages": {"role": "user"}},
    {"messages": "猫"},
    {"messages": []},
    {"model": ["m"]},
    {"model": {"a": 1}},
    {"max_tokens": "many"},
    {"max_tokens": [5]},
    {"max_tokens": -1},
    {"max_tokens": 1e400},
    {"messages": [{"role": "user", "content": "猫" * 300_000}]},
]
RAW = [
    b"",
    b"{",
    b"[]",
    b"5",
    b"\xff\xfe",
    b'{"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": "\\ud800"}]}',
    b"[" * 100_000,
    b'{"model": ' + b"[" * 100_000,
    b'{"model": "m", "max_tokens": NaN, "messages": []}',
]
PATHS = ["/v1/messages", "/v1/messages/count_tokens", "/v1/chat/completions"]


def _post(address: str, path: str, body: bytes) -> httpx2.Response:
    return httpx2.post(address + path, content=body, headers=HEADERS)


def _is_counted(change: dict[str, Any]) -> bool:
    return "max_tokens" not in change and len(str(change)) < 1000


@pytest.mark.parametrize(
    ("path", "change"),
    [
        pytest.param(path, change, id=f"{path}-{number}")
        for path in PATHS
        for number, change in enumerate(CHANGES)
        if _is_counted(change) or not path.endswith("tokens")
    ],
)
def test_a_body_with_a_value_of_the_wrong_type_is_a_bad_request(
    path: str, change: dict[str, Any]
) -> None:
    body = {**MESSAGE, **change}
    if path.endswith("tokens"):
        body.pop("max_tokens")
    with fake() as (address, _):
        answer = _post(address, path, json.dumps(body).encode())
        assert answer.status_code == 400
        assert answer.json()["error"]["message"]
        assert _post(address, "/v1/messages", json.dumps(MESSAGE).encode()).status_code == 200


@pytest.mark.parametrize("path", [*PATHS, "/v1/messages/batches", "/v1/batches", "/api/v1/batches"])
@pytest.mark.parametrize("raw", RAW)
def test_a_body_that_is_no_object_of_json_is_a_bad_request(path: str, raw: bytes) -> None:
    with fake() as (address, _):
        answer = _post(address, path, raw)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/messages/batches", {"requests": 5}),
        ("/v1/messages/batches", {"requests": [5]}),
        ("/v1/messages/batches", {"requests": [{"custom_id": 5}]}),
        ("/v1/messages/batches", {"requests": [{"custom_id": "a", "params": []}]}),
        ("/v1/messages/batches", {"requests": []}),
        ("/v1/batches", {"endpoint": ["x"]}),
        ("/v1/batches", {"endpoint": "/v1/chat/completions", "input_file_id": ["x"]}),
        (
            "/api/v1/batches",
            {"endpoint": "/v1/chat/completions", "model": "m:batch", "requests": [{}]},
        ),
    ],
)
def test_a_batch_of_another_form_is_a_bad_request(path: str, body: dict[str, Any]) -> None:
    with fake() as (address, _):
        assert _post(address, path, json.dumps(body).encode()).status_code == 400


def test_a_file_of_a_batch_that_holds_no_requests_is_a_bad_request() -> None:
    with fake() as (address, _):
        files = {"file": ("a.jsonl", b'{"custom_id": "a"}\n')}
        key = {"X-Api-Key": "k"}
        kept = httpx2.post(
            address + "/v1/files", files=files, data={"purpose": "batch"}, headers=key
        ).json()
        body = {"endpoint": "/v1/chat/completions", "input_file_id": kept["id"]}
        assert _post(address, "/v1/batches", json.dumps(body).encode()).status_code == 400


@pytest.mark.parametrize(
    "query", ["limit=many", "limit=-1", "limit=" + "9" * 5000, "after_id=nobody", "after=nobody"]
)
@pytest.mark.parametrize("path", ["/v1/messages/batches", "/v1/batches"])
def test_an_address_with_a_wrong_number_or_name_is_no_server_error(path: str, query: str) -> None:
    with fake() as (address, _):
        answer = httpx2.get(f"{address}{path}?{query}", headers=HEADERS)
    assert answer.status_code in (200, 400)


def test_text_blocks_are_read_as_their_text() -> None:
    blocks = [{"type": "text", "text": "猫が"}, {"type": "text", "text": "好き"}]
    body = {"model": "m", "messages": [{"role": "user", "content": blocks}]}
    with fake(steady=True) as (address, _):
        whole = _post(
            address, "/v1/chat/completions", json.dumps({**body, "messages": SAID}).encode()
        )
        parts = _post(address, "/v1/chat/completions", json.dumps(body).encode())
    said = [answer.json()["choices"][0]["message"]["content"] for answer in (whole, parts)]
    assert said[0] == said[1]


def test_connections_over_which_nothing_comes_are_closed() -> None:
    with serving(Settings(patience=0.4), registry()) as (address, _):
        place = urlsplit(address)
        silent = socket.create_connection((place.hostname or "", place.port or 0))
        headers = socket.create_connection((place.hostname or "", place.port or 0))
        headers.sendall(b"POST /v1/messages HTTP/1.1\r\nHost: a\r\nX-Api-")
        body = socket.create_connection((place.hostname or "", place.port or 0))
        body.sendall(
            b"POST /v1/messages HTTP/1.1\r\nHost: a\r\nX-Api-Key: k\r\nContent-Length: 9\r\n\r\n{"
        )
        for connection in (silent, headers, body):
            connection.settimeout(10)
        assert silent.recv(1000) == b""
        assert headers.recv(1000) == b""
        assert b"408" in body.recv(1000)


def test_a_request_that_takes_long_is_not_taken_for_a_silent_connection() -> None:
    with serving(Settings(patience=0.2, latency=1.0), registry()) as (address, _):
        assert _post(address, "/v1/messages", json.dumps(MESSAGE).encode()).status_code == 200


def test_a_large_prompt_does_not_hold_the_others_up() -> None:
    large = {**MESSAGE, "messages": [{"role": "user", "content": "猫が好き。" * 30_000}]}
    with serving(Settings(), registry()) as (address, _):
        _post(address, "/v1/messages", json.dumps(MESSAGE).encode())
        done: list[float] = []

        def ask() -> None:
            _post(address, "/v1/messages", json.dumps(large).encode())
            done.append(time.monotonic())

        thread = threading.Thread(target=ask)
        thread.start()
        time.sleep(0.1)
        _post(address, "/v1/messages", json.dumps(MESSAGE).encode())
        first = time.monotonic()
        thread.join()
    assert first < done[0]
