"""`split`: read the corpus, assign parts by document, filter, cap each document, drop near copies."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, cast

from deshi.api import Corpus, Drop, Item, Json, Part, Text, UsageError
from deshi.evaluate.neartest import near_copies
from deshi.evaluate.split import part_of
from deshi.execute.filtering import BuiltFilter, Decisions, judge
from deshi.execute.hearing import heard
from deshi.execute.job import Job
from deshi.execute.tables import DECISIONS, TEXTS, write_table

_CHUNK = 512


def split(job: Job) -> Json:
    """Write `texts.parquet` (the chosen texts with their part) and `decisions.parquet`."""
    params = job.params
    decisions = Decisions()
    corpus = job.component(params["corpus"])
    chosen = _Chosen(params, decisions)
    filters = build_filters(job, params["filters"])
    read = 0
    with heard("deshi.corpus") as warnings, opened(corpus):
        for chunk in _chunks(cast("Corpus", corpus).texts()):
            read += len(chunk)
            items = [Item(text=t, part=chosen.part(t), source=t.text) for t in chunk]
            wanted = [item for item in items if chosen.wants(item.part)]
            chosen.surplus += len(items) - len(wanted)
            for item in judge(filters, wanted, "source", decisions):
                chosen.take(item)
            job.progress(read, None)
            if chosen.full():
                break
    _check(params, read, chosen.items)
    items = _without_near_test(chosen.items, params["near-test"], decisions)
    write_table(job.out / "texts.parquet", TEXTS, [text_row(item) for item in items])
    write_table(job.out / "decisions.parquet", DECISIONS, decisions.rows)
    parts = Counter(item.part for item in items)
    return {
        "read": read,
        "kept": len(items),
        "surplus": chosen.surplus,
        "dropped": decisions.dropped(),
        "corpus-ended": not chosen.full(),
        "parts": {part: parts[part] for part in ("train", "valid", "test")},
        "documents": len({item.text.document for item in items}),
        "warnings": warnings,
        **({"corpus": dict(corpus.report())} if hasattr(corpus, "report") else {}),
    }


class _Chosen:
    """The texts chosen so far: up to a number for each part, and up to a number a document."""

    def __init__(self, params: Mapping[str, Json], decisions: Decisions) -> None:
        self.items: list[Item] = []
        self.surplus = 0
        self._params = params
        self._decisions = decisions
        self._room: dict[Part, int] = {
            "train": params["pull"],
            "valid": params["valid"],
            "test": params["test"],
        }
        self._of_document: Counter[str] = Counter()
        self._ids: set[str] = set()

    def part(self, text: Text) -> Part:
        if text.id in self._ids:
            raise UsageError(
                f"the id '{text.id}' comes twice",
                where=f"corpus '{self._params['corpus']['label']}'",
                mend="ids must be unique in a corpus",
            )
        self._ids.add(text.id)
        return part_of(
            text.document,
            test_share=self._params["test-share"],
            valid_share=self._params["valid-share"],
        )

    def wants(self, part: Part) -> bool:
        return self._room[part] > 0

    def full(self) -> bool:
        return not any(self._room.values())

    def take(self, item: Item) -> None:
        document = item.text.document
        if self._of_document[document] >= self._params["max-per-document"]:
            self._decisions.drop(item, "source", "split", Drop("max-per-document"))
        elif self._room[item.part] > 0:
            self._of_document[document] += 1
            self._room[item.part] -= 1
            self.items.append(item)
        else:
            self.surplus += 1


def opened(component: Any) -> AbstractContextManager[Any]:  # noqa: ANN401
    """Enter a component that can be entered; do nothing for one that cannot."""
    if hasattr(component, "__enter__"):
        return cast("AbstractContextManager[Any]", component)
    return nullcontext(component)


def build_filters(job: Job, parts: list[Mapping[str, Json]]) -> list[BuiltFilter]:
    """Build the filters of one place of a chain."""
    return [
        BuiltFilter(
            name=part["label"],
            filter=job.component(part),
            training_only=part["training-only"],
            fits_first=part["fits-first"],
        )
        for part in parts
    ]


def text_row(item: Item) -> dict[str, Json]:
    """Return the row of `TEXTS` that holds an item."""
    return {
        "id": item.text.id,
        "document": item.text.document,
        "part": item.part,
        "source": item.source,
        "text": item.text.text,
        "references": item.text.references,
    }


def _chunks(texts: Iterator[Text]) -> Iterator[list[Text]]:
    while chunk := list(itertools.islice(texts, _CHUNK)):
        yield chunk


def _without_near_test(items: list[Item], threshold: float, decisions: Decisions) -> list[Item]:
    test = [item for item in items if item.part == "test"]
    others = [item for item in items if item.part != "test"]
    copies = near_copies(
        [item.text.text for item in others], [item.text.text for item in test], threshold=threshold
    )
    near = {}
    for item, copy in zip(others, copies, strict=True):
        if copy is not None:
            near[item.text.id] = item
            of = test[copy].text
            decisions.drop(item, "source", "split", Drop("near-test", f"{of.id}: {of.text}"))
    return [item for item in items if item.text.id not in near]


def _check(params: Mapping[str, Json], read: int, items: list[Item]) -> None:
    corpus = params["corpus"]["label"]
    if not read:
        raise UsageError(
            "gave no text", where=f"corpus '{corpus}'", mend="check its parameters, path first"
        )
    counts = Counter[str](item.part for item in items)
    for part, share in (("test", params["test-share"]), ("valid", params["valid-share"])):
        if counts[part] < params[part]:
            raise UsageError(
                f"{part} = {params[part]} is more than the {counts[part]} texts that corpus "
                f"'{corpus}' has for it ({read} read, {share:.0%} of documents are for {part})",
                where=f"{params['file']}: [benchmark]",
                mend=f"lower {part}, raise {part}-share or max-per-document, or loosen the chain",
            )
    if not counts["train"]:
        raise UsageError(
            f"no text of corpus '{corpus}' is left for training ({read} read)",
            where=f"{params['file']}: [benchmark]",
            mend="loosen the chain or take a larger corpus",
        )
