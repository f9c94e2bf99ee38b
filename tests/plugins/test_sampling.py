"""Taking a share of a corpus by document."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deshi.api import Text
from deshi.stages.part_quotas import part_of
from deshi_plugins.corpora.document_sampling import Sample, SamplingParams, sample_texts

NAMES = [f"document {n}" for n in range(20_000)]


def corpus(*documents):
    return [
        Text(id=f"{name}-{n}", document=name, text="文") for name in documents for n in range(3)
    ]


def taken(share, seed=0, names=NAMES):
    sample = Sample(share, seed)
    return {name for name in names if sample.has(name)}


@pytest.mark.parametrize("share", [0.01, 0.25, 0.9])
def test_the_share_is_about_what_was_asked_for(share):
    assert len(taken(share)) / len(NAMES) == pytest.approx(share, abs=0.011)


def test_a_share_of_one_is_everything():
    assert taken(1.0) == set(NAMES)


def test_a_smaller_share_is_part_of_a_larger_one():
    assert taken(0.1) < taken(0.2) < taken(0.9)


def test_another_seed_takes_others():
    both = taken(0.1, seed=1) & taken(0.1, seed=2)
    assert len(both) / len(NAMES) == pytest.approx(0.01, abs=0.005)


def test_a_sample_has_documents_for_every_part_of_the_split():
    parts = [part_of(name, test_share=0.2, valid_share=0.1) for name in taken(0.1)]
    assert parts.count("test") / len(parts) == pytest.approx(0.2, abs=0.03)
    assert parts.count("valid") / len(parts) == pytest.approx(0.1, abs=0.03)


@given(st.lists(st.text(max_size=5), unique=True), st.lists(st.text(max_size=5), unique=True))
def test_what_else_the_corpus_holds_does_not_matter(some, others):
    params = SamplingParams(share=0.5, seed=3)
    alone = {text.document for text in sample_texts(corpus(*some), params)}
    grown = {text.document for text in sample_texts(corpus(*others, *some), params)}
    assert grown & set(some) == alone | (grown & set(others) & set(some))


def test_documents_are_taken_whole_and_the_limit_counts_what_was_taken():
    params = SamplingParams(share=0.3, limit=30)
    found = list(sample_texts(corpus(*NAMES[:200]), params))
    assert len(found) == 30
    assert len({text.document for text in found}) == 10
