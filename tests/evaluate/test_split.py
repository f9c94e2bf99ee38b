"""The split is by document, and nothing else moves it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deshi.stages.part_quotas import part_of


def parts(documents: list[str]) -> dict[str, str]:
    return {d: part_of(d, test_share=0.2, valid_share=0.1) for d in documents}


@given(st.lists(st.text(), unique=True), st.lists(st.text(), unique=True))
def test_adding_documents_moves_none(old: list[str], new: list[str]) -> None:
    before = parts(old)
    after = parts([*new, *old])
    assert {d: after[d] for d in old} == before


def test_shares_are_what_they_say_within_chance() -> None:
    found = list(parts([f"document {i}" for i in range(20_000)]).values())
    assert abs(found.count("test") / 20_000 - 0.2) < 0.015
    assert abs(found.count("valid") / 20_000 - 0.1) < 0.012


def test_growing_the_test_share_only_adds_to_the_test_part() -> None:
    documents = [f"document {i}" for i in range(500)]
    small = {d for d in documents if part_of(d, test_share=0.1, valid_share=0.1) == "test"}
    large = {d for d in documents if part_of(d, test_share=0.3, valid_share=0.1) == "test"}
    assert small < large


def test_the_split_of_known_documents_is_pinned() -> None:
    found = [
        part_of(d, test_share=0.2, valid_share=0.1) for d in ("food-01", "food-02", "1", "2", "猫")
    ]
    assert found == ["train", "train", "train", "test", "train"]
