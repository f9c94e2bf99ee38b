"""The card of a fitted student."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deshi.report.cards.doubts import beside_baseline, doubts
from deshi.report.cards.markdown import code, ends, front_matter, listed, number, table
from deshi.report.cards.origin import origin
from deshi.report.columns import p_text
from deshi.report.page.answers import read_answers
from deshi.report.page.failures import failures
from deshi.report.rows import differences, groups, short, shown_axes
from deshi.report.verdicts import gold_of, verdict

if TYPE_CHECKING:
    from deshi.evaluate.results import Row
    from deshi.execute.fitted import Fitted
    from deshi.execute.reading import SavedRow, SavedRun
    from deshi.report.rows import Difference


@dataclass(frozen=True)
class Card:
    """What the card of one fitted student of a row is written from.

    `place` is how others will find it, a folder or a repository; `data` where its pairs lie, empty
    where they are not given. `transformers` says that its files are in that library's layout.
    """

    run: SavedRun
    row: SavedRow
    fitted: Fitted
    place: str
    data: str = ""
    note: str = ""
    transformers: bool = False
    on_hub: bool = False

    def text(self) -> str:
        """Return the card as Markdown."""
        return "\n\n".join(part for part in self._parts() if part) + "\n"

    def _parts(self) -> Iterator[str]:
        row = self.row.result
        yield front_matter(self._head())
        yield f"# {self.fitted.label}: Japanese text to emoji"
        yield (
            f"A small model that answers a Japanese sentence with one to five emoji. It learned from "
            f"{row.n_train} sentences of `{row.cell['corpus']}` with the answers of the teacher "
            f"`{row.cell['teacher']}`. It is seed {self.fitted.seed} of row `{row.id}` of the run "
            f"`{self.run.name}`."
        )
        yield "## Use"
        yield code("\n".join(self._use()), "console")
        if self.transformers:
            yield "The weights are in the layout of `transformers`; `student.json` says how to decode."
        if self.data:
            yield f"The pairs that it learned from: `{self.data}`."
        yield "## How good it is"
        yield from self._figures()
        yield "## Beside others on the same texts"
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
        return {**head, "datasets": [self.data]} if self.on_hub and self.data else head

    def _figures(self) -> Iterator[str]:
        row = self.row.result
        whose = {"recipe": "new training runs, new texts", "artefact": "these runs, new texts"}
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
            f"run{'s' if row.seeds != 1 else ''}; right is {gold_of(row)}."
        )
        if row.gold != "reference":
            yield "These figures are agreement with a teacher, not quality as people see it."
        for doubt in doubts(self.run.results, row):
            yield f"**{doubt}**"

    def _comparison(self) -> Iterator[str]:
        results = self.run.results
        group = next(g for g in groups(results) if g.id == self.row.result.group)
        axes, against = shown_axes(results), differences(results, self.row.result.id)
        rows = [one for one in group.rows if one.status == "ok"]
        yield table(
            ("row", results.primary.name, "95 % interval", "minus this", "p"),
            [self._line(one, short(one, axes), against.get(one.id)) for one in rows],
        )
        if beside := beside_baseline(results, self.row.result):
            yield beside
        yield verdict(results, group)

    def _line(self, row: Row, name: str, found: Difference | None) -> list[str]:
        value = row.metrics[self.run.results.primary.name]
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
