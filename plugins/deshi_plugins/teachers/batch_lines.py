"""The lines that batches of chat completions come back in, alike in both forms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from deshi.api import AttemptError, Json, Reply
from deshi_plugins.teachers.chat import reply_of
from deshi_plugins.teachers.failures import error_from_status


class _Response(msgspec.Struct):
    body: Any = None
    status_code: int = 200


class _Line(msgspec.Struct):
    custom_id: str
    response: _Response | None = None
    error: Any = None


def outcomes(lines: Iterable[Json], secret: str) -> Mapping[str, Reply | AttemptError]:
    """Return what came of each request; a line that cannot be read is left out, and so not billed."""
    results: dict[str, Reply | AttemptError] = {}
    for raw in lines:
        try:
            line = msgspec.convert(raw, _Line)
        except msgspec.ValidationError:
            continue
        results[line.custom_id] = _outcome(line, secret)
    return results


def _outcome(line: _Line, secret: str) -> Reply | AttemptError:
    response = line.response
    if response is None:
        # Expired, cancelled, or broken on the server's side: never answered, so not paid.
        return error_from_status(500, {"error": line.error or "no answer"}, {}, secret)
    if response.status_code != 200:
        return error_from_status(response.status_code, response.body, {}, secret)
    try:
        return reply_of(msgspec.json.encode(response.body), {}, secret)
    except AttemptError as error:
        return error
