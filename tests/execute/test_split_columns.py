"""The split gives the same in columns as in rows, however the corpus is cut into batches."""

from __future__ import annotations

import logging
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deshi.api import ComponentError, Env, NoParams, Text, UsageError
from deshi.benchmark.part import FilterPart, Identity, Part
from deshi.benchmark.stage_params import SplitParams, TrainingSizes
from deshi.stages.split import split
from deshi.workspace.job import Job
from deshi_plugins.corpora.packaged import Sample
from deshi_plugins.corpora.params import WikipediaParams
from deshi_plugins.corpora.wikipedia import Wikipedia
from deshi_plugins.filters.complete_sentence import CompleteSentence
from deshi_plugins.filters.length import Length
from deshi_plugins.filters.nsfw import Nsfw
from deshi_plugins.filters.params import LengthParams, NsfwParams
from deshi_plugins.filters.script import Script
from deshi_plugins.filters.strip_emoji import StripEmoji
from guarding import behind

DATA = Path(__file__).parents[3] / "shared" / "data" / "wikipedia"

SEED = {
    "strip-emoji": StripEmoji(NoParams(), Env()),
    "complete-sentence": CompleteSentence(NoParams(), Env()),
    "length": Length(LengthParams(), Env()),
    "script": Script(NoParams(), Env()),
    "nsfw": Nsfw(NsfwParams(), Env()),
}
SIZES = {"pull": 300, "valid": 30, "test": 60, "test_share": 0.2, "valid_share": 0.1}


class Columns:
    """Texts in batches of some size."""

    def __init__(self, texts, rows):
        self._texts, self._rows = texts, rows

    def batches(self):
        for start in range(0, len(self._texts), self._rows):
            texts = self._texts[start : start + self._rows]
            yield pa.RecordBatch.from_pydict(
                {
                    "id": pa.array([t.id for t in texts], pa.string()),
                    "document": pa.array([t.document for t in texts], pa.string()),
                    "text": pa.array([t.text for t in texts], pa.string()),
                    "references": pa.array(
                        [t.references for t in texts], pa.list_(pa.list_(pa.string()))
                    ),
                    "meta": pa.array(
                        [list(t.meta.items()) for t in texts], pa.map_(pa.string(), pa.string())
                    ),
                }
            )


class Rows:
    """Texts one by one."""

    def __init__(self, texts):
        self._texts = texts

    def texts(self):
        return iter(self._texts)


def described(kind, name):
    identity = Identity(name, 1, {})
    return {
        "kind": kind,
        "entry": name,
        "label": name,
        "id": name,
        "params": {},
        "identity": identity,
    }


