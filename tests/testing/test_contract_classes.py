"""The contract classes: one pytest test a check, none of which can be taken out."""

from __future__ import annotations

import subprocess
import sys

import pytest

from deshi.testing import MetricContract
from deshi.testing.running import checks_of

TESTS = """
from deshi.testing import MetricContract, StudentContract

class TestJaccard(MetricContract):
    use = "jaccard"

class TestEntry(MetricContract):
    use = "metric.hit-at-k"
    params = {"k": 3}

class TestExpected(StudentContract):
    use = "constant"
    expected_failures = {"reads-its-input": "it answers every text alike"}

class TestDeaf(StudentContract):
    use = "constant"
    expected_failures = {"fit-reports": "a claim that does not hold"}
"""


def test_each_check_is_a_test_and_an_expected_failure_has_to_fail(tmp_path):
    (tmp_path / "test_it.py").write_text(TESTS, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", str(tmp_path)],
        capture_output=True, text=True, timeout=120, cwd=tmp_path,
    )  # fmt: skip
    lines = done.stdout.splitlines()

    def named(word, cls):
        return {x.split("::")[-1].split(" ")[0] for x in lines if x.startswith(word) and cls in x}

    for cls in ("TestJaccard", "TestEntry"):
        assert "test_within_bounds" in named("PASSED", cls)
        assert named("FAILED", cls) == set()
    tests = {f"test_{check.id.replace('-', '_')}" for check in checks_of("metric")}
    counted = named("PASSED", "TestJaccard") | {"skipped"}
    assert tests - counted == {
        "test_can_be_entered_again", "test_tells_no_secret", "test_a_share_of_texts_is_one",
    }  # fmt: skip
    assert "test_the_number_of_checks" in counted
    assert named("FAILED", "TestExpected") == {"test_reads_its_input"}
    assert named("FAILED", "TestDeaf") == {"test_fit_reports"}
    assert (
        "it does not apply (its spec declares that it ignores the texts); remove that"
        in done.stdout
    )
    assert "but it passes; remove that" in done.stdout


def test_a_check_cannot_be_overridden():
    with pytest.raises(TypeError, match="would replace a check; name it otherwise"):

        class TestMine(MetricContract):
            use = "jaccard"

            def test_within_bounds(self):
                pass


@pytest.mark.parametrize(
    ("expected", "message"),
    [
        ({"within-bound": "it may be larger"}, "no check 'within-bound' of a metric"),
        ({"within-bounds": "no"}, "'within-bounds' has no reason"),
    ],
)
def test_an_expected_failure_needs_a_check_and_a_reason(expected, message):
    from deshi.api import UsageError
    from deshi.testing import check_component

    with pytest.raises(UsageError, match=message):
        check_component("jaccard", expected_failures=expected)
