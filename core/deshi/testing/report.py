"""What came of the checks of one component."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from deshi.testing.offline import REACHED_OUT

if TYPE_CHECKING:
    from deshi.api import Kind
    from deshi.testing.check import Check

Verdict: TypeAlias = Literal["ok", "failed", "n/a", "expected", "unexpected"]


@dataclass(frozen=True)
class Result:
    """What one check found.

    `expected` is a failure that was announced with a reason; `unexpected` is a check that passed
    although its failure was announced, or an announcement that cannot hold.
    """

    check: Check
    verdict: Verdict
    reason: str = ""
    crashed: bool = False
    """Whether the component raised something that no contract knows, so that nothing was found out."""

    @property
    def is_bad(self) -> bool:
        """Whether the component does not pass because of it."""
        return self.verdict in ("failed", "unexpected")


@dataclass(frozen=True)
class Report:
    """The results of all checks of one component, in their order."""

    kind: Kind
    component: str
    results: tuple[Result, ...]
    least: int
    """How many checks of this kind always run; fewer mean that the kit itself is at fault."""

    @property
    def run(self) -> int:
        """The number of checks that were run."""
        return sum(result.verdict != "n/a" for result in self.results)

    @property
    def reached_out(self) -> bool:
        """Whether some check failed for want of another machine."""
        return any(REACHED_OUT in result.reason for result in self.results)

    @property
    def is_good(self) -> bool:
        """Whether the component keeps its contract."""
        return self.run >= self.least and not any(result.is_bad for result in self.results)

    @property
    def counts(self) -> str:
        """The counts in words: `31 run, 6 not applicable, 1 expected failure`."""
        away = len(self.results) - self.run
        tally = {v: sum(r.verdict == v for r in self.results) for v in ("failed", "expected")}
        bad = sum(result.is_bad for result in self.results)
        parts = [f"{self.run} run", f"{away} not applicable"]
        if tally["expected"]:
            plural = "s" if tally["expected"] > 1 else ""
            parts.append(f"{tally['expected']} expected failure{plural}")
        if bad:
            parts.append(f"{bad} failed")
        if self.run < self.least and not bad:
            parts.append(f"too few: at least {self.least} always run")
        return ", ".join(parts)
