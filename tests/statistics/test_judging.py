"""Claims against simulated truth: a margin is not passed by chance, and a family counts."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from statistics_kit import Mean, names, row

from deshi.statistics.replicates import RowScores
from deshi.statistics.resampling import Resamples
from deshi_tools.claims.claim import parse_claim
from deshi_tools.claims.evidence import ClaimVerdict, GroupEvidence, check_claim

MARGIN = 0.1


def group_evidence(
    rows: dict[str, RowScores], texts: int, direction: str = "higher"
) -> GroupEvidence:
    return GroupEvidence("mean", Mean(), direction, rows, Resamples.draw(names(texts), 200, 0))


def rows_apart(
    difference: float,
    rng: np.random.Generator,
    *,
    texts: int = 60,
    runs: int = 4,
    seed: float = 0.03,
) -> dict[str, RowScores]:
    """Return rows a and b whose true means lie this far apart; every run has its own noise."""
    shared = rng.normal(0, 0.15, texts)

    def run(mean: float) -> np.typing.NDArray[np.float64]:
        return shared + mean + rng.normal(0, 0.2, texts) + rng.normal(0, seed)

    return {
        name: row(*(run(mean) for _ in range(runs)))
        for name, mean in (("a", difference), ("b", 0.0))
    }


def verdicts(found: GroupEvidence, text: str, question: str = "retrained-models") -> ClaimVerdict:
    claim = parse_claim(text)
    return check_claim(claim, claim.better, claim.worse, found, question)


@pytest.mark.parametrize(
    ("question", "runs", "seed"), [("retrained-models", 4, 0.03), ("fixed-models", 1, 0.0)]
)
def test_a_margin_that_is_the_truth_is_rarely_passed(question: str, runs: int, seed: float) -> None:
    rng = np.random.default_rng(0)
    text = f"a > b by {MARGIN} on mean"
    passed = sum(
        verdicts(
            group_evidence(rows_apart(MARGIN, rng, runs=runs, seed=seed), 60), text, question
        ).carried
        for _ in range(150)
    )
    assert passed <= 9  # one side of 5 %: 3.75 are due, and 9 or fewer come in 99 of 100


def test_a_margin_well_below_the_truth_is_passed() -> None:
    rng = np.random.default_rng(1)
    found = verdicts(group_evidence(rows_apart(0.5, rng), 60), "a > b by 0.1 on mean")
    assert found.carried
    assert found.method == "t beyond a margin"
    plain = verdicts(group_evidence(rows_apart(0.5, np.random.default_rng(1)), 60), "a > b on mean")
    assert found.smallest_detectable == pytest.approx(0.1 + plain.smallest_detectable)


def test_a_margin_of_nearly_nothing_gives_the_p_of_none() -> None:
    found = group_evidence(rows_apart(0.06, np.random.default_rng(2)), 60)
    plain, by = verdicts(found, "a > b on mean"), verdicts(found, "a > b by 1e-9 on mean")
    assert by.p == pytest.approx(plain.p, rel=1e-5)


def test_a_claim_and_its_reverse_are_never_both_carried() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        found = group_evidence(rows_apart(rng.normal(0, 0.1), rng), 60)
        there, back = verdicts(found, "a > b on mean"), verdicts(found, "b > a on mean")
        assert not (there.carried and back.carried)
        assert there.difference == -back.difference
        assert (there.low, there.high) == (-back.high, -back.low)


def test_lower_is_better_carries_the_opposite_claim() -> None:
    rows = rows_apart(0.5, np.random.default_rng(4))
    assert verdicts(group_evidence(rows, 60), "a > b on mean").carried
    assert not verdicts(group_evidence(rows, 60, "lower"), "a > b on mean").carried
    assert verdicts(group_evidence(rows, 60, "lower"), "b > a on mean").carried


def test_a_pair_picked_from_a_larger_table_needs_more() -> None:
    rng = np.random.default_rng(5)
    two = rows_apart(0.06, rng)
    ten = {**two, **{f"c{at}": rows_apart(0, rng)["b"] for at in range(8)}}
    alone, picked = (verdicts(group_evidence(rows, 60), "a > b on mean") for rows in (two, ten))
    assert (alone.family, picked.family) == (1, 45)
    assert picked.p == pytest.approx(alone.p)
    assert picked.p_holm > alone.p_holm
    assert picked.smallest_detectable > alone.smallest_detectable


def test_identical_rows_pass_no_margin() -> None:
    one = row(np.random.default_rng(6).normal(0, 1, 60), deterministic=True)
    found = verdicts(
        group_evidence({"a": one, "b": one}, 60), "a > b by 0.1 on mean", "fixed-models"
    )
    assert (found.p, found.carried) == (1.0, False)


def test_a_judgement_is_plain_json() -> None:
    found = verdicts(group_evidence(rows_apart(0.5, np.random.default_rng(7)), 60), "a > b on mean")
    again = msgspec.json.decode(msgspec.json.encode(found))
    assert again["carried"] is True
    assert again["texts"] == 60
