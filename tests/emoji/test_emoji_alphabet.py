"""The label alphabet: a value, ordered as the inventory is."""

import dataclasses
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deshi.emoji import Alphabet, inventory

SYMBOLS = st.lists(st.sampled_from(tuple(inventory())))


def test_the_full_alphabet_is_the_inventory_in_its_order():
    assert Alphabet.full().symbols == tuple(inventory())
    assert len(Alphabet.full()) == 1906


def test_any_form_order_and_number_gives_the_same_alphabet():
    alphabet = Alphabet.of(["🎉", "❤", "😀", "👍🏻", "😀"])
    assert alphabet.symbols == ("😀", "❤️", "👍", "🎉")
    assert alphabet == Alphabet.of(iter(["👍", "😀", "❤️", "🎉"]))


@pytest.mark.parametrize("offender", ["x", "", "😀😀", "🐱‍👤", "❤︎", "🫪"])
def test_what_is_not_one_emoji_is_named(offender):
    with pytest.raises(ValueError, match="is not one emoji of the inventory") as raised:
        Alphabet.of(["😀", offender])
    assert repr(offender) in str(raised.value)


@pytest.mark.parametrize("symbols", [("🎉", "😀"), ("😀", "😀"), ("❤",), ("x",), ["😀"]])
def test_the_constructor_refuses_what_is_not_kept_so(symbols):
    with pytest.raises(ValueError, match="in the order of the inventory"):
        Alphabet(symbols)


def test_positions_are_those_of_the_symbols():
    alphabet = Alphabet.of("😀❤🎉")
    assert [alphabet.index(symbol) for symbol in alphabet] == [0, 1, 2]
    with pytest.raises(ValueError, match="'👍' is not in the alphabet"):
        alphabet.index("👍")


def test_it_knows_canonical_forms_only():
    alphabet = Alphabet.of(["❤"])
    assert "❤️" in alphabet
    assert "❤" not in alphabet
    assert 1 not in alphabet


def test_it_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Alphabet.full().symbols = ()


def test_an_alphabet_may_be_empty():
    assert not Alphabet.of([])
    assert list(Alphabet.of([])) == []


@given(SYMBOLS, SYMBOLS)
def test_equal_sets_are_equal_alphabets_and_others_are_not(first, second):
    a, b = Alphabet.of(first), Alphabet.of(second)
    assert (a == b) == (set(first) == set(second)) == (a.hash == b.hash)
    assert a != b or hash(a) == hash(b)


@given(SYMBOLS)
def test_a_pickled_alphabet_is_the_same_value(symbols):
    alphabet = Alphabet.of(symbols)
    copy = pickle.loads(pickle.dumps(alphabet))
    assert copy == alphabet
    assert copy.hash == alphabet.hash
    assert [copy.index(symbol) for symbol in copy] == list(range(len(copy)))


def test_the_hash_of_the_full_alphabet_is_pinned():
    assert (
        Alphabet.full().hash == "781ea182f3ee72ade47477f912de548afd46c20849a8309f961b9f1c6f740050"
    )
