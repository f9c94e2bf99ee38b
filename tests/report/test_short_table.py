"""The short table and the headings of the whole one: marks, legend, scale, what is not ranked together."""

from __future__ import annotations

from typing import Any

import pytest
from few_rows import results, row, value

from deshi.results import Results
from deshi_tools.comparison_table.comparison_table import caption, comparison_table, heading
from deshi_tools.comparison_table.short_table import short_table
from deshi_tools.results_view.results_view import ResultsView
from deshi_tools.tables.table import Table

APART = {"good": "a", "fair": "b", "constant": "c"}
PROVENANCE = {"emoji": {"version": "17.0", "inventory": "0123456789"}, "deshi": "0.0"}
FIXED = value(0.2) | {"question": "fixed-models"}
DAGGER = "†: these fixed models on new texts; too few runs for retrained models"


def short(found: Results) -> Table:
    return short_table(ResultsView(found))


def shown(found: Results) -> list[dict[str, str]]:
    """Return the lines of the short table, by column."""
    table = short(found)
    names = [column.name for column in table.columns]
    return [dict(zip(names, table.text(line), strict=True)) for line in table.lines]


def test_a_short_table_has_the_rows_of_students_alone_and_the_baselines_beneath() -> None:
    good, fair = shown(results(APART))
    assert good == {
        "student": "good",
        "jaccard": "0.300",
        "95 % CI": "[0.28, 0.32]",
        "vs majority": "+0.200",
        "sig.": "a",
    }
    assert (fair["student"], fair["vs majority"]) == ("fair", "+0.100")
    table = short(results(APART))
    assert table.title == "r: 50 test texts in 10 documents, t's labels"
    assert table.notes == ("scale: majority baseline 0.100",)


def test_the_dagger_is_explained_where_it_stands() -> None:
    found = results(APART, rows={"fair": {"metrics": {"jaccard": FIXED}}})
    assert [line["95 % CI"] for line in shown(found)] == ["[0.28, 0.32]", "[0.18, 0.22]†"]
    assert short(found).notes[-1] == DAGGER
    baseline = results(APART, rows={"constant": {"metrics": {"jaccard": FIXED}}})
    assert DAGGER not in short(baseline).notes


def test_flags_and_colours_of_rows_that_are_not_to_be_trusted() -> None:
    metrics = {"jaccard": value(0.2), "effective-emoji": value(1.0)}
    gold = {"g": {"effective-emoji": 10.0}}
    found = results(APART, blind=("good",), rows={"fair": {"metrics": metrics}}, groups=gold)
    assert [line["flag"] for line in shown(found)] == ["IGNORES INPUT", "FEW"]
    assert [line.style for line in short(found).lines] == ["red", "yellow"]
    both = results(APART, blind=("fair",), rows={"fair": {"metrics": metrics}}, groups=gold)
    assert [line["flag"] for line in shown(both)] == ["", "IGNORES INPUT FEW"]
    assert [line.style for line in short(both).lines] == ["bold", "red"]
    failed = results(APART, rows={"fair": {"status": "failed", "metrics": {}, "tie_group": None}})
    assert [line["flag"] for line in shown(failed)] == ["", "failed"]
    assert [line.style for line in short(results(APART)).lines] == ["bold", ""]
    untested = results(dict.fromkeys(APART, None), None)
    assert [line.style for line in short(untested).lines] == ["yellow", "yellow"]


def test_the_top_group_is_bold_in_the_whole_table_and_baselines_are_dim() -> None:
    found = results(APART | {"fair": "ab"}, provenance=PROVENANCE)
    table = comparison_table(ResultsView(found))
    assert [line.style for line in table.lines] == ["bold", "bold", "dim"]
    alone = results(APART, provenance=PROVENANCE)
    assert [line.style for line in comparison_table(ResultsView(alone)).lines] == [
        "bold",
        "",
        "dim",
    ]


def headings(**other: Any) -> list[str]:
    """Return the headings where the second row stands in a group of its own."""
    found = results(
        {"good": None, "fair": None},
        scores={"good": 0.3, "fair": 0.2},
        rows={"fair": {"group": "h", **other}},
        groups={"h": {"effective-emoji": 12.4, "top5-share": 0.5}},
        comparisons=[],
    )
    view = ResultsView(found)
    return [heading(view, group) for group in view.groups]


def test_a_heading_says_against_what_its_rows_are_evaluated_and_why_apart() -> None:
    cell = row("fair", 0.2, None, p=1.0)["cell"]
    first, second = headings(cell=cell | {"corpus": "news"}, gold="reference")
    assert first == "None: evaluated against t's labels, 50 test texts in 10 documents"
    assert second == (
        "news: evaluated against the labels of the corpus, trained on labels of t, 50 test texts in "
        "10 documents; the gold's own: 12 effective emoji, top-5 share 0.50; "
        "not ranked with the first: another corpus, other labels"
    )
    assert headings()[1].endswith("not ranked with the first: other test texts")


@pytest.mark.parametrize("against", [None, "good"])
def test_the_legend_says_to_what_differences_are_and_how_far_p_is_corrected(
    against: str | None,
) -> None:
    said = caption(ResultsView(results(APART), against))
    told = (
        "vs chosen: difference to good; p: of that difference, two-level t, Holm over all pairs."
        if against
        else "vs maj.: difference to the majority baseline; p: of that difference, two-level t, "
        "Holm over the rows."
    )
    assert told in said
    assert "retrained models on new texts; †: these fixed models on new texts." in said
    assert "rows that share a significance letter cannot be distinguished, Holm over all" in said
    assert "FEW: below a quarter of the gold's effective emoji." in said
