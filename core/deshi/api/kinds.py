"""The six kinds of component, and the capabilities that a spec can announce.

A component is built as `Component(params, env)`, cheaply: no weights, no network, no large file.
Heavy work belongs in `__enter__`, which the host calls before the first use where a component has
it. A teacher that has `__aenter__` is entered in the event loop of its calls, before its first
answer, and left in the same loop: the place for a client. Lists go in, lists come out, of the same
length and order. The failure of one item is a value; an exception means that the whole call failed.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path

    from pyarrow import RecordBatch
    from scipy.sparse import csr_array

    from deshi.api.decoding import Decoding
    from deshi.api.records import (
        Array,
        AttemptError,
        Env,
        Examples,
        Expected,
        FitReport,
        Item,
        Json,
        Prediction,
        Reply,
        Request,
        Text,
        Usage,
        Verdict,
    )
    from deshi.emoji import Alphabet

    Sparse: TypeAlias = csr_array

Tensor: TypeAlias = Any
"""A torch tensor; the host itself never imports torch."""


class Corpus(Protocol):
    """A source of texts."""

    @abstractmethod
    def texts(self) -> Iterator[Text]:
        """Yield texts lazily in a stable order."""


class Combines(Protocol):
    """Capability `combines` of a corpus or a student: is made of others, which a parameter names."""

    @abstractmethod
    def combine(self, members: Mapping[str, Any]) -> None:
        """Take up the corpora, or the fitted students, by the name of their entry.

        Called once: for a corpus before anything is read, for a student before `fit`, or after `load`
        before anything is predicted.
        """


class Reports(Protocol):
    """Capability `reports` of a corpus: counts what it read and what it left out."""

    @abstractmethod
    def report(self) -> Mapping[str, Json]:
        """Return figures on what was read so far, which the results keep."""


class ReadsBatches(Protocol):
    """Capability `reads-batches` of a corpus: gives its texts in columns."""

    @abstractmethod
    def batches(self) -> Iterator[RecordBatch]:
        """Yield the texts of `texts`, in the same order, some ten thousand rows at a time.

        A batch costs about a millisecond whatever its size. The columns `id`, `document` and `text`
        are strings without null; `references` (lists of lists of strings) and `meta` (a map of
        strings) may be left out or null.
        """


class Filter(Protocol):
    """Decides on items: keeps, drops with a reason, or edits with a note."""

    @abstractmethod
    def decide(self, items: Sequence[Item]) -> Sequence[Verdict]:
        """Return one verdict per item, in order."""


class DecidesBatches(Protocol):
    """Capability `decides-batches` of a filter: decides by the text alone, in columns too."""

    @abstractmethod
    def decide_batch(self, batch: RecordBatch) -> RecordBatch:
        """Return one row per text, in order, that says what `decide` would.

        The batch has the one column `text`. The answer has four, all strings:
        `reason`, null for a text that stays; `detail`, null where there is none; `note`, null for a
        text that is not edited; `text`, the edited text.
        """


class FitsFirst(Protocol):
    """Capability `fits-first` of a filter: learns from the training items before it decides."""

    @abstractmethod
    def learn(self, train: Iterable[Item]) -> Json:
        """Return what was learned, as JSON."""

    @abstractmethod
    def restore(self, state: Json) -> None:
        """Take up what `learn` returned, in this or another process."""


class Teacher(Protocol):
    """Answers one request; the host owns retries, pacing, budget and the ledger.

    With the capability `reads-references` its requests have the labels that came with the text.
    """

    @abstractmethod
    async def answer(self, request: Request) -> Reply:
        """Return the raw answer to one request; try once.

        Raises:
            AttemptError: no answer came; the host decides whether and when to try again.
        """


class AnswersMany(Protocol):
    """Capability `answers-many` of a teacher: answers a batch at once, on this machine."""

    @abstractmethod
    def answer_many(self, requests: Sequence[Request]) -> Sequence[Reply]:
        """Return one reply a request, in order."""


class MergesAnswers(Protocol):
    """Capability `merges-answers` of a teacher: combines other teachers and makes no calls itself."""

    @abstractmethod
    def merge(self, replies: Mapping[str, Reply]) -> Reply:
        """Return one answer from those of all members to a request, by the names of their entries.

        Answers are stored as the members gave them, so that other weights ask nobody again.
        """


class EstimatesCost(Protocol):
    """Capability `estimates-cost` of a teacher: its calls are paid. Amounts are whole nano-USD."""

    @abstractmethod
    def worst_case(self, request: Request) -> int:
        """Return the most that one attempt at a request can cost; it is reserved before the call."""

    @abstractmethod
    def price(self, usage: Usage) -> int:
        """Return what an answer of this usage cost; at most the worst case of its request."""


class Batches(Protocol):
    """Capability `batches` of a teacher: hands over many requests at once, answered within hours.

    Amounts of `worst_case_in_batch` and `price_in_batch` are whole nano-USD.
    """

    @abstractmethod
    async def submit(self, requests: Mapping[str, Request], tag: str) -> str:
        """Hand over requests by their keys (64 characters at most), return the server's batch id.

        Raises:
            AttemptError: nothing was handed over, or, with the outcome `timeout` or `connection`, it
                is not known whether something was.
        """

    @abstractmethod
    async def find(
        self, requests: Mapping[str, Request], tag: str, since: float, taken: Collection[str]
    ) -> str | None:
        """Return the id of a batch that `submit` handed over under this tag and nobody noted.

        `requests` are all of its requests, of an earlier run without their prompts; `since` is the time
        of the submission, in seconds since the epoch; `taken` are ids that are known to be other
        batches'.
        """

    @abstractmethod
    async def collect(self, batch: str) -> Mapping[str, Reply | AttemptError] | None:
        """Return what came of each request, by key; None while the batch is not finished."""

    @abstractmethod
    def worst_case_in_batch(self, request: Request) -> int:
        """Return the most that a request can cost inside a batch."""

    @abstractmethod
    def price_in_batch(self, usage: Usage) -> int:
        """Return what an answer of this usage cost inside a batch."""


class Loss(Protocol):
    """A training loss, one value per item.

    `decoding` is the rule that turns label scores into a set for a model trained with this loss:
    `expected-jaccard` over softmax shares, `threshold` on sigmoids tuned on validation, `zero`, or an
    object of a class of its own (`DecodingRule`).
    """

    decoding: Decoding

    @abstractmethod
    def __call__(self, scores: Tensor, targets: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the loss, shape (batch,).

        Labels: `scores` (batch, labels) are logits, `targets` (batch, labels) lie in [0, 1], `mask` is
        None. Tokens: `scores` (batch, steps, vocabulary) are logits, `targets` (batch, steps) are
        indices, `mask` (batch, steps) is 1 where a step counts.
        """


