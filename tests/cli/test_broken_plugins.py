"""Six broken distributions spoil nothing but the run that names them."""

from __future__ import annotations

from pathlib import Path

import pytest

from project import TOY, Project

GOOD_HOOK = """
from deshi.api import MetricSpec, hookimpl

@hookimpl
def deshi_metrics():
    yield MetricSpec(
        name="it", target="nowhere:It", summary="It.", direction="higher", signature="it"
    )
"""
BROKEN = {
    "absent": "import no_such_library\n",
    "leaving": "raise SystemExit('goodbye')\n",
    "misnamed": "from deshi.api import hookimpl\n\n@hookimpl\ndef deshi_metric():\n    return []\n",
    "asking": "from deshi.api import hookimpl\n\n@hookimpl\ndef deshi_metrics(config):\n    return []\n",
    "vague": GOOD_HOOK.replace('summary="It."', 'summary=""'),
    "newer": GOOD_HOOK,
}
REASONS = {
    "absent": "is broken: ModuleNotFoundError: No module named 'no_such_library'",
    "leaving": "is broken: SystemExit: goodbye",
    "misnamed": "is invalid: unknown hook 'deshi_metric'; did you mean 'deshi_metrics'?",
    "asking": "is invalid: deshi_metrics asks for 'config', but gets no argument",
    "vague": "is invalid: deshi_metrics 'it': summary must be one line of text",
    "newer": "is incompatible: it needs deshi>=99, and this is deshi",
}


def install(site: Path, name: str, code: str, requires: str = "") -> None:
    (site / f"hooks_of_{name}.py").write_text(code, encoding="utf-8")
    folder = site / f"deshi_{name}-1.0.dist-info"
    folder.mkdir(parents=True)
    needs = f"Requires-Dist: {requires}\n" if requires else ""
    metadata = f"Metadata-Version: 2.1\nName: deshi-{name}\nVersion: 1.0\n{needs}"
    (folder / "METADATA").write_text(metadata, encoding="utf-8")
    points = f"[deshi.v2]\n{name} = hooks_of_{name}\n"
    (folder / "entry_points.txt").write_text(points, encoding="utf-8")


@pytest.fixture
def six(project: Project) -> Project:
    site = project.folder / "site"
    site.mkdir()
    for name, code in BROKEN.items():
        install(site, name, code, "deshi>=99" if name == "newer" else "")
    project.environment["PYTHONPATH"] = f"{TOY}:{site}"
    return project


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_help_looks_at_no_plugin_however_many_there_are(six: Project, word: str):
    ran = six.deshi(word)
    assert (ran.status, ran.err) == (0, "")


def lines_about(err: str) -> dict[str, str]:
    found = {}
    for line in err.splitlines():
        for name in BROKEN:
            if line.startswith(f"deshi: plugin '{name}'"):
                assert name not in found, "one line each"
                found[name] = line
    return found


def test_a_list_works_with_one_line_about_each(six: Project):
    ran = six.deshi("list", "metric")
    assert ran.status == 0
    assert "jaccard" in ran.out
    told = lines_about(ran.err)
    assert set(told) == set(BROKEN)
    for name, reason in REASONS.items():
        assert f"plugin '{name}' (deshi-{name} 1.0) {reason}" in told[name]


@pytest.mark.slow
def test_another_benchmark_runs_with_one_line_about_each(six: Project):
    ran = six.deshi("run", "bench.toml", "--quiet")
    assert ran.status == 0
    assert set(lines_about(ran.err)) == set(BROKEN)


@pytest.mark.slow
@pytest.mark.parametrize("name", BROKEN)
def test_a_run_that_names_one_stops_with_status_3_and_asks_nobody(six: Project, name: str):
    ran = six.deshi("run", "bench.toml", "--set", f'benchmark.metrics=["hits", "{name}/it"]')
    assert ran.status == 3
    assert f"plugin '{name}' (deshi-{name} 1.0)" in ran.err.splitlines()[-1]
    assert six.work_done() == []


def test_where_every_plugin_has_to_be_ready_the_first_that_is_not_stops_all(six: Project):
    ran = six.deshi("list", "metric", env={"DESHI_STRICT": "1"})
    assert ran.status == 3
    assert ran.err.startswith("deshi: DESHI_STRICT: plugin '")


def test_one_that_is_switched_off_is_not_imported_and_not_told_of(six: Project):
    (six.folder / "registry.toml").write_text(
        "# mine\n[plugins]\ndisabled = []\n", encoding="utf-8"
    )
    for name in BROKEN:
        ran = six.deshi("plugins", "disable", name)
        assert ran.status == 0
        assert lines_about(ran.err) == {}
    assert (six.folder / "registry.toml").read_text(encoding="utf-8").startswith("# mine\n")
    ran = six.deshi("list", "metric")
    assert lines_about(ran.err) == {}
    back = six.deshi("plugins", "enable", "absent")
    assert back.status == 0
    assert set(lines_about(six.deshi("list", "metric").err)) == {"absent"}


def test_info_tells_why_and_where(six: Project):
    ran = six.deshi("plugins", "info", "absent")
    assert ran.status == 0
    assert "No module named 'no_such_library'" in ran.out
    assert "deshi plugins disable absent" in ran.out
    assert "Traceback" in ran.err
    wrong = six.deshi("plugins", "info", "absend")
    assert (wrong.status, wrong.err) == (
        2, "deshi: plugins: no plugin 'absend' is installed; did you mean 'absent'?\n",
    )  # fmt: skip


def test_a_trace_tells_every_call_of_a_hook(six: Project):
    ran = six.deshi("list", "metric", env={"DESHI_TRACE_PLUGINS": "1"})
    assert "deshi: toy: deshi_metrics: " in ran.err
    assert "deshi: vague: deshi_metrics: 1 offered" in ran.err
