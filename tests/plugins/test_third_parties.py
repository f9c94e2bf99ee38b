"""Distributions of others add commands and executors; what is wrong with one spoils nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from project import TOY, Project

EXAMPLES = Path(__file__).parents[2] / "examples"


def distribution(site: Path, name: str, entry_points: str, **modules: str) -> None:
    """Put a distribution into a folder of the path, as pip would."""
    folder = site / f"{name.replace('-', '_')}-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text(entry_points, encoding="utf-8")
    for module, code in modules.items():
        (site / f"{module}.py").write_text(code, encoding="utf-8")


def command_code(words: str) -> str:
    return (
        f'"""{words}"""\n\nimport click\n\n\n@click.command()\ndef command():\n'
        f'    """{words}"""\n    click.echo("ran")\n'
    )


@pytest.fixture
def site(project: Project) -> Path:
    folder = project.folder / "site"
    folder.mkdir()
    examples = [str(EXAMPLES / name) for name in ("confusions", "processes")]
    project.environment["PYTHONPATH"] = os.pathsep.join(
        filter(None, [str(TOY), str(folder), *examples, os.environ.get("PYTHONPATH")])
    )
    points = "[deshi.commands]\nconfusions = deshi_confusions.command:command\n"
    distribution(folder, "deshi-confusions", points)
    points = "[deshi.v2]\nprocesses = deshi_processes.hooks\n"
    distribution(folder, "deshi-processes", points)
    return folder


@pytest.mark.usefixtures("site")
def test_help_lists_a_command_of_others_without_importing_its_module(project: Project) -> None:
    code = (
        "import sys, json, atexit\n"
        "from deshi.cli import main\n"
        "atexit.register(lambda: sys.stderr.write(json.dumps(sorted(sys.modules))))\n"
        "main(['--help'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=project.variables(), capture_output=True, text=True
    )
    assert "From deshi-confusions:\n  confusions   Show which emoji a row predicts" in done.stdout
    loaded = set(json.loads(done.stderr))
    assert not [m for m in loaded if m.startswith(("deshi_confusions", "deshi_tools"))]


@pytest.mark.usefixtures("site")
def test_a_command_of_others_reads_a_finished_run_and_prints_in_every_format(
    project: Project,
) -> None:
    project.write()
    project.results()
    shown = project.deshi("confusions", "latest", "--row", "counter/memory/nothing", "--top", "2")
    assert shown.status == 0, shown.err
    found = project.deshi("confusions", "--format", "json", "--row", "counter/memory/nothing")
    assert all(pair["texts"] >= 1 and pair["gold"] != pair["predicted"] for pair in found.json)
    assert found.json[0]["gold"] in shown.out


def contents(project: Project) -> dict[str, str]:
    found = (
        json.loads(p.read_text()) for p in project.workspace.glob("artefacts/*/*/*/manifest.json")
    )
    return {one["address"]: one["content"] for one in found}


@pytest.mark.usefixtures("site")
def test_all_executors_make_artefacts_of_equal_content(project: Project) -> None:
    project.write()
    by_executor = {}
    for name, words in {
        "in-process": [],
        "pool": ["--workers", "2"],
        "fresh": ["--workers", "2", "--executor", "processes/fresh"],
    }.items():
        project.results(*words)
        by_executor[name] = contents(project)
        project.workspace.rename(project.folder / f"by-{name}")
    assert by_executor["pool"] == by_executor["in-process"]
    assert by_executor["fresh"] == by_executor["in-process"]
    assert len(by_executor["fresh"]) > 10


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("processes/frsh", "unknown executor 'processes/frsh'; did you mean 'processes/fresh'?"),
        ("slurm", "unknown executor 'slurm'; name a plugin's, such as acme/cluster"),
        ("acme/slurm", "no plugin 'acme' is installed, which executor 'acme/slurm' names"),
    ],
)
def test_an_unknown_executor_is_named_before_anything_runs(
    project: Project, name: str, says: str
) -> None:
    project.write()
    ran = project.deshi("run", "bench.toml", "--executor", name)
    assert (ran.status, ran.out) == (2, "")
    assert says in ran.err
    assert project.work_done() == []


GOOD = """
from concurrent.futures import Future

