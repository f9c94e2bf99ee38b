"""Benchmark and registry files that something broke: refused with a place, or accepted as they stand."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path
from typing import Any

import pytest
from mutation import HARMLESS, mutated_toml
from trial import BENCHMARK, REGISTRY, Tally, run_limited, write_project

from project import Project
from torture import PORTIONS, Soak

ROUNDS = 2000
FILES = {"bench.toml": BENCHMARK, "registry.toml": REGISTRY}
PLAN = ("plan", "bench.toml", "--format", "json")


def parsed(content: bytes) -> Any:
    try:
        return tomllib.loads(content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n"))
    except (ValueError, RecursionError):
        return None


def addresses(plan: Any) -> list[str]:
    """Return the artefacts of a plan; that of the comparison is known once the rest is there."""
    return [stage["address"] for stage in plan if stage["stage"] != "compare"]


def try_mutated(project: Project, chance: random.Random, rounds: int) -> Tally:
    """Plan with broken files; what is accepted and means something else has to plan something else."""
    write_project(project)
    expected = addresses(project.deshi(*PLAN).json)
    tally = Tally(project.folder / "faults.txt")
    for number in range(rounds):
        name = chance.choice(list(FILES))
        what, content = mutated_toml(chance, FILES[name])
        (project.folder / name).write_bytes(content)
        words = chance.choice(
            [PLAN, PLAN, PLAN, ("list",), ("explain", "student"), ("run", "bench.toml", "--quiet")]
        )
        ran = run_limited(project, *words)
        title = f"{number} {name} {what} {words[0]}"
        accepted = tally.add(title, ran, *FILES, "texts.jsonl", "answers.jsonl", "corpus 'mine'")
        if accepted and words == PLAN and ran is not None:
            same = addresses(ran.json) == expected
            meant = parsed(content)
            if meant is None:
                tally.fault(f"{title}: accepts what is no TOML")
            elif meant == parsed(FILES[name].encode()):
                if not same:
                    tally.fault(f"{title}: plans something else")
            elif same and what != "key dropped":
                tally.counts["accepted without effect"] += 1
                (project.folder / f"same-{number}.toml").write_bytes(content)
        if what in HARMLESS and not accepted:
            tally.fault(f"{title}: refused: {ran and ran.err}")
        if tally.faults and tally.faults[-1].startswith(title):
            (project.folder / f"fault-{number}.toml").write_bytes(content)
        (project.folder / name).write_text(FILES[name], encoding="utf-8")
    return tally


@pytest.mark.torture
@pytest.mark.timeout(3000)
def test_broken_settings_are_refused_with_a_place(tmp_path: Path, soak: Soak) -> None:
    tally = try_mutated(Project(tmp_path), soak.chance, ROUNDS // PORTIONS)
    assert tally.faults == []
    assert soak.total(tally.counts)["tried"] > 0


def test_a_few_broken_settings_are_refused_with_a_place(tmp_path: Path) -> None:
    assert try_mutated(Project(tmp_path), random.Random(11), 8).faults == []
