"""Rows that are hopeless on the validation texts get no further training runs."""

from __future__ import annotations

import random
import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deshi.benchmark.settings import Abandon
from deshi.engine.pruning import rows_to_abandon
from project import BENCHMARK, Project, Ran, steady

RULE = Abandon()
SWEPT = """
[benchmark]
train = 600
valid = 150
test = 60
seeds = 3
metrics = ["jaccard"]
baselines = ["constant"]
collapse = []
resamples = 200

[matrix]
corpus = "sample"
chain = "seed"
rewriter = "none"
teacher = "lexicon"
student = ["linear", { use = "linear", learning-rate = 1e-9 }]
loss = "bce"
"""
GOOD, BAD = "linear", "linear(learning-rate=1e-09)"


def values(mean, n=40, spread=0.05, seed=0):
    chance = random.Random(seed)
    return {f"d{at}": mean + spread * (chance.random() - 0.5) for at in range(n)}


def test_what_is_clearly_worse_than_the_best_is_hopeless_and_what_may_be_as_good_is_not():
    rows = {
        "best": values(0.5),
        "near": values(0.499, spread=0.2, seed=1),
        "far": values(0.3, seed=2),
    }
    found = rows_to_abandon(rows, RULE, higher=True)
    assert set(found) == {"far"}
    assert found["far"].best == "best"
    assert found["far"].documents == 40
    assert found["far"].difference == pytest.approx(-0.2, abs=0.02)


def test_where_lower_is_better_the_higher_row_is_hopeless():
    rows = {"low": values(0.2), "high": values(0.5, seed=1)}
    assert set(rows_to_abandon(rows, RULE, higher=False)) == {"high"}


def test_a_margin_spares_rows_that_are_worse_by_less():
    rows = {"best": values(0.5), "near": values(0.48, spread=0.01, seed=1)}
    assert set(rows_to_abandon(rows, RULE, higher=True)) == {"near"}
    assert rows_to_abandon(rows, Abandon(margin=0.05), higher=True) == {}


def test_a_row_without_documents_is_neither_best_nor_hopeless():
    assert rows_to_abandon({"best": values(0.5), "none": {}}, RULE, higher=True) == {}
    assert rows_to_abandon({}, RULE, higher=True) == {}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_the_best_is_never_given_up_and_the_order_of_rows_does_not_matter(means, chance):
    rows = {f"r{at}": values(mean, n=12, seed=at) for at, mean in enumerate(means)}
    shuffled = list(rows.items())
    chance.shuffle(shuffled)
    found = rows_to_abandon(rows, RULE, higher=True)
    assert found == rows_to_abandon(dict(shuffled), RULE, higher=True)
    best = max(rows, key=lambda name: sum(rows[name].values()))
    assert best not in found


def fits(ran: Ran) -> dict[str, int]:
    """Return how many trainings of each row a run made, by what it says on stderr."""
    made = re.findall(r"fit lexicon/(\S+)/bce seed \d: made", ran.err)
    return dict(Counter(made))


def students(ran: Ran) -> dict[str, Any]:
    return {row["cell"]["student"]: row for row in ran.json["rows"] if not row["baseline"]}


@pytest.mark.slow
def test_a_hopeless_row_is_trained_once_and_run_again_all_is_there(project: Project):
    project.write(SWEPT + "\n[abandon]\n")
    ran = project.deshi("run", "bench.toml", "--format", "json")
    assert fits(ran) == {GOOD: 3, BAD: 1}
    rows = students(ran)
    assert (rows[GOOD]["status"], rows[GOOD]["seeds"]) == ("ok", 3)
    assert rows[BAD]["status"] == "n/a"
    assert re.fullmatch(
        r"abandoned after 1 training run of 3: on \d+ validation documents its jaccard differs by "
        rf"-0\.\d+ from lexicon/{re.escape(GOOD)}/bce",
        rows[BAD]["reason"],
    )
    again = project.deshi("run", "bench.toml", "--format", "json")
    assert fits(again) == {}
    assert steady(again.json) == steady(ran.json)
    project.write(SWEPT)
    whole = project.deshi("run", "bench.toml", "--format", "json")
    assert fits(whole) == {BAD: 2}
    assert {row["status"] for row in students(whole).values()} == {"ok"}
    assert whole.json["run"] != ran.json["run"]


@pytest.mark.parametrize("after", [1, 2])
def test_only_the_runs_before_the_decision_are_looked_at_on_validation(project, after):
    project.write(BENCHMARK + f"\n[abandon]\nafter = {after}\n")
    ran = project.deshi("plan", "bench.toml", "--format", "json", "--set", "benchmark.seeds=3")
    assert ran.status == 0, ran.err
    looked = [line["what"] for line in ran.json if line["stage"] == "validate"]
    rows = [
        f"{t}/memory/{loss}" for t in ("counter", "counter-two") for loss in ("nothing", "less")
    ]
    assert sorted(looked) == sorted(
        f"validate {row} seed {seed}" for row in rows for seed in range(after)
    )


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("after = 4", "after = 4 leaves no run to save; it must be below the number of seeds"),
        ("afterr = 1", "unknown key 'afterr'; did you mean 'after'?"),
        ("p = 2", "p: Expected `float` < 1.0"),
    ],
)
def test_what_is_wrong_with_the_table_is_told_before_anything_runs(project, table, message):
    project.write(SWEPT + f"\n[abandon]\n{table}\n")
    ran = project.deshi("run", "bench.toml")
    assert ran.status == 2
    assert "[abandon]" in ran.err
    assert message in ran.err
    assert project.work_done() == []