class It:
    workers = 2
    def __init__(self, workers):
        pass
    def __enter__(self):
        return self
    def __exit__(self, *error):
        pass
    def submit(self, task):
        future = Future()
        future.set_result(task())
        return future
    def restart(self):
        pass
    def interrupt(self):
        pass
"""
"""An executor that runs everything at once, in the driver's own thread."""


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("set_result(task())", "set_result('done')", "returned str for a stage"),
        ("set_result(task())", "cancel()", "its process died"),
        ("set_result(task())", "set_exception(SystemExit(7))", "ended with SystemExit(7)"),
        ("return future", "return None", "returned NoneType from submit"),
        ("future = Future()", "raise RuntimeError('no queue')", "failed: RuntimeError: no queue"),
        ("workers = 2", "workers = 0", "has 0 workers; give a whole number from 1"),
        ("workers = 2", "workers = '4'", "has '4' workers"),
        ("workers = 2", "other = 2", "failed: AttributeError"),
        (
            "        pass\n    def __enter__",
            "        1 / 0\n    def __enter__",
            "ZeroDivisionError",
        ),
    ],
)
def test_a_broken_executor_is_named_and_nothing_hangs(
    project: Project, site: Path, right: str, wrong: str, says: str
) -> None:
    assert right in GOOD
    hooks = (
        "from deshi.api import ExecutorSpec, hookimpl\n\n@hookimpl\ndef deshi_executors():\n"
        "    return [ExecutorSpec(name='it', target='some:It', summary='It.')]\n"
    )
    points = "[deshi.v2]\nsome = some_hooks\n"
    distribution(site, "deshi-some", points, some=GOOD.replace(right, wrong), some_hooks=hooks)
    project.write()
    ran = project.deshi("run", "bench.toml", "--executor", "some/it", "--quiet")
    assert ran.status != 0
    assert says in " ".join((ran.err + ran.out).split())
    assert "Traceback" not in ran.err


def test_an_executor_that_is_not_ready_says_what_it_needs(project: Project, site: Path) -> None:
    hooks = (
        "from deshi.api import ExecutorSpec, Needs, hookimpl\n\n@hookimpl\ndef deshi_executors():\n"
        "    needs = Needs(modules=('no_such_library',))\n"
        "    return [ExecutorSpec(name='it', target='some:It', summary='It.', needs=needs)]\n"
    )
    points = "[deshi.v2]\nsome = some_hooks\n"
    distribution(site, "deshi-some", points, some=GOOD, some_hooks=hooks)
    project.write()
    ran = project.deshi("run", "bench.toml", "--executor", "some/it")
    assert ran.status == 3
    assert "executor 'some/it': needs the module 'no_such_library'" in ran.err
    off = project.deshi("run", "bench.toml", "--executor", "some/it", env={"DESHI_PLUGINS": "toy"})
    assert off.status == 3
    assert "plugin 'some' (deshi-some 1.0) is disabled" in off.err


def test_completion_imports_no_command_and_a_broken_one_spoils_it_not(
    project: Project, site: Path
) -> None:
    code = "print('imported')\nraise RuntimeError\n"
    distribution(site, "deshi-sick", "[deshi.commands]\nsick = sick:command\n", sick=code)
    words = {"_DESHI_COMPLETE": "bash_complete", "COMP_WORDS": "deshi ", "COMP_CWORD": "1"}
    done = project.deshi(env=words)
    assert {"plain,run", "plain,sick", "plain,confusions"} <= set(done.out.split())
    assert "imported" not in done.out


