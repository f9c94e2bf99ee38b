"""The ledger's tables: whatever happens to requests, the sums agree and no budget is exceeded."""

from __future__ import annotations

import json
import pickle
import sqlite3
import threading
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from deshi.api import AttemptError, DeshiError, RateLimit, Reply, Request, Usage, UsageError
from deshi.labelling.ledger import BudgetFull, Ending, Ledger, Payer, request_key, schema
from deshi.labelling.ledger import transitions as moves
from deshi.labelling.ledger.ledger import Writer
from deshi.labelling.ledger.transitions import ingest, lose_batch, name_batch, open_batch
from deshi.redaction import Mask

PAYER = Payer(run="r", session="s", entry="e")
IDENTITY = {"component": "c", "revision": 1, "params": {}}


def question(number: int) -> Request:
    return Request(task="label", text=f"text {number}")


class Books(RuleBasedStateMachine):
    """Random moves on the tables of one ledger; a restart may come at any time."""

    flying = Bundle("flying")
    batches = Bundle("batches")

    def __init__(self) -> None:
        super().__init__()
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        schema.prepare(self.db, "memory")
        self.teacher = moves.teacher_id(self.db, json.dumps(IDENTITY))
        self.cap: int | None = None
        self.paid: dict[str, str] = {}
        self.number = 0
        moves.set_caps(self.db, dict.fromkeys(PAYER.scopes))

    def atomically(self, operation):
        """Run an operation as the writer does: undone alone if it raises."""
        self.db.execute("SAVEPOINT one")
        try:
            return operation()
        except BaseException:
            self.db.execute("ROLLBACK TO one")
            raise
        finally:
            self.db.execute("RELEASE one")

    @rule(cap=st.none() | st.integers(0, 5000))
    def limit(self, cap) -> None:
        moves.set_caps(self.db, {PAYER.scopes[0]: cap})
        self.cap = cap

    @rule(target=flying, worst=st.integers(0, 900))
    def begin(self, worst):
        self.number += 1
        request = question(self.number)
        key = request_key(IDENTITY, request)
        try:
            attempt = self.atomically(
                lambda: moves.begin(self.db, PAYER, self.teacher, key, request, worst)
            )
        except BudgetFull:
            return ("", 0, 0)
        return (key, attempt, worst)

    @rule(
        one=flying,
        share=st.floats(0, 1.3),
        state=st.sampled_from(["pending", "done", "failed"]),
    )
    def end(self, one, share, state) -> None:
        key, attempt, worst = one
        if not self.is_open(attempt):
            return
        reply = '{"content": "😀"}' if state == "done" else None
        cost = int(share * worst)
        moves.end(
            self.db, PAYER, key, attempt, Ending(outcome="ok", state=state, cost=cost, reply=reply)
        )

    def is_open(self, attempt: int) -> bool:
        query = "SELECT count(*) FROM attempt WHERE id = ? AND outcome = 'open'"
        return self.db.execute(query, (attempt,)).fetchone()[0] == 1

    @rule(target=batches, sizes=st.lists(st.integers(0, 400), min_size=1, max_size=5))
    def hand_over(self, sizes):
        items = []
        for worst in sizes:
            self.number += 1
            request = question(self.number)
            items.append((request_key(IDENTITY, request), request, worst))
        tag = f"tag {self.number}"
        try:
            return self.atomically(lambda: open_batch(self.db, PAYER, self.teacher, tag, items))
        except BudgetFull:
            return None

    @rule(batch=batches, is_lost=st.booleans())
    def collect(self, batch, is_lost) -> None:
        query = "SELECT state FROM batch WHERE tag = ?"
        if batch is None or self.db.execute(query, (batch.tag,)).fetchone()[0] != "submitting":
            return
        if is_lost:
            lose_batch(self.db, batch)
            return
        name_batch(self.db, batch.tag, f"id of {batch.tag}")
        endings = {
            key: Ending(outcome="ok", state="done", cost=worst // 2, reply="{}")
            for key, worst in batch.reserved.items()
        }
        ingest(self.db, batch, endings)

    @rule()
    def restart(self) -> None:
        flying = self.sum("SELECT sum(reserved) FROM request WHERE state = 'inflight'")
        before = self.sum("SELECT sum(cost) FROM attempt")
        moves.recover(self.db)
        assert self.sum("SELECT sum(cost) FROM attempt") == before + flying
        assert self.sum("SELECT count(*) FROM request WHERE state = 'inflight'") == 0

    def sum(self, query: str) -> int:
        return int(self.db.execute(query).fetchone()[0] or 0)

    @invariant()
    def sums_agree(self) -> None:
        cost = self.sum("SELECT sum(cost) FROM request")
        reserved = self.sum("SELECT sum(reserved) FROM request")
        assert self.sum("SELECT sum(cost) FROM attempt") == cost
        for scope in PAYER.scopes:
            where = f"FROM budget WHERE scope = '{scope}'"
            assert self.sum(f"SELECT spent + over {where}") == cost
            assert self.sum(f"SELECT reserved {where}") == reserved

    @invariant()
    def budgets_hold(self) -> None:
        broken = "SELECT count(*) FROM budget WHERE cap IS NOT NULL AND spent + reserved > cap"
        assert self.sum(broken) == 0

    @invariant()
    def answers_stay(self) -> None:
        now = dict(self.db.execute("SELECT key, reply FROM request WHERE state = 'done'"))
        assert self.paid.items() <= now.items()
        self.paid = now


TestBooks = Books.TestCase
TestBooks.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)


