"""The card of a fitted student."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from deshi_tools.comparison_table.verdicts import gold_of, verdict
from deshi_tools.deploy.cards.doubts import beside_baseline, doubts
from deshi_tools.deploy.cards.markdown import code, ends, front_matter, listed, number, table
from deshi_tools.deploy.cards.origin import origin
from deshi_tools.deploy.cards.stated import labels_of, licence_head
from deshi_tools.html_report.page.answers import read_answers
from deshi_tools.html_report.page.failures import failures
from deshi_tools.results_view.results_view import ResultsView
from deshi_tools.tables.numbers import p_text

if TYPE_CHECKING:
    from deshi.results import Row
    from deshi.runs.fitted_student import FittedStudent
    from deshi.runs.saved_run import SavedRow, SavedRun
    from deshi_tools.results_view.results_view import Difference


@dataclass(frozen=True)
class Card:
    """What the card of one fitted student of a row is written from.

    `place` is how others will find it, a folder or a repository; `data` where its pairs lie, empty
    where they are not given. `transformers` says that its files are in that library's layout.
    """

    run: SavedRun
    row: SavedRow
    fitted: FittedStudent
    place: str
    data: str = ""
    note: str = ""
    transformers: bool = False
    on_hub: bool = False
    keeps_texts: bool = False

    @cached_property
    def _view(self) -> ResultsView:
        return ResultsView(self.run.results)

    def text(self) -> str:
        """Return the card as Markdown."""
        return "\n\n".join(part for part in self._parts() if part) + "\n"

    def _parts(self) -> Iterator[str]:
        row = self.row.result
        labels = labels_of(self.run.results, row)
        yield front_matter(self._head())
        yield f"# {self.fitted.label}: Japanese text to emoji"
        yield (
            "A small model that predicts one to five emoji for a Japanese sentence. It was "
            f"trained on {row.n_train} sentences of `{row.cell['corpus']}` {labels.sentence} "
            f"(knowledge distillation). It is seed {self.fitted.seed} of "
            f"row `{row.id}` of the run "
            f"`{self.run.name}`."
        )
        yield "## Use"
        yield code("\n".join(self._use()), "console")
        if self.transformers:
            yield "The weights are in `transformers` format; `student.json` describes the decoding."
        if self.keeps_texts:
            yield "**The texts that it learned from are in its files**, and it may quote them."
        if self.data:
            yield f"Its training pairs: `{self.data}`."
        yield "## How good it is"
        yield from self._figures()
        yield "## Compared with others on the same texts"
        yield from self._comparison()
        yield "## What it fails on"
        yield from self._failures()
        yield "## Training"
        yield self._training()
        yield from origin(self.run, self.row, self.note)

    def _use(self) -> Iterator[str]:
        place = self.place
        if self.on_hub:
            place = place.rpartition("/")[2]
            yield f"$ hf download {self.place} --local-dir {place}"
        yield f'$ deshi predict {place} "今日のライブ最高だった！"'

    def _head(self) -> dict[str, object]:
        library = "transformers" if self.transformers else "deshi"
        head: dict[str, object] = {
            "language": ["ja"],
            "library_name": library,
            "tags": ["deshi", "emoji", "knowledge-distillation"],
            "pipeline_tag": "text-classification",
        }
        head |= licence_head(self.run.results, self.row.result)
        return {**head, "datasets": [self.data]} if self.on_hub and self.data else head

    def _figures(self) -> Iterator[str]:
        row = self.row.result
        whose = {
            "retrained-models": "retrained models, new texts",
            "fixed-models": "these fixed models, new texts",
        }
        runs = self.run.seeds_of(self.row)
        at = runs.index(self.fitted.seed) if self.fitted.seed in runs else 0
        lines = [
            [
                name,
                number(found.runs[at] if at < len(found.runs) else found.value),
                number(found.value),
                ends(found.low, found.high),
                whose[found.question],
            ]
            for name, found in row.metrics.items()
        ]
        yield table(("metric", "this model", "mean of runs", "95 % interval", "of"), lines)
        yield (
            f"On {row.n_test} texts in {row.n_documents} documents, over {row.seeds} training "
            f"run{'s' if row.seeds != 1 else ''}; the gold is {gold_of(row)}."
        )
        if row.gold != "reference":
            yield "These figures are agreement with a teacher, not quality as people see it."
        for doubt in doubts(self._view, row):
            yield f"**{doubt}**"

    def _comparison(self) -> Iterator[str]:
        view, own = self._view, self.row.result
        group = next(group for group in view.groups if group.id == own.group)
        against = view.differences_to(own)
        yield table(
            ("row", view.primary.name, "95 % interval", "minus this", "p"),
            [self._line(row, against.get(row.id)) for row in group.rows if row.status == "ok"],
        )
        if beside := beside_baseline(view, own):
            yield beside
        yield verdict(view, group)

    def _line(self, row: Row, found: Difference | None) -> list[str]:
        value, name = row.metrics[self._view.primary.name], self._view.name(row)
        shown = f"{name} (baseline)" if row.baseline else name
        shown = f"**{shown}**" if row.id == self.row.result.id else shown
        gap = [f"{found.value:+.3f}", p_text(found.p)] if found else ["", ""]
        return [shown, number(value.value), ends(value.low, value.high), *gap]

    def _failures(self) -> Iterator[str]:
        answered = read_answers(self.run, [self.row.result])
        name = self.row.result.id
        if name in answered.answers:
            gold = answered.gold(self.row.result.group)
            yield listed(failures(answered.answers[name], gold, answered.tags[name]))

    def _training(self) -> str:
        part, row = self.fitted.part, self.row.result
        lines = [["student", f"{part.id}, revision {part.identity.revision}"]]
        lines += [["loss", str(row.cell["loss"] or "–")], ["seed", str(self.fitted.seed)]]
        lines += [[name, str(value)] for name, value in part.identity.params.items()]
        return table(("parameter", "value"), lines)
