"""deshi's own components are the kit's first third parties: every one keeps its contract."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from deshi.api import KINDS
from deshi.registry import Registry
from deshi.testing import check_component
from deshi.testing.samples import HARD_TEXTS
from fake import fake

ROOT = Path(__file__).parents[2]
SLOW = {"probe", "fusion", "bert", "t5", "wikipedia", "lexicon"}
ELSEWHERE = {"local": "tests/plugins/llm makes a model for it"}
TEXT = "昨日は近所の公園で桜を見ながらおにぎりを食べました。"


@cache
def registry() -> Registry:
    return Registry(ROOT)


def component_ids(kind):
    return [offer.id for offer in registry().catalog.offers(kind) if offer.plugin.is_builtin]


def rows(folder):
    path = folder / "rows.jsonl"
    lines = [{"text": f"{TEXT}{at}", "document": f"d{at}", "emoji": "🌸"} for at in range(30)]
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return path


def pages(folder, *, web):
    text = "".join(f"これは第{at}の文であり、読むために書かれました。" for at in range(40))
    if web:
        path = folder / "c4.json"
        lines = [{"text": text, "url": f"https://x.jp/{at}", "timestamp": ""} for at in range(4)]
        path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
        return path
    path = folder / "pages.parquet"
    table = {"id": ["1", "2"], "url": ["a", "b"], "title": ["a", "b"], "text": [text, text]}
    pq.write_table(pa.table(table), path)
    return path


def params_of(kind, name, folder, address):
    """Return what a component cannot do without."""
    if kind == "corpus":
        return {
            "texts": lambda: {"path": str(rows(folder)), "document": "document"},
            "wikipedia": lambda: {"path": str(pages(folder, web=False))},
            "mc4": lambda: {"path": str(pages(folder, web=True))},
            "mix": lambda: {"weights": {"sample": 1.0}},
        }.get(name, dict)()
    if kind == "teacher":
        return {
            "anthropic": {"model": "claude-haiku-4-5", "base-url": address},
            "openai": {"model": "qwen", "base-url": f"{address}/v1"},
            "union": {"weights": {"lexicon": 1.0, "lexicon-faces": 0.5}},
            "replay": {"path": str(folder / "answers.jsonl")},
        }.get(name, {})
    return {}


def checked(kind, name, folder):
    answers = [{"text": text, "emoji": "🎤😭"} for text in HARD_TEXTS]
    lines = "\n".join(map(json.dumps, answers))
    (folder / "answers.jsonl").write_text(lines, encoding="utf-8")
    with fake(steady=True) as (address, _):
        params = params_of(kind, name, folder, address)
        return check_component(name, params, kind=kind, registry=registry())


def cases(*, slow):
    return [
        pytest.param(kind, name, id=f"{kind}-{name}")
        for kind in KINDS
        for name in component_ids(kind)
        if name not in ELSEWHERE and (name in SLOW) is slow
    ]


def assert_good(report):
    bad = {r.check.id: r.reason for r in report.results if r.is_bad}
    assert bad == {}
    assert report.is_good, report.counts


@pytest.mark.parametrize(("kind", "name"), cases(slow=False))
def test_a_built_in_component_keeps_its_contract(kind, name, tmp_path):
    assert_good(checked(kind, name, tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "name"), cases(slow=True))
def test_a_built_in_component_that_takes_its_time_keeps_its_contract(kind, name, tmp_path):
    assert_good(checked(kind, name, tmp_path))


ENTRIES = {
    "teacher.lexicon-faces": {},
    "teacher.lexicon-both": {},
    "filter.top-100": {},
    "filter.top-50": {},
    "loss.class-balanced-bce": {},
    "loss.class-balanced-focal": {},
    "loss.soft-labels-bce": {},
    "student.knn-usem3": {},
    "student.bert-tiny": {"epochs": 10},
    "student.t5-tiny": {"epochs": 20},
    "student.t5-seed-small": {},
}
SEEDS_OWN = {
    "answers-are-of-the-alphabet": "the seed's decode says whatever the vocabulary has",
    "reads-its-input": "two epochs, to see that it runs",
    "fits-one-label": "it was not trained long enough to say an emoji at all",
}


@pytest.mark.slow
@pytest.mark.parametrize("entry", ENTRIES)
def test_a_built_in_entry_keeps_the_contract_of_its_component(entry):
    expected = SEEDS_OWN if entry == "student.t5-seed-small" else {}
    report = check_component(entry, ENTRIES[entry], registry=registry(), expected_failures=expected)
    assert_good(report)


def test_all_built_in_components_are_checked():
    found = {kind: len(component_ids(kind)) for kind in KINDS}
    assert found == {
        "corpus": 6, "teacher": 8, "filter": 15, "student": 7, "loss": 13, "metric": 46,
    }  # fmt: skip
    assert len(cases(slow=False)) + len(cases(slow=True)) + len(ELSEWHERE) == sum(found.values())
