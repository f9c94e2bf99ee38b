"""From an error of a server or an SDK to the outcome that the host acts on.

The rules are in docs/teachers.md. No SDK is imported here: its module is an argument.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from deshi.api import AttemptError, Json, Outcome
from deshi_plugins.teachers.headers import rate_limits, request_id, retry_after

_SPENT: Final = frozenset(
    {
        "enforced_spend_limit_reached",
        "contract_spend_limit_reached",
        "linked_organization_spend_limit_reached",
        "linked_organization_billing_unavailable",
        "billing_error",
        "billing_hard_limit_reached",
        "billing_not_active",
        "insufficient_quota",
    }
)
"""Codes of both vendors for an exhausted budget, whatever the status."""
_SPENT_WORDS: Final = re.compile(
    r"specified (?:workspace )?API usage limits|balance is too low", re.IGNORECASE
)
"""A limit that the user set has no code: only its message identifies it."""
_FLAGGED: Final = re.compile(
    r"moderation|flagged|content.?(?:policy|filter)|sensitive", re.IGNORECASE
)
_STATUS: Final[Mapping[int, Outcome]] = {
    401: "denied",
    402: "spent",
    403: "denied",
    404: "denied",
    408: "timeout",
    409: "server",
    425: "server",
    429: "throttled",
    499: "server",
    501: "denied",
    503: "overloaded",
    504: "timeout",  # whoever gave up waiting cannot know whether the model answered
    529: "overloaded",
}
_SECRET: Final = re.compile(r"\b(?:sk|key|Bearer)[-_ ][\w.\-]{8,}")
_LONGEST: Final = 300


@dataclass(frozen=True)
class ErrorBody:
    """The fields of an error body; empty where absent."""

    message: str = ""
    kind: str = ""
    code: str = ""
    limit: str = ""
    flagged: bool = False
    status: int | None = None


def parse_error_body(body: Json) -> ErrorBody:
    """Return the fields of an error body, in any of the servers' forms; a text is its own message."""
    if not isinstance(body, Mapping):
        return ErrorBody(message=str(body or ""))
    error = body.get("error", body)
    if not isinstance(error, Mapping):
        return ErrorBody(message=str(error))
    details, metadata = (_table(error.get(name)) for name in ("details", "metadata"))
    code = error.get("code")
    named = details.get("error_code") or (code if isinstance(code, str) else "")
    number = code if isinstance(code, int) else None
    return ErrorBody(
        message=str(error.get("message") or ""),
        kind=str(error.get("type") or ""),
        code=str(named or metadata.get("error_type") or error.get("type") or code or ""),
        limit=str(metadata.get("limit_source") or ""),
        flagged="reasons" in metadata or "flagged_input" in metadata,
        status=number if number is not None and 400 <= number < 600 else None,
    )


def error_from_status(
    status: int | None, body: Json, headers: Mapping[str, str], secret: str
) -> AttemptError:
    """Return the failure that an error body with this status means."""
    fields = parse_error_body(body)
    wait = retry_after(headers)
    return AttemptError(
        without_secrets(fields.message or f"HTTP status {status}", secret),
        outcome=_outcome(status or fields.status, fields, wait),
        status=status or fields.status,
        code=fields.code,
        retry_after=wait,
        request_id=request_id(headers),
        limits=rate_limits(headers),
    )


def _outcome(status: int | None, fields: ErrorBody, wait: float | None) -> Outcome:
    if fields.limit == "openrouter_in_flight_budget":
        return "throttled"  # requests in flight fill the budget: it is temporary
    if fields.limit.startswith("openrouter_") or {fields.code, fields.kind} & _SPENT:
        return "spent"
    if status == 402 and wait is not None:
        return "throttled"
    if status == 400 and _SPENT_WORDS.search(fields.message):
        return "spent"
    if status == 403 and (fields.flagged or _FLAGGED.search(fields.message)):
        return "rejected"
    if "overloaded_error" in (fields.kind, fields.code):
        return "overloaded"
    if status is None:
        return "bad-body"
    return _STATUS.get(status, "server" if status >= 500 else "rejected")


def error_from_exception(error: Exception, sdk: Any, secret: str) -> AttemptError | None:  # noqa: ANN401
    """Return the failure that an exception of an SDK means; None for one that is no attempt's.

    `sdk` is the module `anthropic` or `openai`. The result has no link to the exception, which
    carries the request and, in its headers, the key.
    """
    if isinstance(error, sdk.APIStatusError):
        response = error.response
        return error_from_status(response.status_code, _body(response), response.headers, secret)
    outcome = _outcome_of(error, sdk)
    if outcome is None:
        return None
    cause = [*_causes(error)][-1]
    what = f"{error} ({type(cause).__name__})" if str(error) else type(cause).__name__
    return AttemptError(without_secrets(what, secret), outcome=outcome)


def _outcome_of(error: Exception, sdk: Any) -> Outcome | None:  # noqa: ANN401
    """Return the outcome of an exception that came without a response.

    The SDKs name aiohttp's errors each in its own way, so the first cause determines the outcome.
    """
    import aiohttp
    import httpx2

    if isinstance(error, sdk.APIResponseValidationError | ValueError):
        return "bad-body"  # of ValueErrors, JSON and characters that cannot be decoded
    if not isinstance(error, sdk.APIConnectionError | httpx2.HTTPError):
        return None
    causes = [*_causes(error)]
    if any(
        isinstance(c, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError) for c in causes
    ):
        return "server"  # nobody was reached, so that nothing can have been paid
    return "timeout" if any(isinstance(c, TimeoutError) for c in causes) else "connection"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def bad_body(what: str, headers: Mapping[str, str], content: bytes, secret: str) -> AttemptError:
    """Return the failure for a response of another shape than documented."""
    shown = content[:200].decode("utf-8", "replace")
    return AttemptError(
        without_secrets(f"{what}: {shown}", secret),
        outcome="bad-body",
        request_id=request_id(headers),
        limits=rate_limits(headers),
    )


def without_secrets(text: str, secret: str) -> str:
    """Return a message in one line, shortened, with whatever looks like a key masked."""
    masked = text.replace(secret, "***") if secret else text
    return " ".join(_SECRET.sub("***", masked).split())[:_LONGEST]


def _body(response: Any) -> Json:  # noqa: ANN401
    try:
        return msgspec.json.decode(response.content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return response.content[:_LONGEST].decode("utf-8", "replace")


def _table(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}
