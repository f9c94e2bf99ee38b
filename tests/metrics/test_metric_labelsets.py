"""Label sets as numbers."""

import subprocess
import sys

import numpy as np
import pytest
from metric_kit import FULL, LETTERS, SMALL, emojis, gold, pred, random_pairs

from deshi.api import Selection, encode_predictions, encode_references, encode_sequences, labelsets


def row(sets, number):
    start, stop = sets.indptr[number : number + 2]
    symbols = [SMALL.symbols[code] for code in sets.indices[start:stop]]
    return dict(zip(symbols, sets.counts[start:stop].tolist(), strict=True))


def test_a_row_has_its_distinct_emoji_in_ascending_order_and_their_counts():
    sets = encode_predictions([pred("B A B"), pred(), pred("C")], SMALL)
    assert row(sets, 0) == {LETTERS["A"]: 1, LETTERS["B"]: 2}
    assert row(sets, 1) == {}
    assert np.all(np.diff(sets.indices[: sets.indptr[1]]) > 0)
    assert sets.lengths.tolist() == [3, 0, 1]


def test_the_order_of_the_answer_is_kept():
    sets = encode_predictions([pred("C A"), pred("B Q A")], SMALL)
    codes = [SMALL.index(LETTERS[letter]) for letter in "CAB"] + [-1, SMALL.index(LETTERS["A"])]
    assert sets.codes.tolist() == codes
    assert sets.starts.tolist() == [0, 2, 5]


def test_unknown_counts_given_pieces_and_emoji_outside_the_alphabet():
    sets = encode_predictions([pred("A Q", unknown=2), pred("Q Q"), pred("A")], SMALL)
    assert sets.unknown.tolist() == [3, 2, 0]
    assert sets.sizes.tolist() == [4, 2, 1]
    references = encode_references([gold("A Q")], SMALL)
    assert references.sets.unknown.tolist() == [1]


def test_references_are_stacked_with_offsets():
    references = encode_references([gold("A", "B C"), gold("D")], SMALL)
    assert references.offsets.tolist() == [0, 2, 3]
    assert references.owner.tolist() == [0, 0, 1]
    assert not references.single
    assert [len(row(references.first(), item)) for item in range(2)] == [1, 1]


def test_an_item_without_a_reference_is_an_error_that_names_it():
    with pytest.raises(ValueError, match="item 1 has no reference"):
        encode_references([gold("A"), gold()], SMALL)


def test_nothing_encodes_to_nothing():
    assert len(encode_predictions([], SMALL)) == 0
    assert len(encode_references([], SMALL)) == 0
    assert encode_predictions([], SMALL).pattern().shape == (0, len(SMALL))


def test_ten_metrics_encode_once():
    predicted, expected = random_pairs(0, 50)
    assert encode_predictions(predicted, SMALL) is encode_predictions(predicted, SMALL)
    assert encode_references(expected, SMALL) is encode_references(expected, SMALL)
    assert encode_predictions(predicted, SMALL) is not encode_predictions(predicted, FULL)


def test_a_list_that_was_changed_in_place_is_encoded_again():
    predicted = [pred("A"), pred("B")]
    before = encode_predictions(predicted, SMALL)
    predicted[1] = pred("C")
    after = encode_predictions(predicted, SMALL)
    assert row(before, 1) == {LETTERS["B"]: 1}
    assert row(after, 1) == {LETTERS["C"]: 1}


def test_the_memory_is_bounded_in_entries_and_in_items(monkeypatch):
    memory = labelsets._Memory(lambda content, _: len(content))
    monkeypatch.setattr(labelsets._Memory, "items", 25)
    for number in range(6):
        memory.encoded([number] * 10, SMALL)
    assert sum(len(entry[0]) for entry in memory._known) == 20
    memory.encoded([9] * 100, SMALL)
    assert [len(entry[0]) for entry in memory._known] == [100]
    monkeypatch.setattr(labelsets._Memory, "items", 10_000)
    for number in range(9):
        memory.encoded([number], SMALL)
    assert len(memory._known) == memory.entries


def test_encoded_arrays_cannot_be_changed():
    sets = encode_predictions([pred("A B")], SMALL)
    with pytest.raises(ValueError, match="read-only"):
        sets.indices[0] = 5


@pytest.mark.parametrize("references", [1, 3])
def test_a_selection_is_the_same_sequence_and_encodes_the_same(references):
    predicted, expected = random_pairs(1, 40, references=references)
    rows = np.random.default_rng(2).integers(0, 40, 100)
    chosen, judged = Selection(predicted, rows), Selection(expected, rows)
    assert list(chosen) == [predicted[i] for i in rows] == [chosen[i] for i in range(100)]
    assert list(chosen[3:9]) == list(chosen)[3:9]
    gathered, encoded = encode_predictions(chosen, SMALL), encode_predictions(list(chosen), SMALL)
    for name in ("indptr", "indices", "counts", "unknown", "starts", "codes"):
        assert np.array_equal(getattr(gathered, name), getattr(encoded, name))
    left, right = encode_references(judged, SMALL), encode_references(list(judged), SMALL)
    assert np.array_equal(left.offsets, right.offsets)
    assert np.array_equal(left.sets.indices, right.sets.indices)


def test_sequences_encode_without_memory():
    sets = encode_sequences([emojis("A A"), emojis("B")], SMALL, [0, 1])
    assert sets.counts.tolist() == [2, 1]
    assert sets.unknown.tolist() == [0, 1]


def test_importing_the_api_loads_neither_numpy_nor_scipy():
    code = "import sys, deshi.api; print([m for m in ('numpy', 'scipy') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
