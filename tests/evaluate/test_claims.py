"""Claims as they are written: whatever is put in comes out, and nothing else is taken for one."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from deshi.api import UsageError
from deshi.runs.row_names import find_row
from deshi_tools.claims.claim import Claim, parse_claim

LABEL = st.text(st.sampled_from("abz019-_.()=,+"), min_size=1, max_size=12)
ROW = st.lists(LABEL, min_size=1, max_size=4).map("/".join)
METRIC = st.from_regex(r"[a-z][a-z0-9-]{0,10}", fullmatch=True)


@given(ROW, ROW, METRIC, st.none() | st.floats(1e-6, 10))
def test_a_claim_comes_back_as_it_was_put_together(
    better: str, worse: str, metric: str, margin: float | None
) -> None:
    by = f" by {margin!r}" if margin is not None else ""
    assume(set("=") not in (set(better), set(worse)))  # a bare sign is no row
    found = parse_claim(f"{better} > {worse}{by} on {metric}")
    assert (found.better, found.worse, found.metric) == (better, worse, metric)
    assert found.margin == (margin or 0.0)


def claim_or_none(text: str) -> Claim | None:
    try:
        return parse_claim(text)
    except UsageError:
        return None


@given(st.text(max_size=40) | st.text("ab/ >=<onby.1-", max_size=30))
def test_any_other_text_is_refused_and_never_breaks(text: str) -> None:
    found = claim_or_none(text)
    assert found is None or (found.better and found.worse and found.metric and found.margin >= 0)
    assert found is None or " > " not in f"{found.worse} {found.metric}"


@pytest.mark.parametrize("sign", ["=", "==", "!=", "≠", "≈"])
def test_equality_is_refused_since_no_finding_is_no_evidence(sign: str) -> None:
    with pytest.raises(UsageError, match="equality cannot be claimed"):
        parse_claim(f"a {sign} b on jaccard")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a > b > c on hits", "is not a claim"),
        ("a > b", "is not a claim"),
        ("a > on hits", "is not a claim"),
        ("a >= b on hits", "non-inferiority cannot be claimed"),
        ("a < b on hits", "the better row first"),
        ("a > b by little on hits", "'little' is not a margin"),
        ("a > b by -1 on hits", "'-1' is not a margin"),
        ("a > b by nan on hits", "'nan' is not a margin"),
        ("a > b by 1_0 on hits", "'1_0' is not a margin"),
        ("a > b by ０.０１ on hits", "'０.０１' is not a margin"),
        ("a > b by 1e999 on hits", "'1e999' is not a margin"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_claim(text)


def test_parameters_in_a_row_are_no_sign() -> None:
    assert parse_claim("t/knn(k=5) > t/knn(k=7) on jaccard").better == "t/knn(k=5)"


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("t/B by me", "t/x"),
        ("t/x", "B by me"),
        ("x", "a = b"),
        ("a = b", "t/a > b"),
        ("a > b", "t/c >= d on e"),
        ("t/B by me", "c >= d on e"),
    ],
)
@pytest.mark.parametrize(("by", "margin"), [("", 0.0), (" by 0.01", 0.01)])
def test_a_known_name_is_taken_whole_whatever_stands_in_it(
    better: str, worse: str, by: str, margin: float
) -> None:
    rows = ("t/B by me", "t/x", "t/a = b", "t/a > b", "t/c >= d on e")
    text = f"{better} > {worse}{by} on jaccard"
    assert parse_claim(text, rows) == Claim(text, better, worse, "jaccard", margin)


NAME = st.text("ab0 =<.", min_size=1, max_size=8).filter(lambda name: name == name.strip())


@given(st.lists(st.lists(NAME, min_size=1, max_size=3).map("/".join), min_size=1), st.data())
def test_any_two_known_names_can_be_claimed(rows: list[str], data: st.DataObject) -> None:
    better, worse = (data.draw(st.sampled_from(rows)) for _ in range(2))
    found = parse_claim(f"{better} > {worse} by 0.5 on hits", rows)
    assert (found.better, found.worse, found.margin) == (better, worse, 0.5)


ROWS = ("t/bert/focal", "t/bert/ce", "t/t5/focal", "t/knn", "t/knn(k=5)", "t/acme/t5/ce")
NAMES = {"t/knn": "knn", "t/knn(k=5)": "knn(k=5)", "t/bert/ce": "t5"}
"""What a table might call some of them: the last is a part of other rows' ids."""


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("t/knn", "t/knn"),
        ("knn", "t/knn"),
        ("bert/focal", "t/bert/focal"),
        ("acme/t5", "t/acme/t5/ce"),
        ("acme", "t/acme/t5/ce"),
        ("k=5", "t/knn(k=5)"),
        ("rt/f", "t/bert/focal"),
        ("t5", "t/bert/ce"),
    ],
)
def test_a_row_is_named_by_id_else_as_the_table_calls_it_else_by_parts_else_by_a_piece(
    name: str, row: str
) -> None:
    assert find_row(name, ROWS, "here", NAMES) == row


def test_whole_parts_come_before_pieces() -> None:
    assert find_row("knn", ROWS, "here") == "t/knn"


def test_a_name_that_fits_several_rows_lists_their_ids() -> None:
    with pytest.raises(UsageError) as caught:
        find_row("focal", ROWS, "here", NAMES)
    message = str(caught.value)
    assert message == "here: 'focal' could be t/bert/focal or t/t5/focal; write one of them"


@given(st.lists(ROW, min_size=1, unique=True), st.data())
def test_every_id_names_its_own_row_whatever_the_table_calls_others(
    rows: list[str], data: st.DataObject
) -> None:
    names = {row: data.draw(st.sampled_from(rows)) for row in rows}
    assert [find_row(row, rows, "here", names) for row in rows] == rows


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("focla", "did you mean 'focal'?"),
        ("nn/t", "no row 'nn/t'"),
        ("", "no row ''"),
    ],
)
def test_other_names_are_refused(name: str, message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        find_row(name, ROWS, "here", NAMES)


def test_a_claim_of_a_thousand_pages_is_refused_at_once() -> None:
    with pytest.raises(UsageError, match="200,000 characters"):
        parse_claim("a > " * 50_000)
