"""Parameters of the built-in corpora, in a module that imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from deshi.api import Help


@dataclass(frozen=True, kw_only=True)
class Mc4Params:
    """Parameters of `mc4`."""

    path: Annotated[
        Path,
        Help(
            "Files like c4-ja.*.json.gz, with the keys text, url and timestamp: a file, a folder, or "
            "a pattern with * in it."
        ),
    ]
    limit: Annotated[int, Help("Texts to read at most; all if left out.", ge=1)] | None = None


@dataclass(frozen=True, kw_only=True)
class WikipediaParams:
    """Parameters of `wikipedia`."""

    path: Annotated[
        Path,
        Help(
            "Parquet files with the columns id, url, title and text, or XML dumps (pages-articles), "
            "packed with bzip2 or not: a file, a folder, or a pattern with * in it."
        ),
    ]
    limit: Annotated[int, Help("Texts to read at most; all if left out.", ge=1)] | None = None
