"""What damages a ledger costs no answer that was paid: it is said, exported, imported, repaired."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from deshi.api import UsageError
from deshi.labelling.ledger import ledger as ledgers
from deshi.labelling.ledger import schema
from deshi.labelling.ledger.reading import open_for_reading
from deshi_tools.ledger_view.spending import spending
from project import Project

RUN = ("run", "bench.toml", "--quiet", "--format", "json")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("paid"))
    project.write()
    project.results()
    assert project.deshi("ledger", "export", "good.jsonl").status == 0
    shutil.rmtree(project.workspace / "artefacts")
    return project


@pytest.fixture
def paid(finished: Project, tmp_path: Path) -> Project:
    """Return a project whose every answer is in the ledger, and nothing else."""
    shutil.copytree(finished.folder, tmp_path / "copy")
    project = Project(tmp_path / "copy")
    project.forget()
    return project


def ledger_of(project: Project) -> Path:
    return project.workspace / "ledger.sqlite"


def change(project: Project, *statements: str) -> None:
    db = sqlite3.connect(ledger_of(project))
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()


def asked(project: Project) -> list[str]:
    return [line for line in project.work_done() if line.startswith(("label", "rewrite"))]


ONE = "WHERE key = (SELECT min(key) FROM request WHERE task = 'label')"


@pytest.mark.parametrize(
    "statement",
    [
        f'UPDATE request SET reply = \'{{"content":"🐈"}}\' {ONE}',
        f"UPDATE request SET reply = 'x' {ONE}",
        f"UPDATE request SET cost = cost + 1000 {ONE}",
        f"UPDATE request SET reply = (SELECT reply FROM request WHERE task = 'rewrite'), state = state {ONE}",
    ],
    ids=["another answer", "no answer", "another cost", "another's answer"],
)
def test_a_damaged_answer_is_told_and_never_bought_again_unasked(
    paid: Project, statement: str
) -> None:
    change(paid, statement)
    ran = paid.deshi(*RUN)
    assert ran.status == 2
    assert "ledger: teacher 'counter" in ran.err
    assert "is damaged; `deshi ledger import` of an export brings it back" in ran.err
    assert asked(paid) == []
    out = paid.deshi("ledger", "export", "rest.jsonl")
    assert (out.status, "1 answers of 'counter" in out.err) == (0, True)
    again = paid.deshi("ledger", "import", "good.jsonl")
    assert again.err.startswith("deshi: 1 answers imported")
    assert paid.deshi(*RUN).status == 0
    assert asked(paid) == []


def test_repair_drops_what_is_damaged_so_that_it_alone_is_asked_again(paid: Project) -> None:
    change(paid, f"UPDATE request SET reply = 'x' {ONE}")
    ran = paid.deshi("ledger", "repair")
    assert ran.status == 0
    assert "the old one is in " in ran.err
    assert (paid.workspace / "ledger-damaged-1/ledger.sqlite").is_file()
    assert paid.deshi(*RUN).status == 0
    assert len(asked(paid)) == 1
    assert paid.deshi("doctor", "--artefacts").status == 0


def test_of_a_ledger_with_a_damaged_page_the_rest_is_kept(paid: Project) -> None:
    path = ledger_of(paid)
    content = bytearray(path.read_bytes())
    size = int.from_bytes(content[16:18], "big")
    leaves = [at for at in range(size, len(content), size) if content[at] == 13]  # of a table
    at = leaves[len(leaves) // 2]
    content[at : at + size] = b"\xff" * size
    path.write_bytes(content)
    ran = paid.deshi(*RUN)
    assert (ran.status, asked(paid)) == (2, [])
    assert "ledger.sqlite: cannot be read as a ledger" in ran.err
    assert "`deshi ledger export FILE` writes the answers that can be read" in ran.err
    assert "move" not in ran.err
    total = len((paid.folder / "good.jsonl").read_text(encoding="utf-8").splitlines())
    out = paid.deshi("ledger", "export", "rest.jsonl")
    rest = len((paid.folder / "rest.jsonl").read_text(encoding="utf-8").splitlines())
    assert (out.status, "file is damaged" in out.err, 0 < rest < total) == (0, True, True)
    assert paid.deshi("doctor", "--artefacts").status == 1
    assert paid.deshi("ledger", "repair").status == 0
    assert paid.deshi(*RUN).status == 0
    assert len(asked(paid)) == total - rest


def test_an_answer_that_the_index_lost_is_not_bought_again(paid: Project) -> None:
    path = ledger_of(paid)
    db = sqlite3.connect(path)
    (key,) = db.execute("SELECT min(key) FROM request WHERE task = 'label'").fetchone()
    db.close()
    content = bytearray(path.read_bytes())
    size = int.from_bytes(content[16:18], "big")
    found, at = 0, content.find(key.encode())
    while at >= 0:
        if content[at - at % size] in (2, 10):  # a page of an index
            content[at + 5] ^= 1
            found += 1
        at = content.find(key.encode(), at + 1)
    assert found
    path.write_bytes(content)
    ran = paid.deshi(*RUN)
    assert (ran.status, asked(paid)) == (2, [])
    assert "ledger.sqlite: cannot be read as a ledger" in ran.err
    assert paid.deshi("ledger", "repair").status == 0
    assert paid.deshi(*RUN).status == 0
    assert asked(paid) == []


def test_a_ledger_without_hashes_is_read_and_gets_them_for_what_comes(paid: Project) -> None:
    change(
        paid, "ALTER TABLE request DROP COLUMN hash", "UPDATE meta SET v = '2' WHERE k = 'schema'"
    )
    assert paid.deshi(*RUN, "--set", "benchmark.samples=2").status == 0
    lines = asked(paid)
    assert lines
    with open_for_reading(paid.workspace) as db:
        found = dict(db.execute("SELECT hash IS NULL, count(*) FROM request GROUP BY 1"))
    assert found[0] == len(lines)
    assert found[1] > 0


def test_a_migration_that_is_broken_off_leaves_the_ledger_as_it_was(
    paid: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(
        paid, "ALTER TABLE request DROP COLUMN hash", "UPDATE meta SET v = '2' WHERE k = 'schema'"
    )
    steps = {**schema._STEPS, 2: (*schema._STEPS[2], "SELECT broken")}
    with monkeypatch.context() as patched:
        patched.setattr(schema, "_STEPS", steps)
        with pytest.raises(UsageError), ledgers.Ledger(paid.workspace):
            pass
    assert paid.deshi(*RUN).status == 0
    assert asked(paid) == []


def test_a_ledger_that_another_program_holds_is_not_called_damaged(
    paid: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledgers, "PATIENCE_S", 0.05)
    db = sqlite3.connect(ledger_of(paid), isolation_level=None)
    db.execute("PRAGMA locking_mode=EXCLUSIVE")
    db.execute("BEGIN EXCLUSIVE")
    opened: list[Callable[[], object]] = [
        lambda: open_for_reading(paid.workspace).__enter__(),
        lambda: ledgers.Ledger(paid.workspace).__enter__(),
    ]
    for one in opened:
        with pytest.raises(UsageError, match=r"is in use by another process: .*; wait until"):
            one()
    db.close()


def _leave_with(count: Callable[[], int]) -> NoReturn:
    """End this process, of a user without rights, with a number; with 0 after an error."""
    found = 0
    try:
        if os.geteuid() == 0:
            os.setuid(65534)
        found = count()
    finally:
        os._exit(found)


@pytest.mark.skipif(sys.platform == "win32", reason="users and modes of POSIX")
def test_a_ledger_that_nobody_may_write_is_shown(paid: Project) -> None:
    folder = Path("/tmp") / f"deshi-read-only-{os.getpid()}"
    shutil.copytree(paid.workspace, folder)
    try:
        for path in (*folder.rglob("*"), folder):
            path.chmod(0o555 if path.is_dir() else 0o444)
        pid = os.fork()
        if pid == 0:
            _leave_with(lambda: len(list(spending(folder))))
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) > 0
    finally:
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755)
        shutil.rmtree(folder)


@pytest.mark.parametrize("word", [("ledger",), ("doctor",), ("ledger", "export", "-")])
def test_a_ledger_of_a_later_deshi_is_refused_by_all_that_read(
    paid: Project, word: tuple[str, ...]
) -> None:
    change(paid, "UPDATE meta SET v = '99' WHERE k = 'schema'")
    ran = paid.deshi(*word)
    assert "has schema 99, and this deshi reads 3" in ran.out + ran.err
    assert ran.status == (0 if word == ("doctor",) else 2)
