"""What the user stated of a row's data: the licence of the texts, and whose the labels are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deshi.api import Json
    from deshi.results import Results, Row

_GIVEN = "given"
_ON_HUB = re.compile(
    r"(?:cc0|cc-by(?:-(?:sa|nc|nd|nc-sa|nc-nd))?|mit|apache|odc-by|gpl|bsd)[0-9.a-z-]*"
)


@dataclass(frozen=True)
class Labels:
    """Whose the labels are: for a sentence, as a warning, and in the Hub's word."""

    sentence: str
    warning: str
    creators: str


def licence_of(results: Results, entry: str) -> str:
    """Return the licence of an entry: of its terms, or as its parameters state it; else empty."""
    found: Json = results.provenance["entries"].get(entry, {})
    terms = found.get("terms") or {}
    return str(terms.get("licence") or found.get("params", {}).get("licence") or "")


def licence_head(results: Results, row: Row) -> dict[str, Json]:
    """Return the lines of front matter on the texts' licence; none where nobody states one."""
    stated = licence_of(results, f"corpus.{row.cell['corpus']}")
    if not stated:
        return {}
    known = re.sub(r"[\s_]+", "-", stated.strip().lower())
    if _ON_HUB.fullmatch(known):
        return {"license": {"cc0": "cc0-1.0"}.get(known, known)}
    return {"license": "other", "license_name": stated}


def labels_of(results: Results, row: Row) -> Labels:
    """Return whose a row's labels are: a teacher's, or those that came with the corpus."""
    teacher = str(row.cell["teacher"])
    entries: Json = results.provenance["entries"]
    if entries.get(f"teacher.{teacher}", {}).get("component") != _GIVEN:
        return Labels(
            f"labelled with emoji by the teacher `{teacher}`",
            "The labels are a model's: no person has checked them.",
            "machine-generated",
        )
    corpus = entries.get(f"corpus.{row.cell['corpus']}", {}).get("params", {})
    by = corpus.get("labels-by", "unknown")
    if by == "people":
        return Labels(
            "with the emoji that people gave them", "The labels are people's.", "expert-generated"
        )
    if by == "model":
        return Labels(
            "with the labels of a model that came with the corpus",
            "The labels are a model's: no person has checked them.",
            "machine-generated",
        )
    return Labels(
        "with the labels that came with the corpus",
        "Whether people or a model gave the labels is not stated.",
        "found",
    )