def test_a_reservation_of_a_nano_too_much_is_refused_by_the_table_itself() -> None:
    db = sqlite3.connect(":memory:", isolation_level=None)
    schema.prepare(db, "memory")
    moves.set_caps(db, {PAYER.scopes[0]: 1000, PAYER.scopes[1]: None})
    moves.reserve(db, PAYER.scopes, 1000)
    with pytest.raises(sqlite3.IntegrityError, match="within_budget"):
        db.execute("UPDATE budget SET reserved = reserved + 1 WHERE scope = 'run:r'")
    with pytest.raises(BudgetFull) as full:
        moves.reserve(db, PAYER.scopes, 1)
    assert full.value.scopes == ("run:r",)


def test_what_a_call_cost_beyond_its_worst_case_is_gone_from_the_budget_at_once() -> None:
    db = sqlite3.connect(":memory:", isolation_level=None)
    schema.prepare(db, "memory")
    moves.set_caps(db, {PAYER.scopes[0]: 1000, PAYER.scopes[1]: None})
    moves.reserve(db, PAYER.scopes, 300)
    moves.release(db, PAYER.scopes, 300, 500)
    with pytest.raises(BudgetFull):
        moves.reserve(db, PAYER.scopes, 501)
    moves.reserve(db, PAYER.scopes, 500)


def test_a_ledger_of_the_first_schema_keeps_its_answers(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "ledger.sqlite")
    old.executescript(
        """CREATE TABLE meta(k TEXT PRIMARY KEY, v TEXT NOT NULL) STRICT;
        INSERT INTO meta VALUES ('schema', '1');
        CREATE TABLE answer(
          key TEXT PRIMARY KEY CHECK(length(key) = 32),
          teacher TEXT NOT NULL, task TEXT NOT NULL, sample INTEGER NOT NULL CHECK(sample >= 0),
          text TEXT NOT NULL, reply TEXT NOT NULL, created REAL NOT NULL
        ) STRICT;"""
    )
    key = request_key(IDENTITY, question(1))
    reply = '{"content":"😀","finish":"stop","model":"","usage":null}'
    row = (key, json.dumps(IDENTITY), "label", 0, "text 1", reply, 1.0)
    old.execute("INSERT INTO answer VALUES (?,?,?,?,?,?,?)", row)
    old.commit()
    old.close()
    for _ in range(2):
        with Ledger(tmp_path) as ledger:
            assert ledger.find([key]) == {key: Reply(content="😀")}


def test_a_ledger_of_a_later_deshi_is_left_alone(tmp_path: Path) -> None:
    with Ledger(tmp_path):
        pass
    db = sqlite3.connect(tmp_path / "ledger.sqlite")
    db.execute("UPDATE meta SET v = '99'")
    db.commit()
    db.close()
    with pytest.raises(UsageError, match="has schema 99"), Ledger(tmp_path):
        pass


