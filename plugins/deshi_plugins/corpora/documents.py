"""From documents to sentences: what all corpora of long documents share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from deshi.api import Env, Text
from deshi_plugins.corpora.document_sampling import Sample, SamplingParams
from deshi_plugins.corpora.sentence_splitter import split_sentences

# Text at a time: more is no faster, and the cutter needs about ten times as much memory.
_BYTES = 2 << 20


class DocumentCorpus(ABC):
    """A corpus whose texts are the sentences of documents, normalised; only empty ones are left out.

    The id is `ID-N`, N counting from 1 in what the documents' `id` names.
    """

    env: Env
    params: SamplingParams

    @abstractmethod
    def documents(self) -> Iterator[pa.RecordBatch]:
        """Yield documents in columns of strings: `id`, `text`, and others, which go into `meta`.

        A column `document`, if there is one, names the document where `id` is finer than that.
        """
        ...

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the sentences in columns."""
        left = self.params.limit
        sample = Sample(self.params.share, self.params.seed)
        for documents in self.documents():
            for part in _slices(_sampled(documents, sample)):
                batch = sentences_of(part)
                if left is not None:
                    batch = batch.slice(0, left)
                    left -= batch.num_rows
                yield batch
                if left == 0:
                    return

    def texts(self) -> Iterator[Text]:
        """Yield the sentences one by one."""
        for batch in self.batches():
            for row in batch.to_pylist():
                yield Text(**{**row, "meta": dict(row["meta"])})

    def warn(self, message: str) -> None:
        """Say what the results have to mention."""
        if self.env.log is not None:
            self.env.log.warning(message)


def _sampled(documents: pa.RecordBatch, sample: Sample) -> pa.RecordBatch:
    """Return the documents that a sample has, before anything is cut."""
    if sample.is_everything:
        return documents
    name = "document" if "document" in documents.schema.names else "id"
    return documents.filter(pa.array(map(sample.has, documents[name].to_pylist()), pa.bool_()))


def sentences_of(documents: pa.RecordBatch) -> pa.RecordBatch:
    """Return the sentences of some documents with their columns `id`, `document`, `text`, `meta`."""
    split = split_sentences(documents["text"])
    sizes = np.bincount(split.documents, minlength=1)
    numbers = np.arange(1, len(split.documents) + 1) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    parents = pa.array(split.documents, pa.int32())
    keys = documents["id"].take(parents)
    ids = pc.binary_join_element_wise(keys, pa.array(numbers).cast(pa.string()), "-")
    names = documents["document"].take(parents) if "document" in documents.schema.names else keys
    meta = pa.DictionaryArray.from_arrays(parents, _meta(documents))
    columns = [ids, names, split.sentences, meta]
    return pa.RecordBatch.from_arrays(columns, ["id", "document", "text", "meta"])


def _meta(documents: pa.RecordBatch) -> pa.MapArray:
    names = [name for name in documents.schema.names if name not in ("id", "document", "text")]
    values = [pc.fill_null(documents[name], "") for name in names]
    rows = zip(*(column.to_pylist() for column in values), strict=True)
    pairs = [list(zip(names, row, strict=True)) for row in rows] or [[]] * documents.num_rows
    return pa.array(pairs, pa.map_(pa.string(), pa.string()))


def _slices(documents: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Yield documents in turn, as many at a time as begin within `_BYTES` of text."""
    sizes = np.asarray(pc.fill_null(pc.binary_length(documents["text"]), 0))
    begins = np.cumsum(sizes) - sizes
    _, firsts = np.unique(begins // _BYTES, return_index=True)
    ends = np.append(firsts[1:], documents.num_rows)
    for first, end in zip(firsts.tolist(), ends.tolist(), strict=True):
        yield documents.slice(first, end - first)
