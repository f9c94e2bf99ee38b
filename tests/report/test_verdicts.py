"""The sentences of a verdict, word for word: what leads, what beats what, what is missing."""

from __future__ import annotations

from typing import Any

import pytest
from few_rows import ROWS, results, row

from deshi.results import Results
from deshi_tools.comparison_table.verdicts import headlines, verdicts
from deshi_tools.results_view.results_view import ResultsView

APART = {"good": "a", "fair": "b", "constant": "c"}
TIED = {"good": "a", "fair": "a", "constant": "b"}
OF_THE_CONSTANT = "the majority baseline, which predicts the same for every text."


def told(found: Results) -> str:
    """Return the verdict on the only group."""
    (paragraph,) = verdicts(ResultsView(found))
    return paragraph


def tone(found: Results) -> str:
    (headline,) = headlines(ResultsView(found))
    return headline.tone


@pytest.mark.parametrize("direction", ["higher", "lower"])
def test_the_best_row_wins_by_how_much_it_is_better(direction: str) -> None:
    scores = ROWS if direction == "higher" else {"good": 0.1, "fair": 0.2, "constant": 0.3}
    found = results(APART, scores=scores, direction=direction)
    assert told(found) == (
        "good wins: it is 0.100 [0.090, 0.110] better than fair. All beat the majority baseline."
    )
    assert tone(found) == "green"


def test_a_row_that_some_others_tie_with_leads_and_does_not_win() -> None:
    scores = {"good": 0.3, "near": 0.29, "fair": 0.2, "constant": 0.1}
    letters = {"good": "a", "near": "a", "fair": "b", "constant": "c"}
    found = results(letters, scores=scores)
    assert told(found).startswith("good leads, but near cannot be distinguished from it. All beat")
    assert tone(found) == "yellow"


def test_where_all_tie_nothing_wins() -> None:
    scores = {"good": 0.3, "near": 0.29, "fair": 0.28, "constant": 0.1}
    letters = {"good": "a", "near": "a", "fair": "a", "constant": "b"}
    assert told(results(letters, scores=scores)).startswith(
        "No winner: near and fair cannot be distinguished from good. All beat"
    )


def test_without_a_test_no_winner_can_be_named_and_the_reason_is_told() -> None:
    found = results(dict.fromkeys(ROWS, None), None)
    assert told(found) == ("No winner can be named. Not tested: good and fair (it needs 4 seeds).")
    assert tone(found) == "yellow"


def test_a_row_that_nothing_was_tested_against_has_that_as_its_reason() -> None:
    found = results({"good": None}, scores={"good": 0.3})
    assert told(found) == (
        "good is the only row. Not tested: good (there is no other row to test it against)."
    )


@pytest.mark.parametrize("direction", ["higher", "lower"])
def test_a_row_that_is_worse_than_the_constant_does_not_beat_it(direction: str) -> None:
    scores = {"good": 0.3, "fair": 0.1, "constant": 0.2}
    if direction == "lower":
        scores |= {"good": 0.1, "fair": 0.3}
    found = results({"good": "a", "fair": "c", "constant": "b"}, scores=scores, direction=direction)
    assert told(found).endswith(
        f"good beats the majority baseline. fair is not shown to beat {OF_THE_CONSTANT}"
    )


def test_rows_that_beat_the_constant_are_listed_where_another_does_not() -> None:
    scores = {"good": 0.3, "near": 0.29, "fair": 0.11, "constant": 0.1}
    letters = {"good": "a", "near": "a", "fair": "b", "constant": "b"}
    unclear = {("fair", "constant"): {"p": 0.4, "p_holm": 0.4}}
    assert (
        f"good and near beat the majority baseline. fair is not shown to beat {OF_THE_CONSTANT}"
    ) in told(results(letters, scores=scores, pairs=unclear))
    unclear[("near", "constant")] = {"p": 0.4, "p_holm": 0.4}
    assert (
        f"good beats the majority baseline. near and fair are not shown to beat {OF_THE_CONSTANT}"
    ) in told(results(letters, scores=scores, pairs=unclear))


def test_all_beat_the_constant_only_where_all_were_tested() -> None:
    scores = {"good": 0.3, "fair": 0.2, "new": 0.15, "constant": 0.1}
    untested = {
        pair: {"p": None} for pair in [("new", "constant"), ("good", "new"), ("fair", "new")]
    }
    found = results(APART | {"new": None}, scores=scores, pairs=untested)
    assert told(found).endswith("good and fair beat the majority baseline.")


def test_where_no_row_beats_the_constant_that_is_said_of_all() -> None:
    found = results({"good": "a", "fair": "a", "constant": "a"}, 0.4)
    assert f"No row is shown to beat {OF_THE_CONSTANT}" in told(found)
    assert "beat the" not in told(found).replace(OF_THE_CONSTANT, "")
    assert tone(found) == "red"


def test_a_difference_that_the_letters_do_not_show_is_not_significant_for_all_pairs() -> None:
    said = "Corrected for all pairs, as the letters are, the difference is not significant."
    assert said in told(results({"good": "a", "fair": "b", "constant": "a"}))
    assert said not in told(results(APART))


