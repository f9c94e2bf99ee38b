"""`kill -9` and Ctrl-C at any moment: nothing finished is paid twice, and the books add up."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time

import pytest
from faraway import FarAway

from deshi.labelling.ledger import Ledger
from project import Project
from torture import Soak

STORM = {"throttled": 0.05, "overloaded": 0.03, "bad-body": 0.02}
IN_FLIGHT = 16


def started(faraway: FarAway, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        faraway.project.command("run", "bench.toml", "--quiet", *words),
        cwd=faraway.project.folder,
        env=faraway.project.variables(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for_answers(faraway: FarAway, process: subprocess.Popen[str], more: int) -> bool:
    """Wait until the server has finished so many more answers; say whether the run still goes on."""
    wanted = len(faraway.billed) + more
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        if len(faraway.billed) >= wanted:
            return True
        time.sleep(0.005)
    return False


def killed(faraway: FarAway, chance: random.Random) -> bool:
    process = started(faraway)
    hit = wait_for_answers(faraway, process, chance.randint(1, 25))
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return hit


def check_kills(faraway: FarAway, chance: random.Random, rounds: int, size: int) -> None:
    faraway.limits = {"concurrency": IN_FLIGHT}
    faraway.write(rates=STORM, latency=0.05, **{"retry-after": 0.05})
    text = (faraway.project.folder / "bench.toml").read_text(encoding="utf-8")
    faraway.project.write(text.replace("train = 30", f"train = {size}"))
    hits = 0
    for _ in range(rounds):
        done = {key for (key,) in faraway.rows("SELECT key FROM request WHERE state = 'done'")} if hits else set()  # fmt: skip
        hits += killed(faraway, chance)
        faraway.check_books()
        query = "SELECT request, max(started) FROM attempt WHERE outcome = 'ok' GROUP BY request HAVING count(*) > 1"
        assert faraway.rows(query) == [], "a finished answer was paid again"
        still = {key for (key,) in faraway.rows("SELECT key FROM request WHERE state = 'done'")}
        assert done <= still
    assert hits, "no kill hit a run at work"
    ran = faraway.run()
    assert ran.status == 0, ran.err
    faraway.check_books()
    unknown, lost = (faraway.outcomes.get(name, 0) for name in ("unknown", "bad-body"))
    answered = faraway.rows("SELECT count(*) FROM request WHERE state = 'done'")[0][0]
    extra = len(faraway.billed) - answered - lost
    assert 0 <= extra <= unknown <= hits * IN_FLIGHT
    booked = answered * 700 + (unknown + lost) * 2000
    assert faraway.spent == booked


def test_three_kills_pay_for_no_answer_twice(faraway: FarAway) -> None:
    check_kills(faraway, random.Random(3), 3, 30)


@pytest.mark.torture
def test_five_kills_in_a_storm_pay_for_no_answer_twice(faraway: FarAway, soak: Soak) -> None:
    check_kills(faraway, soak.chance, 5, 100)


@pytest.mark.parametrize("words", [(), ("--workers", "2")], ids=["alone", "in-a-pool"])
def test_the_first_ctrl_c_lets_what_is_in_flight_come_in(
    faraway: FarAway, words: tuple[str, ...]
) -> None:
    faraway.limits = {"concurrency": 4}  # it takes seconds: it is not over when the signal comes
    faraway.write(latency=0.4)
    process = started(faraway, *words)
    assert wait_for_answers(faraway, process, 3)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "run the same command again" in err
    assert set(faraway.outcomes) == {"ok"}
    assert faraway.outcomes["ok"] == len(faraway.billed)
    faraway.check_books()
    faraway.write()
    assert faraway.run().status == 0
    questions = [tuple(line[:3]) for line in faraway.billed]
    assert len(questions) == len(set(questions))


def test_the_second_ctrl_c_stops_at_once_at_the_worst_charge(faraway: FarAway) -> None:
    faraway.write(latency=40.0)
    process = started(faraway)
    deadline = time.monotonic() + 60
    while not (faraway.project.workspace / "ledger.sqlite").exists() or not flying(faraway):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    for pause in (0.5, 0.8):  # within a second of the first it is the same one
        process.send_signal(signal.SIGINT)
        time.sleep(pause)
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130, err
    assert faraway.outcomes == {"unknown": faraway.spent // 2000}
    assert faraway.spent > 0
    faraway.check_books()


def flying(faraway: FarAway) -> int:
    try:
        return int(faraway.rows("SELECT count(*) FROM request WHERE state = 'inflight'")[0][0])
    except Exception:  # noqa: BLE001  (the tables are being made)
        return 0


def test_a_second_process_waits_for_the_ledger_and_says_so(faraway: FarAway) -> None:
    faraway.project.workspace.mkdir()
    with Ledger(faraway.project.workspace):
        process = started(faraway)
        assert process.stderr is not None
        line = process.stderr.readline()
        assert "the ledger is in use; waiting for it" in line
        assert faraway.billed == []
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    faraway.check_books()


def test_a_canary_key_is_written_nowhere(project: Project) -> None:
    canary = "canary-7f3a9c1e5b"
    faraway = FarAway(project, "keyed")
    faraway.write(texts={"零零": ["rejected"], "九": ["crash"]})
    words = ("--debug", "--workers", "2")
    ran = faraway.run(*words, DESHI_TOY_KEY=canary)
    assert ran.status == 1
    assert "***" in ran.out
    faraway.write(texts={"零零": ["rejected"], "九": ["denied"]})
    denied = [faraway.run(*more, DESHI_TOY_KEY=canary) for more in ((), ("--debug",))]
    assert denied[0].status == 3
    for ended in (ran, *denied):
        assert "***" in ended.out + ended.err
        assert canary not in ended.out + ended.err
    for path in project.folder.rglob("*"):
        if path.is_file():
            assert canary.encode() not in path.read_bytes(), path


def test_a_member_that_cannot_be_made_keeps_its_key_to_itself(project: Project) -> None:
    canary = "canary-2b8d4f6a1c"
    faraway = FarAway(project, "keyed")
    faraway.write(**{"crashes-at-once": True})
    text = (project.folder / "bench.toml").read_text(encoding="utf-8")
    project.write(text.replace('"keyed"', '"both"').replace('"own"', '"polite"'))
    both = 'teacher.both={use="union", params={weights={keyed=1, counter=1}}}'
    ran = faraway.run("--set", both, DESHI_TOY_KEY=canary)
    assert ran.status == 1, ran.err
    assert "***" in ran.out
    assert canary not in ran.out + ran.err
    files = [path for path in project.folder.rglob("*") if path.is_file()]
    assert not [path for path in files if canary.encode() in path.read_bytes()]
