"""One engine runs the filters of every place: by columns or by items, with one log and one check."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from deshi.api import ComponentError, Drop, Edit, Env, Item, Keep, NoParams, Text
from deshi.stages.filter_chain import Candidates, ChainFilter
from deshi_plugins.filters.complete_sentence import CompleteSentence
from deshi_plugins.filters.length import Length
from deshi_plugins.filters.nsfw import Nsfw
from deshi_plugins.filters.params import LengthParams, NsfwParams
from deshi_plugins.filters.script import Script
from deshi_plugins.filters.strip_emoji import StripEmoji
from guarding import behind
from project import BENCHMARK, Project

PARTS = ("train", "valid", "test")
PLACES = ("source", "rewritten", "labelled")
BUILT_IN = {
    "strip-emoji": StripEmoji(NoParams(), Env()),
    "complete-sentence": CompleteSentence(NoParams(), Env()),
    "length": Length(LengthParams(min=3, max=20), Env()),
    "script": Script(NoParams(), Env()),
    "nsfw": Nsfw(NsfwParams(), Env()),
}


def in_chain(one, name="f", *, training_only=False, fits_first=False, batches=False):
    return ChainFilter(name, one, training_only, fits_first, decides_batches=batches)


def items_of(texts, samples=()):
    return [
        Item(Text(f"t{at}", f"d{at // 3}", text), PARTS[at % 3], source=text[::-1], samples=samples)
        for at, text in enumerate(texts)
    ]


def outcome(items, filters, place="labelled"):
    """Return what is left, and the log."""
    candidates = Candidates.of(items, place)
    candidates.decide(filters)
    return candidates.items(), candidates.decisions().to_pylist()


class Deciding:
    """Decides by a function of an item."""

    def __init__(self, verdict):
        self.verdict = verdict

    def decide(self, items):
        return [self.verdict(item) for item in items]


PIECES = st.sampled_from([*"あ漢。「」（）！ 😀❤\ufe0f\u200d1", "殺人", "これは文です。", "縺繧"])
TEXTS = st.lists(st.one_of(st.text(max_size=9), st.lists(PIECES).map("".join)), max_size=12)
FLAGS = st.lists(st.booleans(), min_size=len(BUILT_IN), max_size=len(BUILT_IN))


@settings(deadline=None)
@given(TEXTS, st.permutations(list(BUILT_IN)), FLAGS, FLAGS, st.sampled_from(PLACES))
@example([], list(BUILT_IN), [True] * 5, [False] * 5, "source")
@example(
    ["これは文です😀。", "😀"], list(BUILT_IN), [True, False] * 2 + [True], [False] * 5, "rewritten"
)
def test_a_filter_that_decides_batches_leaves_what_it_leaves_item_by_item(
    texts, names, in_batches, training_only, place
):
    def filters(batches):
        return [
            in_chain(BUILT_IN[name], name, training_only=training, batches=batch)
            for name, batch, training in zip(names, batches, training_only, strict=True)
        ]

    items = items_of(texts, (("😀",),))
    by_items = outcome(items, filters([False] * 5), place)
    assert outcome(items, filters(in_batches), place) == by_items
    assert outcome(items, filters([True] * 5), place) == by_items


@settings(deadline=None)
@given(TEXTS, FLAGS)
def test_columns_that_become_items_on_the_way_are_decided_as_items_are(texts, in_batches):
    filters = [
        in_chain(one, name, batches=batch)
        for (name, one), batch in zip(BUILT_IN.items(), in_batches, strict=True)
    ]
    items = [replace(item, source=item.text.text) for item in items_of(texts)]
    columns = {
        "id": [item.text.id for item in items],
        "document": [item.text.document for item in items],
        "text": texts,
    }
    batch = pa.RecordBatch.from_arrays(
        [pa.array(column, pa.string()) for column in columns.values()], list(columns)
    )
    candidates = Candidates(batch, np.arange(len(texts)) % 3, np.arange(len(texts)))
    candidates.decide(filters)
    decisions = candidates.decisions().to_pylist()
    assert (candidates.items(), decisions) == outcome(items, filters, "source")


def test_edits_of_texts_and_of_samples_reach_the_next_filter_and_the_log_has_the_text_before():
    seen = []

    def watch(item):
        seen.append((item.text.text, item.samples, item.source))
        return Drop("seen", item.text.text)

    filters = [
        in_chain(Deciding(lambda item: Edit("fewer", samples=item.samples[:1])), "fewer"),
        in_chain(BUILT_IN["strip-emoji"], "strip", batches=True),
        in_chain(Deciding(lambda item: Edit("both", text=f"{item.text.text}ね", samples=()))),
        in_chain(Deciding(watch), "watch"),
    ]
    left, decisions = outcome(items_of(["雨😀"], (("🌧️",), ("😀",))), filters)
    assert left == []
    assert seen == [("雨ね", (), "😀雨")]
    assert [
        (d["filter"], d["verdict"], d["reason"], d["detail"], d["text"]) for d in decisions
    ] == [
        ("fewer", "edit", "fewer", "", "雨😀"),
        ("strip", "edit", "removed 😀", "", "雨😀"),
        ("f", "edit", "both", "", "雨"),
        ("watch", "drop", "seen", "雨ね", "雨ね"),
    ]
    assert {(d["id"], d["document"], d["part"], d["place"]) for d in decisions} == {
        ("t0", "d0", "train", "labelled")
    }


def test_a_filter_that_fits_first_learns_from_the_training_items_that_reach_it():
    class Learning(Deciding):
        def learn(self, train):
            return {"texts": [item.text.text for item in train]}

        def restore(self, state):
            self.state = state

    one = Learning(lambda _: Keep())
    filters = [
        in_chain(Deciding(lambda item: Drop("x") if item.text.text == "あ" else Keep())),
        in_chain(one, training_only=True, fits_first=True),
    ]
    items = items_of("あいうえおかきくけ")
    left, _ = outcome(items, filters)
    assert left == items[1:]
    assert one.state == {"texts": ["え", "き"]}


def test_a_filter_for_training_alone_neither_sees_nor_drops_other_parts():
    filters = [in_chain(Deciding(lambda item: Drop("all")), training_only=True)]
    items = items_of("あいうえおか")
    left, decisions = outcome(items, filters)
    assert left == [item for item in items if item.part != "train"]
    assert [d["id"] for d in decisions] == ["t0", "t3"]


ONE_ROW = pa.RecordBatch.from_pylist([{"text": "あ"}])
WRONG = {
    "too few": (False, [Keep()] * 2, "2 for 3 items"),
    "too many": (False, [Keep()] * 4, "4 for 3 items"),
    "a word": (False, [Keep(), "keep", Keep()], r"a str \('keep'\) for item 1"),
    "none among them": (False, [Keep(), Keep(), None], "None .* for item 2"),
    "no reason": (
        False,
        [Keep(), Drop(None), Keep()],
        r"Drop\(reason=None, detail=''\) for item 1",
    ),
    "nothing": (False, None, "None"),
    "columns unasked": (False, ONE_ROW, "a pyarrow.RecordBatch"),
    "other columns": (True, ONE_ROW, "the columns text: string"),
    "a list": (True, [Keep()] * 3, "a list"),
    "too few rows": (
        True,
        BUILT_IN["length"].decide_batch(pa.RecordBatch.from_pydict({"text": ["あ"]})),
        "1 verdicts for 3 items",
    ),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("batches", "given_back", "what"), WRONG.values(), ids=WRONG)
def test_a_filter_that_gives_no_verdict_an_item_is_named(place, batches, given_back, what):
    class Careless:
        def decide(self, _):
            return given_back

        decide_batch = decide

    careless = in_chain(behind("filter", Careless(), "careless"), "careless", batches=batches)
    place_of = r"filter 'careless' \(test_filter_chain.py:\d+\): decide(_batch)? returned "
    with pytest.raises(ComponentError, match=f"{place_of}{what}.*; "):
        outcome(items_of("あいう"), [careless], place)


CARELESS = """
from deshi.api import FilterSpec, hookimpl

PLACES = frozenset({"source", "rewritten", "labelled"})


class Careless:
    def __init__(self, params, env):
        pass

    def decide(self, items):
        return ["keep" for item in items]


@hookimpl
def deshi_filters():
    yield FilterSpec(
        name="careless", target="careless:Careless", summary="Says a word.", places=PLACES
    )
"""


@pytest.mark.parametrize("place", PLACES)
def test_a_run_says_which_filter_gave_no_verdict_at_every_place(
    project: Project, place: str
) -> None:
    (project.folder / "careless.py").write_text(CARELESS, encoding="utf-8")
    (project.folder / "registry.toml").write_text(
        f'[plugins]\nlocal = ["careless.py"]\n[chain.toy]\n{place} = ["careless/careless"]\n',
        encoding="utf-8",
    )
    project.write(BENCHMARK.replace('["counter", "counter-two"]', '"counter"'))
    ran = project.deshi("run", "bench.toml", "--quiet")
    assert ran.status == 1
    shown = " ".join(ran.out.split())
    said = "filter 'careless/careless' (careless.py:11): decide returned a str ('keep') for item 0"
    assert said in shown
