"""The rules by which answers are tagged, and the files in which a person corrects them."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deshi.api import Expected, Prediction, Text, UsageError
from deshi.emoji import inventory
from deshi.statistics.intervals import wilson
from deshi_tools.error_analysis.mistakes import (
    Mistakes,
    Side,
    count_tags,
    disagreements,
    evaluated_texts,
)
from deshi_tools.error_analysis.tag_file import read_tags, write_tags
from deshi_tools.error_analysis.tags import FEELINGS, RULES, most_predicted, tags_of


def tags(gold, answer, unknown=0, frequent=()):
    return set(tags_of(Prediction(tuple(answer.split()), unknown), tuple(gold.split()), frequent))


def test_feelings_mismatch_where_both_show_some_and_share_none():
    assert tags("😊 📚", "😭 📚") == {"emotion-mismatch"}
    assert tags("😊", "🥰") == set()  # both pleasant
    assert tags("😊 😢", "😭") == set()  # one of two feelings is shared
    assert tags("📚", "📚 😭") == set()  # the gold shows none
    assert tags("😊 📚", "👻 📚") == set()  # a costume shows no feeling


def test_sizes_count_repeats_and_what_is_no_emoji():
    assert tags("📚", "📚 📚") == set()
    assert tags("📚", "📚 📚 📚") == {"over-generation"}
    assert tags("📚", "📚", unknown=2) == {"over-generation"}
    assert tags("📚 🎓 ✏️", "📚") == {"under-generation"}
    assert tags("📚 🎓", "📚") == set()


def test_no_emoji_at_all_is_too_few_whatever_the_size():
    assert tags("😊", "") == {"under-generation"}
    assert tags("", "") == set()


def test_context_is_missed_where_nothing_is_of_a_kind_that_the_gold_names():
    assert tags("⚾", "📚") == {"context-missed"}
    assert tags("⚾", "🏀") == set()  # sport both
    assert tags("😊", "📚") == set()  # the gold names nothing
    assert tags("⚾ 😊", "😊") == {"context-missed"}


def test_frequency_bias_is_nothing_right_and_nothing_but_favourites():
    assert tags("⚾", "🏀", frequent=("🏀", "📚")) == {"frequency-bias"}
    assert tags("⚾", "🏀 🎾", frequent=("🏀", "📚")) == set()
    assert tags("⚾", "⚾", frequent=("⚾",)) == set()


def test_favourites_are_counted_by_text_and_ties_go_by_the_order_of_cldr():
    answers = [Prediction(("😀",) * 9), *[Prediction((e,)) for e in "📚📚🎓🎓⚾⚾🏀🏀😃😃😄"]]
    assert most_predicted(answers) == frozenset("📚🎓⚾🏀😃")


def test_every_feeling_is_a_subgroup_of_smileys():
    known = {info.subgroup for info in inventory().values() if info.group == "smileys-emotion"}
    assert set(FEELINGS) <= known
    assert set(FEELINGS.values()) == {"pleasant", "reserved", "unpleasant"}


EMOJI = st.lists(st.sampled_from("😊😭🤔📚⚾🏀"), max_size=5)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(EMOJI, EMOJI)
def test_a_right_answer_has_no_tag_and_tags_keep_their_order(gold, answer):
    assert tags_of(Prediction(tuple(gold)), tuple(gold), "😊📚") == ()
    found = tags_of(Prediction(tuple(answer)), tuple(gold), "😊📚")
    assert list(found) == [tag for tag in RULES if tag in found]


# What is made of tags


def texts_of(answers, gold="⚾", corrected=None, documents=None):
    texts = [
        Text(f"t{i}", documents[i] if documents else f"d{i}", "本") for i in range(len(answers))
    ]
    expected = [Expected((tuple(gold.split()),))] * len(answers)
    predictions = [Prediction(tuple(a.split())) for a in answers]
    values = [float(set(p.emojis) == set(gold.split())) for p in predictions]
    return evaluated_texts(texts, expected, Side(predictions, values), corrected or {})


def test_tags_of_independent_texts_have_wilsons_interval():
    found = {c.tag: c for c in count_tags(texts_of(["⚾"] * 18 + ["📚 ⛵ 🎓 🎾 🏀"] * 2))}
    over = found["over-generation"]
    assert (over.texts, over.share, over.low, over.high) == (2, 0.1, *wilson(2, 20))
    assert list(found) == list(RULES)


def test_a_persons_tags_replace_the_automatic_ones_and_may_be_new():
    texts = texts_of(["📚", "📚"], corrected={"t0": ("irony",)})
    assert texts[0].tags == ("irony",)
    assert texts[1].tags == ("context-missed", "frequency-bias")
    assert {c.tag: c.texts for c in count_tags(texts)}["irony"] == 1


def found_of(texts, **more):
    return Mistakes(
        run="r", row="x", metric="m", direction="higher", tags=(), slices=(), texts=texts, **more
    )


def test_the_worst_texts_come_first_and_among_equals_those_with_more_tags():
    texts = texts_of(["⚾", "⚾ 🏀 🎾", "📚 🎓 📖 😊 🎵"])
    worst = found_of(texts).ordered(best=False)
    assert [one.id for one in worst] == ["t2", "t1", "t0"]
    assert [one.id for one in found_of(texts).ordered(best=True)] == ["t0", "t1", "t2"]


def test_disagreements_leave_out_equal_texts_and_begin_with_the_largest():
    texts = texts_of(["⚾", "📚", "⚾"])
    other = Side([Prediction(("⚾",))] * 3, [1.0, 0.5, 0.0])
    assert [(one.id, one.difference) for one in disagreements(texts, other)] == [
        ("t2", 1.0),
        ("t1", -0.5),
    ]


# Files


def test_what_is_written_can_be_edited_and_read(tmp_path):
    path = tmp_path / "tags.jsonl"
    texts = texts_of(["⚾", "📚"])
    write_tags(path, texts)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert lines[1]["tags"] == ["context-missed", "frequency-bias"]
    assert lines[1]["gold"] == ["⚾"]
    assert lines[1]["answer"] == "📚"
    lines[1]["tags"] = ["irony", "irony"]
    path.write_text("\n".join(json.dumps(line) for line in lines) + "\n\n", encoding="utf-8")
    assert read_tags(path, ["t0", "t1"]) == {"t0": (), "t1": ("irony",)}


def test_a_file_that_may_hold_a_persons_work_is_not_overwritten(tmp_path):
    path = tmp_path / "tags.jsonl"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="already exists"):
        write_tags(path, texts_of(["⚾"]))
    assert path.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("nonsense", "malformed"),
        ('{"id": "t0"}', "missing required field `tags`"),
        ('{"id": "t0", "tags": "irony"}', "Expected `array`"),
        ('{"id": "t9", "tags": []}', "no test text has the id 't9'"),
        ('{"id": "t1", "tags": []}', "'t1' was tagged above"),
        ("\xff", "malformed"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, line, what):
    path = tmp_path / "tags.jsonl"
    path.write_bytes(b'{"id": "t1", "tags": []}\n' + line.encode("latin-1") + b"\n")
    with pytest.raises(UsageError, match=what) as caught:
        read_tags(path, ["t0", "t1"])
    assert caught.value.where == f"{path}:2"


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        read_tags(tmp_path / "none", ["t0"])
    with pytest.raises(UsageError, match="cannot be written"):
        write_tags(tmp_path / "no" / "folder", [])
