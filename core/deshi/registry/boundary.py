"""The boundary between the host and a component: what it raises, returns and prints.

A component is handed out behind a stand-in that looks like it. A call goes through; what comes back is
checked (`returned`), whatever is raised becomes a ComponentError with the line of the component's own
code, and what is printed goes to stderr.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, NoReturn, TypeAlias, get_args

from deshi.api import (
    AttemptError,
    ComponentError,
    DeshiError,
    NotReadyError,
    Outcome,
    UsageError,
    kinds,
)
from deshi.registry.return_checks import AWAITED, CHECKS, STREAMS
from deshi.registry.returned import WrongReturn, a, require_plain

Foreign: TypeAlias = Any
"""A component, what it takes and what it gives: of any class."""
_END: Final = object()
_FORWARDED: Final = ("__call__", "__enter__", "__exit__", "__aenter__", "__aexit__", "__len__")


class MissingMethodError(ComponentError, AttributeError):
    """A component lacks what the host needs of it."""


class _ToStderr(io.TextIOBase):
    """Stdout while a component works: it goes to stderr, and closing it closes nothing."""

    def write(self, text: str, /) -> int:
        """Write a text."""
        return sys.stderr.write(text)

    def flush(self) -> None:
        """Write what is held back."""
        sys.stderr.flush()

    def close(self) -> None:
        """Do nothing."""


@dataclass(eq=False)
class _Guard:
    """What stands between the host and one component.

    `widths` is the k of a metric's counts by the size of the alphabet, `calls` counts those of a loss.
    """

    component: Foreign
    kind: str
    title: str
    bounds: tuple[float | None, float | None]
    widths: dict[int, int] = field(default_factory=dict)
    calls: int = 0

    def attribute(self, name: str) -> Foreign:
        """Return an attribute of the component, its methods guarded."""
        try:
            found = getattr(self.component, name)
        except AttributeError as error:
            if name.startswith("_"):
                raise
            fix = f"define `{_definition(name)}`" if name in _PROTOCOL else ""
            at = _definition_line(type(self.component), name)
            where = f"{self.title} ({at})" if at else self.title
            raise MissingMethodError(f"has no '{name}'", where=where, fix=fix) from error
        if name.startswith("_") or not inspect.isroutine(found):
            return found
        if self.kind == "teacher" and name in AWAITED:
            return partial(self.awaited, name, found)
        if self.kind == "corpus" and name in STREAMS:
            return partial(self.streamed, name, found)
        return partial(self.called, name, found)

    def called(
        self, name: str, method: Callable[..., Any], *args: Foreign, **named: Foreign
    ) -> Foreign:
        """Call a method, check what comes back."""
        check = CHECKS[self.kind].get(name)
        quiet = name == "__call__"  # a loss is called for every batch
        try:
            with contextlib.nullcontext() if quiet else contextlib.redirect_stdout(_ToStderr()):
                value = method(*args, **named)
            require_plain(value)
            if check is not None:
                check(self, value, *args, **named)
        except BaseException as error:  # noqa: BLE001  (it becomes a ComponentError)
            refuse(error, self.title, type(self.component), name)
        return value

    async def awaited(self, name: str, method: Callable[..., Any], *args: Foreign) -> Foreign:
        """Await a method, check what comes back; being cancelled and out of time is the host's."""
        try:
            value = method(*args)
            if not inspect.isawaitable(value):
                raise WrongReturn(f"returned {a(value)}", f"write `async def {name}`")  # noqa: TRY301
            value = await value
            if check := CHECKS[self.kind].get(name):
                check(self, value, *args)
        except TimeoutError:
            raise
        except BaseException as error:
            import asyncio  # slow to import, and teachers alone are awaited

            task = asyncio.current_task()
            if isinstance(error, asyncio.CancelledError) and task and task.cancelling():
                raise
            refuse(error, self.title, type(self.component), name)
        return value

    def streamed(self, name: str, method: Callable[..., Any], *args: Foreign) -> Iterator[Any]:
        """Yield what a method yields, item by item."""
        source: Any = None
        while True:
            try:
                source = iter(method(*args)) if source is None else source
                item = next(source, _END)
                if item is not _END:
                    STREAMS[name](self, item)
            except BaseException as error:  # noqa: BLE001  (it becomes a ComponentError)
                refuse(error, self.title, type(self.component), name)
            if item is _END:
                return
            yield item


def refuse(
    error: BaseException, title: str, home: type, name: str, said: str | None = None
) -> NoReturn:
    """Raise an error of the method `name` of a component with its title, line, and a fix.

    Ctrl-C and what says all that already pass as they are. `said` is what is called that the method
    does, its name where left out.
    """
    at, said = _definition_line(home, name), name if said is None else said
    if isinstance(error, WrongReturn):
        where = f"{title} ({at})" if at else title
        raise ComponentError(
            " ".join(f"{said} {error.what}".split()), where=where, fix=error.fix
        ) from None
    own = _own_line(error, home)
    where = f"{title} ({own or at})" if own or at else title
    if type(error) in _NAMELESS and not getattr(error, "where", ""):
        raise type(error)(error.what, where=where, fix=error.fix) from error  # type: ignore[attr-defined,call-arg]
    if isinstance(error, AttemptError) and error.outcome not in get_args(Outcome):
        what = f"raised AttemptError with the outcome {error.outcome!r}"
        raise ComponentError(what, where=where, fix=f"one of {', '.join(get_args(Outcome))}")
    if isinstance(error, (KeyboardInterrupt, DeshiError)):
        raise error
    what, fix = f"{said}: {type(error).__name__}: {_message(error)}".removesuffix(": "), ""
    if isinstance(error, TypeError) and not own:  # it was not even entered
        fix = f"write `{_definition(name)}`"
    elif isinstance(error, KeyError):
        what, fix = f"{what} is not there", "use .get(), or check the key first"
    elif not isinstance(error, Exception):
        fix = "raise deshi.api.ComponentError where a component cannot go on"
    raise ComponentError(" ".join(what[:_LONGEST].split()), where=where, fix=fix) from error


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException:  # noqa: BLE001  (a component's own exception may raise in its turn)
        return "its message cannot be read"


