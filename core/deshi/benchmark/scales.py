"""`[scale.NAME]`: the same benchmark in another size, or with what is at hand in place of what is not.

    [scale.small.benchmark]
    train = 300

    [scale.small.matrix]
    teacher = "lexicon"

`--scale small` puts each key over the one of the same name; all others stay. Without `--scale` the
tables are not read.
"""

from __future__ import annotations

from collections.abc import Mapping

from deshi.api import Json, UsageError, nearest

TABLE = "scale"
SCALED = ("benchmark", "matrix")


def scaled(path: str, tree: Mapping[str, Json], name: str | None) -> dict[str, Json]:
    """Return a benchmark file's content in the scale of this name, without the scales."""
    scales = tree.get(TABLE, {})
    rest = {key: value for key, value in tree.items() if key != TABLE}
    if not isinstance(scales, dict):
        fix = "write [scale.NAME.matrix]"
        raise UsageError("must be a table", where=f"{path}: [scale]", fix=fix)
    for scale, tables in scales.items():
        _check(path, scale, tables)
    if name is None:
        return rest
    if name not in scales:
        raise UsageError(f"no scale '{name}'", where=f"--scale, {path}", fix=nearest(name, scales))
    for table, values in scales[name].items():
        rest[table] = {**rest.get(table, {}), **values}
        # `train` is a key of one table or the other: a scale may move it.
        if table == "matrix" and "train" in values and isinstance(rest.get("benchmark"), dict):
            rest["benchmark"] = {k: v for k, v in rest["benchmark"].items() if k != "train"}
    return rest


def _check(path: str, scale: str, tables: Json) -> None:
    where = f"{path}: [scale.{scale}]"
    if not isinstance(tables, dict):
        raise UsageError("must be a table", where=where, fix=f"write [scale.{scale}.matrix]")
    for table, values in tables.items():
        if table not in SCALED or not isinstance(values, dict):
            fix = f"it has {' and '.join(SCALED)}"
            raise UsageError(f"'{table}' cannot be scaled", where=where, fix=fix)
