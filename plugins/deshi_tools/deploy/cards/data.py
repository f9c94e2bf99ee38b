"""The card of the labelled pairs that a student learned from and was judged on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deshi_tools.deploy.cards.markdown import front_matter, table
from deshi_tools.deploy.cards.origin import origin
from deshi_tools.deploy.cards.stated import labels_of, licence_head

if TYPE_CHECKING:
    from deshi.runs.saved_run import SavedRow, SavedRun

PARTS = ("train", "valid", "test")
_SHOWN = 10


@dataclass(frozen=True)
class DataCard:
    """What the card is written from: the row, the pairs by part, and what they are written as."""

    run: SavedRun
    row: SavedRow
    pairs: Mapping[str, Sequence[Mapping[str, Any]]]
    form: str
    note: str = ""

    def text(self) -> str:
        """Return the card as Markdown."""
        return "\n\n".join(self._parts()) + "\n"

    def _parts(self) -> Iterator[str]:
        cell = self.row.result.cell
        labels = labels_of(self.run.results, self.row.result)
        files = [{"split": part, "path": f"data/{part}.{self.form}"} for part in self.pairs]
        yield front_matter(
            {
                "language": ["ja"],
                "tags": ["deshi", "emoji"],
                **licence_head(self.run.results, self.row.result),
                "annotations_creators": [labels.creators],
                "configs": [{"config_name": "default", "data_files": files}],
            }
        )
        yield f"# {cell['corpus']} with the emoji of {cell['teacher']}"
        yield (
            f"Japanese sentences of the corpus `{cell['corpus']}`, {labels.sentence}"
            + (
                f", after rewriting by `{cell['rewriter']}`"
                if cell["rewriter"] not in (None, "none")
                else ""
            )
            + f". From the run `{self.run.name}`. {labels.warning}"
        )
        yield self._counts()
        yield self._columns()
        yield from origin(self.run, self.row, self.note)

    def _counts(self) -> str:
        def line(part: str) -> list[str]:
            rows = self.pairs[part]
            emoji = Counter(e for row in rows for e in row["emoji"])
            per_text = sum(emoji.values()) / max(1, len(rows))
            most = "".join(e for e, _ in emoji.most_common(_SHOWN))
            documents = len({row["document"] for row in rows})
            return [part, str(len(rows)), str(documents), str(len(emoji)), f"{per_text:.2f}", most]

        names = ("part", "texts", "documents", "different emoji", "emoji per text", "most frequent")
        return table(names, map(line, self.pairs))

    def _columns(self) -> str:
        return table(
            ("column", "content"),
            [
                (
                    "id, document",
                    "ids of the text and of its document; parts share no document",
                ),
                ("source", "the sentence as the corpus has it"),
                ("text", "the text that the teacher labelled and the student was trained on"),
                ("emoji", "the label: parsed, in canonical form"),
                ("samples", "all labels of the text, where the teacher was sampled more than once"),
            ],
        )
