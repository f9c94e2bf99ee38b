"""A fitted student that predicts for plain sentences."""

from __future__ import annotations

import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Self, cast

from deshi.api import Text, UsageError
from deshi.registry import code_of, open_component
from deshi.registry.plugin_code import may_be_same
from deshi.stages.predict import in_canonical_form
from deshi.workspace.job import env_of
from deshi.workspace.manifest import FitManifest

if TYPE_CHECKING:
    from deshi.api import Exported, Prediction
    from deshi.api.kinds import Explains
    from deshi.benchmark.part import Part
    from deshi.registry import Registry
    from deshi.runs.saved_run import SavedRow, SavedRun

WRITE = "write a sentence, such as 今日のライブ最高だった！"
"""What to do where there is none."""
_BATCH = 1024
"""How many texts are predicted for at a time."""


@dataclass(frozen=True)
class ExplainedPrediction:
    """A student's prediction for one text; `reasons` is empty if it gives none."""

    text: Text
    prediction: Prediction
    reasons: tuple[str, ...] = ()


@dataclass(eq=False)
class FittedStudent:
    """A fitted student. Each `predict` loads it; within a `with` block it is loaded once.

    `name` is the run and the row that it comes from, as `deshi predict` takes them, `part` what the plan
    says of it, `folder` where it was saved, and `seed` that of its training run. `form` is that of an
    exported student, empty for one as it was trained.
    """

    name: str
    part: Part
    folder: Path
    seed: int
    registry: Registry
    form: str = ""
    _loaded: Exported | None = field(default=None, init=False, repr=False)
    _stack: ExitStack = field(default_factory=ExitStack, init=False, repr=False)

    @property
    def label(self) -> str:
        """The student as the benchmark named it."""
        return self.part.label

    def __enter__(self) -> Self:
        self._loaded = self._stack.enter_context(self.open())
        return self

    def __exit__(self, *_: object) -> None:
        self._loaded = None
        self._stack.close()

    def predict(self, texts: Iterable[str]) -> tuple[Prediction, ...]:
        """Return a prediction for each text.

        Raises:
            UsageError: a text is blank, or the student has changed since it was fitted.
            NotReadyError: something that the student needs is not installed.
        """
        if isinstance(texts, str):
            raise UsageError("is one text", where="predict", fix="give a list of texts")
        if self._loaded is None:
            with self:
                return self.predict(texts)
        found = (
            answer
            for some in batched(texts_of(texts))
            for answer in predict_texts(self, self._loaded, some, reasons=False)
        )
        return tuple(answer.prediction for answer in found)

    def can(self, capability: str) -> bool:
        """Say whether the student's component has a capability."""
        offer = self.registry.catalog.find("student", self.part.id)
        return capability in offer.spec.capabilities

    @contextmanager
    def open(self) -> Iterator[Exported]:
        """Load the student, ready to predict.

        Raises:
            UsageError: its component has changed since it was fitted.
            NotReadyError: something that it needs is not installed.
        """
        self._check_revision()
        with tempfile.TemporaryDirectory(prefix="deshi-") as scratch:
            env = env_of(self.part, seed=self.seed, folder=Path(scratch))
            component, found = (self.part.id, self.part.params), self.registry
            student: Exported = (
                found.load_export(*component, self.form, self.folder, env)
                if self.form
                else found.load_student(*component, self.folder, env)
            )
            with open_component(student) as entered:
                yield cast("Exported", entered)

    def _check_revision(self) -> None:
        """Check the student and what it combines."""
        for part in self.part.whole():
            offer = self.registry.catalog.find("student", part.id)
            fitted, now = part.identity.revision, offer.spec.revision
            if fitted != now or not may_be_same(part.code, code := code_of(offer.plugin)):
                was = f"revision {fitted}, now {now}"
                raise UsageError(
                    f"student '{part.id}' has changed since this one was fitted "
                    f"({was if fitted != now else f'{part.code}, now {code}'})",
                    where=self.name,
                    fix="run the benchmark again, or install the version that it was fitted with",
                )


def of_run(run: SavedRun, row: SavedRow, seed: int | None) -> FittedStudent:
    """Return one fitted student of a row."""
    where = f"{run.name}/{row.result.id}"
    address, chosen = run.fit_of(row, seed)
    if row.is_teacher:
        raise UsageError(
            f"'{row.result.cell['student']}' is a teacher: nothing was fitted",
            where=where,
            fix="choose a student's row; see `deshi show`",
        )
    if address is None:
        raise UsageError(
            f"student '{row.result.cell['student']}' was not kept: it cannot be saved",
            where=where,
            fix="choose another row, see `deshi show`; the student's author can change that by the "
            "capability `saves`",
        )
    part = run.manifest(address, FitManifest).params.student
    return FittedStudent(where, part, run.folder(address) / "model", chosen or 0, run.registry)


def predict_texts(
    fitted: FittedStudent, student: Exported, texts: Sequence[Text], *, reasons: bool = True
) -> Iterator[ExplainedPrediction]:
    """Yield an open student's prediction for each text, with its reasons where it gives any."""
    predictions = student.predict(texts)
    reasons_of_texts: Sequence[tuple[str, ...]] = [()] * len(texts)
    if reasons and fitted.can("explains") and hasattr(student, "explain"):
        reasons_of_texts = cast("Explains", student).explain(texts)
    for text, prediction, why in zip(texts, predictions, reasons_of_texts, strict=True):
        yield ExplainedPrediction(text, in_canonical_form(prediction), tuple(why))


def texts_of(words: Iterable[str]) -> Iterator[Text]:
    """Yield the texts of plain words, numbered from 1."""
    for number, word in enumerate(words, 1):
        yield text_of(word, str(number), where=f"text {number}")


def batched(texts: Iterable[Text], size: int = _BATCH) -> Iterator[Sequence[Text]]:
    """Yield texts some at a time."""
    rest = iter(texts)
    while some := list(islice(rest, size)):
        yield some


def text_of(text: str, name: str, document: str | None = None, *, where: str) -> Text:
    """Return one text; `where` says which it is."""
    if all(unicodedata.category(character)[0] in "ZC" for character in text):
        raise UsageError("the text is blank", where=where, fix=WRITE)
    # A name that no corpus gives: a student may leave out what it learned from the same document.
    return Text(id=name, document=document or f"asked:{name}", text=text.strip())
