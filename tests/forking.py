"""`python -m deshi`, or `python -c`, as a process of its own whose imports are done: it is forked.

Most commands that tests run last as long as their imports do. A parent process imports what deshi
imports, once for all tests of a worker, and forks for each command: the child has its own folder,
environment, standard streams, exit and memory, and nothing has run in it before. It is not for what
depends on how an interpreter starts; `start` then starts one: for another PYTHONPATH, locale or
Python option, where the system cannot fork like this, and wherever FORKED=0 is set.

There are two parents, asked by turns, because a parent gives its hash seed to all its children: a
command and the next one still have different ones, so that an order which hangs on it is seen.
"""

from __future__ import annotations

import atexit
import contextlib
import io
import itertools
import json
import os
import select
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

TIMEOUT = 240
IN_EVERY_CHILD = ("PYTHONIOENCODING", "PYTHONUNBUFFERED")
"""Variables of the interpreter that a child does justice to."""

OF_THE_START = ("PYTHON", "LC_", "LANG", "LD_", "OMP_", "OPENBLAS_", "MKL_", "MALLOC_", "ARROW_")
"""What begins the names of variables that are read when an interpreter or a library starts."""


def fixed(env: Mapping[str, str]) -> dict[str, str]:
    """Return the variables in which a child cannot differ from its parent."""
    return {
        name: value
        for name, value in env.items()
        if name.startswith(OF_THE_START) and name not in IN_EVERY_CHILD
    }


LIBRARIES = """
anyio anyio._backends._asyncio asyncio click concurrent.futures.process email.parser filelock
importlib.metadata isal.igzip msgspec multiprocessing.popen_spawn_posix multiprocessing.spawn numpy
packaging.requirements packaging.version pandas pluggy pyarrow.compute pyarrow.parquet rich.console
rich.live rich.progress rich.table scipy.optimize scipy.sparse scipy.special scipy.stats sqlite3
tomlkit
"""
"""What deshi imports of others while it works, in parts; none of it reads its environment then."""


