"""The checks of every component, whatever its kind."""

from __future__ import annotations

import builtins
import contextlib
import dataclasses
import io
import os
import subprocess
import sys
import tempfile
import time
import typing
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import msgspec

from deshi.registry import open_component
from deshi.testing.capabilities import CAPABILITIES
from deshi.testing.check import BUILT, Checks, expect, first_difference, shown
from deshi.testing.exercise import exercise, first_work
from deshi.testing.fitting import SEED
from deshi.testing.secrets_told import CANARY, secrets_told
from deshi.testing.subject import Subject
from deshi.testing.verdict import Broken, NotApplicable

CHECKS = Checks()
AFTERWARDS = Checks()
"""Those that put the component to work, and so say little before it keeps the contract of its kind."""
ALWAYS = 8

_HEAVY: Final = (
    "torch", "tensorflow", "jax", "transformers", "sklearn", "datasets", "pandas", "scipy", "pyarrow",
    "anthropic", "openai",
)  # fmt: skip
_MEGABYTE: Final = 1 << 20
_QUICK: Final = 0.2


@CHECKS.add(
    BUILT,
    "The class that the spec names can be imported, and is built as `Class(params, env)`.",
    "compare target='module:Class' with the module; write `def __init__(self, params, env)`",
)
def _(subject: Subject) -> None:
    expect(not subject.cannot_be_built, f"{subject.spec.target}: {subject.cannot_be_built}")


@CHECKS.add(
    "summary-is-a-sentence",
    "The spec's summary is one line that ends with a full stop.",
    "describe the component in one short sentence, for `deshi list`",
)
def _(subject: Subject) -> None:
    summary = subject.spec.summary
    expect(summary.strip().endswith((".", "。")), f"the summary is {shown(summary)}")


