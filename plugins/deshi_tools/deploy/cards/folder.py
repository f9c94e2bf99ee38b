"""Write what is published: `model/` with the fitted student, `data/` with its pairs, a card in each."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from deshi.api import UsageError
from deshi.registry import members
from deshi.workspace.store import write_json
from deshi_tools.deploy.cards.data import PARTS, DataCard
from deshi_tools.deploy.cards.model import Card
from deshi_tools.deploy.cards.terms import WITHOUT_PAIRS, WITHOUT_TEXTS, check_terms
from deshi_tools.deploy.find_student import FOLDER_MANIFEST
from deshi_tools.deploy.kept_texts import keeps_texts

if TYPE_CHECKING:
    from deshi.api import Json
    from deshi.benchmark.part import Part
    from deshi.runs.fitted_student import FittedStudent
    from deshi.runs.saved_run import SavedRow, SavedRun

SCHEMA = 1
CARD = "README.md"
Form = Literal["parquet", "jsonl"]

_EMOJIS = pa.list_(pa.string())
_PAIRS = pa.schema(
    [
        *((name, pa.string()) for name in ("id", "document", "source", "text")),
        ("emoji", _EMOJIS),
        ("samples", pa.list_(_EMOJIS)),
    ]
)


@dataclass(frozen=True)
class Publication:
    """One fitted student of a row, and how it is given away.

    `model` and `data` are how others will find the two, folders or repositories; `data` is empty where
    the pairs stay here. `form` is what pairs are written as.
    """

    run: SavedRun
    row: SavedRow
    fitted: FittedStudent
    model: str
    data: str = ""
    note: str = ""
    form: Form = "parquet"
    on_hub: bool = False

    def write(self, folder: Path) -> None:
        """Write `model/` and, unless the pairs stay here, `data/` into a folder.

        Raises:
            UsageError: the terms of a source do not allow it and there is no note, or the folder has
                something of these names in it that `deshi publish` did not write.
        """
        results, row = self.run.results, self.row.result
        check_terms(results, row, "train_models", self.note)
        if self.keeps_texts:
            check_terms(results, row, "redistribute", self.note, WITHOUT_TEXTS)
        if self.data:
            check_terms(results, row, "redistribute", self.note, WITHOUT_PAIRS)
        self._write_model(_emptied(folder / "model", FOLDER_MANIFEST))
        if self.data:
            self._write_data(_emptied(folder / "data", CARD))

    @cached_property
    def keeps_texts(self) -> bool:
        """Whether the model holds texts that it learned from."""
        return keeps_texts(self.run, self.row, self.fitted)

    def _write_model(self, folder: Path) -> None:
        shutil.copytree(self.fitted.folder, folder, dirs_exist_ok=True)
        _describe_members(folder, portable(self.fitted.part).members)
        taken = [name for name in (FOLDER_MANIFEST, CARD) if (folder / name).exists()]
        if taken:
            raise UsageError(
                f"the student saves a file {taken[0]}",
                where=self.fitted.name,
                fix="its `save` must call it otherwise",
            )
        write_json(folder / FOLDER_MANIFEST, manifest(self.run, self.row, self.fitted))
        card = Card(
            run=self.run,
            row=self.row,
            fitted=self.fitted,
            place=self.model,
            data=self.data,
            note=self.note,
            on_hub=self.on_hub,
            keeps_texts=self.keeps_texts,
            transformers=(folder / "config.json").is_file(),
        )
        (folder / CARD).write_text(card.text(), encoding="utf-8")

    def _write_data(self, folder: Path) -> None:
        found = self.run.pairs(self.row)
        pairs = {part: found[part] for part in PARTS if part in found}
        (folder / "data").mkdir()
        for part, rows in pairs.items():
            path = folder / "data" / f"{part}.{self.form}"
            if self.form == "parquet":
                pq.write_table(pa.Table.from_pylist(rows, schema=_PAIRS), path, compression="zstd")
            else:
                lines = (json.dumps(row, ensure_ascii=False) for row in rows)
                path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        card = DataCard(self.run, self.row, pairs, self.form, self.note)
        (folder / CARD).write_text(card.text(), encoding="utf-8")


def manifest(run: SavedRun, row: SavedRow, fitted: FittedStudent) -> dict[str, Json]:
    """Return what `deshi predict` needs to answer from a folder, and what tells where it came from."""
    made = run.results.provenance
    return {
        "schema": SCHEMA,
        "student": msgspec.to_builtins(portable(fitted.part)),
        "seed": fitted.seed,
        "form": fitted.form,
        "run": run.name,
        "row": row.result.id,
        "cell": dict(row.result.cell),
        "deshi": made["deshi"],
        "libraries": dict(made["libraries"]),
    }


def portable(part: Part) -> Part:
    """Return the part of a plan that describes a student, without what holds for one machine alone.

    Where a parameter is a path, the identity has the hash of what it names; of such a path only the
    last piece stays.
    """
    identity = part.identity.params
    params = {
        key: Path(value).name if isinstance(value, str) and identity.get(key) != value else value
        for key, value in part.params.items()
    }
    combined = {name: portable(member) for name, member in part.members.items()}
    return msgspec.structs.replace(part, params=params, env={}, limits={}, members=combined)


def _describe_members(folder: Path, parts: Mapping[str, Part]) -> None:
    """Write what the members in a folder are made of without what holds for this machine alone."""
    if parts:
        members.describe(folder, parts)
    for name, part in parts.items():
        _describe_members(members.folder_of(folder, name), part.members)


def _emptied(folder: Path, mark: str) -> Path:
    """Return an empty folder; what an earlier publication wrote there goes."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / mark).is_file():
            raise UsageError("is not empty", where=str(folder), fix="name another folder with --to")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