def test_a_folder_of_another_distribution_is_not_taken_for_deshi(
    project: Project, site: Path
) -> None:
    folder = site / "deshi-cloud-1.0.dist-info"
    folder.mkdir()
    (folder / "entry_points.txt").write_text("[deshi.commands]\ncloud = cloud:command\n")
    (site / "cloud.py").write_text(command_code("A cloud."), encoding="utf-8")
    assert "From deshi-cloud:" in project.deshi("--help").out
    assert project.deshi("agree", "--help").status == 0
    assert project.deshi("cloud", env={"DESHI_PLUGINS": "cloud"}).status == 2


def test_a_kernel_command_and_one_of_deshi_itself_cannot_be_replaced(
    project: Project, site: Path
) -> None:
    points = "[deshi.commands]\nrun = thief:command\nmigrate = thief:command\n"
    distribution(site, "deshi-thief", points, thief=command_code("Steal."))
    assert "Steal" not in project.deshi("--help").out
    assert project.deshi("run").status == 2
    assert project.deshi("migrate").status == 2


def test_a_command_that_two_claim_is_nobodys(project: Project, site: Path) -> None:
    for name in ("one", "two"):
        points = f"[deshi.commands]\ncloud = cloud_{name}:command\n"
        distribution(site, f"deshi-{name}", points, **{f"cloud_{name}": command_code("A cloud.")})
    ran = project.deshi("cloud")
    assert ran.status == 3
    assert ran.err.startswith("deshi: command 'cloud' of deshi-one: is claimed by deshi-one and")
    assert project.deshi("list", "loss").status == 0


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("import no_such_library\n", "cannot be imported: ModuleNotFoundError: No module named"),
        ("raise SystemExit('bye')\n", "cannot be imported: SystemExit: bye"),
        ("command = 1\n", "is no click command, but int; name one in its entry point"),
        ("other = 1\n", "cannot be imported: AttributeError"),
    ],
)
def test_a_broken_command_is_one_line_and_spoils_no_other(
    project: Project, site: Path, code: str, says: str
) -> None:
    distribution(site, "deshi-sick", "[deshi.commands]\nsick = sick:command\n", sick=code)
    ran = project.deshi("sick")
    assert ran.status == 3
    assert says in ran.err
    assert len(ran.err.splitlines()) == 1
    assert "sick" in project.deshi("--help").out
    assert project.deshi("confusions", "--help").status == 0


def test_deshi_plugins_keeps_commands_of_others_out(project: Project, site: Path) -> None:
    distribution(
        site,
        "deshi-acme",
        "[deshi.commands]\ncloud = cloud:command\n",
        cloud=command_code("A cloud."),
    )
    assert project.deshi("cloud").out == "ran\n"
    for allowed, status in (("", 2), ("toy", 2), ("deshi-acme", 0)):
        assert project.deshi("cloud", env={"DESHI_PLUGINS": allowed}).status == status
    assert project.deshi("agree", "--help", env={"DESHI_PLUGINS": ""}).status == 0


def test_what_is_switched_off_brings_no_command(project: Project, site: Path) -> None:
    code = command_code("A cloud.")
    distribution(site, "deshi-acme", "[deshi.commands]\ncloud = cloud:command\n", cloud=code)
    (project.folder / "registry.toml").write_text('[plugins]\ndisabled = ["deshi-acme"]\n')
    ran = project.deshi("cloud")
    assert ran.status == 3
    assert "is switched off with 'deshi-acme'; run `deshi plugins enable deshi-acme`" in ran.err
    assert project.deshi("plugins", "enable", "deshi-acme").status == 0
    assert project.deshi("cloud").out == "ran\n"


@pytest.mark.usefixtures("site")
def test_plugins_lists_commands_of_others(project: Project) -> None:
    lines = {one["distribution"]: one for one in project.deshi("plugins", "--format", "json").json}
    assert lines["deshi-confusions"]["offers, or the error"] == "command confusions"
    assert lines["deshi-confusions"]["version"] == "1.0"
    assert lines["deshi-processes"]["offers, or the error"] == "executor processes/fresh"
