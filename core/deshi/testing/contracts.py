"""The contract classes for pytest: a subclass that names a component gets one test a check.

Which checks apply, the spec decides. A check cannot be taken out or overridden; one that must fail
is listed in `expected_failures` with the reason, and then has to fail.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from deshi.api import Json, Kind
from deshi.testing.check import Check
from deshi.testing.report import Report, Result
from deshi.testing.running import checks_of, least, refuse_unknown, run_check, subject_of
from deshi.testing.subject import Subject


class _Contract:
    """What the six contracts share."""

    kind: ClassVar[Kind]
    use: ClassVar[str] = ""
    """The component's id, or an entry as `metric.length`."""
    params: ClassVar[Mapping[str, Json]] = {}
    """Parameters, as registry.toml spells them."""
    settings: ClassVar[Mapping[str, Json]] = {}
    """What `[kind.entry.env]` would hold."""
    expected_failures: ClassVar[Mapping[str, str]] = {}
    """By a check's id, the reason why it must fail."""

    _tests: ClassVar[frozenset[str]] = frozenset()
    _found: ClassVar[dict[str, Result]] = {}
    _shared: ClassVar[dict[str, Subject]] = {}

    def __init_subclass__(cls, **more: object) -> None:
        super().__init_subclass__(**more)
        cls._found, cls._shared = {}, {}
        if "kind" in vars(cls):
            _write_tests(cls)
            return
        taken = sorted(name for name in cls._tests if name in vars(cls))
        if taken:
            message = (
                f"{cls.__name__}.{taken[0]} would replace a check; name it otherwise, or list the "
                "check "
                "in expected_failures with the reason"
            )
            raise TypeError(message)

    def subject(self) -> Subject:
        """Return the component that is checked."""
        return subject_of(self.use, self.params, kind=self.kind, settings=self.settings)

    @classmethod
    def teardown_class(cls) -> None:
        """Close what the checks of the class shared."""
        for subject in cls._shared.values():
            subject.stack.close()
        cls._shared.clear()

    @property
    def _subject(self) -> Subject:
        if self.use not in self._shared:  # once a class: what is costly is shared by its checks
            refuse_unknown(checks_of(self.kind), self.expected_failures, self.kind)
            self._shared[self.use] = self.subject()
        return self._shared[self.use]

    def _run(self, check: Check) -> Result:
        if check.id not in self._found:  # once a class: the count needs all of them too
            expected = self.expected_failures.get(check.id, "")
            self._found[check.id] = run_check(check, self._subject, expected)
        return self._found[check.id]

    def test_the_number_of_checks(self) -> None:
        """Assert that at least the checks ran that apply to every component of the kind."""
        results = tuple(self._run(check) for check in checks_of(self.kind))
        report = Report(self.kind, self.use, results, least(self.kind))
        assert report.run >= report.least, report.counts


def _write_tests(cls: type[_Contract]) -> None:
    names = set()
    for check in checks_of(cls.kind):
        name = f"test_{check.id.replace('-', '_')}"
        setattr(cls, name, _test(check, name))
        names.add(name)
    cls._tests = frozenset((*names, "test_the_number_of_checks"))


def _test(check: Check, name: str) -> Callable[[Any], None]:
    def test(self: _Contract) -> None:
        import pytest

        result = self._run(check)
        if result.verdict == "n/a":
            pytest.skip(result.reason)
        if result.verdict == "expected":
            pytest.xfail(result.reason)
        if result.is_bad:
            pytest.fail(
                f"{check.id}: {result.reason}\nrequired: {check.sentence}\nfix: {check.fix}",
                pytrace=False,
            )

    test.__name__, test.__doc__ = name, check.sentence
    return test


class CorpusContract(_Contract):
    """The checks of a corpus."""

    kind = "corpus"


class TeacherContract(_Contract):
    """The checks of a teacher."""

    kind = "teacher"


class FilterContract(_Contract):
    """The checks of a filter."""

    kind = "filter"


class StudentContract(_Contract):
    """The checks of a student."""

    kind = "student"


class LossContract(_Contract):
    """The checks of a loss."""

    kind = "loss"


class MetricContract(_Contract):
    """The checks of a metric."""

    kind = "metric"
