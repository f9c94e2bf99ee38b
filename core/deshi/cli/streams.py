"""Standard streams that take any text, in any encoding, and end in a known way.

What is for people (tables, messages, help) keeps the encoding of the system, and what that lacks is
spelt in ASCII. Data (JSON, CSV, …) is UTF-8 wherever it does not go to a terminal, since files that
deshi reads are. `prepare` sees to this for the whole program; what prints data says `data_stream`.
"""

from __future__ import annotations

import codecs
import contextlib
import errno
import functools
import io
import os
import sys
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO, cast

from deshi.cli.encoding import harmless, spell

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deshi.api.errors import DeshiError

CLOSED_PIPE = 141
"""The exit status where the reader of a pipe went away, as of a program that SIGPIPE ended."""

_SPELT = "deshi.spelt"
_ASCII = "ascii-only"
_NAMES = ("stdin", "stdout", "stderr")


class Guarded(io.TextIOWrapper):
    """A text file of which every error of writing comes to one method."""

    def write(self, text: str, /) -> int:
        """Write a text."""
        try:
            return super().write(text)
        except OSError as error:
            self._failed(error)
            return len(text)

    def writelines(self, lines: Iterable[str], /) -> None:  # type: ignore[override]
        """Write texts one by one."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Write what is held back."""
        try:
            super().flush()
        except OSError as error:
            self._failed(error)

    def _failed(self, error: OSError) -> None:
        raise NotImplementedError


class Stream(Guarded):
    """Standard output or standard error of a command.

    Output that cannot be written ends the command: quietly where the reader of a pipe has gone, else
    with one line. Messages that cannot be written are dropped: a run goes on without them.
    """

    def __init__(self, before: io.TextIOWrapper, name: str, encoding: str) -> None:
        buffer: Any = before.buffer
        if isinstance(buffer, io.RawIOBase):  # PYTHONUNBUFFERED; alone it drops what finds no room
            buffer = io.BufferedWriter(buffer)
        super().__init__(buffer, encoding, _SPELT, line_buffering=before.line_buffering)
        self._is_output = name == "stdout"
        self._is_terminal = before.isatty()
        self._is_unbuffered = before.write_through
        self._before = before  # which closes the file that both have when nobody holds it
        self._lost: OSError | None = None

    def write(self, text: str, /) -> int:
        """Write a text; see the class for what cannot be written."""
        if self._lost is not None and text:  # whoever tried first may have swallowed it
            self._failed(self._lost)
        if self._is_terminal and not text.isprintable():
            text = harmless(text)
        count = super().write(text)
        if self._is_unbuffered and text:
            self.flush()
        return count

    def finish(self) -> None:
        """Write what is held back, and let nothing fail from here on.

        Raises:
            UsageError: the output could not be written.
            SystemExit: its reader went away.
        """
        lost, self._lost = self._lost, None
        self.flush()
        if lost is not None:
            self._failed(lost)
        self._is_output = False

    def _failed(self, error: OSError) -> None:
        with contextlib.suppress(OSError):  # drop what is held back, and whatever comes
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
        if not self._is_output:
            return
        self._lost = error
        if error.errno == errno.EPIPE:
            raise SystemExit(CLOSED_PIPE) from None
        fix = "free space, or send the output elsewhere"
        raise unwritable(error, "stdout", fix) from None


def prepare() -> None:
    """Make the standard streams of this process take any text; a stream that is no file is left."""
    _open_what_is_closed()
    _learn_to_spell()
    sys.stdout = _prepared(sys.stdout, "stdout")
    sys.stderr = _prepared(sys.stderr, "stderr")


def finish() -> None:
    """Write what stdout holds back; see `Stream.finish`."""
    if isinstance(sys.stdout, Stream):
        sys.stdout.finish()
    else:
        sys.stdout.flush()


def unwritable(error: OSError, where: str, fix: str) -> DeshiError:
    """Return the error of a command whose output cannot be written."""
    from deshi.api.errors import UsageError

    return UsageError(f"cannot be written: {error.strerror}", where=where, fix=fix)


def _open_what_is_closed() -> None:
    """Put a stream where there is none, lest the next file that is opened takes its number."""
    for number, name in enumerate(_NAMES):
        if getattr(sys, name) is not None:
            continue
        with contextlib.suppress(OSError):
            _occupy(number)
            mode = "r" if name == "stdin" else "w"
            raw = io.FileIO(number, mode, closefd=False)
            buffer = io.BufferedReader(raw) if name == "stdin" else io.BufferedWriter(raw)
            setattr(sys, name, io.TextIOWrapper(cast("BinaryIO", buffer), "utf-8"))


def _occupy(number: int) -> None:
    """Open the null device under a number that is free; stdout's cannot be written, as if closed."""
    try:
        os.fstat(number)
    except OSError:
        found = os.open(os.devnull, os.O_WRONLY if number == 2 else os.O_RDONLY)
        if found != number:
            os.dup2(found, number)
            os.close(found)
        os.set_inheritable(number, True)  # noqa: FBT003


def _prepared(stream: TextIO, name: str) -> TextIO:
    """Return a stream in place of one that Python made; another's is left as it is."""
    if type(stream) is not io.TextIOWrapper:
        return stream
    with contextlib.suppress(LookupError):  # Click would write UTF-8 to what is called ASCII
        encoding = _ASCII if codecs.lookup(stream.encoding).name == "ascii" else stream.encoding
        return Stream(stream, name, encoding)
    return stream


@functools.cache
def _learn_to_spell() -> None:
    """Make known what replaces the characters that an encoding lacks, and ASCII by another name."""

    def spelt(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeEncodeError):
            raise error
        return spell(error.object[error.start : error.end], "ascii"), error.end

    def search(name: str) -> codecs.CodecInfo | None:
        if name != _ASCII.replace("-", "_"):
            return None
        plain = codecs.lookup("ascii")
        incremental = plain.incrementalencoder, plain.incrementaldecoder
        return codecs.CodecInfo(*plain, *incremental, name=_ASCII)

    codecs.register_error(_SPELT, spelt)
    codecs.register(search)
