"""Scoring a file against a file."""

import json
import math
import re

import pytest
from metric_kit import FULL, build, pred, random_pairs, score

from deshi.api import UsageError
from deshi_tools.scoring.score_files import score_files

METRICS = ("jaccard", "micro-f1", "macro-f1", "effective-emoji", "exact-match", "hit-at-k")


@pytest.fixture
def write(tmp_path):
    def writer(name, *lines):
        path = tmp_path / name
        texts = [x if isinstance(x, str) else json.dumps(x, ensure_ascii=False) for x in lines]
        path.write_text("\n".join(texts) + "\n", encoding="utf-8")
        return path

    return writer


def row(identity, emoji):
    return {"id": identity, "emoji": emoji}


def run(gold_file, predicted_file, names=("jaccard",), **options):
    metrics = {name: build(name) for name in names}
    return score_files(gold_file, predicted_file, metrics, **options)


def test_rows_are_matched_by_id_in_whatever_order(write):
    g = write("g", row("a", ["🍎"]), row("b", ["🚗", "🌙"]))
    p = write("p", row("b", ["🚗"]), row("a", ["🍎"]))
    result = run(g, p)
    assert result.scores["jaccard"].value == 0.75
    assert (result.n, result.scores["jaccard"].n) == (2, 2)
    assert (result.missing, result.extra) == (0, 0)


def test_a_string_is_parsed_and_a_list_is_canonicalised(write):
    g = write("g", row("a", "❤️ 👍"), row("b", ["❤️"]))
    p = write("p", row("a", ["❤", "👍🏽"]), row("b", "❤"))
    assert run(g, p).scores["jaccard"].value == 1


def test_several_references_are_a_list_of_lists(write):
    g = write("g", row("a", [["🍎", "🚗"], ["🌙"]]))
    assert run(g, write("p", row("a", ["🌙"]))).scores["jaccard"].value == 1


def test_what_is_no_emoji_is_wrong_in_an_answer_and_left_out_of_the_gold(write):
    g = write("g", row("a", ["🍎", "apple"]))
    p = write("p", row("a", ["🍎", "apple", "🍎🚗"]))
    result = run(g, p)
    assert (result.unknown_predicted, result.unknown_gold) == (2, 1)
    assert result.scores["jaccard"].value == pytest.approx(1 / 3)
    parsed = run(g, write("q", row("a", "🍎 apple")))
    assert parsed.unknown_predicted == 1


def test_empty_answers_numbers_as_ids_blank_lines_and_a_byte_order_mark(write):
    g = write("g", '\ufeff{"id": 1, "emoji": []}', "", row(2, ""))
    p = write("p", row(1, []), "  ", row("2", "🍎"))
    assert run(g, p).scores["jaccard"].value == 0.5


@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_chunks_change_nothing(write, chunk):
    predicted, expected = random_pairs(0, 40, references=2, least=0)
    predicted = [pred(" ".join(p.emojis)) for p in predicted]
    g = write("g", *(row(i, [list(r) for r in e.references]) for i, e in enumerate(expected)))
    p = write("p", *(row(i, list(x.emojis)) for i, x in enumerate(predicted)))
    result = run(g, p, METRICS, chunk=chunk)
    for name in METRICS:
        wanted = score(name, predicted, expected, FULL)
        assert result.scores[name].value == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("nonsense", "not JSON"),
        ('{"id": "b", "emoji": ["🍎"]', "not JSON"),
        ('{"emoji": []}', "missing required field `id`"),
        ('{"id": "b"}', "missing required field `emoji`"),
        ('{"id": "b", "emoji": 3}', "got `int` - at `$.emoji"),
        ('{"id": "b", "emoji": [3]}', "$.emoji[0]"),
        ('{"id": 1.5, "emoji": []}', "$.id"),
        ("[1]", "Expected `object`"),
        ('{"id": "a", "emoji": []}', "id 'a' was given before, on line 1"),
        ('{"id": "b", "emoji": ["🍎", ["🍎"]]}', "$.emoji[1]"),
    ],
)
@pytest.mark.parametrize("side", ["gold", "predicted"])
def test_a_wrong_line_is_named_with_file_and_line(write, line, what, side):
    wrong = write("wrong", row("a", []), line)
    right = write("right", row("a", []), row("b", []))
    with pytest.raises(UsageError, match=re.escape(what)) as caught:
        run(*((wrong, right) if side == "gold" else (right, wrong)))
    assert caught.value.where == f"{wrong}:2"
    assert caught.value.mend


def test_a_list_of_lists_is_no_prediction(write):
    with pytest.raises(UsageError, match="list of lists"):
        run(write("g", row("a", [["🍎"]])), write("p", row("a", [["🍎"]])))


def test_text_that_is_not_utf8_is_named(write, tmp_path):
    path = tmp_path / "latin"
    path.write_bytes(b'{"id": "a", "emoji": "\xff"}\n')
    with pytest.raises(UsageError) as caught:
        run(path, write("p", row("a", [])))
    assert caught.value.where == f"{path}:1"


def test_a_file_that_is_not_there_is_named(write, tmp_path):
    with pytest.raises(UsageError, match="nothing: cannot be read"):
        run(write("g", row("a", [])), tmp_path / "nothing")


def test_an_empty_gold_is_an_error(write):
    with pytest.raises(UsageError, match="no gold"):
        run(write("g"), write("p", row("a", [])))


def test_missing_ids_are_listed(write):
    g = write("g", *(row(f"t{i}", ["🍎"]) for i in range(9)))
    p = write("p", row("t0", ["🍎"]), row("t3", []))
    with pytest.raises(UsageError, match="7 of 9 ids: 't1', 't2', 't4', 't5', 't6', …") as caught:
        run(g, p)
    assert caught.value.where == str(p)
    assert f"{g}:2" in caught.value.mend


def test_an_id_that_the_gold_lacks_is_an_error(write):
    g, p = write("g", row("a", [])), write("p", row("a", []), row("z", []))
    with pytest.raises(UsageError, match="id 'z' is not in") as caught:
        run(g, p)
    assert caught.value.where == f"{p}:2"


def test_ids_without_counterpart_may_be_allowed_and_are_counted(write):
    g = write("g", row("a", ["🍎"]), row("b", ["🚗"]), row("c", ["🌙"]))
    p = write("p", row("a", ["🍎"]), row("z", ["🌙"]))
    result = run(g, p, allow_missing=True)
    assert (result.n, result.missing, result.extra) == (1, 2, 1)
    assert result.scores["jaccard"].value == 1


def test_no_common_id_leaves_every_metric_undefined(write):
    result = run(write("g", row("a", [])), write("p", row("z", [])), allow_missing=True)
    assert result.n == 0
    assert math.isnan(result.scores["jaccard"].value)


def test_gold_round_trips_through_numbers(write):
    references = ["🍎 🍎 🚗", "", "🇯🇵 👨‍👩‍👧 ❤️"]
    g = write("g", row("a", [text.split() for text in references]))
    for text in references:
        p = write("p", row("a", text.split()))
        assert run(g, p, ["exact-sequence"]).scores["exact-sequence"].value == 1
