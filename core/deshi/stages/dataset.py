"""What a finished labelling stage offers: examples to learn from, and texts to be scored on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deshi.api import ComponentError, Emojis, Examples, Expected, Prediction, Text
from deshi.emoji import Alphabet
from deshi.stages.near_duplicates import near_copies
from deshi.stages.parquet_tables import emoji_sets, read_table


@dataclass(frozen=True)
class Evaluation:
    """The test set of one gold: texts and what is expected, in one order for all rows.

    `repeats` are the teacher's further answers where it was asked more than once: for each time, one
    answer a text.
    """

    texts: tuple[Text, ...]
    expected: tuple[Expected, ...]
    repeats: tuple[tuple[Prediction, ...], ...] = ()


def training(
    labelled: Path, judged: Path | None = None, threshold: float | None = None
) -> tuple[Examples, Examples]:
    """Return the training and the validation examples; alphabet and counts come from training.

    `judged` holds the test texts of another teacher: what nearly equals one, from a similarity of
    `threshold` on, is left out.
    """
    rows = [row for row in read_table(labelled / "pairs.parquet") if row["kept"]]
    if judged is not None and threshold is not None:
        test = [r["text"] for r in read_table(judged / "pairs.parquet") if r["part"] == "test"]
        copies = near_copies([row["text"] for row in rows], test, threshold=threshold)
        rows = [row for row, copy in zip(rows, copies, strict=True) if copy is None]
    train = [row for row in rows if row["part"] == "train"]
    if not train:
        raise ComponentError(
            "no training pair survived the filters",
            where="label",
            fix="see `deshi show` for what was dropped and why",
        )
    counter = Counter(emoji for row in train for emoji in set(row["samples"][0]))
    alphabet = Alphabet.of(counter)
    counts = np.array([counter[emoji] for emoji in alphabet], dtype=np.float64)
    valid = [row for row in rows if row["part"] == "valid"]
    return _examples(train, alphabet, counts), _examples(valid, alphabet, counts)


def evaluation(labelled: Path, gold: str) -> Evaluation:
    """Return the test set: gold `labels` are the teacher's, `references` came with the corpus."""
    rows = [row for row in read_table(labelled / "pairs.parquet") if row["part"] == "test"]
    if gold == "labels":
        rows = [row for row in rows if row["kept"]]
        expected = [_from_labels(row) for row in rows]
    else:
        rows = [row for row in rows if row["references"]]
        expected = [Expected(references=emoji_sets(row["references"])) for row in rows]
    if not rows:
        raise ComponentError(
            f"no test text has gold '{gold}'",
            where="label",
            fix="see `deshi show` for what was dropped and why",
        )
    return Evaluation(
        texts=tuple(text_of(row) for row in rows),
        expected=tuple(expected),
        repeats=_repeats(rows) if gold == "labels" else (),
    )


def _repeats(rows: Sequence[Mapping[str, Any]]) -> tuple[tuple[Prediction, ...], ...]:
    given = [zip(emoji_sets(row["samples"]), row["unknown"], strict=True) for row in rows]
    answers = [[Prediction(emojis=e, unknown=u) for e, u in samples] for samples in given]
    return tuple(zip(*answers, strict=True))[1:]


def _examples(
    rows: Sequence[Mapping[str, Any]], alphabet: Alphabet, counts: np.typing.NDArray[np.float64]
) -> Examples:
    return Examples(
        texts=tuple(bare_text(text_of(row)) for row in rows),
        expected=tuple(_from_labels(row) for row in rows),
        alphabet=alphabet,
        counts=counts,
    )


def _from_labels(row: Mapping[str, Any]) -> Expected:
    samples = emoji_sets(row["samples"])
    return Expected(references=(samples[0],), shares=_shares(samples) if len(samples) > 1 else None)


def _shares(samples: Sequence[Emojis]) -> dict[str, float]:
    counts = Counter(emoji for sample in samples for emoji in set(sample))
    return {emoji: count / len(samples) for emoji, count in counts.items()}


def bare_text(text: Text) -> Text:
    """Return what a student sees of a text: not the labels and the metadata that came with it."""
    return Text(id=text.id, document=text.document, text=text.text)


def text_of(row: Mapping[str, Any]) -> Text:
    """Return the text of a row of `TEXTS`."""
    return Text(
        id=row["id"],
        document=row["document"],
        text=row["text"],
        references=emoji_sets(row["references"]),
        meta=json.loads(row["meta"] or "{}"),
    )
