"""Output that cannot be written: one line, or a quiet end; a run goes on without its messages."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from invocations import FILE, ROW, finished

import forking
from project import Project

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="no /dev/full")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = finished(Project(tmp_path_factory.mktemp("lost")))
    (made.folder / "full").symlink_to(FULL)  # what would replace it replaces the link alone
    return made


def shell(project: Project, command: str, **env: str) -> tuple[int, str, str]:
    """Run a line of bash in which `deshi` stands for the program."""
    words = f"{sys.executable} -m deshi"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command.replace('deshi', words)}"],
        cwd=project.folder,
        env=project.variables(env),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=240,
    )
    return done.returncode, done.stdout, done.stderr


def asked(project: Project, words: str, to: int, **env: str) -> tuple[int, str]:
    """Run a command whose stdout is an open file; return its status and stderr."""
    try:
        done = forking.run(
            project.command(*words.split()),
            cwd=project.folder,
            env=project.variables(env),
            stdout=to,
        )
    finally:
        os.close(to)
    return done.returncode, done.stderr.decode("utf-8")


SOME = ["show", "show --format json", "list --format csv", "--help", "--version", "run --help",
        f"predict {ROW} --input in.txt", "completion bash", "ledger export -", "migrate"]  # fmt: skip


@needs_full
@pytest.mark.parametrize("unbuffered", ["", pytest.param("1", marks=pytest.mark.slow)])
@pytest.mark.parametrize("words", SOME)
def test_a_full_disk_is_said_in_one_line(project: Project, words: str, unbuffered: str) -> None:
    full = os.open(FULL, os.O_WRONLY)
    status, err = asked(project, words, full, PYTHONUNBUFFERED=unbuffered)
    assert status == 2
    assert err == (
        "deshi: stdout: cannot be written: No space left on device; free space, or send the "
        "output elsewhere\n"
    )


@pytest.mark.parametrize("words", SOME)
def test_a_reader_that_goes_away_ends_a_command_quietly(project: Project, words: str) -> None:
    gone, there = os.pipe()
    os.close(gone)
    assert asked(project, words, there) == (141, "")


def test_a_reader_that_goes_away_in_a_shell_ends_a_command_quietly(project: Project) -> None:
    status, _, err = shell(project, "deshi show | true")
    assert (status, err) == (141, "")


def test_a_closed_stdout_is_said_in_one_line(project: Project) -> None:
    status, _, err = shell(project, "deshi show >&-")
    assert status == 2
    assert err.startswith("deshi: stdout: cannot be written: Bad file descriptor")
    assert err.count("\n") == 1


@pytest.mark.parametrize("to", ["2>&-", pytest.param("2>/dev/full", marks=needs_full)])
def test_lost_messages_end_nothing(project: Project, to: str) -> None:
    status, out, _ = shell(project, f"deshi run {FILE} {to}")
    assert status == 0
    assert "counter" in out
    assert shell(project, f"deshi run nothing.toml {to}")[0] == 2
    assert shell(project, f"deshi nothing {to}")[0] == 2


def test_a_run_that_has_to_be_made_needs_no_standard_stream(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write()
    status, _, _ = shell(project, "deshi run bench.toml --workers 2 <&- >&- 2>&-")
    assert status == 2  # of its output alone
    assert project.deshi("show").status == 0


def test_a_closed_stdin_is_an_empty_one(project: Project) -> None:
    status, out, err = shell(project, f"deshi predict {ROW} <&-")
    assert (status, out) == (2, "")
    assert "no text" in err


@pytest.mark.parametrize("file", ["nowhere/x", pytest.param("full", marks=needs_full), "in.txt/x"])
@pytest.mark.parametrize(
    "words", [f"predict {ROW} --input in.txt --output", "report -o", "ledger export", "errors --export",
              "show --dropped --export", f"export {ROW} --to", f"publish {ROW} --to", "new student pupil --into"],
)  # fmt: skip
def test_a_file_that_cannot_be_written_is_named(project: Project, words: str, file: str) -> None:
    if file == "nowhere/x" and words.endswith(("--to", "--into")):
        return  # they make the folder
    ran = project.deshi(*words.split(), file)
    status, err = ran.status, ran.err
    assert status == 2, err
    assert file in err
    assert "unexpected" not in err
    assert "Traceback" not in err
    assert (project.folder / "full").is_symlink()


def test_a_device_or_a_link_is_written_and_not_replaced(project: Project) -> None:
    for words in ("ledger export", "show --dropped --export"):
        link, target = (project.folder / f"{name} of {words[:4]}" for name in ("link", "target"))
        link.symlink_to(target.name)
        assert shell(project, f"deshi {words} '{link}'")[0] == 0
        assert link.is_symlink()
        assert target.stat().st_size > 0
    os.mkfifo(project.folder / "pipe")
    status, out, _ = shell(project, "cat pipe & deshi ledger export pipe; wait")
    assert status == 0
    assert len(out.splitlines()) == 480
    assert (project.folder / "pipe").is_fifo()


def test_a_file_that_finds_no_room_ends_a_run_with_one_line_and_the_next_run_heals_it(
    tmp_path: Path,
) -> None:
    project = Project(tmp_path)
    project.write()
    for workers in (1, 2):
        status, _, err = shell(
            project, f"ulimit -f 8; deshi run bench.toml --quiet --workers {workers}"
        )
        assert status == 2, err
        assert err.count("\n") == 1, err
        assert "same command again" in err
    assert project.deshi("run", "bench.toml", "--quiet").status == 0


@pytest.mark.parametrize("words", ["predict latest/ 猫", "predict latest//memory 猫", "predict / 猫", "explain ''",
                                   "publish latest/ --to x", "export latest/ --to x"])  # fmt: skip
def test_an_empty_name_is_no_name(project: Project, words: str) -> None:
    ran = project.deshi(*(word.strip("'") for word in words.split()))
    assert ran.status == 2, ran.out
    assert any(said in ran.err for said in ("is empty", "has no deshi.json"))


def test_a_seed_of_a_deterministic_student_is_refused(project: Project) -> None:
    ran = project.deshi("predict", "latest/counter/constant", "猫", "--seed", "999")
    assert ran.status == 2, ran.out
    assert "has no seed 999; leave it out: it is deterministic" in ran.err


def test_books_that_cannot_be_written_end_the_server_at_its_start(project: Project) -> None:
    ran = project.deshi("fake-server", "--port", "0", "--books", "nowhere/books")
    assert ran.status == 2
    assert ran.err.startswith("deshi: nowhere/books: No such file or directory")