_NAMELESS: Final = (ComponentError, UsageError, NotReadyError)
"""What a component may raise itself, and mostly without saying who it is."""
_LONGEST: Final = 2_000


def complain(component: Foreign, method: str, what: str, fix: str) -> NoReturn:
    """Raise a ComponentError about what a method of a guarded component returned."""
    guard = object.__getattribute__(component, "_guard")
    refuse(WrongReturn(what, fix), guard.title, type(guard.component), method)


def _own_line(error: BaseException, home: type) -> str:
    """Return the last line of a traceback that is of the component's own package."""
    package, found = home.__module__.partition(".")[0], ""
    for frame, line in traceback.walk_tb(error.__traceback__):
        if str(frame.f_globals.get("__name__", "")).partition(".")[0] == package:
            found = f"{Path(frame.f_code.co_filename).name}:{line}"
    return found


def _definition_line(home: type, name: str) -> str:
    """Return the line where a component defines a method, or its class begins: `quoting.py:14`."""
    with contextlib.suppress(Exception):
        function: Any = inspect.unwrap(
            getattr(getattr(home, name), "__func__", getattr(home, name))
        )
        if function.__module__.partition(".")[0] == home.__module__.partition(".")[0]:
            return f"{Path(function.__code__.co_filename).name}:{function.__code__.co_firstlineno}"
    with contextlib.suppress(Exception):
        return f"{Path(inspect.getfile(home)).name}:{inspect.getsourcelines(home)[1]}"
    return ""


_PROTOCOL: Final = {
    name: member
    for kind in vars(kinds).values()
    if isinstance(kind, type) and kind.__module__ == kinds.__name__
    for name, member in vars(kind).items()
    if inspect.isfunction(getattr(member, "__func__", member)) and name != "__init__"
}
"""The methods of the kinds and of their capabilities, by name."""


def _definition(name: str) -> str:
    """Return how a method is defined, `def predict(self, texts)`."""
    if name not in _PROTOCOL:
        return "def __init__(self, params, env)"
    member = _PROTOCOL[name]
    function = getattr(member, "__func__", member)
    shown = [
        one.name if one.default is one.empty else f"{one.name}={one.default!r}"
        for one in inspect.signature(function).parameters.values()
    ]
    word = "async def" if inspect.iscoroutinefunction(function) else "def"
    return f"{word} {name}({', '.join(shown)})"


class _StandIn:
    """Looks like the component behind it; the classes of stand-ins are made by `guarded`."""

    _guard: _Guard

    def __init__(self, guard: _Guard) -> None:
        object.__setattr__(self, "_guard", guard)

    @property  # type: ignore[misc]
    def __class__(self) -> Foreign:
        return type(object.__getattribute__(self, "_guard").component)

    def __getattr__(self, name: str) -> Foreign:
        return object.__getattribute__(self, "_guard").attribute(name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self._guard.component, name, value)

    def __repr__(self) -> str:
        return repr(self._guard.component)

    def __reduce_ex__(self, _: Foreign) -> Foreign:
        return _same, (self._guard.component,)  # a student may keep its loss


def _same(component: Foreign) -> Foreign:
    return component


def _forwarding(name: str) -> Callable[..., Any]:
    def forward(self: _StandIn, *args: Foreign, **named: Foreign) -> Foreign:
        guard = self._guard
        value = guard.called(name, getattr(guard.component, name), *args, **named)
        return self if value is guard.component else value

    async def forward_async(self: _StandIn, *args: Foreign) -> Foreign:
        guard = self._guard
        value = await guard.awaited(name, getattr(guard.component, name), *args)
        return self if value is guard.component else value

    return forward_async if name.startswith("__a") else forward


def guarded(
    component: Foreign,
    kind: str,
    title: str,
    bounds: tuple[float | None, float | None] = (None, None),
) -> Foreign:
    """Return a stand-in of a component; `bare` gives the component back. `bounds` are a metric's."""
    cls = type(component)
    own = {name for base in cls.__mro__ for name in vars(base)}
    names: dict[str, object] = {name: _forwarding(name) for name in _FORWARDED if name in own}
    about: dict[str, object] = {
        "__module__": cls.__module__,
        "__qualname__": cls.__qualname__,
        "__doc__": cls.__doc__,
    }
    guard = _Guard(component, kind, title, bounds)
    return type(cls.__name__, (_StandIn,), {**about, **names})(guard)


def bare(component: Foreign) -> Foreign:
    """Return the component behind a stand-in, or what is none."""
    stands_in = issubclass(type(component), _StandIn)
    return object.__getattribute__(component, "_guard").component if stands_in else component
