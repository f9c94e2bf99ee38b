"""`split`: read the corpus, assign parts by document, filter, cap each document, drop near copies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, cast

import pyarrow as pa

from deshi.api import Drop, Item, Json, UsageError
from deshi.evaluate.neartest import near_copies
from deshi.execute.choosing import Chosen
from deshi.execute.columns import text_batches
from deshi.execute.decisionlog import DecisionLog
from deshi.execute.filtering import BuiltFilter, Decisions
from deshi.execute.hearing import heard
from deshi.execute.job import Job
from deshi.execute.tables import DECISIONS, TEXTS, write_table


def split(job: Job) -> Json:
    """Write `texts.parquet` (the chosen texts with their part) and `decisions.parquet`."""
    params = job.params
    corpus = job.component(params["corpus"])
    filters = build_filters(job, params["filters"])
    with (
        heard("deshi.corpus") as warnings,
        DecisionLog(job.out / "decisions.parquet") as log,
        opened(corpus),
    ):
        chosen = Chosen(params, log)
        for batch in text_batches(corpus, params["corpus"]):
            chosen.take(batch, filters)
            job.progress(chosen.read, None)
            if chosen.full():
                break
        _check(params, chosen.read, chosen.items)
        items = _without_near_test(chosen.items, params["near-test"], log)
    write_table(job.out / "texts.parquet", TEXTS, [text_row(item) for item in items])
    parts = Counter(item.part for item in items)
    return {
        "read": chosen.read,
        "kept": len(items),
        "surplus": chosen.surplus,
        "dropped": log.dropped(),
        "corpus-ended": not chosen.full(),
        "parts": {part: parts[part] for part in ("train", "valid", "test")},
        "documents": len({item.text.document for item in items}),
        "warnings": warnings,
    }


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
            judges_batches="judges-batches" in part["capabilities"],
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


def _without_near_test(items: list[Item], threshold: float, log: DecisionLog) -> list[Item]:
    test = [item for item in items if item.part == "test"]
    others = [item for item in items if item.part != "test"]
    copies = near_copies(
        [item.text.text for item in others], [item.text.text for item in test], threshold=threshold
    )
    decisions = Decisions()
    near = set()
    for item, copy in zip(others, copies, strict=True):
        if copy is not None:
            near.add(item.text.id)
            of = test[copy].text
            decisions.drop(item, "source", "split", Drop("near-test", f"{of.id}: {of.text}"))
    log.write(pa.RecordBatch.from_pylist(decisions.rows, schema=DECISIONS))
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
