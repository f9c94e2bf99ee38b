"""Read a table of a benchmark file into a dataclass, with errors that name the key."""

from __future__ import annotations

import dataclasses
from typing import TypeVar

import msgspec

from deshi.api import Json, UsageError, nearest

T = TypeVar("T")


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
