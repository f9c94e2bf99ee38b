"""The contract kit, too, exposes the tricks that the table exposes, where it can."""

import pytest

from deshi.testing import CorpusContract, TeacherContract, check_component

SEEN = {
    "parrot": "reads-its-input",
    "stutterer": "answers-are-of-the-alphabet",
    "scatter": "answers-do-not-depend-on-each-other",
    "prose": "answers-are-of-the-alphabet",
    "stumbler": "answers-are-of-the-alphabet",
    "twin": "answers-are-of-the-alphabet",
}


@pytest.mark.parametrize("name", SEEN)
def test_a_trick_of_a_student_breaks_its_contract(name):
    report = check_component(f"misleading/{name}", kind="student")
    assert SEEN[name] in {result.check.id for result in report.results if result.is_bad}


class TestSerials(CorpusContract):
    use = "misleading/serials"  # no contract can detect its leak: the split and the table do


class TestBlindfold(TeacherContract):
    use = "misleading/blindfold"  # nor that its labels are unrelated to the text
