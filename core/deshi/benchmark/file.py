"""Read a benchmark file into settings and axes, with errors that name file, table and key."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from deshi.api import Json, UsageError, nearest
from deshi.benchmark.axes import SIZES, Axis, Choice, read_axes
from deshi.benchmark.offered import offer
from deshi.benchmark.settings import Abandon, Settings, read_abandon, read_settings
from deshi.redaction import secret_in
from deshi.registry import REGISTRY_TABLES, parse_setting, read_toml_text
from deshi.registry.settings import path_text

REQUIRED_TABLES = ("benchmark", "matrix")
"""A scale has tables for these."""
OPTIONAL_TABLES = ("abandon", "permit")
GROUP = "deshi.tables"
"""Entry points that read tables of tools: each gets path, table and labels by axis."""


@dataclass(frozen=True)
class Benchmark:
    """A benchmark file as read: its path, its settings and its axes in the order of `AXES`."""

    path: Path
    settings: Settings
    axes: Mapping[str, Axis]
    permit: Mapping[str, str] = field(default_factory=dict)
    """Notes on entries whose terms say ask or deny, by entry."""
    notes: Mapping[str, Json] = field(default_factory=dict)
    """What results keep of the tables of tools, by table."""
    abandon: Abandon | None = None
    scale: str | None = None
    sizes_key: str = f"benchmark.{SIZES}"
    """Where the training sizes are set, as `--set` names it: in [benchmark], or in [matrix]."""


def read_benchmark(path: Path, sets: Sequence[str] = (), scale: str | None = None) -> Benchmark:
    """Read a benchmark file, in a scale if one is named; `sets`, as `benchmark.seeds=3`, go over it."""
    tree = _scaled(str(path), _parse(path), scale)
    for text in sets:
        _override(tree, text)
    if at := secret_in(tree):
        what, fix = "looks like a secret", "put it in an environment variable; see docs/teachers.md"
        raise UsageError(what, where=f"{path}: {path_text(at)}", fix=fix)
    wrong = partial(UsageError, where=str(path))
    others = sorted(set(tree) - {*REQUIRED_TABLES, *OPTIONAL_TABLES})
    tools = _tools() if others else {}
    for name in others:
        if name not in tools:
            raise wrong(f"unknown table [{name}]", fix=_place_of(path, name, tree, tools))
    for table in REQUIRED_TABLES:
        if not isinstance(tree.get(table), dict):
            raise wrong(f"there is no table [{table}]", fix=f"add [{table}] to the file")
    axes = read_axes(str(path), tree["matrix"])
    settings = read_settings(str(path), _with_largest_size(path, tree["benchmark"], axes[SIZES]))
    sizes_key = f"{'matrix' if axes[SIZES] else 'benchmark'}.{SIZES}"
    axes[SIZES] = axes[SIZES] or (Choice.size(settings.train),)
    permit = _permit(path, tree.get("permit", {}))
    labels = {name: [choice.label for choice in axis] for name, axis in axes.items()}
    notes = {name: tools[name].load()(str(path), tree[name], labels) for name in others}
    abandon = None
    if (given_up := tree.get("abandon")) is not None:
        abandon = read_abandon(str(path), given_up, settings.seeds)
    return Benchmark(
        path=path,
        settings=settings,
        axes=axes,
        permit=permit,
        notes=notes,
        abandon=abandon,
        scale=scale,
        sizes_key=sizes_key,
    )


def _tools() -> dict[str, EntryPoint]:
    """Return what reads the tables of tools, by table; nobody can replace one of deshi's own."""
    found = entry_points(group=GROUP)
    own_last = sorted(
        found, key=lambda point: point.dist is not None and point.dist.name == "deshi"
    )
    return {point.name: point for point in own_last}


def _place_of(path: Path, table: str, tree: Mapping[str, Json], tools: Iterable[str]) -> str:
    """Return where an unknown table belongs, or what it may be meant to be."""
    if table not in REGISTRY_TABLES:
        return nearest(table, (*REQUIRED_TABLES, *sorted((*OPTIONAL_TABLES, *tools))))
    if not set(REQUIRED_TABLES) & set(tree):
        return f"this is a registry file, not a benchmark file; {offer(path.parent)}"
    return f"[{table}] belongs in registry.toml beside it"


def _with_largest_size(path: Path, table: Mapping[str, Json], sizes: Axis) -> Mapping[str, Json]:
    """Return `[benchmark]` with the largest size of the axis `train`, where there is such an axis."""
    wrong, value = partial(UsageError, where=f"{path}: [benchmark]"), table.get(SIZES)
    if isinstance(value, list):
        raise wrong("train is one number here", fix=f"move it: [matrix] train = {value}")
    if not sizes:
        return table
    if value is not None:
        raise wrong("train is set in [benchmark] and in [matrix]", fix="keep one of them")
    return {**table, SIZES: max(size.texts for size in sizes)}


def _permit(path: Path, table: Json) -> dict[str, str]:
    wrong = partial(UsageError, where=f"{path}: [permit]")
    if not isinstance(table, dict):
        raise wrong("is not a table", fix='write an entry\'s name = "why"')
    for name, note in table.items():
        if not isinstance(note, str) or not note.strip():
            raise wrong(f"'{name}' has no note", fix=f'write {name} = "what it is used for"')
    return table


def _parse(path: Path) -> dict[str, Json]:
    wrong = partial(UsageError, where=str(path))
    try:
        return tomllib.loads(read_toml_text(path, str(path)))
    except FileNotFoundError:
        raise wrong("no such file", fix=offer(path)) from None
    except tomllib.TOMLDecodeError as error:
        fix = "see https://toml.io for the syntax"
        raise wrong(f"not a TOML file: {error}", fix=fix) from None
    except OSError as error:
        raise wrong(f"cannot be read: {error.strerror}", fix=offer(path)) from None


def _override(tree: dict[str, Json], text: str) -> None:
    setting = parse_setting(text)
    *tables, key = setting.path
    for table in tables:
        tree = tree.setdefault(table, {})
        if not isinstance(tree, dict):
            raise UsageError(f"'{table}' is not a table", where=f"--set {text}")
    tree[key] = setting.value


def _scaled(path: str, tree: Mapping[str, Json], name: str | None) -> dict[str, Json]:
    """Return a benchmark file's content in the scale of this name, without the scales.

    A scale is the same benchmark in another size, or with what is at hand in place of what is not:

    [scale.small.benchmark]
    train = 300

    [scale.small.matrix]
    teacher = "lexicon"

    `--scale small` puts each key over the one of the same name; all others stay. Without `--scale` the
    tables are not read.
    """
    scales = tree.get("scale", {})
    rest = {key: value for key, value in tree.items() if key != "scale"}
    if not isinstance(scales, dict):
        fix = "write [scale.NAME.matrix]"
        raise UsageError("must be a table", where=f"{path}: [scale]", fix=fix)
    for scale, tables in scales.items():
        _check_scale(path, scale, tables)
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


def _check_scale(path: str, scale: str, tables: Json) -> None:
    where = f"{path}: [scale.{scale}]"
    if not isinstance(tables, dict):
        raise UsageError("must be a table", where=where, fix=f"write [scale.{scale}.matrix]")
    for table, values in tables.items():
        if table not in REQUIRED_TABLES or not isinstance(values, dict):
            fix = f"it has {' and '.join(REQUIRED_TABLES)}"
            raise UsageError(f"'{table}' cannot be scaled", where=where, fix=fix)