def against(name: str, at: float, letters: str | None) -> str:
    scores = {"good": 0.3, name: at, "constant": 0.1}
    return told(results({"good": "b", name: letters, "constant": "c"}, scores=scores))


def test_baselines_are_told_that_beat_the_best_row_or_tie_with_it() -> None:
    assert "The baseline knn beats the best row." in against("knn", 0.4, "a")
    assert "The permutation baseline beats the best row." in against("shuffled", 0.4, "a")
    only = "good is the only row. good beats the majority baseline."
    tied = f"{only} The baseline knn cannot be distinguished from the best row."
    assert against("knn", 0.31, "b") == tied
    assert against("knn", 0.4, None) == only
    assert "best row" not in against("knn", 0.2, "c")


@pytest.mark.parametrize("direction", ["higher", "lower"])
def test_a_run_whose_best_row_a_baseline_beats_is_no_good_news(direction: str) -> None:
    scores = {"good": 0.3, "knn": 0.4, "shuffled": 0.5, "constant": 0.1}
    if direction == "lower":
        scores = {name: 1 - at for name, at in scores.items()}
    letters = {"good": "c", "knn": "b", "shuffled": "a", "constant": "d"}
    found = results(letters, scores=scores, direction=direction)
    assert "The permutation baseline and the baseline knn beat the best row." in told(found)
    assert tone(found) == "red"


def missing(difference: float, **of_rows: Any) -> str:
    scores = {"good": 0.3, "fair": 0.3 - difference, "constant": 0.1}
    changed = {"good": of_rows, "fair": of_rows}
    return told(results(TIED, scores=scores, rows=changed)).partition("baseline. ")[2]


def test_what_a_tie_is_missing_grows_with_the_square_of_the_detectable_over_the_difference() -> (
    None
):
    detects = "their test detects 0.030 at 80 % power, so distinguishing them takes"
    nine = missing(0.0101)
    assert nine == f"good and fair are 0.010 apart; {detects} about 9 times the texts and seeds."
    assert missing(0.0101, seeds=1).endswith(" takes about 9 times the texts.")
    assert missing(0.029).endswith("takes about 2 times the texts and seeds.")
    assert missing(0.04).endswith("takes about 2 times the texts and seeds.")
    assert missing(0.00301).endswith("takes about 100 times the texts and seeds.")
    assert missing(0.0029) == f"good and fair are 0.003 apart; {detects} a far larger test."
    assert missing(0.0).endswith("takes a far larger test.")


def test_rows_that_ignore_the_text_are_named() -> None:
    found = results(APART, blind=("good", "fair"))
    assert told(found).endswith(
        "Nothing shows that the predictions of good and fair depend on the text: the same "
        "predictions, shuffled over the texts, score as well."
    )
    assert tone(found) == "red"
    assert tone(results(APART, blind=("fair",))) == "green"


@pytest.mark.parametrize(("used", "marked"), [(2.4, True), (2.6, False)])
def test_rows_that_use_few_emoji_have_collapsed(used: float, marked: bool) -> None:
    metrics = row("fair", 0.2, "b", p=0.001)["metrics"]
    metrics["effective-emoji"] = {"value": used, "low": None, "high": None}
    found = results(
        APART, rows={"fair": {"metrics": metrics}}, groups={"g": {"effective-emoji": 10.0}}
    )
    said = "fair has collapsed onto few emoji: less than a quarter of the gold's effective number."
    assert (said in told(found)) is marked


def test_rows_that_failed_are_named_and_count_for_nothing() -> None:
    failed = {"status": "failed", "metrics": {}, "tie_group": None}
    assert told(results(APART, rows={"fair": failed})).endswith(
        "Failed, and left out of every figure: fair."
    )
    found = results(APART, rows={"fair": failed, "good": failed})
    (headline,) = headlines(ResultsView(found))
    assert (headline.text, headline.tone) == ("No row has a score: all failed.", "red")


def test_a_long_list_names_five_and_counts_the_rest() -> None:
    scores = {"good": 0.3, **{f"s{at}": 0.3 - at / 100 for at in range(1, 9)}, "constant": 0.1}
    letters = {name: "b" if name == "constant" else "a" for name in scores}
    assert told(results(letters, scores=scores)).startswith(
        "No winner: s1, s2, s3, s4, s5 and 3 more cannot be distinguished from good."
    )


def two_groups(**other: Any) -> list[str]:
    """Return the verdicts where the second row stands in a group of its own."""
    found = results(
        {"good": None, "fair": None},
        scores={"good": 0.3, "fair": 0.2},
        rows={"fair": {"group": "h", **other}},
        comparisons=[],
    )
    return [paragraph.partition(":")[0] for paragraph in verdicts(ResultsView(found))]


def test_groups_are_named_by_what_distinguishes_them() -> None:
    cell = row("fair", 0.2, None, p=1.0)["cell"]
    assert two_groups(cell=cell | {"corpus": "news"}) == ["Corpus None", "Corpus news"]
    assert two_groups(gold="u", cell=cell | {"teacher": "u"}) == [
        "Against t's labels",
        "Against u's labels",
    ]
    assert two_groups(gold="reference") == [
        "Against t's labels",
        "Against the labels of the corpus",
    ]