class Forked:
    """A child of a parent process: as much of `subprocess.Popen` as tests need."""

    def __init__(self, told: socket.socket) -> None:
        self._told = told
        self.returncode: int | None = None
        self.pid = int(self._line(TIMEOUT))

    def _line(self, timeout: float | None) -> str:
        if not select.select([self._told], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("python -m deshi", timeout or 0)
        line = self._told.recv(64).decode()
        assert line, "the process that forks has died"
        return line

    def poll(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            self.returncode = os.waitstatus_to_exitcode(int(self._line(timeout)))
            self._told.close()
        return self.returncode

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)


class Parent:
    """A process that has imported deshi, and forks."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        command = [sys.executable, str(Path(__file__)), str(theirs.fileno())]
        self._process = subprocess.Popen(
            command, env=env, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        theirs.close()
        atexit.register(self.close)

    def close(self) -> None:
        self._control.close()
        self._process.wait()

    def fork(self, streams: Sequence[int], **asked: object) -> Forked:
        told, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            message = json.dumps(asked).encode()
            socket.send_fds(self._control, [message], [*streams, theirs.fileno()])
        return Forked(told)


_parents: dict[str, list[Parent]] = {}
_turns = itertools.count()


def parent(words: Sequence[str], env: Mapping[str, str]) -> Parent | None:
    """Return the parent that can fork a command, or none where it has to be started."""
    if (
        not (words[:3] == [sys.executable, "-m", "deshi"] or words[:2] == [sys.executable, "-c"])
        or not all(isinstance(word, str) for word in words)
        or os.environ.get("FORKED") == "0"
        or not hasattr(os, "pidfd_open")
    ):
        return None
    found = _parents.get(key := json.dumps(fixed(env), sort_keys=True))
    if found is None and not _parents:
        usual = {name: value for name, value in env.items() if name not in IN_EVERY_CHILD}
        found = _parents[key] = [Parent(usual), Parent(usual)]
    return found[next(_turns) % 2] if found else None


def start(
    words: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    streams: Sequence[int],
    terminal: bool = False,
) -> Forked | subprocess.Popen[bytes]:
    """Start a command with open files as its standard streams; `terminal` is for its stdin."""
    if (made := parent(words, env)) is not None:
        asked = {"words": words[1:], "cwd": str(cwd), "env": dict(env), "terminal": terminal}
        return made.fork(streams, **asked)
    stdin, stdout, stderr = streams
    return subprocess.Popen(
        list(words), stdin=stdin, stdout=stdout, stderr=stderr, cwd=cwd, env=env,
        start_new_session=terminal, preexec_fn=_take_the_terminal if terminal else None,  # noqa: PLW1509
    )  # fmt: skip


def run(
    words: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    stdout: int | None = None,
    timeout: float = TIMEOUT,
) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end with an empty stdin, and return its status, stdout and stderr.

    `stdout` is an open file that the command writes to instead.
    """
    nothing = os.open(os.devnull, os.O_RDONLY)
    out, err = os.pipe(), os.pipe()
    streams = [nothing, out[1] if stdout is None else stdout, err[1]]
    try:
        process = start(words, cwd=cwd, env=env, streams=streams)
    finally:
        for one in (nothing, out[1], err[1]):
            os.close(one)
    deadline = time.monotonic() + timeout
    read: dict[int, list[bytes]] = {out[0]: [], err[0]: []}
    try:
        with selectors.DefaultSelector() as waiting:
            for here in read:
                waiting.register(here, selectors.EVENT_READ)
            while waiting.get_map():
                ready = waiting.select(max(0.0, deadline - time.monotonic()))
                if not ready:
                    raise subprocess.TimeoutExpired(words, timeout)
                for key, _ in ready:
                    if portion := os.read(key.fd, 1 << 16):
                        read[key.fd].append(portion)
                    else:
                        waiting.unregister(key.fd)
        status = process.wait(max(1.0, deadline - time.monotonic()))
    finally:
        process.kill()
        for here in read:
            os.close(here)
    written = [b"".join(portions) for portions in read.values()]
    return subprocess.CompletedProcess(list(words), status, *written)


# What follows runs in a parent, and in its children.


def _take_the_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _import_all() -> None:
    """Import what commands import; a part that is not installed is left out."""
    import gc
    import importlib
    import pkgutil

    names = LIBRARIES.split()
    for package in ("deshi", "deshi_tools"):
        found = importlib.util.find_spec(package)
        places = list(found.submodule_search_locations or []) if found else []
        for one in pkgutil.walk_packages(places, f"{package}.", onerror=lambda _: None):
            if not one.name.startswith("deshi.testing") and not one.name.endswith("__main__"):
                names.append(one.name)
    for name in names:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()


def _serve(control: socket.socket) -> None:
    """Fork for each request; return in each child, and in the parent when no more can come."""
    running: dict[int, tuple[int, socket.socket]] = {}
    poll = select.poll()
    poll.register(control, select.POLLIN)
    while True:
        for ready, _ in poll.poll():
            if ready != control.fileno():
                pid, told = running.pop(ready)
                with contextlib.suppress(OSError):  # nobody waits any more
                    told.send(str(os.waitpid(pid, 0)[1]).encode())
                told.close()
                poll.unregister(ready)
                os.close(ready)
                continue
            message, streams, _, _ = socket.recv_fds(control, 1 << 20, 4)
            if not message:
                os._exit(0)
            told = socket.socket(fileno=streams.pop())
            if not (pid := os.fork()):
                for one in (*running, control.detach(), told.detach()):
                    os.close(one)
                for _, other in running.values():
                    other.close()
                _become(json.loads(message), streams)
                return
            told.send(str(pid).encode())
            for one in streams:
                os.close(one)
            watched = os.pidfd_open(pid)
            running[watched] = (pid, told)
            poll.register(watched, select.POLLIN)


def _become(asked: dict[str, object], streams: list[int]) -> None:
    """Take on the folder, environment, words and standard streams of a request."""
    if asked["terminal"]:
        os.setsid()
    for number, one in enumerate(streams):
        os.dup2(one, number, inheritable=True)
        os.close(one)
    if asked["terminal"]:
        _take_the_terminal()
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    time.tzset()
    sys.path[:0] = [asked["cwd"]]
    sys.argv = asked["words"]
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = _standard_stream(number, name)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _standard_stream(number: int, name: str) -> io.TextIOWrapper:
    """Open a standard stream as the interpreter does when it starts."""
    usual = getattr(sys, f"__{name}__")
    encoding, _, errors = os.environ.get("PYTHONIOENCODING", "").partition(":")
    errors = errors or ("strict" if encoding else usual.errors)
    if name == "stderr":
        errors = "backslashreplace"
    writes = number > 0
    at_once = bool(os.environ.get("PYTHONUNBUFFERED"))
    bare = writes and at_once
    buffer = open(number, "wb" if writes else "rb", 0 if bare else -1, closefd=False)  # noqa: SIM115
    (buffer if bare else buffer.raw).name = f"<{name}>"
    made = io.TextIOWrapper(
        buffer, encoding or usual.encoding, errors, newline="\n" if writes else None,
        line_buffering=not at_once and (name == "stderr" or buffer.isatty()), write_through=at_once,
    )  # fmt: skip
    made.mode = "w" if writes else "r"
    return made


def _leave(status: object) -> None:
    """End as an interpreter does, but leave its memory to the system: to take apart costs a lot.

    Return where that cannot be: then the interpreter ends, and says what it says.
    """
    import threading

    if not isinstance(status, int):
        return
    threading._shutdown()
    atexit._run_exitfuncs()
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status & 0xFF)


if __name__ == "__main__":
    import runpy

    del sys.path[0]  # this folder
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
    _import_all()
    _serve(socket.socket(fileno=int(sys.argv[1])))
    option, what, *words = sys.argv
    sys.argv = [option if option == "-c" else what, *words]
    try:
        if option == "-c":
            exec(what, {"__name__": "__main__"})
        else:
            runpy.run_module(what, run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        _leave(ended.code)
        raise
