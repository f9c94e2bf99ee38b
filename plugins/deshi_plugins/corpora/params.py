"""Parameters of the built-in corpora, in a module that imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from deshi.api import Help
from deshi_plugins.corpora.document_sampling import SamplingParams


@dataclass(frozen=True, kw_only=True)
class Mc4Params(SamplingParams):
    """Parameters of `mc4`."""

    path: (
        Annotated[
            Path,
            Help(
                "Files like c4-ja.*.json.gz, with the keys text, url and timestamp: a file or a folder."
            ),
        ]
        | None
    ) = None
    dataset: Annotated[str, Help("Without a path: the data set on the Hugging Face Hub.")] = (
        "allenai/c4"
    )
    longest_line: Annotated[int, Help("Bytes of a line; a longer one is left out.", ge=1)] = 1 << 26
    language: Annotated[str, Help("Its language, as in c4-ja.", min_length=2)] = "ja"
    revision: Annotated[str, Help("Its branch, tag or commit; a commit never changes.")] = "main"


@dataclass(frozen=True, kw_only=True)
class WikipediaParams(SamplingParams):
    """Parameters of `wikipedia`."""

    path: (
        Annotated[
            Path,
            Help(
                "Parquet files with the columns id, url, title and text, or XML dumps "
                "(pages-articles), packed with bzip2 or not: a file or a folder."
            ),
        ]
        | None
    ) = None
    dataset: Annotated[str, Help("Without a path: the data set on the Hugging Face Hub.")] = (
        "wikimedia/wikipedia"
    )
    longest_page: Annotated[
        int, Help("Bytes of a page of a dump; a longer one is left out.", ge=1)
    ] = 1 << 26
    language: Annotated[str, Help("Its language, as in ja.wikipedia.org.", min_length=2)] = "ja"
    date: Annotated[str, Help("The date of its dump.", pattern="^[0-9]{8}$")] = "20231101"
    revision: Annotated[str, Help("Its branch, tag or commit; a commit never changes.")] = "main"


@dataclass(frozen=True, kw_only=True)
class TextsParams(SamplingParams):
    """Parameters of `texts`."""

    path: Annotated[Path, Help("A file, or a folder of files.")] | None = None
    dataset: Annotated[
        str, Help("Instead of a path: a data set on the Hugging Face Hub, owner/name.")
    ] = ""
    pattern: Annotated[
        str, Help("Which files of the folder or data set; * matches across folders.")
    ] = ""
    revision: Annotated[
        str, Help("Branch, tag or commit of the data set; a commit never changes.")
    ] = "main"
    format: (
        Annotated[
            Literal["jsonl", "csv", "tsv", "parquet", "text"],
            Help("The format; by default that of the file's name."),
        ]
        | None
    ) = None
    text: Annotated[str, Help("The column of the text.", min_length=1)] = "text"
    id_: Annotated[str, Help("The column of an id; without one, ids are generated.")] = ""
    document: Annotated[
        str, Help("The column of the document; without one, each text is its own document.")
    ] = ""
    labels: Annotated[str, Help("The column of reference labels: emoji, or a list of them.")] = ""
    emoji_for: Annotated[
        Mapping[str, str], Help("The emoji for each label that is no emoji; '' for none.")
    ] = field(default_factory=dict)
    split_emoji: Annotated[
        bool, Help("Remove the emoji from the text and use them as its reference labels.")
    ] = False
    sentences: Annotated[bool, Help("Split each text into sentences.")] = False
    longest_line: Annotated[int, Help("Bytes of a line; a longer one is unusable.", ge=1)] = 1 << 24
    bad_rows: Annotated[int, Help("Unusable rows to skip before the run fails.", ge=0)] = 100
    licence: Annotated[
        str, Help("The texts' licence, as the cards of what is published say it.")
    ] = ""
    labels_by: Annotated[
        Literal["people", "model", "unknown"], Help("Who gave the reference labels, for the cards.")
    ] = "unknown"

    def __post_init__(self) -> None:
        """Raise ValueError for parameters that contradict each other."""
        if (self.path is None) == (not self.dataset):
            message = "needs either 'path' or 'dataset'"
            raise ValueError(message)
        if self.dataset and not self.pattern:
            message = "needs 'pattern', the files of the data set to read"
            raise ValueError(message)
        if self.labels and (self.split_emoji or self.sentences):
            message = "'labels' names the labels of whole texts: without 'split-emoji', 'sentences'"
            raise ValueError(message)
        for label, emoji in self.emoji_for.items():
            _check_emoji(label, emoji)


@dataclass(frozen=True, kw_only=True)
class MixParams(SamplingParams):
    """Parameters of `mix`."""

    weights: Annotated[
        Mapping[str, Annotated[float, Help("Relative share of the texts.", gt=0)]],
        Help("The corpora to mix, by the names of their entries.", min_length=1),
    ]


def _check_emoji(label: str, emoji: str) -> None:
    from deshi.emoji import Mode, parse

    parsed = parse(emoji, mode=Mode.LABELS)
    if parsed.unknown or (emoji and not parsed.emojis):
        message = f"'emoji-for.{label}' is {emoji!r}, which is no emoji"
        raise ValueError(message)