@CHECKS.add(
    "listing-imports-nothing-heavy",
    "The plugin's hooks, with all specs, import no heavy library.",
    "keep the module of the entry point to specs; name classes as 'module:Class' strings",
)
def _(subject: Subject) -> None:
    module = subject.resolved.plugin.entry.partition(":")[0]
    if not module:
        raise NotApplicable("its plugin is no importable module")
    path = [os.fspath(Path(one or ".").absolute()) for one in sys.path]
    code = (
        f"import sys; sys.path[:0] = {path!r}; import deshi.api.hooks; before = set(sys.modules)\n"
        f"import {module}\n"
        f"print(*sorted((set(sys.modules) - before) & set({_HEAVY!r})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode:
        raise NotApplicable(f"{module} cannot be imported by itself")
    found = done.stdout.split()
    expect(not found, f"importing {module} imports {', '.join(found)}")


@CHECKS.add(
    "params-are-frozen",
    "The class of the parameters is a frozen dataclass, with keywords alone.",
    "write `@dataclass(frozen=True, kw_only=True)` above it",
)
def _(subject: Subject) -> None:
    options = subject.params_class.__dataclass_params__
    expect(options.frozen, f"{subject.params_class.__name__} is not frozen")
    loose = [f.name for f in dataclasses.fields(subject.params_class) if not f.kw_only]
    expect(not loose, f"'{loose[0] if loose else ''}' is not keyword-only")


@CHECKS.add(
    "params-have-help",
    "Every parameter has a help text.",
    "annotate it: `k: Annotated[int, Help('Neighbours that vote.', ge=1)] = 10`",
)
def _(subject: Subject) -> None:
    hints = typing.get_type_hints(subject.params_class, include_extras=True)
    bare = [f.name for f in dataclasses.fields(subject.params_class) if not _help(hints[f.name])]
    expect(not bare, f"{', '.join(bare)}: no help")


@CHECKS.add(
    "defaults-are-valid",
    "Every default lies within the bounds that its own annotation states.",
    "change the default, or the bounds",
)
def _(subject: Subject) -> None:
    hints = typing.get_type_hints(subject.params_class, include_extras=True)
    for field in dataclasses.fields(subject.params_class):
        if field.default is dataclasses.MISSING:
            continue
        try:
            msgspec.convert(field.default, hints[field.name], dec_hook=_as_is)
        except (msgspec.ValidationError, TypeError) as error:
            raise Broken(f"{field.name} = {shown(field.default)}: {error}") from None


@CHECKS.add(
    "building-is-cheap",
    "Building the component takes under 0.2 seconds and reads no file above 1 MB.",
    "move weights, clients and files from `__init__` to `__enter__` or to first use",
)
def _(subject: Subject) -> None:
    _ = subject.target  # the first import is not counted
    with tempfile.TemporaryDirectory() as folder, _watched_files() as open_component:
        env = subject.env(Path(folder))
        took = min(_seconds(subject, env) for _ in range(3))
    large = [(name, size) for name, size in open_component if size > _MEGABYTE]
    expect(not large, f"it reads {large[0][0]}, {large[0][1]:,} bytes" if large else "")
    expect(took < _QUICK, f"it takes {took:.2f} s")


@CHECKS.add(
    "capabilities-have-methods",
    "Each capability that the spec announces is known, and the class has its methods.",
    "add the methods of the capability's protocol in `deshi.api`, or take the name from the spec",
)
def _(subject: Subject) -> None:
    known = CAPABILITIES[subject.kind]
    for name in sorted(subject.spec.capabilities):
        expect(name in known, f"a {subject.kind} has no capability '{name}'")
        lacking = [m for m in known[name] if not hasattr(subject.target, m)]
        expect(
            not lacking, f"'{name}' is announced, and {subject.target.__name__} has no {lacking}"
        )


@CHECKS.add(
    "methods-are-announced",
    "The class has no methods of capabilities that the spec does not announce.",
    "add the capability to the spec",
)
def _(subject: Subject) -> None:
    for name, methods in CAPABILITIES[subject.kind].items():
        if methods and name not in subject.spec.capabilities:
            there = all(hasattr(subject.target, method) for method in methods)
            expect(not there, f"{subject.target.__name__} has {list(methods)}, but no '{name}'")


@CHECKS.add(
    "can-be-entered-again",
    "A component that can be entered can be left twice, and a second one entered after it.",
    "let `__exit__` do nothing when there is nothing to close",
)
def _(subject: Subject) -> None:
    if not hasattr(subject.target, "__enter__"):
        raise NotApplicable("it is not entered")
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(2):
            component = subject.built(subject.env(Path(folder)))
            with open_component(component):
                pass
            component.__exit__(None, None, None)


@AFTERWARDS.add(
    "same-work-same-result",
    "Two instances with the same seed, parameters and input give the same results.",
    "use a generator seeded with env.seed, not the clock, a set's order or a global generator",
)
def _(subject: Subject) -> None:
    first = first_work(subject).result
    with subject.opened(seed=SEED) as other:
        second = exercise(subject, other)
    if first != second and repr(first) != repr(second):  # a NaN equals nothing
        both = isinstance(first, list) and isinstance(second, list)
        where = first_difference(first, second) if both else f"{shown(first)} and {shown(second)}"  # type: ignore[arg-type]
        raise Broken(f"the second instance differs: {where}")


@AFTERWARDS.add(
    "global-random-state-untouched",
    "The global generators of random and numpy are not used.",
    "use random.Random(env.seed) and numpy.random.default_rng(env.seed)",
)
def _(subject: Subject) -> None:
    used = first_work(subject).used
    expect(not used, f"it used the global generator of {' and of '.join(used)}")


@AFTERWARDS.add(
    "tells-no-secret",
    "No repr, public attribute, log, message, print or file of the component holds a secret's value.",
    "keep secrets in attributes that begin with _, and out of reprs and messages",
)
def _(subject: Subject) -> None:
    names = subject.spec.needs.environment
    if not names:
        raise NotApplicable("it needs no secret")
    armed = replace(subject, secrets=dict.fromkeys(names, CANARY), kept={})
    told = [where for where, text in secrets_told(armed) if CANARY in text]
    expect(not told, f"the secret can be read in {told[0] if told else ''}")


def _help(hint: Any) -> str:  # noqa: ANN401
    for part in (hint, *typing.get_args(hint)):
        for note in getattr(part, "__metadata__", ()):
            if isinstance(note, msgspec.Meta) and note.description:
                return note.description
    return ""


def _as_is(kind: type[Any], value: object) -> object:
    return value if isinstance(value, kind) else kind(value)


def _seconds(subject: Subject, env: Any) -> float:  # noqa: ANN401
    began = time.perf_counter()
    subject.registry.create(subject.kind, subject.component, subject.resolved.params_json, env)
    return time.perf_counter() - began


@contextlib.contextmanager
def _watched_files() -> Iterator[list[tuple[str, int]]]:
    """Note each file that is opened to be read, with its size."""
    seen: list[tuple[str, int]] = []
    real = builtins.open

    def watched(file: Any, mode: str = "r", *rest: Any, **more: Any) -> Any:  # noqa: ANN401
        if isinstance(file, str | os.PathLike) and "r" in mode and Path(file).is_file():
            seen.append((Path(file).name, Path(file).stat().st_size))
        return real(file, mode, *rest, **more)

    builtins.open = io.open = watched
    try:
        yield seen
    finally:
        builtins.open = io.open = real
