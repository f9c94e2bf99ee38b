"""What several files of predictions say to the same texts, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from deshi.api import Expected, Prediction, UsageError
from deshi.emoji import Alphabet
from deshi_tools.scoring.score_files import CHUNK, Gold, Pairing, read_gold

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class PredictionFiles:
    """What several files answered to the same texts, in the order of the gold.

    `documents` has the document of each text, or the text's id where the gold names none, which
    `clustered` says. `left_out` counts gold texts that a file has no answer to.
    """

    predicted: tuple[tuple[Prediction, ...], ...]
    expected: tuple[Expected, ...]
    documents: tuple[str, ...]
    clustered: bool
    left_out: int


def read_answers(
    gold: Path, files: Sequence[Path], *, allow_missing: bool = False
) -> PredictionFiles:
    """Return the answers of several files to the texts that all of them answer.

    Raises what `score_files` raises, and UsageError if some gold lines have a document and some not,
    or if no text has predictions in all files.
    """
    references = read_gold(gold, Alphabet.full())
    _check_documents(references, gold)
    found: list[dict[int, Prediction]] = []
    for path in files:
        pairing = Pairing(gold, path, references, allow_missing=allow_missing)
        mine: dict[int, Prediction] = {}
        for answers, rows in pairing.rows(CHUNK):
            mine.update(zip(rows, answers, strict=True))
        found.append(mine)
    shared = sorted(set.intersection(*map(set, found)))
    if not shared:
        raise UsageError(
            what="no text has predictions in all files",
            where=", ".join(map(str, files)),
            fix=f"they need ids of {gold}",
        )
    ids = list(references.rows)
    return PredictionFiles(
        predicted=tuple(tuple(answers[row] for row in shared) for answers in found),
        expected=tuple(references.expected(shared)),
        documents=tuple(references.documents.get(row, ids[row]) for row in shared),
        clustered=bool(references.documents),
        left_out=len(ids) - len(shared),
    )


def _check_documents(gold: Gold, path: Path) -> None:
    without = len(gold.lines) - len(gold.documents)
    if without and gold.documents:
        first = next(row for row in range(len(gold.lines)) if row not in gold.documents)
        raise UsageError(
            what="has no document, and other lines have one",
            where=f"{path}:{gold.lines[first]}",
            fix="give each line its `document`, or none",
        )
