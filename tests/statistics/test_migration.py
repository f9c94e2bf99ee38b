"""Two teachers on the same texts: agreement, shift, emoji that moved, and the rule's answer."""

from __future__ import annotations

from types import SimpleNamespace

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deshi.api import Env
from deshi.emoji import inventory
from deshi.statistics.resampling import Resamples
from deshi_plugins.metrics.overlap import Jaccard
from deshi_plugins.metrics.params import JaccardParams
from deshi_tools.migration.agreement import Figure, agreement
from deshi_tools.migration.answer_sets import AnswerSet
from deshi_tools.migration.decision import criterion_for, decide
from deshi_tools.migration.emoji_shifts import emoji_moves
from deshi_tools.migration.record import Bill, Rate, Transfer
from deshi_tools.migration.shifts import divergence, shifts, wasserstein

EMOJI = list(inventory())[:120]
JACCARD = Jaccard(JaccardParams(), Env())


def draw(rng, topic):
    return tuple(rng.choice(EMOJI, size=rng.integers(1, 5), replace=False, p=topic))


def teachers(seed, strayed=0.0, texts=300, more=None):
    """Return a teacher, one that gives a share of its answers to other texts, and the documents.

    `more` is an emoji that the second teacher adds to a third of its answers.
    """
    rng = np.random.default_rng(seed)
    base = rng.dirichlet(np.full(len(EMOJI), 0.5))
    raw = [base * rng.gamma(0.05, 1, len(EMOJI)) + 1e-9 for _ in range(texts)]
    topics = [one / one.sum() for one in raw]

    def second(topic):
        own = draw(rng, topics[rng.integers(texts)] if rng.random() < strayed else topic)
        return (*own, more) if more and more not in own and rng.random() < 1 / 3 else own

    a = [tuple(draw(rng, topic) for _ in range(2)) for topic in topics]
    b = [tuple(second(topic) for _ in range(2)) for topic in topics]
    documents = np.unique(rng.integers(0, texts // 5, texts), return_inverse=True)[1]
    return AnswerSet("A", a), AnswerSet("B", b), [int(d) for d in documents]


def agreed(a, b, documents):
    drawn = Resamples.draw([str(d) for d in documents], 500, 0)
    return agreement("jaccard", JACCARD, a, b, drawn)


def answers(*texts):
    return AnswerSet("X", [tuple(tuple(sample) for sample in own) for own in texts])


def test_a_teacher_against_itself_has_not_shifted():
    a, b, documents = teachers(1)
    found = agreed(a, b, documents)
    assert found.shift.low < 0 < found.shift.high
    assert found.normalised.low < 1 < found.normalised.high
    assert all(one.p > 0.05 for one in shifts(a, b, documents))
    assert all(one.p > 0.05 for one in emoji_moves(a, b, documents))


def test_a_fifth_of_the_answers_replaced_is_seen_and_measured():
    a, b, documents = teachers(1, strayed=0.2)
    found = agreed(a, b, documents)
    assert 0 < found.shift.low < 0.2 < found.shift.high < 0.4


def test_normalised_agreement_does_not_see_a_teacher_that_contradicts_itself():
    a, b, documents = teachers(1, strayed=0.2)
    found = agreed(a, b, documents)
    assert found.second.value < found.first.value
    assert found.normalised.low < 1 < found.normalised.high  # which is why the shift is there


def test_an_emoji_that_one_teacher_adds_everywhere_is_the_only_one_that_moved():
    a, b, documents = teachers(1, more="🦖")
    moved = emoji_moves(a, b, documents)
    assert [one.emoji for one in moved if one.p <= 0.05] == ["🦖"]
    assert moved[0].emoji == "🦖"
    assert 0.25 < moved[0].difference < 0.4
    assert moved[0].low < moved[0].difference < moved[0].high
    assert moved[0].log_odds > 1
    by_name = {one.name: one for one in shifts(a, b, documents)}
    assert by_name["emoji"].p < 0.01
    assert by_name["length"].p < 0.01
    assert by_name["emoji"].value > by_name["emoji"].by_chance > 0


def test_identical_answers_agree_wholly():
    same = answers(*[("🍎", "🍎")] * 4, *[("🚗🌙", "🚗🌙")] * 4)
    found = agreed(same, same, range(8))
    assert (found.between.value, found.normalised.value, found.shift.value) == (1, 1, 0)
    assert {one.value for one in shifts(same, same, range(8))} == {0}


def test_a_teacher_that_was_asked_once_is_compared_without_its_own_agreement():
    a, b = answers(("🍎",), ("🚗",)), answers(("🍎",), ("🌙",))
    found = agreed(a, b, [0, 1])
    assert found.between.value == 0.5
    assert found.shift.value is found.normalised.value is found.first.value is None
    assert "samples = 2" in found.shift.reason
    assert {one.itself for one in shifts(a, b, [0, 1])} == {None}


def test_a_teacher_that_answers_at_random_is_no_anchor_for_a_shift():
    a, b, documents = teachers(1, texts=100)
    rng = np.random.default_rng(0)
    flat = np.full(len(EMOJI), 1 / len(EMOJI))
    random = AnswerSet("R", [(draw(rng, flat), draw(rng, flat)) for _ in range(100)])
    found = agreed(random, b, documents)
    assert found.shift.value is None
    assert "does not clearly agree with itself" in found.shift.reason
    assert agreed(a, random, documents).shift.value == pytest.approx(1, abs=0.2)


def test_agreement_is_the_mean_over_pairs_of_answers():
    a = answers(("🍎", "🍎🚗"))
    b = answers(("🍎", "🌙"))
    found = agreed(a, b, [0])
    assert found.between.value == pytest.approx((1 + 0 + 1 / 2 + 0) / 4)
    assert found.first.value == pytest.approx(1 / 2)
    assert found.second.value == 0


@pytest.mark.parametrize(
    ("one", "other", "bits"),
    [((0.5, 0.5, 0), (0.5, 0, 0.5), 0.5), ((6, 2, 2), (2, 2, 6), 0.1510), ((3, 0), (0, 9), 1.0)],
)
def test_divergence_has_the_published_values(one, other, bits):
    found = divergence(np.array([one], float), np.array([other], float))
    assert found == pytest.approx(bits, abs=5e-5)


@pytest.mark.parametrize(
    ("one", "other", "emoji"), [([5, 5, 5, 3], [5, 5, 4, 2], 0.5), ([5], [1], 4), ([2], [2], 0)]
)
def test_the_distance_of_lengths_has_the_published_values(one, other, emoji):
    rows = [np.bincount(x, minlength=6)[np.newaxis].astype(float) for x in (one, other)]
    assert wasserstein(*rows) == pytest.approx(emoji)


@given(st.lists(st.integers(0, 30), min_size=4, max_size=4), st.integers(1, 9))
def test_divergence_is_symmetric_bounded_and_blind_to_size(counts, times):
    one, other = np.array([counts], float) + 1e-9, np.array([counts[::-1]], float) + 1e-9
    there, back = divergence(one, other)[0], divergence(other, one * times)[0]
    assert -1e-9 <= there <= 1 + 1e-9
    assert there == pytest.approx(back, abs=1e-9)


def figure(value, low, high):
    return Figure(name="x", value=value, low=low, high=high)


@given(st.tuples(*[st.floats(-1, 1)] * 3).map(sorted), st.floats(-1, 1), st.booleans())
def test_a_condition_is_met_where_the_whole_interval_is_on_its_side(ends, bound, at_least):
    low, value, high = ends
    found = criterion_for("x", "", bound, figure(value, low, high), 100, at_least=at_least)
    mirrored = criterion_for(
        "x", "", -bound, figure(-value, -high, -low), 100, at_least=not at_least
    )
    assert found.verdict == mirrored.verdict
    if found.verdict == "cannot tell":
        assert low <= bound <= high
        assert found.needed is None or found.needed > 100
    else:
        assert found.needed is None
        inside = low >= bound if at_least else high <= bound
        assert (found.verdict == "yes") == inside


def test_what_was_not_measured_cannot_be_told():
    found = criterion_for(
        "x", "", 0.1, Figure(name="x", value=None, reason="why"), 100, at_least=True
    )
    assert (found.verdict, found.reason) == ("cannot tell", "why")


def test_the_texts_that_would_tell_follow_the_root_of_their_number():
    found = criterion_for("x", "", 0.10, figure(0.15, 0.05, 0.25), 300, at_least=True)
    assert found.verdict == "cannot tell"
    assert found.needed == pytest.approx(1200, abs=1)
    never = criterion_for("x", "", 0.02, figure(0.0, 0.0, 0.08), 300, at_least=False)
    assert never.needed == pytest.approx(
        1200, abs=1
    )  # Wilson's interval of 0 shrinks with the number itself


def rule(accept, **seen):
    ours = SimpleNamespace(
        metric="jaccard",
        normalised=seen.get("normalised", figure(0.9, 0.85, 0.95)),
        shift=seen.get("shift", figure(0.02, 0.0, 0.04)),
    )
    good = Rate(
        call="label", what="w", is_fault=True, first=figure(0, 0, 0), second=figure(0, 0, 0.009)
    )
    style = Rate(
        call="label", what="s", is_fault=False, first=figure(1, 1, 1), second=figure(1, 1, 1)
    )
    return decide(
        accept,
        agreement=ours,
        rates=(good, style),
        bills=[bill(cost) for cost in seen.get("costs", (1.0, 0.4))],
        transfers=seen.get("transfers", (transfer(-0.01, -0.015, -0.005),)),
        texts=300,
    )


def bill(cost):
    return Bill(
        teacher="t", calls=1, accepted=1, usd=cost, usd_per_thousand=cost,
        seconds_median=None, seconds_p95=None,
    )  # fmt: skip


def transfer(difference, low, high, gold="reference"):
    return Transfer(
        student="knn",
        gold=gold,
        difference=difference,
        low=low,
        high=high,
        p=0.5,
        question="retrained-models",
        seeds=5,
    )


ALL = {
    "least-agreement": 0.8,
    "most-shift": 0.05,
    "most-failures": 0.01,
    "most-cost": 0.5,
    "most-loss": 0.02,
}


def test_the_rule_says_yes_only_where_every_condition_is_met():
    assert rule(ALL).verdict == "yes"
    assert len(rule(ALL).criteria) == 5
    assert rule(ALL, costs=(1.0, 0.6)).verdict == "no"
    assert rule(ALL, shift=figure(0.03, 0.01, 0.07)).verdict == "cannot tell"
    both = rule(ALL, costs=(1.0, 0.6), shift=figure(0.03, 0.01, 0.07))
    assert both.verdict == "no"


def test_without_conditions_there_is_no_answer():
    assert rule({}) is None
    assert rule({"gold": "reference"}) is None


def test_a_loss_is_asked_of_the_gold_that_the_rule_names():
    own = (transfer(-0.5, -0.6, -0.4, gold="old"), transfer(0.0, -0.01, 0.01))
    assert rule({"most-loss": 0.02}, transfers=own).verdict == "yes"
    assert rule({"most-loss": 0.02, "gold": "old"}, transfers=own).verdict == "no"
    missing = rule({"most-loss": 0.02, "gold": "other"}, transfers=own)
    assert missing.verdict == "cannot tell"
    assert "'other'" in missing.criteria[0].reason


def test_more_texts_alone_are_not_said_to_do_where_training_is_part_of_the_interval():
    unclear = transfer(-0.01, -0.03, 0.01)
    (found,) = rule({"most-loss": 0.02}, transfers=(unclear,)).criteria
    assert (found.verdict, found.needed, found.needed_seeds) == ("cannot tell", 1200, 20)
    fixed = msgspec.structs.replace(unclear, question="fixed-models")
    (found,) = rule({"most-loss": 0.02}, transfers=(fixed,)).criteria
    assert (found.needed, found.needed_seeds) == (1200, None)
    steady = msgspec.structs.replace(unclear, seeds=1)
    (found,) = rule({"most-loss": 0.02}, transfers=(steady,)).criteria
    assert (found.needed, found.needed_seeds) == (1200, None)


def test_costs_that_are_not_known_cannot_be_told():
    assert rule({"most-cost": 0.5}, costs=(None, 0.4)).verdict == "cannot tell"
    free = rule({"most-cost": 1.0}, costs=(0.0, 0.0))
    assert free.verdict == "cannot tell"
    assert "cost nothing" in free.criteria[0].reason


@pytest.mark.slow
def test_intervals_of_the_shift_cover_it_and_tests_keep_their_level():
    rounds = 60
    for strayed in (0.0, 0.2):
        covered = rejected = moved = 0
        for seed in range(rounds):
            a, b, documents = teachers(seed, strayed)
            found = agreed(a, b, documents).shift
            covered += found.low <= strayed <= found.high
            rejected += shifts(a, b, documents, tries=500)[0].p <= 0.05
            moved += min(one.p for one in emoji_moves(a, b, documents, tries=500)) <= 0.05
        assert covered / rounds >= 0.90
        assert rejected / rounds <= 0.10
        assert moved / rounds <= 0.10
