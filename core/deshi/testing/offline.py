"""A guard under which nothing reaches beyond this machine."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from collections.abc import Iterator
from typing import Any, Final

from deshi.testing.verdict import Broken

REACHED_OUT: Final = "it opened a connection to"


class ReachedOut(Broken):
    """A component opened a connection to another machine in a check that must not need any."""


@contextlib.contextmanager
def offline() -> Iterator[None]:
    """Refuse connections to any address but this machine's own, and name lookups of others.

    What is refused raises ReachedOut inside the component, and again when the guard ends, should the
    component have swallowed it.
    """
    refused: list[str] = []
    connect, connect_ex, lookup = (
        socket.socket.connect,
        socket.socket.connect_ex,
        socket.getaddrinfo,
    )

    def guarded(self: socket.socket, address: Any) -> Any:  # noqa: ANN401
        _refuse(address, refused)
        return connect(self, address)

    def guarded_ex(self: socket.socket, address: Any) -> Any:  # noqa: ANN401
        _refuse(address, refused)
        return connect_ex(self, address)

    def guarded_lookup(host: Any, *rest: Any, **more: Any) -> Any:  # noqa: ANN401
        _refuse((host, 0), refused)
        return lookup(host, *rest, **more)

    patched = socket.socket
    patched.connect, patched.connect_ex = guarded, guarded_ex  # type: ignore[method-assign,assignment]
    socket.getaddrinfo = guarded_lookup
    try:
        yield
    except Exception as error:
        if refused:  # whatever the component made of it
            raise ReachedOut(_message(refused[0])) from error
        raise
    finally:
        patched.connect, patched.connect_ex = connect, connect_ex  # type: ignore[method-assign]
        socket.getaddrinfo = lookup
    if refused:
        raise ReachedOut(_message(refused[0]))


def _refuse(address: Any, refused: list[str]) -> None:  # noqa: ANN401
    host = address[0] if isinstance(address, tuple) else address
    if _is_here(host):
        return
    refused.append(str(host))
    raise ReachedOut(_message(str(host)))


def _message(host: str) -> str:
    return f"{REACHED_OUT} {host}; a check may reach this machine alone"


def _is_here(host: Any) -> bool:  # noqa: ANN401
    if host is None or isinstance(host, bytes) or not host or str(host).startswith("/"):
        return True  # a socket of the file system, or any address of this machine
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        return False
