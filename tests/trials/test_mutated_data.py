"""Corpora, answers, scores, tags and ratings that something broke: refused with a place, or read."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from mutation import HARMLESS, mutated_rows
from trial import Tally, lines, run_limited, texts, write_project

from project import Project, steady
from torture import PORTIONS, Soak

ROUNDS = 1000
RUN = ("run", "bench.toml", "--quiet", "--format", "json", "--workspace", "space")
INPUTS = ("texts", "answers", "gold", "predicted", "tags", "rating", "input")
FORMS = ("jsonl", "jsonl", "csv", "parquet")


def as_form(rows: Sequence[dict[str, str]], keys: Sequence[str], form: str) -> bytes:
    """Return rows as a file of a format."""
    if form == "jsonl":
        return lines(list(rows), *keys)
    if form == "csv":
        out = io.StringIO()
        writer = csv.DictWriter(out, keys, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return out.getvalue().encode()
    sink = io.BytesIO()
    pq.write_table(pa.table({key: [row[key] for row in rows] for key in keys}), sink)
    return sink.getvalue()


def words_for(kind: str, name: str) -> tuple[str, ...]:
    """Return a command that reads a file of a kind."""
    return {
        "texts": (*RUN, "--set", f"corpus.mine.params.path={name}"),
        "answers": (*RUN, "--set", f"teacher.said.params.path={name}"),
        "gold": ("score", "--gold", name, "--predicted", "gold.jsonl", "--format", "json"),
        "predicted": ("score", "--gold", "gold.jsonl", "--predicted", name, "--format", "json"),
        "tags": ("errors", "--tags", name, "--format", "json"),
        "rating": ("agree", "rating.jsonl", name, "--format", "json"),
        "input": ("predict", "latest/knn", "--input", name),
    }[kind]


def sources(project: Project) -> dict[str, tuple[list[dict[str, str]], tuple[str, ...]]]:
    rows = texts()
    tagged = project.folder / "tags.jsonl"
    ran = project.deshi("errors", "--export", str(tagged))
    assert ran.status == 0, ran.err
    tags = [json.loads(line) for line in tagged.read_text(encoding="utf-8").splitlines()]
    rated = [{"id": row["id"], "rating": str(at % 3 + 1)} for at, row in enumerate(rows[:30])]
    found = {
        "texts": (rows, ("id", "text", "thread")), "answers": (rows, ("text", "emoji")),
        "gold": (rows[:30], ("id", "emoji")), "predicted": (rows[:30], ("id", "emoji")),
        "tags": (tags, ("id", "tags")), "rating": (rated, ("id", "rating")), "input": (rows[:20], ("id", "text")),
    }  # fmt: skip
    for kind in ("gold", "rating"):
        (project.folder / f"{kind}.jsonl").write_bytes(lines(*[found[kind][0]], *found[kind][1]))
    return found


def try_mutated(project: Project, chance: random.Random, rounds: int) -> Tally:
    write_project(project)
    ran = project.deshi("run", "bench.toml", "--quiet")
    assert ran.status == 0, ran.err
    there, tally = sources(project), Tally(project.folder / "faults.txt")
    calm: dict[tuple[str, str], object] = {}
    for number in range(rounds):
        kind = chance.choice(INPUTS)
        form = chance.choice(FORMS) if kind in ("texts", "answers") else "jsonl"
        rows, keys = there[kind]
        content = as_form(rows, keys, form)
        what, broken = mutated_rows(chance, content, form)
        name = f"{number}.{form}"
        (project.folder / name).write_bytes(broken)
        ran = run_limited(project, *words_for(kind, name))
        title = f"{number} {kind} {form} {what}"
        places = (
            ("corpus 'mine'", "bench.toml: [benchmark]") if kind in ("texts", "answers") else ()
        )
        accepted = tally.add(title, ran, name, *places)
        if accepted and what in HARMLESS and ran is not None:
            if (kind, form) not in calm:
                (project.folder / f"calm.{form}").write_bytes(content)
                calm[kind, form] = figures(project.deshi(*words_for(kind, f"calm.{form}")).out)
            if figures(ran.out) != calm[kind, form]:
                tally.fault(f"{title}: other results")
        if what in HARMLESS and not accepted:
            tally.fault(f"{title}: refused: {ran and ran.err[-400:]}")
        if not (tally.faults and tally.faults[-1].startswith(f"{number} ")):
            (project.folder / name).unlink()
    return tally


def figures(out: str) -> object:
    """Return what a command found, without what names its files, times and artefacts."""
    if not out.startswith("{") or '"rows"' not in out[:100_000]:
        return out.replace(".jsonl", "")
    try:
        found = json.loads(out)
    except ValueError:
        return out
    if "rows" not in found or "comparisons" not in found:
        return found
    return [(row["id"], row["metrics"]) for row in steady(found)["rows"]]


@pytest.mark.torture
@pytest.mark.timeout(3000)
def test_broken_data_is_refused_with_a_place(tmp_path: Path, soak: Soak) -> None:
    tally = try_mutated(Project(tmp_path), soak.chance, ROUNDS // PORTIONS)
    assert tally.faults == []
    assert soak.total(tally.counts)["tried"] > 0


def test_a_few_broken_files_of_data_are_refused_with_a_place(tmp_path: Path) -> None:
    assert try_mutated(Project(tmp_path), random.Random(3), 6).faults == []
