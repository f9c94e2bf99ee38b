"""The corpus `wikipedia`: sentences of Wikipedia articles, from Parquet files or an XML dump."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from deshi.api import Env
from deshi_plugins.corpora.documents import DocumentCorpus
from deshi_plugins.corpora.dump import dump_pages
from deshi_plugins.corpora.local_files import local_files
from deshi_plugins.corpora.params import WikipediaParams
from deshi_plugins.corpora.parquet_pages import COLUMNS, parquet_pages

__all__ = ["COLUMNS", "Wikipedia", "files"]

_PARQUET, _DUMP = (".parquet",), (".xml", ".xml.bz2")


class Wikipedia(DocumentCorpus):
    """Every sentence of every article; the document is the page's id, whatever it is read from.

    Files are read in the order of their names.
    """

    def __init__(self, params: WikipediaParams, env: Env) -> None:
        self.params = params
        self.env = env
        self.limit = params.limit

    def documents(self) -> Iterator[pa.RecordBatch]:
        """Yield the pages with their title and address."""
        for path in files(self.params):
            if path.name.lower().endswith(_PARQUET):
                yield from parquet_pages(path)
            else:
                yield from dump_pages(path, self.warn)


def files(params: WikipediaParams) -> list[Path]:
    """Return the files to read."""
    return local_files(params.path, _PARQUET + _DUMP)
