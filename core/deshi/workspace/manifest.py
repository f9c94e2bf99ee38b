"""The manifest of an artefact: what made it, from what, and what came out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import msgspec

from deshi.api import Json, UsageError
from deshi.benchmark.stage_params import (
    AnswerParams,
    CompareParams,
    FitParams,
    LabelParams,
    PredictParams,
    ScoreParams,
    SplitParams,
    ValidateParams,
)
from deshi.workspace.figures import (
    AnswerFigures,
    CompareFigures,
    FitFigures,
    LabelFigures,
    PredictFigures,
    ScoreFigures,
    SplitFigures,
    ValidateFigures,
)

MANIFEST = "manifest.json"


class _Manifest(msgspec.Struct, frozen=True, kw_only=True, tag_field="stage"):
    """What the manifests of all stages have in common.

    `content` is the hash of all that lies beside the manifest, empty in one that is older than that.
    """

    address: str
    title: str
    inputs: Mapping[str, str]
    seconds: float
    machine: Mapping[str, Json]
    content: str = ""

    def to_json(self) -> dict[str, Json]:
        """Return the content of manifest.json."""
        content: dict[str, Json] = msgspec.to_builtins(self)
        return content


class SplitManifest(_Manifest, frozen=True, kw_only=True, tag="split"):
    """What made a split."""

    params: SplitParams
    figures: SplitFigures


class LabelManifest(_Manifest, frozen=True, kw_only=True, tag="label"):
    """What made a labelling stage."""

    params: LabelParams
    figures: LabelFigures


class FitManifest(_Manifest, frozen=True, kw_only=True, tag="fit"):
    """What made a fitted student."""

    params: FitParams
    figures: FitFigures


class ValidateManifest(_Manifest, frozen=True, kw_only=True, tag="validate"):
    """What made a validation."""

    params: ValidateParams
    figures: ValidateFigures


class PredictManifest(_Manifest, frozen=True, kw_only=True, tag="predict"):
    """What made a student's answers."""

    params: PredictParams
    figures: PredictFigures


class AnswerManifest(_Manifest, frozen=True, kw_only=True, tag="answer"):
    """What made a teacher's answers."""

    params: AnswerParams
    figures: AnswerFigures


class ScoreManifest(_Manifest, frozen=True, kw_only=True, tag="score"):
    """What made a score."""

    params: ScoreParams
    figures: ScoreFigures


class CompareManifest(_Manifest, frozen=True, kw_only=True, tag="compare"):
    """What made a comparison."""

    params: CompareParams
    figures: CompareFigures


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

_DECODER = msgspec.json.Decoder(Manifest)


def read_manifest(folder: Path) -> Manifest | None:
    """Return the manifest of an artefact, None where there is none.

    Raises:
        UsageError: it cannot be read.
    """
    path = folder / MANIFEST
    try:
        manifest: Manifest = _DECODER.decode(path.read_bytes())
    except FileNotFoundError:
        return None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"is not a manifest of an artefact: {error}",
            where=str(path),
            fix=f"remove the folder {folder}: the next run writes it again",
        ) from error
    return manifest


def content_of(folder: Path) -> str:
    """Return the SHA-256 of all files of an artefact but the manifest: their paths and bytes."""
    total = hashlib.sha256()
    names = {
        path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
    }
    for name in sorted(names.keys() - {MANIFEST}):
        with names[name].open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").digest()
        total.update(name.encode("utf-8", "surrogateescape") + b"\0" + digest)
    return total.hexdigest()
