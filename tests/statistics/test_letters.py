"""Tie groups: rows share a letter if and only if they cannot be told apart."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deshi.statistics.tie_letters import letter, read_letters, tie_letters

VALUES = st.lists(st.none() | st.integers(0, 6).map(float), max_size=9)


def sharing(letters):
    return {
        (i, j)
        for i, j in combinations(range(len(letters)), 2)
        if set(letters[i] or ()) & set(letters[j] or ())
    }


@st.composite
def tables(draw):
    values = draw(VALUES)
    pairs = list(combinations(range(len(values)), 2))
    return values, draw(st.sets(st.sampled_from(pairs)) if pairs else st.just(set()))


@settings(max_examples=300, deadline=None)
@given(tables(), st.booleans())
def test_two_rows_share_a_letter_if_and_only_if_they_do_not_differ(table, higher) -> None:
    values, differ = table
    letters = tie_letters(values, differ, higher_is_better=higher)
    known = [at for at, value in enumerate(values) if value is not None]
    assert sharing(letters) == {pair for pair in combinations(known, 2) if pair not in differ}
    assert [bool(own) for own in letters] == [value is not None for value in values]


@settings(max_examples=200, deadline=None)
@given(tables(), st.booleans(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_group(table, higher, random) -> None:
    values, differ = table
    # Equal values would be ordered by position; here every row has its own.
    values = [None if v is None else v + at / 100 for at, v in enumerate(values)]
    order = list(range(len(values)))
    random.shuffle(order)
    place = {row: at for at, row in enumerate(order)}
    moved = tie_letters(
        [values[row] for row in order],
        [(place[j], place[i]) for i, j in differ],
        higher_is_better=higher,
    )
    letters = tie_letters(values, differ, higher_is_better=higher)
    assert [moved[place[row]] for row in range(len(values))] == letters


@settings(max_examples=200, deadline=None)
@given(tables())
def test_the_best_row_has_the_letter_a(table) -> None:
    values, differ = table
    known = [(value, -at) for at, value in enumerate(values) if value is not None]
    letters = tie_letters(values, differ, higher_is_better=True)
    if known:
        assert "a" in letters[-max(known)[1]]


def test_a_chain_overlaps() -> None:
    letters = tie_letters([0.3, 0.2, 0.1], [(0, 2)], higher_is_better=True)
    assert ["".join(own) for own in letters] == ["a", "ab", "b"]


def test_worked_examples_come_out() -> None:
    # Four treatments: the first differs from all, the second from the last.
    four = tie_letters([4, 3, 2, 1], [(0, 1), (0, 2), (0, 3), (1, 3)], higher_is_better=True)
    assert ["".join(own) for own in four] == ["a", "b", "bc", "c"]
    # Eight, by hand: after insertion and absorption {0-5}, {4, 5, 6}, {6, 7}.
    differ = [(0, 6), (1, 6), (2, 6), (3, 6), *((at, 7) for at in range(6))]
    eight = tie_letters([8, 7, 6, 5, 4, 3, 2, 1], differ, higher_is_better=True)
    assert ["".join(own) for own in eight] == ["a", "a", "a", "a", "ab", "ab", "bc", "c"]


def test_lower_is_better_turns_the_letters_round() -> None:
    differ = [(0, 1), (0, 2), (1, 2)]
    assert tie_letters([1, 2, 3], differ, higher_is_better=True) == [("c",), ("b",), ("a",)]
    assert tie_letters([1, 2, 3], differ, higher_is_better=False) == [("a",), ("b",), ("c",)]


def test_thirty_rows_that_all_differ_have_thirty_names() -> None:
    values = [float(-at) for at in range(30)]
    letters = tie_letters(values, combinations(range(30), 2), higher_is_better=True)
    assert [own[0] for own in letters][24:] == ["y", "z", "a1", "b1", "c1", "d1"]
    assert all(len(own) == 1 for own in letters)


def test_letters_go_on_after_z_and_can_be_read_back() -> None:
    assert [letter(n) for n in (0, 25, 26, 27, 51, 52)] == ["a", "z", "a1", "b1", "z1", "a2"]
    for letters in (("a", "b"), ("z", "a1"), ("a1",), ("a", "b1", "c12")):
        assert read_letters("".join(letters)) == letters
    assert not set(read_letters("a1")) & set(read_letters("a"))  # the 27th is not the first


def test_forty_neighbours_that_overlap_are_quick() -> None:
    values = [float(-at) for at in range(40)]
    differ = [(i, j) for i, j in combinations(range(40), 2) if j - i > 5]
    letters = tie_letters(values, differ, higher_is_better=True)
    assert sharing(letters) == {(i, j) for i, j in combinations(range(40), 2) if j - i <= 5}


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_a_row_without_a_value_has_no_letter_and_takes_none_away(missing) -> None:
    letters = tie_letters([0.2, missing, 0.1], [(0, 1)], higher_is_better=True)
    assert letters == [("a",), None, ("a",)]


def test_one_row_and_none() -> None:
    assert tie_letters([0.5], [], higher_is_better=True) == [("a",)]
    assert tie_letters([], [], higher_is_better=True) == []
    assert tie_letters([None], [], higher_is_better=False) == [None]


def test_rows_that_do_not_differ_share_one_letter() -> None:
    assert tie_letters([0.1] * 5, [], higher_is_better=True) == [("a",)] * 5
