"""The corpus `wikipedia`: sentences of Wikipedia articles, from Parquet files or an XML dump."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow as pa

from deshi.api import Env, Json
from deshi_plugins.corpora.documents import DocumentCorpus
from deshi_plugins.corpora.dump import dump_pages
from deshi_plugins.corpora.files import corpus_files
from deshi_plugins.corpora.hub import HubFiles, log_of
from deshi_plugins.corpora.params import WikipediaParams
from deshi_plugins.corpora.parquet_pages import COLUMNS, parquet_pages

__all__ = ["COLUMNS", "Wikipedia"]

_PARQUET, _DUMP = (".parquet",), (".xml", ".xml.bz2")


class Wikipedia(DocumentCorpus):
    """Every sentence of every article; the document is the page's id, whatever it is read from.

    Files are read in the order of their names.
    """

    params: WikipediaParams

    def __init__(self, params: WikipediaParams, env: Env) -> None:
        self.params = params
        self.env = env
        pattern = f"{params.date}.{params.language}/*.parquet"
        self._hub = HubFiles(params.dataset, pattern, params.revision, log_of(env))

    def documents(self) -> Iterator[pa.RecordBatch]:
        """Yield the pages with their title and address."""
        for file in corpus_files(self.params.path, self._hub, _PARQUET + _DUMP):
            if file.name.lower().endswith(_PARQUET):
                yield from parquet_pages(file.path)
            else:
                yield from dump_pages(file.path, self.warn, self.params.longest_page)

    def report(self) -> Mapping[str, Json]:
        """Return what was read from the Hugging Face Hub: data set, revision, commit, files, licence."""
        return self._hub.report()