def ran(folder, corpus, *, columns, filters=SEED, **sizes):
    """Run the stage on built components and return figures as JSON, texts and decisions."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = tuple(
        FilterPart(
            **described("filter", name),
            training_only=name == "training-only",
            fits_first=False,
            capabilities=("decides-batches",) if columns and hasattr(one, "decide_batch") else (),
        )
        for name, one in filters.items()
    )
    reads = ("reads-batches",) if hasattr(corpus, "batches") and columns else ()
    params = {"max_per_document": 8, "split_by": "document", "near_test": 0.7, **SIZES, **sizes}
    create = lambda kind, name, *_: corpus if kind == "corpus" else filters[name]  # noqa: E731
    job = Job(
        params=SplitParams(
            corpus=Part(**described("corpus", "c"), capabilities=reads),
            filters=parts,
            file="bench.toml",
            train=TrainingSizes("benchmark.train", (1,)),
            **params,
        ),
        inputs={},
        out=folder,
        scratch=folder,
        workspace=folder,
        registry=SimpleNamespace(create=create),
    )
    figures = msgspec.json.decode(msgspec.json.encode(split(job)))
    texts = pq.read_table(folder / "texts.parquet").to_pylist()
    return figures, texts, pq.read_table(folder / "decisions.parquet").to_pylist()


def test_the_sample_gives_the_same_both_ways(tmp_path):
    texts = list(Sample(NoParams(), Env()).texts())
    rows = ran(tmp_path / "rows", Rows(texts), columns=False)
    assert rows[0]["kept"]
    assert rows[0]["dropped"]
    assert any(text["references"] for text in rows[1])
    for size in (1, 7, 512, 10_000):
        assert ran(tmp_path / str(size), Columns(texts, size), columns=True) == rows


@pytest.mark.skipif(not DATA.exists(), reason="the real pages are not here")
@pytest.mark.parametrize("name", ["pages.parquet", "pages-articles.xml.bz2"])
def test_real_pages_give_the_same_both_ways(tmp_path, name):
    corpus = Wikipedia(WikipediaParams(path=DATA / name), Env())
    sizes = {"pull": 4000, "valid": 100, "test": 200, "max_per_document": 50}
    columns = ran(tmp_path / "columns", corpus, columns=True, **sizes)
    rows = ran(tmp_path / "rows", corpus, columns=False, **sizes)
    assert columns == rows
    assert columns[0]["read"] > 20_000


ODD = st.lists(
    st.one_of(
        st.text(max_size=30),
        st.text(alphabet="あ漢。「」（）！ 😀❤\ufe0f\u200d殺人1", min_size=6, max_size=30),
    ),
    max_size=40,
)


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ODD, st.integers(1, 9), st.integers(1, 5))
def test_odd_texts_give_the_same_both_ways(tmp_path, texts, per_document, rows):
    more = [f"{text}これは{n}番目の文章です。" for n, text in enumerate(texts)]
    made = [
        Text(f"t{i}", f"d{i // per_document}", text)
        for i, text in enumerate([*texts, *more, *(f"別の{n}つ目の文でした。" for n in range(40))])
    ]
    sizes = {"pull": 20, "valid": 0, "test": 0, "max_per_document": 4, "near_test": 1.0}
    in_rows = ran(tmp_path, Rows(made), columns=False, **sizes)
    assert ran(tmp_path, Columns(made, rows), columns=True, **sizes) == in_rows


def test_a_filter_that_decides_no_batches_is_given_rows_as_edited(tmp_path):
    seen = []

    class Watching:
        def decide(self, items):
            seen.extend((item.source, item.text.text, item.part) for item in items)
            return Script(NoParams(), Env()).decide(items)

    texts = [Text(f"t{i}", f"d{i}", f"これは文です😀{i}") for i in range(40)]
    filters = {"strip": SEED["strip-emoji"], "watch": Watching()}
    _, chosen, _ = ran(tmp_path, Rows(texts), columns=True, filters=filters, valid=1, test=1)
    parts = {text["part"] for text in chosen}
    assert seen[0][:2] == ("これは文です😀0", "これは文です0")
    assert {part for _, _, part in seen} == parts == {"train", "valid", "test"}


@pytest.mark.parametrize("columns", [True, False])
def test_a_filter_for_training_alone_sees_nothing_else(tmp_path, columns):
    texts = [
        Text(f"t{i}", f"d{i // 2}", f"{chr(0x4E00 + i) * 3}文です{'い' * (i % 9)}")
        for i in range(80)
    ]
    filters = {"training-only": Length(LengthParams(min=10), Env())}
    _, chosen, decisions = ran(
        tmp_path, Rows(texts), columns=columns, filters=filters, valid=2, test=4, near_test=1
    )
    assert {row["part"] for row in decisions if row["filter"] == "training-only"} == {"train"}
    assert min(len(text["text"]) for text in chosen if text["part"] == "train") == 10
    assert min(len(text["text"]) for text in chosen if text["part"] != "train") < 10


def test_what_a_corpus_warns_of_stands_in_the_figures(tmp_path):
    class Cut(Rows):
        def texts(self):
            yield from super().texts()
            logging.getLogger("deshi.corpus.c").warning("cut off after %d texts", 40)

    corpus = Cut([Text(f"t{i}", f"d{i}", f"これは{i}つ目の文です。") for i in range(40)])
    figures, _, _ = ran(tmp_path, corpus, columns=True, valid=0, test=0)
    assert figures["warnings"] == ["cut off after 40 texts"]


def test_an_id_that_comes_twice_is_refused(tmp_path):
    texts = [Text("same", f"d{i}", f"これは{i}つ目の文です。") for i in range(40)]
    with pytest.raises(UsageError, match="corpus 'c': the id 'same' comes twice"):
        ran(tmp_path, Rows(texts), columns=True, valid=0, test=0)


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        ({"id": ["1"], "text": ["a"]}, "has no column 'document'"),
        ({"id": [1], "document": ["d"], "text": ["a"]}, "has int64 in the column 'id'"),
        (
            {"id": ["1"], "document": ["d"], "text": pa.array([None], pa.string())},
            "has null in the column 'text'",
        ),
    ],
)
def test_a_batch_of_other_columns_is_refused(tmp_path, batch, message):
    class Wrong:
        def batches(self):
            yield pa.RecordBatch.from_pydict(batch)

    with pytest.raises(ComponentError, match=message):
        ran(tmp_path, behind("corpus", Wrong()), columns=True)


def test_texts_that_cannot_be_stored_are_told_by_their_place(tmp_path):
    texts = [Text("a", "d", "い"), Text("b", "d", "\ud800")]
    with pytest.raises(ComponentError, match="a text between 'a' and 'b' that cannot be stored"):
        ran(tmp_path, Rows(texts), columns=False)


@pytest.mark.parametrize("columns", [True, False])
def test_a_filter_that_gives_too_few_verdicts_is_named(tmp_path, columns):
    class Short(Length):
        def decide(self, items):
            return super().decide(items[:1])

        def decide_batch(self, batch):
            return super().decide_batch(batch.slice(0, 1))

    texts = [Text(f"t{i}", f"d{i}", "これは文です。") for i in range(40)]
    short = {"short": behind("filter", Short(LengthParams(), Env()), "short")}
    with pytest.raises(ComponentError, match=r"returned 1 (verdicts )?for 40 items"):
        ran(tmp_path, Rows(texts), columns=columns, filters=short)
