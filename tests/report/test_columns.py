"""The columns of the comparison table: their titles, their marks, and when each is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from few_rows import results, value

from deshi.results import Results
from deshi_tools.comparison_table.columns import all_columns
from deshi_tools.results_view.results_view import ResultsView
from deshi_tools.tables.numbers import interval_text, marked_interval, p_text, usd

APART = {"good": "a", "fair": "b", "constant": "c"}
VOCABULARY = {"emoji": 3.0, "oracle": 0.5}
SEEN = {name: {"vocabulary": VOCABULARY} for name in APART}


def shown(found: Results, against: str | None = None) -> dict[str, list[Any]]:
    """Return the values of each column, in the order of the rows."""
    view = ResultsView(found, against)
    return {one.column.name: [one.value(r) for r in found.rows] for one in all_columns(view)}


def wide(found: Results, name: str) -> bool:
    """Say whether a column stands among all columns only."""
    (column,) = (one.column for one in all_columns(ResultsView(found)) if one.column.name == name)
    return column.wide


def with_metrics(**metrics: float) -> dict[str, Any]:
    """Return the keywords for results whose row `fair` has further metrics; the gold has 10 emoji."""
    own = {"jaccard": 0.2} | {name.replace("_", "-"): at for name, at in metrics.items()}
    like = {"direction": "lower", "bounds": [0, 1], "signature": "", "summary": ""}
    return {
        "rows": {"fair": {"metrics": {name: value(at) for name, at in own.items()}}},
        "metrics": [{"name": name, **like} for name in own],
        "groups": {"g": {"effective-emoji": 10.0}},
    }


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0, "<0.001"),
        (0.00099, "<0.001"),
        (0.001, "0.001"),
        (0.009, "0.009"),
        (0.0499, "0.050"),
        (1.0, "1.000"),
        (None, "–"),
    ],
)
def test_a_p_value_has_three_digits_and_is_never_0(p: float | None, text: str) -> None:
    assert p_text(p) == text
    assert p_text(None, "not tested") == "not tested"


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "0.00"), (1, "1.00"), (12.345, "12.35"), (0.5, "0.5"), (0.01234, "0.0123"),
     (0.0001, "0.0001"), (0.000099, "9.9e-05")],
)  # fmt: skip
def test_an_amount_has_cents_or_as_many_digits_as_it_needs(amount: float, text: str) -> None:
    assert usd(amount) == text


def test_a_dagger_marks_the_intervals_of_fixed_models_alone() -> None:
    both = {"fair": {"metrics": {"jaccard": value(0.2) | {"question": "fixed-models"}}}}
    found = results(APART, rows=both)
    assert shown(found)["interval"] == ["[0.280, 0.320]", "[0.180, 0.220]†", "[0.080, 0.120]"]
    retrained, fixed, _ = (one.metrics["jaccard"] for one in found.rows)
    assert (marked_interval(retrained, 2), marked_interval(fixed, 2)) == (
        "[0.28, 0.32]",
        "[0.18, 0.22]†",
    )
    assert interval_text(fixed, 2) == "[0.18, 0.22]"


def test_without_an_interval_there_is_a_dash_and_without_a_value_nothing() -> None:
    no_ends = {"low": None, "high": None, "question": "fixed-models"}
    rows = {
        "good": {"metrics": {"jaccard": value(0.3) | no_ends}},
        "fair": {"metrics": {"jaccard": {"value": None, **no_ends}}},
        "constant": {"metrics": {}},
    }
    assert shown(results(APART, rows=rows))["interval"] == ["–", "", ""]


def test_an_arrow_tells_which_side_is_better() -> None:
    assert list(shown(results(APART)))[1] == "jaccard ↑"
    assert list(shown(results(APART, direction="lower")))[1] == "jaccard ↓"


def test_differences_are_to_the_majority_baseline_or_to_the_row_that_was_chosen() -> None:
    columns = shown(results(APART, rows=SEEN))
    assert columns["vs maj."] == [pytest.approx(0.2), pytest.approx(0.1), None]
    assert columns["vs maj. interval"] == ["[+0.190, +0.210]", "[+0.090, +0.110]", ""]
    assert columns["p"] == ["0.002", "0.002", ""]
    assert columns["detectable"] == [0.03, 0.03, None]
    chosen = shown(results(APART, rows=SEEN), "good")
    assert chosen["vs chosen"] == [None, pytest.approx(-0.1), pytest.approx(-0.2)]
    assert chosen["vs chosen interval"] == ["", "[-0.110, -0.090]", "[-0.210, -0.190]"]
    assert "vs maj." not in chosen


def test_a_dash_is_no_test_and_nothing_stands_where_none_was_due() -> None:
    rows = {"good": {"vocabulary": VOCABULARY}, "fair": {"vocabulary": None}}
    columns = shown(results({"good": None, "fair": None, "constant": None}, None, rows=rows))
    assert columns["p"] == ["–", "", ""]
    assert columns["sig."] == ["–", "", ""]


def test_a_row_that_ignores_its_input_fails_the_test_of_it() -> None:
    rows = {"constant": {"input_dependence": {"value": None, "p": None}}}
    found = results(APART, blind=("fair",), rows=rows)
    assert shown(found)["input p"] == ["0.001", "1.000 FAILS", ""]
    at_the_limit = {"good": {"input_dependence": {"value": 0.1, "p": 0.05}}}
    assert shown(results(APART, rows=at_the_limit))["input p"][0] == "0.050"


@pytest.mark.parametrize(
    ("used", "text"), [(2.4, "2 of 10 FEW"), (2.5, "2 of 10"), (9.0, "9 of 10")]
)
def test_few_emoji_are_marked_beside_those_of_the_gold(used: float, text: str) -> None:
    found = results(APART, **with_metrics(effective_emoji=used))
    assert shown(found)["effective emoji"] == ["", text, ""]


def test_a_column_of_zeros_or_of_nothing_paid_stands_among_all_columns_only() -> None:
    for at, hidden in ((0.0, True), (0.01, False)):
        found = results(APART, **with_metrics(non_emoji=at, repetition=at))
        assert wide(found, "non-emoji ↓") is hidden
        assert not wide(found, "repetition ↓")
    free, paid = results(APART), results(APART, rows={"good": {"cost_usd": 0.5}})
    assert wide(free, "labels, USD")
    assert not wide(paid, "labels, USD")
    assert shown(paid)["labels, USD"] == ["0.5", "0.00", "0.00"]


def test_the_status_is_shown_where_a_row_is_not_well() -> None:
    assert wide(results(APART), "status")
    failed: Mapping[str, Any] = {"status": "failed", "metrics": {}, "cost_usd": 1.0}
    found = results(APART, rows={"fair": failed})
    assert not wide(found, "status")
    assert shown(found)["status"] == ["ok", "failed", "ok"]
    assert shown(found)["labels, USD"][1] is None


def test_baselines_have_a_dash_before_the_names_of_the_field() -> None:
    scores = {"good": 0.3, "knn": 0.2, "shuffled": 0.15, "constant": 0.1}
    letters = dict.fromkeys(scores, "a")
    found = results(letters, scores=scores)
    assert shown(found)["student"] == ["good", "– knn", "– permuted", "– majority"]
