"""`split`: read the corpus, assign parts by document, filter, cap each document, drop near copies."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from deshi.api import Item, Json, Part
from deshi.benchmark.part import FilterPart
from deshi.benchmark.stage_params import SplitParams, StageParams
from deshi.registry import open_component
from deshi.stages.corpus_sizes import Supply, check_sizes
from deshi.stages.decision_log import DecisionLog
from deshi.stages.filter_chain import ChainFilter
from deshi.stages.near_duplicates import near_copies
from deshi.stages.parquet_tables import DECISIONS, PARTS
from deshi.stages.part_quotas import PartQuotas
from deshi.stages.text_batches import text_batches
from deshi.workspace.job import Job
from deshi.workspace.manifest import SplitFigures

_NEAR_TEST = {"place": "source", "filter": "split", "verdict": "drop", "reason": "near-test"}


def split(job: Job[SplitParams]) -> SplitFigures:
    """Write `texts.parquet` (the chosen texts with their part) and `decisions.parquet`."""
    params = job.params
    corpus = job.component(params.corpus)
    filters = build_filters(job, params.filters)
    with (
        _captured_warnings("deshi.corpus") as warnings,
        DecisionLog(job.out) as log,
        open_component(corpus),
    ):
        chosen = PartQuotas(params, log)
        for batch in text_batches(corpus, params.corpus):
            chosen.take(batch, filters)
            job.progress(chosen.read, None)
            if chosen.full():
                break
        texts = chosen.table()
        before = _parts(texts)
        texts = _without_near_test(texts, params.near_test, log)
        parts = {**before, "train": _parts(texts)["train"]}
        check_sizes(params, Supply(chosen.read, chosen.documents, parts, log.dropped()))
    pq.write_table(texts, job.out / "texts.parquet", compression="zstd")
    return SplitFigures(
        read=chosen.read,
        kept=texts.num_rows,
        surplus=chosen.surplus,
        dropped=log.dropped(),
        corpus_ended=not chosen.full(),
        parts=_parts(texts),
        documents=pc.count_distinct(texts["document"]).as_py(),
        warnings=tuple(warnings),
        corpus=dict(corpus.report()) if "reports" in params.corpus.capabilities else None,
    )


def build_filters(job: Job[StageParams], parts: Sequence[FilterPart]) -> list[ChainFilter]:
    """Build the filters of one place of a chain."""
    return [
        ChainFilter(
            name=part.label,
            filter=job.component(part),
            training_only=part.training_only,
            fits_first=part.fits_first,
            decides_batches="decides-batches" in part.capabilities,
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
        "meta": json.dumps(dict(item.text.meta), ensure_ascii=False),
    }


def _parts(texts: pa.Table) -> dict[Part, int]:
    counts = Counter(texts["part"].to_pylist())
    return {part: counts[part] for part in PARTS}


def _without_near_test(texts: pa.Table, threshold: float, log: DecisionLog) -> pa.Table:
    is_test = pc.equal(texts["part"], "test")
    test, others = texts.filter(is_test), texts.filter(pc.invert(is_test))
    copies = near_copies(others["text"].to_pylist(), test["text"].to_pylist(), threshold=threshold)
    near = others.filter(pa.array([copy is not None for copy in copies], pa.bool_()))
    of = test.take(pa.array([copy for copy in copies if copy is not None], pa.int64()))
    columns = {
        **{name: near[name] for name in ("id", "document", "part", "text")},
        "detail": pc.binary_join_element_wise(of["id"], of["text"], ": "),
        **{name: pa.repeat(value, len(near)) for name, value in _NEAR_TEST.items()},
    }
    log.write(pa.table([columns[name] for name in DECISIONS.names], schema=DECISIONS))
    return texts.filter(pc.invert(pc.is_in(texts["id"], near["id"])))


@contextmanager
def _captured_warnings(name: str) -> Iterator[list[str]]:
    """Capture what the logger `name` and those below it log as a warning or worse."""
    lines: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger(name)
    logger.addHandler(handler)
    try:
        yield lines
    finally:
        logger.removeHandler(handler)
