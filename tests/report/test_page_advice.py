"""What the report tells a reader to use, and when it says none."""

from __future__ import annotations

import msgspec
import pytest
from few_rows import ROWS, results

from deshi.results import Results
from deshi_tools.html_report.page.advice import advice
from deshi_tools.html_report.page.answers import PagePredictions
from deshi_tools.results_view.results_view import ResultsView


def told(found: Results) -> tuple[str, str]:
    view = ResultsView(found)
    (group,) = view.groups
    advised = advice(view, group, PagePredictions(group.rows))
    return advised["use"], " ".join(advised["sure"])


def test_a_row_that_beats_all_others_is_named_alone() -> None:
    use, sure = told(results({"good": "a", "fair": "b", "constant": "c"}))
    assert use == "good (jaccard 0.300)."
    assert "between 0.280 and 0.320" in sure
    assert "Its lead of 0.100 over fair is significant (p 0.001)." in sure
    assert "majority baseline (the same prediction for every text) 0.100" in sure


def test_where_lower_is_better_the_lowest_is_named() -> None:
    scores = {"good": 0.1, "fair": 0.2, "constant": 0.3}
    letters = {"good": "a", "fair": "b", "constant": "c"}
    use, _ = told(results(letters, scores=scores, direction="lower"))
    assert use == "good (jaccard 0.100)."


def test_rows_that_cannot_be_told_apart_are_named_together() -> None:
    use, sure = told(results({"good": "a", "fair": "a", "constant": "b"}))
    assert use == "good (jaccard 0.300) or fair: this test cannot distinguish them."
    assert "is not significant: this test detects differences from 0.030 on, at 80 % power" in sure


def test_no_row_is_named_where_a_baseline_beats_the_best() -> None:
    scores = {"good": 0.3, "knn": 0.4, "constant": 0.1}
    use, _ = told(results({"good": "b", "knn": "a", "constant": "c"}, scores=scores))
    assert use.startswith("None as it stands. The best student, good (jaccard 0.300), is beaten by")
    assert "knn (jaccard 0.400)" in use


def test_a_baseline_that_is_kin_to_the_teacher_is_said_to_be() -> None:
    scores = {"good": 0.3, "knn": 0.4, "constant": 0.1}
    found = results({"good": "b", "knn": "a", "constant": "c"}, scores=scores)
    entries = {"teacher.knn": {"component": "rules"}, "teacher.t": {"component": "rules"}}
    kin = msgspec.structs.replace(found, provenance={"entries": entries})
    assert "the teacher's own component with other settings" in told(kin)[0]
    assert (
        "knn (nearest neighbours among the training texts; the teacher's own component"
        in told(kin)[1]
    )
    entries["teacher.t"] = {"component": "other"}
    assert "own component" not in "".join(told(kin))


@pytest.mark.parametrize("blind", [(), ("good",)])
def test_no_row_is_named_that_does_not_beat_a_fixed_answer(blind: tuple[str, ...]) -> None:
    p = 0.001 if blind else 0.5
    found = results({"good": "a", "fair": "a", "constant": "a"}, p, blind=blind)
    assert told(found)[0].endswith(
        "good (jaccard 0.300) is not shown to beat the majority baseline."
    )


def test_without_a_test_the_highest_is_named_with_a_warning() -> None:
    use, sure = told(results(dict.fromkeys(ROWS, None), None))
    assert use == "good scored highest (jaccard 0.300), but no test confirms it."
    assert "has no test: it needs 4 seeds." in sure
