"""A fitted student that predicts for plain sentences."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from deshi.api import UsageError
from deshi.runs.fitted_student import predict_texts
from deshi.runs.plain_texts import batched, texts_of

if TYPE_CHECKING:
    from deshi.api import Exported, Prediction
    from deshi.runs.fitted_student import SavedStudent


class FittedStudent:
    """A fitted student. Each `predict` loads it; within a `with` block it is loaded once."""

    def __init__(self, fitted: SavedStudent) -> None:
        self.fitted = fitted
        self._loaded: Exported | None = None
        self._stack = ExitStack()

    @property
    def name(self) -> str:
        """The run and the row that it comes from, as `deshi predict` takes them."""
        return self.fitted.name

    @property
    def seed(self) -> int:
        """The seed of its training run."""
        return self.fitted.seed

    def __enter__(self) -> Self:
        self._loaded = self._stack.enter_context(self.fitted.open())
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
            for answer in predict_texts(self.fitted, self._loaded, some, reasons=False)
        )
        return tuple(answer.prediction for answer in found)
