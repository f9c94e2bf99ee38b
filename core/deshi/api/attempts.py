"""What can come of one attempt at a teacher's answer, so that the host can decide what follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from deshi.api.errors import DeshiError

Outcome: TypeAlias = Literal[
    "throttled",
    "overloaded",
    "server",
    "timeout",
    "connection",
    "bad-body",
    "rejected",
    "denied",
    "spent",
]
"""Why an attempt gave no answer.

`throttled` and `overloaded` cost nothing and are tried again, as is `server`: nothing was answered.
After `timeout`, `connection` and `bad-body` (an answer that cannot be read: cut, no JSON, of another
shape) the answer may have been paid for; it is tried again, at worst twice paid. `rejected` says that
this request can never be answered; `denied` (key, permission, unknown model) and `spent` (a limit of
spend at the provider, no credit left) that none of this teacher's can, which stops the run.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """One bucket of a server's rate limit, from its response headers.

    `limit` is what the bucket holds and what it refills in a minute, `remaining` what is left,
    `reset` the seconds until it is full again.
    """

    bucket: Literal["requests", "tokens", "input-tokens", "output-tokens"]
    limit: int
    remaining: int
    reset: float


class AttemptError(DeshiError):
    """One attempt gave no answer. `what` is the server's message, shortened, without any secret.

    `retry_after` is in seconds, as the server asked; `status` the HTTP status; `code` the server's
    own short code, such as `rate_limit_error`; `request_id` the server's name for this attempt.
    """

    def __init__(
        self,
        what: str,
        *,
        outcome: Outcome,
        status: int | None = None,
        code: str = "",
        retry_after: float | None = None,
        request_id: str = "",
        limits: tuple[RateLimit, ...] = (),
    ) -> None:
        super().__init__(what)
        self.outcome = outcome
        self.status = status
        self.code = code
        self.retry_after = retry_after
        self.request_id = request_id
        self.limits = limits
