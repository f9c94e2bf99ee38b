"""Parameters of the built-in corpora, in a module that imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from deshi.api import Help


@dataclass(frozen=True, kw_only=True)
class WikipediaParams:
    """Parameters of `wikipedia`."""

    path: Annotated[
        Path, Help("A Parquet file, or a folder of them, with the columns id, url, title and text.")
    ]
    limit: Annotated[int, Help("Texts to read at most; all if left out.", ge=1)] | None = None
