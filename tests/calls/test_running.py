"""A teacher that is far away, asked by `deshi run`: what comes of each fault, and what it costs."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from faraway import FarAway

from deshi.api import Request
from deshi.labelling.ledger import request_key
from project import BENCHMARK, Project

WORST, PRICE = 2000, 700


def questions(faraway: FarAway) -> list[tuple[object, ...]]:
    return [tuple(line[:3]) for line in faraway.billed]


def test_every_answer_is_paid_once_and_the_books_agree_with_the_servers(faraway: FarAway) -> None:
    ran = faraway.run()
    assert ran.status == 0, ran.err
    assert faraway.outcomes == {"ok": len(faraway.billed)}
    assert faraway.spent == PRICE * len(faraway.billed)
    faraway.check_books()
    row = ran.json["rows"][0]
    assert row["cost_usd"] == pytest.approx(faraway.spent / 1e9)
    assert row["usd_per_1000"] == pytest.approx(faraway.spent / 1e9 / 48 * 1000)


def test_an_empty_answer_is_asked_for_once_more_and_both_are_paid(faraway: FarAway) -> None:
    faraway.write(texts={"零": ["empty", "ok"], "九": ["empty", "empty"]})
    ran = faraway.run()
    assert ran.status == 0, ran.err
    assert ran.json["data"][1]["dropped"]["rewriter: empty"] > 0
    assert faraway.spent == PRICE * len(faraway.billed)
    faraway.check_books()


@pytest.mark.parametrize(
    ("outcome", "says"), [("denied", "check its key"), ("spent", "add credit with the provider")]
)
def test_what_no_request_can_mend_stops_the_run_and_loses_nothing(
    faraway: FarAway, outcome: str, says: str
) -> None:
    faraway.write(texts={"零零": [outcome]})
    ran = faraway.run()
    assert ran.status == 3
    assert says in ran.err
    assert "teacher 'scripted'" in ran.err
    faraway.check_books()
    paid = len(faraway.billed)
    faraway.write()
    assert faraway.run().status == 0
    assert len(questions(faraway)) == len(set(questions(faraway))) > paid


def test_an_hour_of_retry_after_stops_the_run_instead_of_hanging(faraway: FarAway) -> None:
    faraway.write(texts={"零零": ["throttled"]}, **{"retry-after": 3600})
    ran = faraway.run()
    assert ran.status == 3
    assert "asks to wait 60 minutes" in ran.err
    assert "every answer received is kept" in ran.err
    faraway.check_books()


def test_an_outage_stops_the_run_instead_of_dropping_every_text(faraway: FarAway) -> None:
    faraway.write(rates={"rejected": 1.0})
    ran = faraway.run()
    assert ran.status == 3
    assert "no more answers, last rejected" in ran.err
    assert faraway.outcomes["rejected"] < 40


def test_a_budget_is_never_exceeded_at_64_in_flight_and_the_run_goes_on_when_it_is_raised(
    faraway: FarAway,
) -> None:
    faraway.limits = {"concurrency": 64}
    faraway.write(rates={"bad-body": 0.1}, latency=0.02)
    cap = 40_000
    ran = faraway.run("--budget", str(cap / 1e9))
    assert ran.status == 4
    assert "the budget of this run is reached" in ran.err
    assert "raise --budget" in ran.err
    assert cap - WORST < faraway.spent <= cap
    faraway.check_books()
    again = faraway.run("--budget", str(cap / 1e9))
    assert again.status == 4
    assert faraway.spent <= cap
    raised = faraway.run("--budget", "1")
    assert raised.status == 0, raised.err
    asked = faraway.rows("SELECT count(*) FROM attempt WHERE outcome = 'ok' GROUP BY request")
    assert set(asked) == {(1,)}
    faraway.check_books()


def test_an_entry_has_a_budget_of_its_own_over_all_runs(faraway: FarAway) -> None:
    faraway.limits = {"usd": 0.00004}
    faraway.write()
    ran = faraway.run()
    assert ran.status == 4
    assert "raise usd in [teacher.scripted.limits]" in ran.err
    other = faraway.run("--set", "benchmark.train=31")
    assert other.status == 4
    assert faraway.spent <= 40_000
    faraway.check_books()


def test_a_limit_that_is_misspelt_is_refused_before_anything_is_spent(faraway: FarAway) -> None:
    ran = faraway.run("--set", "teacher.scripted.limits.uds=1")
    assert ran.status == 2
    assert "did you mean 'usd'?" in ran.err


@pytest.mark.parametrize("amount", ["nan", "inf", "-1", "much"])
def test_a_budget_that_is_no_amount_is_refused(faraway: FarAway, amount: str) -> None:
    ran = faraway.run("--budget", amount)
    assert ran.status == 2
    assert "--budget" in ran.err
    faraway.limits = {"usd": 1}
    faraway.write()
    registry = faraway.project.folder / "registry.toml"
    text = registry.read_text(encoding="utf-8")
    registry.write_text(text.replace("usd = 1", f"usd = {amount}"), encoding="utf-8")
    assert faraway.run().status == 2
    assert faraway.billed == []


def test_machine_settings_reuse_every_answer(faraway: FarAway) -> None:
    assert faraway.run().status == 0
    paid = len(faraway.billed)
    settings = ("limits.concurrency=3", "limits.timeout=9", "limits.usd=1", "env.threads=2")
    words = [word for one in settings for word in ("--set", f"teacher.scripted.{one}")]
    ran = faraway.run(*words, "--set", "benchmark.near-test=0.71")
    assert ran.status == 0
    assert len(faraway.billed) == paid
    books = faraway.project.deshi("ledger", "--format", "json").json
    saved = [line["saved, USD"] for line in books if line["by"] == "teacher"]
    assert float(saved[0]) == pytest.approx(faraway.spent / 1e9, rel=0.01)


@pytest.mark.parametrize("change", ["sample", "task", "text", "prompt", "identity", "references"])
def test_whatever_can_change_an_answer_is_in_its_key(change: str) -> None:
    identity = {"component": "c", "revision": 1, "params": {"model": "a", "api-version": "1"}}
    request = Request(task="label", text="犬", prompt={"label": "絵文字"})
    changed: dict[str, Any] = {
        "sample": {"sample": 1},
        "task": {"task": "rewrite"},
        "text": {"text": "猫"},
        "prompt": {"prompt": {"label": "絵文字だけ"}},
        "references": {"references": (("😀",),)},
    }
    other = {**identity, "params": {"model": "a", "api-version": "2"}}
    key = request_key(identity, request)
    if change == "identity":
        assert request_key(other, request) != key
    else:
        assert request_key(identity, replace(request, **changed[change])) != key


def test_another_endpoint_reuses_none(faraway: FarAway) -> None:
    assert faraway.run().status == 0
    paid = len(faraway.billed)
    ran = faraway.run("--set", "teacher.scripted.params.url=http://127.0.0.1:9/v1")
    assert len(faraway.billed) == 2 * paid
    assert all(row["loopback"] for row in ran.json["rows"] if row["status"] == "ok")
    shown = faraway.project.deshi("show", "latest", "--notes").out
    assert "come from a server on this machine" in shown


def test_what_a_teacher_raises_is_charged_at_its_worst_and_fails_its_cells_alone(
    faraway: FarAway,
) -> None:
    faraway.write(texts={"零零": ["crash"]})
    ran = faraway.run()
    assert ran.status == 1
    assert "RuntimeError: no luck" in ran.json["rows"][0]["reason"]
    assert faraway.rows("SELECT cost FROM attempt WHERE outcome = 'unknown'")[0] == (WORST,)
    faraway.check_books()


def test_offline_teachers_keep_no_attempts_and_pay_nothing(project: Project) -> None:
    project.write(BENCHMARK)
    assert project.deshi("run", "bench.toml", "--quiet").status == 0
    books = project.deshi("ledger", "--format", "json").json
    assert {line["USD"] for line in books} == {"0.00"}
    assert {line["attempts"] for line in books} == {0}


def test_a_ledger_travels_to_another_workspace_and_is_not_paid_again(faraway: FarAway) -> None:
    project = faraway.project
    first = faraway.run().json
    paid = len(faraway.billed)
    assert project.deshi("ledger", "export", "answers.jsonl").status == 0
    assert project.deshi("ledger", "--workspace", "other", "import", "answers.jsonl").status == 0
    again = project.deshi("ledger", "--workspace", "other", "import", "answers.jsonl")
    assert "0 answers imported" in again.err
    second = faraway.run("--workspace", "other").json
    assert len(faraway.billed) == paid
    assert second["rows"][0]["cost_usd"] == first["rows"][0]["cost_usd"]
    line_of_the_other = (project.folder / "answers.jsonl").read_text("utf-8").splitlines()[0]
    (project.folder / "answers.jsonl").write_text('{"key": 1}\n', encoding="utf-8")
    broken = project.deshi("ledger", "import", "answers.jsonl")
    assert broken.status == 2
    assert "answers.jsonl:1" in broken.err
    line = json.loads(line_of_the_other)
    dear = json.dumps({**line, "key": "0" * 32, "cost_nano_usd": 2**63})
    (project.folder / "answers.jsonl").write_text(dear, encoding="utf-8")
    broken = project.deshi("ledger", "import", "answers.jsonl")
    assert (broken.status, "cost is wrong" in broken.err) == (2, True)


def test_an_export_that_fails_leaves_the_earlier_one(project: Project) -> None:
    earlier = project.folder / "answers.jsonl"
    earlier.write_text("paid\n", encoding="utf-8")
    ran = project.deshi("ledger", "export", "answers.jsonl")
    assert ran.status == 2
    assert "there is no ledger yet" in ran.err
    assert earlier.read_text(encoding="utf-8") == "paid\n"
    assert [path.name for path in project.folder.glob("*answers*")] == ["answers.jsonl"]


def test_a_plan_tells_the_worst_cost_and_what_is_paid_already(faraway: FarAway) -> None:
    project = faraway.project
    before = project.deshi("plan", "bench.toml", "--format", "json").json
    label = next(line for line in before if line["stage"] == "label")
    assert label["requests at most"] == 2 * (60 + 6 + 12)
    assert float(label["USD at most"]) == pytest.approx(156 * WORST / 1e9)
    assert [line["what"] for line in before if line["stage"] == "cell"]
    faraway.write(texts={"零零": ["denied"]})
    faraway.run()
    stopped = project.deshi("plan", "bench.toml", "--format", "json").json
    left = next(line for line in stopped if line["stage"] == "label")
    done = faraway.rows("SELECT count(*) FROM request WHERE state = 'done'")[0][0]
    assert left["in the ledger"] == done > 0
    assert float(left["USD at most"]) == pytest.approx(left["requests at most"] * WORST / 1e9)
    assert not faraway.billed[done:]