class UsesCounts(Protocol):
    """Capability `uses-counts` of a loss: needs to know how frequent the labels are."""

    @abstractmethod
    def prepare(self, counts: Array, n: int) -> None:
        """Take up how many of `n` training texts carry each label, shape (labels,).

        The student calls it before training, with the labels in the order of its scores. For scores
        of tokens these are the counts of all tokens: `n` for the one that ends an answer, 0 for those
        that no training answer holds.
        """


class UsesShares(Protocol):
    """Capability `uses-shares` of a loss: learns from the teacher's shares, not from its first answer.

    A student gives such a loss `Expected.shares` as targets where there are any. Cells with it are
    n/a with one answer per text.
    """

    uses_shares: Literal[True]


class Scheduled(Protocol):
    """Capability `scheduled` of a loss: changes as training goes on."""

    @abstractmethod
    def at(self, progress: float) -> None:
        """Take up how much of the training is done, in [0, 1]; called before each epoch."""


class Student(Protocol):
    """A small model that learns the teacher's labels."""

    @abstractmethod
    def fit(self, train: Examples, valid: Examples, loss: Loss | None) -> FitReport:
        """Learn from `train`; tune on `valid` alone what has to be tuned."""

    @abstractmethod
    def predict(self, texts: Sequence[Text]) -> Sequence[Prediction]:
        """Return one prediction per text, in order."""


class Saves(Protocol):
    """Capability `saves` of a student: survives its process, so that it is fitted once."""

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write all that `predict` needs into an empty folder."""

    @classmethod
    @abstractmethod
    def load(cls, folder: Path, params: Any, env: Env) -> Student:  # noqa: ANN401
        """Return a student that predicts as the saved one did, under these parameters."""


class Exported(Protocol):
    """A fitted student in a form made for fast answers, which learns no more."""

    @abstractmethod
    def predict(self, texts: Sequence[Text]) -> Sequence[Prediction]:
        """Return one prediction per text, in order."""


class Exports(Protocol):
    """Capability `exports` of a student: has forms made for fast answers, for `deshi export`.

    The host compares the predictions of a form with those of the student, and keeps its manifest
    deshi.json in the folder: no other file of that name may be written.
    """

    forms: tuple[str, ...]
    """The names of the forms, the usual one first."""

    @abstractmethod
    def export(self, form: str, folder: Path) -> None:
        """Write all that `load_export` needs into an empty folder."""

    @classmethod
    @abstractmethod
    def load_export(cls, form: str, folder: Path, params: Any, env: Env) -> Exported:  # noqa: ANN401
        """Return what answers as the exported student did, under these parameters."""


class Explains(Protocol):
    """Capability `explains` of a student: says what an answer rests on, for `deshi predict`."""

    @abstractmethod
    def explain(self, texts: Sequence[Text]) -> Sequence[tuple[str, ...]]:
        """Return a few lines of plain text for each text, the weightiest reason first."""


class Metric(Protocol):
    """A figure made of counts per item, whose sum over items gives the value.

    With this form the intervals and tests of every metric are matrix products: a resample is a row of
    integer weights.
    """

    @abstractmethod
    def statistics(
        self, predicted: Sequence[Prediction], expected: Sequence[Expected], alphabet: Alphabet
    ) -> Array | Sparse:
        """Return counts per item, shape (items, k); k depends on parameters and alphabet alone."""

    @abstractmethod
    def value(self, sums: Array, n: Array) -> Array:
        """Return the metric from summed counts: (..., k) and (...) to (...); NaN is undefined."""


Component: TypeAlias = Corpus | Filter | Teacher | Student | Loss | Metric