def test_a_reply_is_kept_whole_but_for_what_fed_the_pace(tmp_path: Path) -> None:
    limit = RateLimit(bucket="requests", limit=5, remaining=4, reset=1.0)
    whole = Reply(
        content="😀",
        finish="refusal",
        model="m",
        usage=Usage(input_tokens=3, cache_read_tokens=9),
        cost=12,
        meta={"provider": "p", "n": [1, 2]},
    )
    request = question(1)
    key = request_key(IDENTITY, request)
    with Ledger(tmp_path) as ledger:
        told = Reply(
            **{name: getattr(whole, name) for name in whole.__slots__} | {"limits": (limit,)}
        )
        ledger.record(IDENTITY, "e", [(key, request, told)]).result()
        assert ledger.find([key]) == {key: whole}


def test_what_one_operation_breaks_is_undone_alone(tmp_path: Path) -> None:
    gate = threading.Event()
    writer = Writer(lambda: sqlite3.connect(tmp_path / "db", isolation_level=None))
    writer.submit(lambda db: db.execute("CREATE TABLE t(v INTEGER PRIMARY KEY)")).result()
    held = writer.submit(lambda _db: gate.wait())
    futures = [
        writer.submit(lambda db, v=v: db.execute("INSERT INTO t VALUES (?)", (v,)))
        for v in (1, 2, 2, 3)
    ]
    gate.set()
    held.result()
    failures = [future.exception() for future in futures]
    assert [type(failure) for failure in failures] == [
        type(None), type(None), sqlite3.IntegrityError, type(None)
    ]  # fmt: skip
    rows = writer.submit(lambda db: db.execute("SELECT v FROM t").fetchall()).result()
    assert rows == [(1,), (2,), (3,)]
    writer.close()


def test_a_failed_operation_of_two_statements_leaves_nothing_behind(tmp_path: Path) -> None:
    def half(db: sqlite3.Connection) -> None:
        moves.teacher_id(db, "half")
        message = "the other half"
        raise OSError(message)

    with Ledger(tmp_path) as ledger:
        ledger.teacher("before")
        with pytest.raises(OSError, match="the other half"):
            ledger.run(half)
        ledger.teacher("after")
        kept = ledger.run(lambda db: db.execute("SELECT identity FROM teacher").fetchall())
    assert kept == [('"before"',), ('"after"',)]


@pytest.mark.parametrize("many", [499, 500, 501, 1201])
def test_every_answer_is_found_however_many_are_looked_for_at_once(
    tmp_path: Path, many: int
) -> None:
    requests = {request_key(IDENTITY, one): one for one in map(question, range(many))}
    answers = {key: Reply(content=one.text) for key, one in requests.items()}
    with Ledger(tmp_path) as ledger:
        stored = ((key, one, answers[key]) for key, one in requests.items())
        ledger.record(IDENTITY, "e", stored).result()
        assert ledger.find(list(requests)) == answers


def test_the_key_of_a_request_is_what_it_always_was() -> None:
    request = Request(task="label", text="犬が走る", sample=1, prompt={"label": "絵文字で"})
    assert request_key(IDENTITY, request) == "a6684eff18dbc6694f38937ffbe7a529"


def test_an_attempt_error_keeps_what_it_tells_from_process_to_process() -> None:
    limit = RateLimit(bucket="tokens", limit=9, remaining=1, reset=2.0)
    error = AttemptError(
        "slow down",
        outcome="throttled",
        status=429,
        code="rate_limit_error",
        retry_after=1.5,
        request_id="req_1",
        limits=(limit,),
    )
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(again, DeshiError)
    assert {**vars(again)} == {**vars(error)}
    assert str(again) == "slow down"


def test_a_mask_hides_secrets_and_what_looks_like_a_key() -> None:
    mask = Mask.of(["top-secret-1", "top-secret-12", "x"])
    assert mask("a top-secret-12 b top-secret-1 x") == "a *** b *** x"
    assert mask("key sk-ant-abcdefghijklmnop1234!") == "key ***!"
    assert "secret" not in repr(mask)


def test_logs_of_any_library_are_masked_meanwhile(caplog) -> None:
    import logging

    mask = Mask.of(["top-secret-1"])
    with mask.over_logs():
        logging.getLogger("some.sdk").warning("headers %s", {"authorization": "top-secret-1"})
        try:
            int("top-secret-1")
        except ValueError:
            logging.getLogger("some.sdk").exception("failed")
    assert "top-secret-1" not in caplog.text
    assert caplog.text.count("***") >= 2
