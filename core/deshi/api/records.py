"""The records that pass between components: plain, frozen, free of any library's types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from deshi.api.errors import DeshiError

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from deshi.emoji import Alphabet

    Array: TypeAlias = npt.NDArray[np.float64]

Emojis: TypeAlias = tuple[str, ...]
"""Canonical emoji (see `deshi.emoji`) in the order in which they were given."""

Json: TypeAlias = Any
"""Whatever `json.loads` can return."""

Part: TypeAlias = Literal["train", "valid", "test"]
Place: TypeAlias = Literal["source", "rewritten", "labelled"]
Task: TypeAlias = Literal["rewrite", "label"]


@dataclass(frozen=True, slots=True)
class Text:
    """One text of a corpus.

    `id` is unique in its corpus and never changes between runs. `document` names what the text was
    cut from (an article, a thread): texts of one document are never on both sides of a split.
    `references` are label sets that came with the corpus, if it has any.
    """

    id: str
    document: str
    text: str
    references: tuple[Emojis, ...] = ()
    meta: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    """What a filter sees: a text on its way from the corpus to a labelled pair.

    `source` is the text before rewriting. `samples` holds one label set for each time the teacher
    was asked (place `labelled`), the first being the gold; `unknown` counts, for each, the pieces of
    the answer that were no emoji.
    """

    text: Text
    part: Part
    source: str
    samples: tuple[Emojis, ...] = ()
    unknown: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Keep:
    """The verdict that leaves an item as it is."""


@dataclass(frozen=True, slots=True)
class Drop:
    """The verdict that removes an item; `reason` is a short fixed code, `detail` says what was seen."""

    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """The verdict that changes an item's text, its label sets, or both, and says why."""

    note: str
    text: str | None = None
    samples: tuple[Emojis, ...] | None = None


Verdict: TypeAlias = Keep | Drop | Edit


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a teacher.

    `sample` numbers repeated questions on the same text, from 0; a teacher that is asked the same
    request twice may answer differently only if `sample` differs. `prompt` is the entry's prompt.
    `references` are the label sets that came with the text, for a teacher with the capability
    `reads-references`; any other is shown none.
    """

    task: Task
    text: str
    sample: int = 0
    prompt: Mapping[str, Json] = field(default_factory=dict)
    references: tuple[Emojis, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """What a reply consumed, in tokens.

    `input_tokens` are those at the full price; what was written to or read from a prompt cache is
    counted apart.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cache_write_tokens: int = 0
    cache_read_tokens: int = 0


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


@dataclass(frozen=True, slots=True)
class Reply:
    """A teacher's raw answer. `finish` other than `stop` is a failure of this one item.

    `usage` is None where the server did not tell. `cost` is what the server says it charged, in
    nano-USD, None where it does not say. `meta` keeps what a server adds: who served the answer, its
    name for the request, the kind of a refusal. `limits` feeds the host's pacing and is not stored.
    """

    content: str
    finish: Literal["stop", "length", "refusal", "empty", "error"] = "stop"
    model: str = ""
    usage: Usage | None = None
    cost: int | None = None
    meta: Mapping[str, Json] = field(default_factory=dict)
    limits: tuple[RateLimit, ...] = ()


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


@dataclass(frozen=True, slots=True)
class Expected:
    """What a prediction is scored against.

    `references` holds one or more acceptable label sets. `shares` are the teacher's shares of each
    emoji over its samples, if it has several; each lies in (0, 1].
    """

    references: tuple[Emojis, ...]
    shares: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Prediction:
    """A student's answer.

    `unknown` counts pieces of the answer that are no emoji; metrics count them as wrong. `ranked` is
    the student's ranking of emoji with scores, best first, where it has one.
    """

    emojis: Emojis
    unknown: int = 0
    ranked: tuple[tuple[str, float], ...] | None = None


@dataclass(frozen=True, slots=True)
class Examples:
    """Labelled texts for training or validation.

    `alphabet` is the training alphabet (emoji that occur in the training labels) and `counts` says
    how many training texts carry each, shape (len(alphabet),); both are learned from training alone
    and are the same object for the training and the validation part.
    """

    texts: Sequence[Text]
    expected: Sequence[Expected]
    alphabet: Alphabet
    counts: Array


@dataclass(frozen=True, slots=True)
class FitReport:
    """What a student reports about its training; `history` has one record per epoch, all JSON."""

    epochs: int = 0
    history: tuple[Mapping[str, float], ...] = ()
    notes: Mapping[str, Json] = field(default_factory=dict)


def ignore_progress(done: int, total: int | None) -> None:
    """Report progress to nobody."""


@dataclass(frozen=True)
class Env:
    """The machine as a component sees it. Nothing in it may change a result but `seed`.

    `folder` is the stage's own scratch folder, which survives a kill. `cache` is for what is costly to
    compute and depends on its name alone: all stages of a workspace share it, several at a time, and
    it may be emptied between runs. `secrets` holds the environment variables that the spec names;
    `progress(done, total)` feeds the progress bar. `entry` is what the user calls the component, for
    messages.
    """

    seed: int = 0
    device: str = "cpu"
    threads: int = 1
    folder: Path | None = None
    cache: Path | None = None
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    settings: Mapping[str, Json] = field(default_factory=dict)
    log: logging.Logger | None = None
    progress: Callable[[int, int | None], None] = ignore_progress
    entry: str = ""
