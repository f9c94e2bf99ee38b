"""The best epoch and early stopping."""

from __future__ import annotations

from dataclasses import dataclass

from deshi_plugins.students.neural.learner import Validation
from deshi_plugins.students.neural.params import StopOn


@dataclass(slots=True)
class Stopping:
    """Early stopping with a guard against plateaus.

    With many labels a model first learns the majority baseline, and may stay there for
    many epochs before it uses the text. So while the best Jaccard is not above `floor`, about that
    of the baseline, `plateau_patience` epochs may pass without improvement, and then `patience`.
    Epochs are chosen by Jaccard (`stop_on`), with ties broken by the plain
    negative log-likelihood, or by the training loss.
    """

    stop_on: StopOn
    patience: int
    plateau_patience: int
    floor: float
    best: int = 0
    jaccard: float = -1.0
    value: tuple[float, float] = (float("-inf"), float("-inf"))

    def takes(self, epoch: int, validation: Validation | None) -> bool:
        """Record an epoch; return whether it is the best so far (without validation, the last)."""
        if validation is None:
            self.best = epoch
            return True
        value = (
            (validation.jaccard, -validation.nll)
            if self.stop_on == "jaccard"
            else (-validation.loss, 0.0)
        )
        self.jaccard = max(self.jaccard, validation.jaccard)
        if value <= self.value and self.best:
            return False
        self.best, self.value = epoch, value
        return True

    def ends(self, epoch: int) -> bool:
        """Return whether training ends after this epoch."""
        guarded = self.stop_on == "jaccard" and self.jaccard <= self.floor
        patience = max(self.patience, self.plateau_patience) if guarded else self.patience
        return epoch - self.best >= patience
