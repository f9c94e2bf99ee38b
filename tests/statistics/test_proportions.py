"""Shares of texts: Wilson where texts are independent, documents where they are not."""

import numpy as np
import pytest

from deshi.statistics.intervals import shown_interval, wilson, with_edges
from deshi.statistics.replicates import RowScores, replicate
from deshi.statistics.resampling import Resamples
from deshi_tools.error_analysis.text_shares import share


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [(0, 20, 0, 0.161), (1, 20, 0.009, 0.236), (2, 20, 0.028, 0.301), (10, 15, 0.417, 0.848)],
)
def test_wilson_of_published_counts(hits, trials, low, high):
    assert wilson(hits, trials) == pytest.approx((low, high), abs=5e-4)


def test_texts_that_are_documents_of_their_own_have_wilsons_interval():
    found = share([True] * 2 + [False] * 18, [str(i) for i in range(20)])
    assert (found.low, found.high) == wilson(2, 20)
    assert found.value == 0.1


def test_alike_texts_of_one_document_say_no_more_than_the_document():
    documents = [str(i // 5) for i in range(100)]
    alike = [i // 5 % 4 == 0 for i in range(100)]
    alone = wilson(25, 100)
    found = share(alike, documents)
    assert found.value == 0.25
    assert found.high - found.low > 1.7 * (alone[1] - alone[0])


@pytest.mark.parametrize("hit", [True, False])
def test_none_or_all_of_texts_in_documents_is_no_proof(hit):
    found = share([hit] * 100, [str(i // 5) for i in range(100)])
    assert (found.low, found.high) == wilson(20 * hit, 20)


def test_one_document_says_next_to_nothing():
    nothing = share([False] * 50, ["a"] * 50)
    assert (nothing.low, nothing.high) == wilson(0, 1)
    some = share([True, False], ["a", "a"])
    assert (some.value, some.low, some.high) == (0.5, None, None)
    assert some.reason.startswith("one document")


def test_no_text_has_no_share():
    assert share([], []).value is None


def test_the_interval_over_documents_covers_what_it_says():
    random = np.random.default_rng(0)
    covered = 0
    for _ in range(200):
        chances = random.beta(2, 6, size=40)
        hits = [bool(random.random() < p) for p in chances for _ in range(5)]
        found = share(hits, [str(i // 5) for i in range(200)])
        covered += found.low <= 0.25 <= found.high
    assert 0.9 <= covered / 200 <= 0.99


def edge(value, documents=20, texts=5):
    """Return what a table shows of a row whose texts all have one value."""
    drawn = Resamples.draw([str(i // texts) for i in range(documents * texts)], 200, 0)
    (row,) = replicate(Mean(), [RowScores([np.full((documents * texts, 1), value)])], drawn)
    return with_edges(shown_interval(row, (0, 1), retrained=False), row)


class Mean:
    def value(self, sums, n):
        return np.divide(sums[..., 0], n, out=np.full(np.shape(n), np.nan), where=n > 0)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_rows_share_at_the_edge_has_an_interval_over_its_documents(value):
    shown = edge(value)
    assert (shown.interval.low, shown.interval.high) == wilson(20 * int(value), 20)
    assert shown.question == "fixed-models"
    assert shown.fixed_models == shown.interval


def test_a_value_within_that_never_varies_is_no_share_at_the_edge():
    assert edge(0.5).interval.low is None


def test_documents_of_unequal_size_count_for_what_they_say():
    drawn = Resamples.draw(["a"] * 90 + [str(i) for i in range(10)], 200, 0)
    (row,) = replicate(Mean(), [RowScores([np.zeros((100, 1))])], drawn)
    shown = with_edges(shown_interval(row, retrained=False), row)
    assert shown.interval.high == wilson(0, 1)[1]
