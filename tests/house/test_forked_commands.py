"""A command that is forked ends as one that is started: the tests that fork see what a user sees."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import forking
from project import Project

SEEN = """
import gc, logging, os, sys, threading, warnings
streams = [(s.encoding, s.errors, s.line_buffering, s.write_through, s.isatty(), s.name, s.mode)
           for s in (sys.stdin, sys.stdout, sys.stderr)]
print(sys.argv, __name__, os.getcwd(), sorted(os.environ.items()), streams, sys.stdin.read())
print(sys.path[1:], sys.flags, threading.active_count(), logging.root.handlers, gc.isenabled())
print([m for m in ("torch", "deshi_toy", "deshi_plugins.teachers.lexicon") if m in sys.modules])
sys.stderr.write("said")
"""


def started(project: Project, words: list[str], env: dict[str, str]) -> tuple[int, bytes, bytes]:
    done = subprocess.run(
        words, cwd=project.folder, env=env, capture_output=True, stdin=subprocess.DEVNULL
    )
    return done.returncode, done.stdout, done.stderr


def forked(project: Project, words: list[str], env: dict[str, str]) -> tuple[int, bytes, bytes]:
    done = forking.run(words, cwd=project.folder, env=env)
    return done.returncode, done.stdout, done.stderr


pytestmark = pytest.mark.skipif(
    not hasattr(os, "pidfd_open") or os.environ.get("FORKED") == "0", reason="nothing is forked"
)


@pytest.mark.parametrize(
    "more", [{}, {"PYTHONIOENCODING": "cp932"}, {"PYTHONIOENCODING": "ascii:replace"},
             {"PYTHONUNBUFFERED": "1"}, {"PYTHONUNBUFFERED": "", "TZ": "Asia/Tokyo", "ABC": "1"}],
)  # fmt: skip
def test_code_finds_the_same_streams_folder_and_variables(
    project: Project, more: dict[str, str]
) -> None:
    words, env = [sys.executable, "-c", SEEN, "a", "b"], project.variables(more)
    assert forked(project, words, env) == started(project, words, env)


@pytest.mark.parametrize(
    "code", ["import sys; sys.exit('no')", "1/0", "import sys; sys.exit(300)", "raise SystemExit",
             "import os; os._exit(7)", "import os; os.kill(os.getpid(), 9)", "raise KeyboardInterrupt",
             "import atexit; atexit.register(print, 'late'); print('now')",
             "import threading, time; threading.Thread(target=lambda: (time.sleep(.2), print(1))).start()"],
)  # fmt: skip
def test_code_ends_in_the_same_way(project: Project, code: str) -> None:
    words, env = [sys.executable, "-c", code], project.variables()
    (status, out, err), (as_started, *_, usual_err) = (
        way(project, words, env) for way in (forked, started)
    )
    assert (status, out) == (as_started, started(project, words, env)[1])
    assert err.splitlines()[-1:] == usual_err.splitlines()[-1:]


@pytest.mark.parametrize("words", [["--version"], ["list"], ["run", "none.toml"], ["nothing"], []])
def test_a_command_says_the_same(project: Project, words: list[str]) -> None:
    command, env = project.command(*words), project.variables()
    assert forked(project, command, env) == started(project, command, env)


def test_two_commands_have_different_hash_seeds(project: Project) -> None:
    words, env = [sys.executable, "-c", "print(hash('a'))"], project.variables()
    assert forked(project, words, env)[1] != forked(project, words, env)[1]


def test_what_an_interpreter_reads_when_it_starts_is_never_forked(project: Project) -> None:
    words = project.command("list")
    assert forking.parent(words, project.variables()) is not None
    for name in ("PYTHONPATH", "PYTHONUTF8", "LC_ALL", "OMP_NUM_THREADS", "PYTHONHASHSEED"):
        assert forking.parent(words, project.variables({name: "1"})) is None


def test_a_forked_command_can_be_killed(project: Project) -> None:
    with Path(os.devnull).open("r+b") as nothing:
        process = forking.start(
            [sys.executable, "-c", "import time; time.sleep(60)"],
            cwd=project.folder,
            env=project.variables(),
            streams=[nothing.fileno()] * 3,
        )
    assert process.poll() is None
    process.kill()
    assert process.wait(10) == -signal.SIGKILL
