"""Run the checks of a component, one after the other, each behind a guard."""

from __future__ import annotations

import contextlib
import os
import traceback
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path

from deshi.api import DeshiError, Json, Kind, UsageError, nearest
from deshi.registry import Registry
from deshi.testing.check import BUILT, Check
from deshi.testing.naming import entry_named
from deshi.testing.offline import ReachedOut, offline
from deshi.testing.report import Report, Result
from deshi.testing.subject import Subject
from deshi.testing.verdict import Broken, NotApplicable

_WORDS = 3
"""The words that a reason for an expected failure has at least."""


def checks_of(kind: Kind) -> tuple[Check, ...]:
    """Return the checks of a kind: what a class has to be, what its kind asks, and its side effects."""
    every, own = (import_module(f"deshi.testing.checks.{name}") for name in ("every", kind))
    return (*every.CHECKS.found, *own.CHECKS.found, *every.AFTERWARDS.found)


def least(kind: Kind) -> int:
    """Return how many checks of a kind always run: those that need no capability and no service."""
    modules = (import_module(f"deshi.testing.checks.{name}") for name in ("every", kind))
    return sum(module.ALWAYS for module in modules)


def check_component(
    use: str,
    params: Mapping[str, Json] | None = None,
    *,
    kind: Kind | None = None,
    settings: Mapping[str, Json] | None = None,
    expected_failures: Mapping[str, str] | None = None,
    registry: Registry | None = None,
    live: bool = False,
    budget: float = 0.0,
    progress: Callable[[Check, int, int], None] | None = None,
) -> Report:
    """Run all checks of a component and return what came of them.

    `use` is a component's id, or an entry as `metric.length`; `params` are as registry.toml spells
    them. `expected_failures` has, by a check's id, the reason why it must fail. With `live` the
    checks of that tier ask the real service, for at most `budget` USD; all others reach this machine
    alone, and do not apply where that is not enough. `progress` is called before each check.

    Raises:
        UsageError: there is no such component, a parameter is wrong, or an expected failure names no
            check or has no reason.
        NotReadyError: what the component needs is not installed.
    """
    subject = subject_of(
        use, params, kind=kind, settings=settings, registry=registry, live=live, budget=budget
    )
    expected = expected_failures or {}
    checks = checks_of(subject.kind)
    refuse_unknown(checks, expected, subject.kind)
    results = []
    for at, check in enumerate(checks, 1):
        if progress:
            progress(check, at, len(checks))
        results += [run_check(check, subject, expected.get(check.id, ""))]
    with contextlib.suppress(Exception, SystemExit):  # a check has seen an `__exit__` that raises
        subject.stack.close()
    return Report(
        subject.kind, subject.component, tuple(results), 0 if live else least(subject.kind)
    )


def subject_of(
    use: str,
    params: Mapping[str, Json] | None = None,
    *,
    kind: Kind | None = None,
    settings: Mapping[str, Json] | None = None,
    registry: Registry | None = None,
    live: bool = False,
    budget: float = 0.0,
) -> Subject:
    """Return what `check_component` checks; raises what it raises."""
    registry = registry or Registry(Path())
    entry = entry_named(registry, use, kind)
    resolved = registry.resolve(entry, params or {})
    secrets = dict.fromkeys(resolved.spec.needs.environment, "")
    found = {**entry.env, **(settings or {})}
    if live:
        secrets = {v: os.environ.get(v, "") for v in registry.variables(entry, params or {})}
    return Subject(registry, resolved, found, secrets, live=live, budget=round(budget * 1e9))


def run_check(check: Check, subject: Subject, expected: str = "") -> Result:
    """Run one check; `expected` is the reason why it must fail, if it must."""
    if check.capability is not None and not subject.can(check.capability):
        found = Result(check, "n/a", f"its spec does not announce '{check.capability}'")
    elif subject.cannot_be_built and check.id != BUILT:
        found = Result(check, "n/a", "it cannot be built")
    elif check.tier == "live" and not subject.live:
        found = Result(check, "n/a", "calls a real service: --live")
    else:
        found = _guarded(check, subject)
    if not expected:
        return found
    if found.verdict == "failed":
        return Result(check, "expected", expected)
    why = "it passes" if found.verdict == "ok" else f"it does not apply ({found.reason})"
    return Result(check, "unexpected", f"was expected to fail ({expected}), but {why}; remove that")


def refuse_unknown(checks: Sequence[Check], expected: Mapping[str, str], kind: Kind) -> None:
    """Raise UsageError for an expected failure without a check or without a reason."""
    names = [check.id for check in checks]
    for name, reason in expected.items():
        if name not in names:
            what = f"there is no check '{name}' of a {kind}"
            raise UsageError(what, where="expected_failures", fix=nearest(name, names))
        if len(reason.split()) < _WORDS:
            raise UsageError(
                f"'{name}' has no reason",
                where="expected_failures",
                fix="give the reason in a few words",
            )


def _guarded(check: Check, subject: Subject) -> Result:
    try:
        with contextlib.nullcontext() if check.tier == "live" else offline():
            check.run(subject)
    except NotApplicable as reason:
        return Result(check, "n/a", str(reason))
    except ReachedOut as far:
        return Result(check, "n/a" if subject.live else "failed", str(far))
    except Broken as fault:
        return Result(check, "failed", str(fault))
    except (Exception, SystemExit) as error:  # noqa: BLE001  (foreign code may raise anything)
        return Result(check, "failed", f"{_named(error)}{_place(error)}", crashed=True)
    return Result(check, "ok")


def _named(error: BaseException) -> str:
    text = str(error) if isinstance(error, DeshiError) else f"{type(error).__name__}: {error}"
    return " ".join(text.split())


def _place(error: BaseException) -> str:
    """Say where the component raised: its last line that is not the kit's."""
    frames = traceback.extract_tb(error.__traceback__)
    outside = [
        frame for frame in frames if "deshi/testing" not in frame.filename.replace("\\", "/")
    ]
    return f" (at {Path(outside[-1].filename).name}:{outside[-1].lineno})" if outside else ""
