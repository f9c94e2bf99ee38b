"""The manifest of an artefact: what made it, from what, and what came out.

The results of a run are made of the figures that each stage reports of its work.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Literal, TypeAlias, TypeVar

import msgspec

from deshi.api import Json, Part
from deshi.benchmark import stage_params

MANIFEST = "manifest.json"
ParamsT = TypeVar("ParamsT")
FiguresT = TypeVar("FiguresT")


class SplitFigures(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", omit_defaults=True):
    """Texts that were read, chosen, dropped and left over; `corpus` is what it reports of itself."""

    read: int
    kept: int
    surplus: int
    dropped: Mapping[str, int]
    corpus_ended: bool
    parts: Mapping[Part, int]
    documents: int
    warnings: tuple[str, ...]
    corpus: Mapping[str, Json] | None = None


class LabelFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What was requested, what survived, and what it cost in nano-USD, whenever that was paid.

    `judged` identifies test sets: one digest per kind of gold.
    """

    asked: int
    reused: int
    pulled: int
    surplus: int
    dropped: Mapping[str, int]
    parts: Mapping[Part, int]
    wanted: int
    compliance: Mapping[str, Mapping[str, int]]
    cost_nano_usd: int
    judged: Mapping[stage_params.Gold, str]

    @property
    def accepted(self) -> int:
        """The labelled texts that all filters kept, of all parts."""
        return sum(self.parts.values())


class FitFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How many texts a student learned from, and its report."""

    train: int
    report: Json


class PredictFigures(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How many texts a student predicted; the rest is set if it was fitted there."""

    texts: int
    train: int | None = None
    report: Json = None


class AnswerFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How many texts a teacher answered, and what that cost in nano-USD."""

    texts: int
    asked: int
    reused: int
    cost_nano_usd: int


class ValidateFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The validation texts, and the documents whose metric is defined."""

    texts: int
    documents: int


class Failure(msgspec.Struct, frozen=True):
    """How a part of a stage failed, such as one metric of many."""

    reason: str
    trace: str = ""


class ScoreFigures(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The value of each metric over all texts; None where it is undefined, none where it failed."""

    texts: int
    values: Mapping[str, float | None]
    failed: Mapping[str, Failure] = {}


class CompareFigures(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How many rows were compared, and the metrics that failed."""

    rows: int
    failed: Mapping[str, Failure] = {}


class UsedPlugin(msgspec.Struct, frozen=True):
    """A plugin at work; `code` is empty for deshi's own, whose components have revisions."""

    name: str
    distribution: str
    version: str
    code: str


class MadeBy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What made an artefact. `precision` is what a student reports of its training, if it does."""

    deshi: str = ""
    python: str = ""
    libraries: Mapping[str, str] = {}
    plugins: tuple[UsedPlugin, ...] = ()
    device: str = ""
    threads: int = 0
    precision: str = ""


class _Manifest(
    msgspec.Struct,
    Generic[ParamsT, FiguresT],
    frozen=True,
    kw_only=True,
    tag_field="stage",
    tag=lambda name: name.removesuffix("Manifest").lower(),
):
    """What made an artefact of a stage, and what came out.

    `files` has the SHA-256 of each file beside the manifest, by its path, `content` that of them all.
    """

    address: str
    title: str
    inputs: Mapping[str, str]
    seconds: float
    machine: Mapping[str, Json]
    made_by: MadeBy = MadeBy()
    content: str = ""
    files: Mapping[str, str] = {}
    params: ParamsT
    figures: FiguresT

    def to_json(self) -> dict[str, Json]:
        """Return the content of manifest.json."""
        content: dict[str, Json] = msgspec.to_builtins(self)
        return content


class SplitManifest(_Manifest[stage_params.SplitParams, SplitFigures], frozen=True):
    """What made a split."""


class LabelManifest(_Manifest[stage_params.LabelParams, LabelFigures], frozen=True):
    """What made a labelling stage."""


class FitManifest(_Manifest[stage_params.FitParams, FitFigures], frozen=True):
    """What made a fitted student."""


class ValidateManifest(_Manifest[stage_params.ValidateParams, ValidateFigures], frozen=True):
    """What made a validation."""


class PredictManifest(_Manifest[stage_params.PredictParams, PredictFigures], frozen=True):
    """What made a student's answers."""


class AnswerManifest(_Manifest[stage_params.AnswerParams, AnswerFigures], frozen=True):
    """What made a teacher's answers."""


class ScoreManifest(_Manifest[stage_params.ScoreParams, ScoreFigures], frozen=True):
    """What made a score."""


class CompareManifest(_Manifest[stage_params.CompareParams, CompareFigures], frozen=True):
    """What made a comparison."""


Manifest: TypeAlias = (
    SplitManifest
    | LabelManifest
    | FitManifest
    | ValidateManifest
    | PredictManifest
    | AnswerManifest
    | ScoreManifest
    | CompareManifest
)

DECODER = msgspec.json.Decoder(Manifest)


@dataclass(frozen=True)
class Finished:
    """How a stage ended: `made` here, `found` in the store, `failed`, or `blocked` by a failed input."""

    address: str
    status: Literal["made", "found", "failed", "blocked"]
    manifest: Manifest | None = None
    reason: str = ""
    trace: str = ""


def file_hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of an artefact but the manifest, in the order of their paths."""
    names = {
        path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
    }
    found: dict[str, str] = {}
    for name in sorted(names.keys() - {MANIFEST}):
        with names[name].open("rb") as file:
            found[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def content_hash(files: Mapping[str, str]) -> str:
    """Return the SHA-256 of all files of an artefact: their paths and hashes."""
    total = hashlib.sha256()
    for name, digest in files.items():
        total.update(name.encode("utf-8", "surrogateescape") + b"\0" + bytes.fromhex(digest))
    return total.hexdigest()
