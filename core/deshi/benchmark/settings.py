"""The tables `[benchmark]`, sizes, seeds and metrics, and `[abandon]`.

[abandon]: rows that are hopeless on the validation texts get no further training runs.

[abandon]
after = 1        # training runs of every row, before any is abandoned
p = 0.01         # how sure it has to be that a row is worse than the best one
margin = 0.02    # by more than this much of the primary metric
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias, TypeVar

import msgspec

from deshi.api import Help, Json, UsageError, nearest

T = TypeVar("T")
Names: TypeAlias = tuple[str, ...]

DEFAULT_METRICS = ("jaccard", "hit-at-1", "micro-f1", "exact-match")
DEFAULT_BASELINES = ("constant", "shuffled", "lexicon", "knn", "oracle", "ceiling")
DEFAULT_COLLAPSE = ("effective-emoji", "collapse-index", "top5-share", "repetition", "non-emoji")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a benchmark fixes for all its cells. Sizes are counted in texts."""

    train: Annotated[int, Help("Training pairs that must survive all filters.", ge=1)]
    valid: Annotated[int, Help("Source texts for validation.", ge=1)]
    test: Annotated[int, Help("Source texts for the test.", ge=1)]
    seeds: Annotated[int, Help("Training runs per row; seeds count from 0.", ge=1)] = 5
    samples: Annotated[int, Help("Answers per text from each teacher.", ge=1)] = 1
    metrics: Annotated[Names, Help("Metrics; the first is the primary one.")] = DEFAULT_METRICS
    baselines: Annotated[Names, Help("Baselines that every table shows.")] = DEFAULT_BASELINES
    collapse: Annotated[
        tuple[str, ...], Help("Metrics of diversity that every table shows beside the score.")
    ] = DEFAULT_COLLAPSE
    max_per_document: Annotated[int, Help("Texts taken from one document.", ge=1)] = 20
    pull_limit: (
        Annotated[
            int, Help("Training texts that a teacher labels at most; default twice `train`.", ge=1)
        ]
        | None
    ) = None
    test_share: Annotated[float, Help("Share of documents kept for testing.", gt=0, lt=1)] = 0.2
    valid_share: Annotated[float, Help("Share of documents kept for validation.", gt=0, lt=1)] = 0.1
    split_by: Annotated[
        Literal["document", "text"],
        Help("The unit that is split; with `text` a document may be on both sides."),
    ] = "document"
    near_test: Annotated[
        float,
        Help(
            "Character 3-gram Jaccard from which a text is a near-duplicate of a test text.",
            gt=0,
            le=1,
        ),
    ] = 0.7
    resamples: Annotated[int, Help("Bootstrap resamples of the intervals.", ge=100)] = 2000

    @property
    def shown(self) -> tuple[str, ...]:
        """All metrics of the table: those that are named, then those of collapse."""
        return tuple(dict.fromkeys((*self.metrics, *self.collapse)))

    @property
    def pull(self) -> int:
        """The most training texts that a teacher labels."""
        return self.pull_limit if self.pull_limit is not None else 2 * self.train


def read_settings(path: str, table: Mapping[str, Json]) -> Settings:
    """Read `[benchmark]`."""
    where = f"{path}: [benchmark]"
    settings = read_table(table, Settings, where=where, page="benchmarks.md")
    if settings.test_share + settings.valid_share >= 1:
        what = "test-share and valid-share leave nothing for training"
        raise UsageError(what, where=where, fix="their sum must be below 1")
    if not settings.metrics:
        raise UsageError("metrics is empty", where=where, fix='name at least one, as ["jaccard"]')
    for key in ("metrics", "baselines", "collapse"):
        names = getattr(settings, key)
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise UsageError(f"{key} names '{min(twice)}' twice", where=where, fix="name it once")
    return settings


@dataclass(frozen=True, kw_only=True)
class Abandon:
    """When a row is abandoned: as long as nothing is known of it but its validation texts."""

    after: Annotated[int, Help("Training runs per row before any row is abandoned.", ge=1)] = 1
    p: Annotated[
        float, Help("Level of the test that a row is worse than the best.", gt=0, lt=1)
    ] = 0.01
    margin: Annotated[float, Help("Only rows worse by more than this are abandoned.", ge=0)] = 0.0

    def plain(self) -> dict[str, Json]:
        """Return what results keep."""
        return dataclasses.asdict(self)


def read_abandon(path: str, table: Json, seeds: int) -> Abandon:
    """Read `[abandon]` of a benchmark with so many seeds."""
    where = f"{path}: [abandon]"
    found = read_table(table, Abandon, where=where, page="benchmarks.md")
    if found.after >= seeds:
        fix = f"it must be below the number of seeds in [benchmark], which is {seeds}"
        raise UsageError(f"after = {found.after} leaves no run to save", where=where, fix=fix)
    return found


def read_table(table: Json, cls: type[T], *, where: str, page: str) -> T:
    """Return the dataclass that a table describes; its keys are the fields' names in kebab-case.

    `where` is the file with the table, as `bench.toml: [abandon]`; `page` is the documentation that
    names it.
    """
    if not isinstance(table, dict):
        raise UsageError("must be a table", where=where, fix="write its keys under its name")
    fields = dataclasses.fields(cls)  # type: ignore[arg-type]
    names = {field.name.replace("_", "-"): field.name for field in fields}
    for key in table:
        if key not in names:
            raise UsageError(f"unknown key '{key}'", where=where, fix=nearest(key, names))
    for key, field in zip(names, fields, strict=True):
        is_required = field.default is field.default_factory is dataclasses.MISSING
        if is_required and key not in table:
            fix = f"add {key} = …: see docs/{page}"
            raise UsageError(f"'{key}' is missing", where=where, fix=fix)
    try:
        return msgspec.convert({names[key]: value for key, value in table.items()}, cls)
    except msgspec.ValidationError as error:
        what, _, at = str(error).partition(" - at `$.")
        key = at.rstrip("`").split("[")[0].replace("_", "-")
        message = f"{key}: {what}" if key else what
        raise UsageError(message, where=where, fix=f"see docs/{page}") from None
