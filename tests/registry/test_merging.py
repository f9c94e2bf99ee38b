"""Layers lie over each other by rules that hold for any tables."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deshi.registry.tree import Source, branch, leaves, merge, overlay, plain, plant

SLOW_MACHINES = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
SCALARS = st.dictionaries(
    st.sampled_from(["a", "b"]), st.integers(0, 9) | st.lists(st.integers(0, 9), max_size=2)
)
TABLES = st.recursive(
    SCALARS,
    lambda inner: st.builds(
        lambda scalars, tables: scalars | tables,
        SCALARS,
        st.dictionaries(st.sampled_from(["t", "u"]), inner),
    ),
    max_leaves=12,
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.dictionaries(st.sampled_from(["a", "t"]), st.integers(0, 9) | inner),
    max_leaves=12,
)


def tree(data, layer="x"):
    return plant(data, Source(layer, Path()))


@SLOW_MACHINES
@given(TABLES, TABLES, TABLES)
def test_merging_is_associative(a, b, c):
    a, b, c = (tree(data) for data in (a, b, c))
    assert merge(merge(a, b), c) == merge(a, merge(b, c))


@SLOW_MACHINES
@given(TABLES, TABLES, TABLES)
def test_overlaying_entries_without_use_is_associative(a, b, c):
    a, b, c = (tree({"student": {"x": data}}) for data in (a, b, c))
    assert overlay(overlay(a, b), c) == overlay(a, overlay(b, c))


@SLOW_MACHINES
@given(ANYTHING, ANYTHING)
def test_every_leaf_of_a_merged_tree_came_from_where_its_origin_says(a, b):
    said = {"weak": a, "strong": b}
    merged = merge(tree(a, "weak"), tree(b, "strong"))
    for path, leaf in leaves(merged):
        assert leaf.path == path
        value = said[leaf.layer]
        for key in path:
            value = value[key]
        assert value == leaf.value


@SLOW_MACHINES
@given(ANYTHING)
def test_nothing_is_lost_or_changed_by_planting_and_merging_with_nothing(a):
    planted = tree(a)
    assert plain(planted) == a
    assert merge(planted, {}) == merge({}, planted) == overlay(planted, {}) == planted


@SLOW_MACHINES
@given(ANYTHING, ANYTHING)
def test_every_value_of_the_stronger_holds(a, b):
    strong = tree(b, "strong")
    merged = merge(tree(a, "weak"), strong)
    assert all(branch(merged, path) == leaf for path, leaf in leaves(strong))
