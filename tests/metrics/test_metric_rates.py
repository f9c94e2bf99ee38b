"""Shares of answers of a kind."""

import pytest
from metric_kit import build, gold, one, pred, score

from deshi.api import UsageError


@pytest.mark.parametrize(
    ("answer", "ok"),
    [
        (pred("A"), 1),
        (pred("A B C D E"), 1),
        (pred("A B C D E F"), 0),
        (pred("A A A A A A"), 0),
        (pred(""), 0),
        (pred("A", unknown=1), 0),
        (pred("Q"), 1),
    ],
)
def test_an_answer_of_the_asked_form_is_one_to_five_emoji_and_nothing_else(answer, ok):
    assert one("format-ok", answer, "A") == ok


def test_the_numbers_that_a_task_allows_can_be_set():
    assert one("format-ok", "", "A", least=0) == 1
    assert one("format-ok", "A B", "A", most=1) == 0


def test_no_answer_is_an_answer_without_emoji():
    answers = [pred("A"), pred(""), pred("", unknown=3), pred("Q")]
    assert score("no-answer", answers, [gold("A")] * 4) == 0.5


def test_banned_is_the_share_of_answers_with_a_banned_emoji():
    answers = [pred("✨ A ✨"), pred("A"), pred("❤️"), pred("")]
    assert score("banned", answers, [gold("A")] * 4) == 0.25
    assert score("banned", answers, [gold("A")] * 4, emojis=("❤", "✨")) == 0.5


def test_what_is_no_emoji_cannot_be_banned():
    with pytest.raises(UsageError, match="'star' in `emojis` is not one emoji"):
        build("banned", emojis=("star",))
