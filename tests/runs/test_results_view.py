"""The view of results: what renderers show of rows follows from the record, once, and agrees."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deshi.api import UsageError
from deshi.results import AXES, Results
from deshi_tools.results_view.results_view import ResultsView

LETTERS = st.sampled_from([None, "a", "b", "ab", "c"])


def row(student: str, value: float | None, **more: Any) -> dict[str, Any]:
    labels = {"corpus": "c", "teacher": "t", "student": student, **more.pop("cell", {})}
    cell = {axis: labels.get(axis) for axis in AXES}
    metric = {"value": value, "low": value, "high": value}
    return {
        "id": "/".join(label for axis, label in cell.items() if label and axis != "corpus"),
        "cell": cell,
        "group": "g",
        "gold": "t",
        "baseline": student in ("constant", "oracle"),
        "status": "ok",
        "metrics": {} if value is None else {"score": metric},
        **more,
    }


def pair(
    a: str, b: str, difference: float, p: float, question: str = "retrained-models"
) -> dict[str, Any]:
    return {
        "a": a,
        "b": b,
        "metric": "score",
        "question": question,
        "difference": difference,
        "low": difference - 0.01,
        "high": difference + 0.03,
        "p": p,
        "p_holm": min(1.0, 3 * p),
        "p_relabelling": p / 2,
        "smallest_detectable": 0.02,
        "method": "t",
    }


def results(*rows: dict[str, Any], pairs: Any = (), direction: str = "higher") -> Results:
    info = {
        "name": "score",
        "direction": direction,
        "bounds": [0, 1],
        "signature": "",
        "summary": "",
    }
    empty: dict[str, Any] = {"benchmark": {}, "matrix": {}, "provenance": {}}
    return Results.from_json(
        {
            "schema": 2,
            "run": "r",
            "rows": rows,
            "metrics": [info],
            "data": [],
            "groups": {"g": {"effective-emoji": 40.0}},
            "comparisons": list(pairs),
            **empty,
        }
    )


THREE = (row("knn", 0.3), row("linear", 0.2), row("constant", 0.1))
PAIRS = (
    pair("t/constant", "t/knn", -0.2, 0.01),
    pair("t/linear", "t/constant", 0.1, 0.03),
    pair("t/knn", "t/linear", 0.1, 0.2),
)


def test_everything_is_computed_once() -> None:
    view = ResultsView(results(*THREE, pairs=PAIRS))
    assert view.to_majority is view.differences
    assert view.groups is view.groups
    assert view.names is view.names


def test_a_difference_is_the_same_from_either_side() -> None:
    view = ResultsView(results(*THREE, pairs=PAIRS))
    for a, b in permutations(view.results.rows, 2):
        there, back = view.difference(a, b), view.difference(b, a)
        assert there is not None
        assert back is not None
        assert (there.value, there.low, there.high) == (-back.value, -back.high, -back.low)  # type: ignore[operator]
        assert (there.p, there.least) == (back.p, back.least)
    assert view.difference(view.results.rows[0], view.results.rows[0]) is None


def test_p_is_corrected_over_the_rows_of_a_baseline_or_over_all_pairs_against_a_chosen_row() -> (
    None
):
    record = results(*THREE, pairs=PAIRS)
    to_majority = ResultsView(record).differences
    assert {name: found.p for name, found in to_majority.items()} == {
        "t/knn": pytest.approx(0.02),
        "t/linear": pytest.approx(0.03),
    }
    chosen = ResultsView(record, "linear")
    assert chosen.against is chosen.rows["t/linear"]
    assert {name: found.p for name, found in chosen.differences.items()} == {
        "t/knn": pytest.approx(0.6),
        "t/constant": pytest.approx(0.09),
    }
    assert {*chosen.to_majority} == {*to_majority}  # sentences are about the baseline all the same


def test_a_pair_without_a_test_has_its_values_difference_and_no_p() -> None:
    view = ResultsView(results(*THREE, row("oracle", 0.9)))
    found = view.to_majority["t/oracle"]
    assert (round(found.value, 9), found.p, found.reason) == (0.8, None, "not tested")


def test_each_question_has_its_own_differences() -> None:
    fixed = pair("t/knn", "t/constant", 0.2, 0.001, question="fixed-models")
    view = ResultsView(results(*THREE, pairs=(*PAIRS, fixed)))
    assert view.differences_to_majority("fixed-models")["t/knn"].p == 0.001
    assert view.differences_to_majority("retrained-models")["t/knn"].p == pytest.approx(0.02)


def test_a_row_is_compared_with_the_constant_that_learned_from_the_same_labels() -> None:
    rows = [
        row(student, 0.1, cell={"train": size, "loss": loss})
        for size in ("n100", "n200")
        for student, loss in (("linear", "bce"), ("linear", "zlpr"), ("constant", None))
    ]
    view = ResultsView(results(*rows))
    assert {name: found.id for name, found in view.majority_rows.items()} == {
        one["id"]: f"t/{one['cell']['train']}/constant" for one in rows
    }


def test_names_have_the_axes_that_differ_within_a_group() -> None:
    apart = {"teacher": "u"}
    view = ResultsView(results(*THREE, row("knn", 0.2, cell=apart, group="h", gold="u")))
    assert view.axes == ("student",)
    assert set(view.names.values()) == {"knn", "linear", "constant"}
    with pytest.raises(UsageError, match="'knn' could be t/knn or u/knn"):
        view.row("knn")
    assert view.row("knn", among=["u/knn"]).group == "h"
    together = ResultsView(results(*THREE, row("knn", 0.2, cell=apart)))
    assert together.axes == ("teacher", "student")
    assert together.row("u/knn").cell["teacher"] == "u"


def test_baselines_that_cannot_run_stand_in_no_group_and_rows_that_cannot_run_in_their_own() -> (
    None
):
    absent = {"status": "n/a", "group": ""}
    view = ResultsView(results(*THREE, row("oracle", None, **absent), row("t5", None, **absent)))
    assert [[one.id for one in group.rows] for group in view.groups] == [
        ["t/knn", "t/linear", "t/constant"],
        ["t/t5"],
    ]
    assert [group.id for group in view.comparison_groups] == ["g"]


@given(st.lists(st.tuples(st.floats(0, 1), LETTERS), min_size=1, max_size=6), st.booleans())
def test_the_top_are_the_best_that_was_tested_and_those_that_share_a_letter_with_it(
    drawn: list[tuple[float, str | None]], lower: bool
) -> None:
    rows = [row(f"s{at}", value, tie_group=letters) for at, (value, letters) in enumerate(drawn)]
    view = ResultsView(results(*rows, direction="lower" if lower else "higher"))
    tested = [(value, letters) for value, letters in drawn if letters]
    top = [at for at, one in enumerate(view.results.rows) if view.is_top(one)]
    if not tested:
        assert top == []
        return
    best = (min if lower else max)(value for value, _ in tested)
    first = next(letters for value, letters in tested if value == best)
    assert top == [at for at, (_, letters) in enumerate(drawn) if set(letters or "") & set(first)]


@pytest.mark.parametrize(("used", "few"), [(9.9, True), (10.0, False)])
def test_few_is_below_a_quarter_of_the_golds_emoji_and_never_a_baseline(
    used: float, few: bool
) -> None:
    effective = {"effective-emoji": {"value": used, "low": None, "high": None}}
    rows = (row("knn", None, metrics=effective), row("constant", None, metrics=effective))
    view = ResultsView(results(*rows))
    assert [view.is_collapsed(one) for one in view.results.rows] == [few, False]


@pytest.mark.parametrize(("p", "ignores"), [(0.05, False), (0.051, True), (None, False)])
def test_a_row_ignores_its_input_where_the_test_does_not_find_that_it_reads_it(
    p: float | None, ignores: bool
) -> None:
    view = ResultsView(results(row("knn", 0.1, input_dependence={"value": 0.1, "p": p})))
    assert view.ignores_input(view.results.rows[0]) is ignores
