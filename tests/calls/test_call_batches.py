"""Batches: the same answers at half the price, and no batch is handed over twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time

import pytest
from faraway import FarAway

from deshi_tools.ledger_view.latency import call_seconds
from project import Project, steady


def in_batches(faraway: FarAway, **script: object) -> FarAway:
    faraway.limits = {"batch": True, "poll": 0.05}
    faraway.write(**script)
    return faraway


def test_batches_give_what_single_calls_give_for_less(tmp_path) -> None:
    tables = []
    for name in ("single", "batch"):
        (tmp_path / name).mkdir()
        faraway = FarAway(Project(tmp_path / name))
        if name == "batch":
            in_batches(faraway, polls=3)
        results = faraway.run().json
        prices = {amount for *_, amount in faraway.billed}
        assert prices == ({700} if name == "single" else {700, 350})
        faraway.check_books()
        assert faraway.spent == sum(amount for *_, amount in faraway.billed)
        for row in steady(results)["rows"]:
            del row["cost_usd"], row["usd_per_1000"]
        del results["provenance"]  # it says where limits are set
        tables.append(results)
    assert tables[0] == tables[1]


def test_a_batch_whose_name_was_lost_is_found_again(faraway: FarAway) -> None:
    in_batches(faraway, **{"lose-id": True})
    assert faraway.run().status == 0
    questions = [tuple(line[:3]) for line in faraway.billed]
    assert len(questions) == len(set(questions))
    faraway.check_books()


def test_items_that_fail_inside_a_batch_are_asked_again_or_given_up(faraway: FarAway) -> None:
    in_batches(faraway, texts={"零": ["server", "ok"], "八": ["rejected"]})
    ran = faraway.run()
    assert ran.status == 0, ran.err
    assert faraway.outcomes["server"] > 0
    dropped = ran.json["data"][1]["dropped"]
    assert dropped.get("rewriter: rejected") == faraway.outcomes["rejected"]
    faraway.check_books()


def test_a_kill_while_a_batch_is_out_pays_for_it_once(faraway: FarAway) -> None:
    in_batches(faraway, polls=1000)
    process = subprocess.Popen(
        faraway.project.command("run", "bench.toml", "--quiet"),
        cwd=faraway.project.folder,
        env=faraway.project.variables(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    folder = faraway.project.folder / "batches"
    deadline = time.monotonic() + 60
    while not list(folder.glob("*.json")) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    faraway.check_books()
    (batch,) = folder.glob("*.json")
    content = json.loads(batch.read_text(encoding="utf-8"))
    batch.write_text(json.dumps({**content, "polls": 1}), encoding="utf-8")
    faraway.write()
    assert faraway.run().status == 0
    questions = [tuple(line[:3]) for line in faraway.billed]
    assert len(questions) == len(set(questions))
    faraway.check_books()


def test_a_batch_that_cannot_be_looked_at_is_not_asked_a_second_time(faraway: FarAway) -> None:
    in_batches(faraway, collect="denied")
    for _ in range(2):
        ran = faraway.run()
        assert ran.status == 3, ran.err
        assert "denied: the script says" in ran.err
    paid = len(faraway.billed)
    faraway.write()
    assert faraway.run().status == 0
    questions = [tuple(line[:3]) for line in faraway.billed]
    assert len(questions) == len(set(questions)) > paid
    faraway.check_books()


def test_a_batch_that_failed_as_a_whole_holds_nothing_up(faraway: FarAway) -> None:
    in_batches(faraway, collect="rejected")
    ran = faraway.run()
    assert ran.status == 1
    assert "the batch failed: the script says rejected" in ran.out
    assert "batch = false" in ran.out
    assert faraway.rows("SELECT sum(reserved) FROM budget") == [(0,)]
    faraway.write()
    assert faraway.run().status == 0
    faraway.check_books()


@pytest.mark.parametrize("outcome", ["connection", "bad-body", "server"])
def test_batches_that_never_arrive_are_not_handed_over_for_ever(
    faraway: FarAway, outcome: str
) -> None:
    in_batches(faraway, submit=outcome)
    ran = faraway.run()
    assert ran.status == 3
    assert f"no more answers, last {outcome}" in ran.err
    assert faraway.rows("SELECT count(*), sum(state = 'lost') FROM batch") == [(10, 10)]
    faraway.check_books()


def test_a_batch_is_found_again_where_only_some_of_it_is_wanted_now(faraway: FarAway) -> None:
    in_batches(faraway, find="denied", **{"lose-id": True})
    assert faraway.run().status == 3
    faraway.write()
    ran = faraway.run("--set", "benchmark.train=20")
    assert ran.status == 0, ran.err
    assert faraway.rows("SELECT count(*) FROM batch WHERE state = 'lost'") == [(0,)]
    questions = [tuple(line[:3]) for line in faraway.billed]
    assert len(questions) == len(set(questions))
    faraway.check_books()


def test_a_batch_of_other_texts_is_left_to_whoever_needs_it(faraway: FarAway) -> None:
    in_batches(faraway, collect="denied")
    assert faraway.run().status == 3
    faraway.write()
    assert faraway.run("--set", "matrix.corpus=sample").status == 0
    states = "SELECT state, count(*) FROM batch GROUP BY run ORDER BY min(created)"
    assert faraway.rows(states)[0][0] == "submitted"
    assert faraway.run().status == 0
    assert {state for (state,) in faraway.rows("SELECT state FROM batch")} == {"ingested"}
    questions = [tuple(line[:3]) for line in faraway.billed]
    assert len(questions) == len(set(questions))
    faraway.check_books()


def test_the_time_of_a_call_is_not_that_of_a_batch(faraway: FarAway) -> None:
    in_batches(faraway)
    assert faraway.run().status == 0
    ((identity,),) = faraway.rows("SELECT identity FROM teacher")
    times = call_seconds(faraway.project.workspace, json.loads(identity))
    assert len(times) == len([line for line in faraway.billed if line[-1] == 700]) > 0


def test_a_batch_takes_no_more_than_the_budget_bears(faraway: FarAway) -> None:
    in_batches(faraway)
    ran = faraway.run("--budget", "0.00001")
    assert ran.status == 4
    assert faraway.spent <= 10_000
    faraway.check_books()
    assert faraway.run("--budget", "1").status == 0
    faraway.check_books()
