"""The test texts, their gold and every row's answers, small enough for 10,000 texts and 50 rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from deshi.api import Emojis, Json, Prediction, UsageError
from deshi_tools.error_analysis.tags import RULES, most_predicted, tags_of

if TYPE_CHECKING:
    from deshi.results import Row
    from deshi.runs.saved_run import SavedRow, SavedRun, TestSet

_FIRST = 0x100
"""The character that stands for the first emoji of the list; none up to the last has a meaning."""
_NO_TAG = "A"
_OR, _NEXT, _OTHER = ",", " ", "?"
"""Between references of one text, between texts, and for what is no emoji."""


@dataclass
class PagePredictions:
    """What the rows answered: `saved`, `answers` and `tags` by row id, `judged` by comparison group."""

    rows: Sequence[Row]
    saved: dict[str, SavedRow] = field(default_factory=dict)
    judged: dict[str, TestSet] = field(default_factory=dict)
    answers: dict[str, list[Prediction]] = field(default_factory=dict)
    tags: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def gold(self, group: str) -> list[tuple[Emojis, ...]]:
        """Return the references of a group's texts."""
        return [expected.references for expected in self.judged[group].expected]

    def record(self) -> dict[str, Json]:
        """Return the texts as JSON: one string for all answers of a row, a character an emoji."""
        known = _Characters()
        places = {row.id: at for at, row in enumerate(self.rows)}
        return {
            "sets": {name: self._set(name, known) for name in self.judged},
            "answers": {
                str(places[name]): known.answers(answers) for name, answers in self.answers.items()
            },
            "tags": {str(places[name]): _spelt_tags(tags) for name, tags in self.tags.items()},
            "emoji": known.emoji,
            "first": _FIRST,
        }

    def _set(self, name: str, known: _Characters) -> dict[str, Json]:
        judged = self.judged[name]
        texts = [text.text for text in judged.texts]
        rewritten = texts != list(judged.sources)
        return {
            "ids": [text.id for text in judged.texts],
            "texts": texts,
            "sources": list(judged.sources) if rewritten else None,
            "gold": known.references(self.gold(name)),
        }


class _Characters:
    """One character for each emoji, in the order in which they come."""

    def __init__(self) -> None:
        self._places: dict[str, str] = {}

    @property
    def emoji(self) -> list[str]:
        return list(self._places)

    def references(self, texts: Iterable[tuple[Emojis, ...]]) -> str:
        return _NEXT.join(_OR.join(map(self._spelt, references)) for references in texts)

    def answers(self, answers: Sequence[Prediction]) -> str:
        return _NEXT.join(
            self._spelt(answer.emojis) + (_OTHER if answer.unknown else "") for answer in answers
        )

    def _spelt(self, emojis: Emojis) -> str:
        places = self._places
        return "".join(places.setdefault(e, chr(_FIRST + len(places))) for e in emojis)


def read_answers(run: SavedRun, rows: Sequence[Row]) -> PagePredictions:
    """Read each row's answers of its first run, and what each group was judged on."""
    found = PagePredictions(rows)
    for row in rows:
        if not run.has_predictions(row):
            continue
        try:
            _read(run, row, found)
        except UsageError as error:
            found.missing.append(f"{row.id}: {error.what}")
    return found


def _read(run: SavedRun, row: Row, found: PagePredictions) -> None:
    saved = run.row(row)
    if row.group not in found.judged:
        found.judged[row.group] = run.test_set(saved)
    path = run.first_folder(saved) / "predictions.parquet"
    columns = pq.read_table(path, columns=["emojis", "unknown"])
    pairs = zip(columns["emojis"].to_pylist(), columns["unknown"].to_pylist(), strict=True)
    answers = [Prediction(emojis=tuple(emojis), unknown=unknown) for emojis, unknown in pairs]
    frequent = most_predicted(answers)
    gold = found.gold(row.group)
    found.answers[row.id] = answers
    found.tags[row.id] = [
        tags_of(answer, references[0], frequent)
        for answer, references in zip(answers, gold, strict=True)
    ]
    found.saved[row.id] = saved


def _spelt_tags(tags: Sequence[tuple[str, ...]]) -> str:
    """Return one character a text: a letter from A on whose number has a bit for each tag."""
    bits = {tag: 1 << at for at, tag in enumerate(RULES)}
    return "".join(chr(ord(_NO_TAG) + sum(bits[tag] for tag in own)) for own in tags)
