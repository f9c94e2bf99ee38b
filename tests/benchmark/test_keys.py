"""Keys: equal for equal values, different for different ones, the same on every machine."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deshi.keys import canonical_json, key_of

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_a_key_survives_a_trip_through_json(value: object) -> None:
    assert key_of(json.loads(json.dumps(value))) == key_of(value)


@given(st.dictionaries(st.text(), st.integers(), min_size=2))
def test_the_order_of_keys_does_not_matter(value: dict[str, int]) -> None:
    assert key_of(dict(reversed(list(value.items())))) == key_of(value)


@given(VALUES, VALUES)
def test_different_values_have_different_keys(a: object, b: object) -> None:
    assert (key_of(a) == key_of(b)) == (canonical_json(a) == canonical_json(b))


def test_a_variation_selector_changes_a_key() -> None:
    assert key_of("❤") != key_of("❤\ufe0f")


def test_keys_are_pinned_across_machines_and_releases() -> None:
    assert key_of({"emoji": "🍜", "k": [1, 2.5, None]}) == "64802b677a15665700f29587342cec60"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_json_cannot_hold_has_no_key(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        key_of(value)
