"""What a finished run left in the store: for each row its counts, its predictions, its test set."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from deshi.api import Env, Expected, Json, Prediction, Text, UsageError, nearest
from deshi.benchmark.part import MetricPart
from deshi.benchmark.stage_params import Gold
from deshi.registry import code_of
from deshi.registry.plugin_code import may_be_same
from deshi.results import MetricInfo, Results, Row
from deshi.stages.dataset import evaluation, training
from deshi.stages.parquet_tables import read_table
from deshi.stages.predict import read_predictions
from deshi.stages.score import read_statistics
from deshi.statistics.replicates import RowScores
from deshi.workspace.manifest import LabelManifest, Manifest, ScoreManifest

if TYPE_CHECKING:
    from deshi.api import Metric
    from deshi.registry import Registry
    from deshi.workspace.workspace import Workspace

ManifestT = TypeVar("ManifestT", bound=Manifest)


@dataclass(frozen=True)
class TestSet:
    """What a row was evaluated on: texts as the student saw them, their gold, and the corpus' text."""

    texts: tuple[Text, ...]
    expected: tuple[Expected, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class SavedRow:
    """One row's artefacts: `scores` and `predictions` have one address per run."""

    result: Row
    deterministic: bool
    is_teacher: bool
    gold: Gold
    evaluation: str
    scores: tuple[str, ...]
    predictions: tuple[str, ...]
    metrics: Mapping[str, MetricPart]


class SavedRun:
    """A finished run; artefacts are read on demand.

    Raises:
        UsageError: there is no such run; or, by any method, an artefact of it was removed or is damaged.
    """

    def __init__(self, space: Workspace, name: str, registry: Registry) -> None:
        self.name = space.find(name)
        self.results = Results.from_json(space.results(self.name), f"run {self.name}")
        self.workspace = space.root
        self._space = space
        self.registry = registry
        self.plan = space.plan(self.name)
        self._where = str(space.root / "runs" / self.name)

    @functools.cached_property
    def rows(self) -> Mapping[str, SavedRow]:
        """The rows that have predictions of their own, by id."""
        return {row.id: self.row(row) for row in self.results.rows if self.has_predictions(row)}

    def has_predictions(self, row: Row) -> bool:
        """Say whether a row has predictions of its own.

        A row that failed has none, nor has a baseline that is derived from other rows.
        """
        planned = self.plan.rows.get(row.id)
        return row.status == "ok" and planned is not None and bool(planned.runs)

    def metric_info(self, name: str) -> MetricInfo:
        """Return what the run says of a metric."""
        for info in self.results.metrics:
            if info.name == name:
                return info
        known = [info.name for info in self.results.metrics]
        raise UsageError(f"no metric '{name}'", where=f"run {self.name}", fix=nearest(name, known))

    def metric(self, row: SavedRow, name: str) -> Metric:
        """Build a metric as it was when the row was scored."""
        part = row.metrics[name]
        offer = self.registry.catalog.find("metric", part.id)
        same = may_be_same(part.code, code_of(offer.plugin))
        if offer.spec.revision != part.identity.revision or not same:
            raise UsageError(
                f"metric '{name}' has changed since this run was scored",
                where=self._where,
                fix=self._again(),
            )
        built = self.registry.create("metric", part.id, part.params, Env())
        return cast("Metric", built)

    def counts(self, row: SavedRow, metric: str) -> RowScores:
        """Return a metric's counts per text of each of the row's runs."""
        runs = [read_statistics(self.folder(address), metric) for address in row.scores]
        return RowScores(runs, deterministic=row.deterministic)

    def first_predictions(self, row: SavedRow) -> tuple[Prediction, ...]:
        """Return the predictions of the row's first run."""
        return read_predictions(self.first_folder(row))

    def first_folder(self, row: SavedRow) -> Path:
        """Return the folder of the predictions of the row's first run."""
        return self.folder(row.predictions[0])

    def test_set(self, row: SavedRow) -> TestSet:
        """Return the row's test set, in the order of its counts and predictions."""
        return self._test_set(row.evaluation, row.gold)

    def predictions(self, row: SavedRow) -> tuple[tuple[Prediction, ...], ...]:
        """Return the predictions of each of the row's runs."""
        folders = [self.folder(address) for address in row.predictions]
        return tuple(read_predictions(folder) for folder in folders)

    def training_counts(self, row: SavedRow) -> dict[str, int]:
        """Return how many training texts carry each emoji; nothing for a row that learned nothing."""
        address = self.plan.rows[row.result.id].label
        if not address:
            return {}
        train, _ = training(self.folder(address))
        return dict(zip(train.alphabet.symbols, map(int, train.counts), strict=True))

    def prompts(self) -> dict[str, Json]:
        """Return the prompts that teachers were given, as `teacher.NAME.prompt`."""
        found: dict[str, Json] = {}
        for address in self.plan.label_stages():
            self._space.store.whole(address)
            manifest = self._space.store.manifest(address)
            if isinstance(manifest, LabelManifest):
                for teacher in filter(None, (manifest.params.teacher, manifest.params.rewriter)):
                    found[f"teacher.{teacher.label}.prompt"] = teacher.prompt
        return found

    @functools.cache  # noqa: B019  (a saved run lives as long as its command)
    def _test_set(self, address: str, gold: Gold) -> TestSet:
        folder = self.folder(address)
        found = evaluation(folder, gold)
        rows = read_table(folder / "pairs.parquet", ("id", "source"))
        sources = {row["id"]: row["source"] for row in rows}
        return TestSet(found.texts, found.expected, tuple(sources[t.id] for t in found.texts))

    def row(self, result: Row) -> SavedRow:
        """Return the artefacts of a row that has predictions."""
        runs = self.plan.rows[result.id].runs
        scores = [self.manifest(run.score, ScoreManifest) for run in runs]
        return SavedRow(
            result=result,
            deterministic=runs[0].seed is None,
            is_teacher=runs[0].is_teacher,
            gold=scores[0].params.gold,
            evaluation=scores[0].inputs["evaluation"],
            scores=tuple(run.score for run in runs),
            predictions=tuple(run.predictions for run in runs),
            metrics={part.label: part for part in scores[0].params.metrics},
        )

    def fit_of(self, row: SavedRow, seed: int | None) -> tuple[str | None, int | None]:
        """Return the artefact of a row's fitted student, None if it left none, and its seed.

        `seed` is that of the training run, the first if None. The seed of a student that uses no
        randomness is None.
        """
        runs = self.plan.rows[row.result.id].runs
        seeds = [run.seed for run in runs]
        if seed is not None and seed not in seeds and seeds != [None]:
            raise UsageError(
                f"has no seed {seed}",
                where=f"{self.name}/{row.result.id}",
                fix=f"take one of {', '.join(map(str, seeds))}",
            )
        run = runs[seeds.index(seed) if seed in seeds else 0]
        return run.fit, run.seed

    def seeds_of(self, row: SavedRow) -> list[int]:
        """Return the seeds of a row's training runs, in the order of its values; 0 for none."""
        return [run.seed or 0 for run in self.plan.rows[row.result.id].runs]

    def pairs(self, row: SavedRow) -> Mapping[str, list[dict[str, Json]]]:
        """Return the labelled pairs that survived all filters, by part.

        Each has `id`, `document`, `source`, `text`, `emoji` and `samples`.
        """
        path = self.folder(self.plan.rows[row.result.id].label) / "pairs.parquet"
        found: dict[str, list[dict[str, Json]]] = {}
        for pair in read_table(path):
            if pair["kept"]:
                kept = {name: pair[name] for name in ("id", "document", "source", "text")}
                samples = pair["samples"]
                found.setdefault(pair["part"], []).append(
                    {**kept, "emoji": samples[0], "samples": samples}
                )
        return found

    def folder(self, address: str) -> Path:
        """Return the folder of an artefact that is there and undamaged."""
        folder = self._space.store.whole(address)
        if not self._space.store.has(address):
            raise self._lost(address)
        return folder

    def manifest(self, address: str, kind: type[ManifestT]) -> ManifestT:
        """Return an artefact's manifest."""
        manifest = self._space.store.manifest(address)
        if not isinstance(manifest, kind):
            self._space.store.whole(address)
            raise self._lost(address)
        return manifest

    def _lost(self, address: str) -> UsageError:
        self._space.store.request(address)
        return UsageError(
            f"run {self.name} lacks the artefact {address}", where=self._where, fix=self._again()
        )

    def _again(self) -> str:
        return f"run it again: deshi run {self.plan.benchmark}, with the settings it had"
