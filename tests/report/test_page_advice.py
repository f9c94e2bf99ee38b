"""What the report tells a reader to use, and when it says none."""

from __future__ import annotations

import msgspec
import pytest
from few_rows import ROWS, results, value

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


LETTERS = {"good": "a", "fair": "b", "constant": "c"}


def sure_of(**of_good: object) -> str:
    return told(results(LETTERS, rows={"good": of_good}))[1]


def test_it_is_told_what_the_figure_is_about_and_what_it_rests_on() -> None:
    fixed = {"jaccard": value(0.3) | {"question": "fixed-models"}}
    none = {"jaccard": value(0.3) | {"low": None, "high": None, "reason": "one document"}}
    assert "Retrained and evaluated on new texts, jaccard is expected between 0.280" in sure_of()
    assert "This fixed model, evaluated on new texts, jaccard is" in sure_of(metrics=fixed)
    assert "There is no interval: one document." in sure_of(metrics=none)
    assert "Measured on 50 texts in 10 documents, with 5 training runs." in sure_of()
    assert "with 1 training run." in sure_of(seeds=1, metrics=fixed)
    assert "1 training run, which is enough: its training is deterministic." in sure_of(seeds=1)
    assert "with no training." in sure_of(n_train=None)
    assert "The gold is t's labels, a teacher and not a person" in sure_of()
    assert "not a person" not in sure_of(gold="reference")


@pytest.mark.parametrize(("seconds", "is_told"), [(10.0, True), (9.9, False)])
def test_of_rows_that_tie_one_that_trains_twice_as_fast_is_named(
    seconds: float, is_told: bool
) -> None:
    times = {"good": {"seconds": seconds}, "fair": {"seconds": 5.0}}
    use, _ = told(results({"good": "a", "fair": "a", "constant": "b"}, rows=times))
    assert use.endswith(" fair takes the least time, 1.0 s per run.") is is_told


def test_a_row_that_is_clearly_worse_than_a_fixed_answer_does_not_beat_it() -> None:
    scores = {"good": 0.05, "constant": 0.1}
    use, _ = told(results({"good": "b", "constant": "a"}, scores=scores))
    assert use.endswith("is beaten by the baseline constant (jaccard 0.100).")
    use, _ = told(results({"good": "a", "constant": "a"}, scores=scores))
    assert use.endswith("good (jaccard 0.050) is not shown to beat the majority baseline.")


@pytest.mark.parametrize("letters", ["a", None])
def test_a_baseline_that_ties_or_was_not_tested_beats_no_row(letters: str | None) -> None:
    scores = {"good": 0.3, "knn": 0.4, "constant": 0.1}
    use, _ = told(results({"good": "a", "knn": letters, "constant": "b"}, scores=scores))
    assert use == "good (jaccard 0.300)."


def test_a_best_row_without_a_letter_is_confirmed_by_no_test() -> None:
    use, _ = told(results(LETTERS | {"good": None}))
    assert use == "good scored highest (jaccard 0.300), but no test confirms it."


def test_a_student_of_the_matrix_is_no_baseline_of_the_scale() -> None:
    scores = {"good": 0.3, "knn": 0.2, "constant": 0.1}
    letters = {"good": "a", "knn": "b", "constant": "c"}
    assert "knn (nearest" in told(results(letters, scores=scores))[1]
    chosen = {"knn": {"baseline": False}}
    assert "knn (nearest" not in told(results(letters, scores=scores, rows=chosen))[1]
