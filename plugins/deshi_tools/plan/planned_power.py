"""What numbers of texts and seeds can decide, before anything has run.

A run's score on a text is taken as text + row × text + seed + run × text, all independent. Texts
and documents are shared by the rows, so that the text's own part drops out of differences:

    fixed      V = e (2 u² / N + 2 r² / (S N))
    retrained  V = e (2 u² / N + 2 r² / (S N)) + 2 s² / S

with N texts, S seeds, u the SD of row × text, r of run × text, s of seeds and e the design effect.
"""

from __future__ import annotations

from dataclasses import dataclass

from deshi.statistics.power import smallest_detectable
from deshi.statistics.retrained_models import MIN_RUNS
from deshi.statistics.variance import Variance, total


@dataclass(frozen=True, slots=True)
class AssumedSpread:
    """Standard deviations of a metric in [0, 1], such as Jaccard, typical of small students."""

    text: float = 0.15
    run_text: float = 0.20
    seed: float = 0.02
    method_text: float = 0.0
    design_effect: float = 1.0


@dataclass(frozen=True, slots=True)
class PlannedPower:
    """What can be decided; differences in the metric's unit, at 80 % power after Holm.

    `fixed_models` and `retrained` are the smallest detectable differences between two rows,
    `retrained` None with too few seeds. `half_width` is half of one row's 95 % interval for retrained
    models, None with one seed. `reason` says why `retrained` is None.
    """

    texts: int
    documents: int
    seeds: int
    comparisons: int
    fixed_models: float | None
    retrained: float | None
    half_width: float | None
    reason: str = ""


def planned_power(
    texts: int,
    seeds: int,
    *,
    documents: int | None = None,
    comparisons: int = 1,
    assumed: AssumedSpread | None = None,
    deterministic: bool = False,
) -> PlannedPower:
    """Say what `texts` and `seeds` can decide between two rows of a family of `comparisons`.

    `documents` is their number where texts come by several from one; `deterministic` is for students
    whose runs never differ, which have no variance over seeds.
    """
    units = documents or texts
    paired, alone, runs, noise = _variances(texts, units, seeds, assumed or AssumedSpread())
    vary: tuple[Variance, ...] = () if deterministic else (runs, runs)
    retrained = total([paired, *vary], twice=noise * len(vary))
    enough = seeds >= MIN_RUNS or deterministic
    testable = units > 1
    return PlannedPower(
        texts=texts,
        documents=units,
        seeds=seeds,
        comparisons=comparisons,
        fixed_models=smallest_detectable(paired, family=comparisons) if testable else None,
        retrained=smallest_detectable(retrained, family=comparisons)
        if enough and testable
        else None,
        half_width=total([alone, *vary[:1]]).half_width() if seeds > 1 or deterministic else None,
        reason=""
        if enough
        else f"no test of retrained models is possible with fewer than {MIN_RUNS} seeds",
    )


def _variances(
    texts: int, documents: int, seeds: int, assumed: AssumedSpread
) -> tuple[Variance, Variance, Variance, float]:
    """Return those over documents of a difference and of one value, that over runs, and their noise."""
    df = max(1.0, documents - 1.0)
    each = assumed.design_effect / texts
    noise = each * assumed.run_text**2 / seeds
    paired = 2 * (each * assumed.method_text**2 + noise)
    alone = each * (assumed.text**2 + assumed.method_text**2) + noise
    runs = Variance(assumed.seed**2 / seeds + noise, max(1.0, seeds - 1.0))
    return Variance(paired, df), Variance(alone, df), runs, noise
