"""Bad input of any kind: a message that names file, table and key, and the right name."""

from __future__ import annotations

import pytest

from project import BENCHMARK, Project


def refuse(project: Project, text: str, *words: str) -> tuple[int, str]:
    project.write(text)
    ran = project.deshi("run", "bench.toml", "--quiet", *words)
    assert "Traceback" not in ran.err
    assert ran.out == ""
    return ran.status, ran.err


@pytest.mark.parametrize(
    ("before", "after", "parts"),
    [
        ("train = 120", "trian = 120", ["bench.toml: [benchmark]", "unknown key 'trian'", "did you mean 'train'?"]),
        ("[matrix]", "[matrx]", ["bench.toml", "unknown table [matrx]", "did you mean 'matrix'?"]),
        ('teacher = ["counter", "counter-two"]', 'techer = "counter"', ["bench.toml: [matrix]", "unknown axis 'techer'", "did you mean 'teacher'?"]),
        ("seeds = 2", "near-test = 7.0", ["bench.toml: [benchmark]", "near-test", "<= 1"]),
        ('"memory", "fleeting"', '"memry"', ["bench.toml: [matrix] student", "unknown student 'memry'", "did you mean 'memory'?"]),
        ("seeds = 2", 'seeds = "two"', ["bench.toml: [benchmark]", "seeds", "Expected `int`, got `str`"]),
        ("seeds = 2", "seeds = 0", ["bench.toml: [benchmark]", "seeds", ">= 1"]),
        ("test = 40\n", "", ["bench.toml: [benchmark]", "'test' is missing"]),
        ("test = 40", "test = 4000", ["bench.toml: [benchmark]", "test = 4000 is more than the", "add `--set benchmark.test="]),
        ('loss = ["nothing", "less"]', "", ["bench.toml: [matrix]", "student 'memory' needs a loss"]),
        ('chain = "toy"', 'chain = "toi"', ["unknown chain 'toi'", "did you mean 'toy'?"]),
        ('metrics = ["hits"', 'metrics = ["hit"', ["unknown metric 'hit'", "did you mean 'hits'?"]),
        ('metrics = ["hits", "misses", "effective-emoji"]', "metrics = []", ["bench.toml: [benchmark]", "metrics is empty"]),
        ('"memory", "fleeting"', "{ most = 3 }", ["bench.toml: [matrix] student", "neither an entry's name nor a table with `use`"]),
        ('"memory", "fleeting"', '{ use = "memory", mots = 3 }', ["student.memory.params", "unknown key 'mots'", "did you mean 'most'?"]),
        ('"memory", "fleeting"', '{ use = "memory", noise = 2.0 }', ["student.memory.params.noise", "<= 1"]),
    ],
)  # fmt: skip
def test_a_wrong_benchmark_file_is_refused_with_what_to_mend(
    project: Project, before: str, after: str, parts: list[str]
) -> None:
    assert before in BENCHMARK
    status, message = refuse(project, BENCHMARK.replace(before, after))
    assert status == 2, message
    for part in parts:
        assert part in message


def test_a_file_that_is_not_toml_is_refused_with_its_line(project: Project) -> None:
    status, message = refuse(project, "[benchmark]\ntrain == 3\n")
    assert status == 2
    assert "bench.toml: not a TOML file" in message
    assert "line 2" in message


def test_a_file_that_is_not_there_is_answered_with_those_that_are(project: Project) -> None:
    ran = project.deshi("run", "bensh.toml")
    assert ran.status == 2
    assert "bensh.toml: no such file; did you mean 'bench.toml'?" in ran.err


def test_an_impossible_loss_is_shown_with_its_reason(project: Project) -> None:
    project.write(BENCHMARK.replace('loss = ["nothing", "less"]', 'loss = ["nothing", "spoken"]'))
    ran = project.deshi("run", "bench.toml", "--quiet", "--format", "json")
    assert ran.status == 0
    row = next(row for row in ran.json["rows"] if row["id"] == "counter/memory/spoken")
    assert row["status"] == "n/a"
    assert row["reason"] == "loss 'spoken' takes tokens, 'memory' gives labels"


def test_a_matrix_without_a_possible_cell_is_refused(project: Project) -> None:
    text = BENCHMARK.replace('loss = ["nothing", "less"]', 'loss = "spoken"')
    text = text.replace('["memory", "fleeting"]', '"memory"').replace(
        'baselines = ["constant", "shuffled"]', "baselines = []"
    )
    status, message = refuse(project, text)
    assert status == 2
    assert "no cell can run: loss 'spoken' takes tokens, 'memory' gives labels" in message


def test_an_empty_corpus_is_refused(project: Project) -> None:
    status, message = refuse(project, BENCHMARK, "--set", "corpus.numbers.params.n=0")
    assert status == 2
    assert "corpus 'numbers': gave no text" in message


def test_what_is_not_ready_stops_the_run_before_it_starts(project: Project) -> None:
    status, message = refuse(project, BENCHMARK.replace('"fleeting"', '"needy"'))
    assert status == 3
    assert "student 'needy'" in message
    assert "toy-extra" in message
    assert "TOY_KEY" in message
    assert "--skip-not-ready" in message
    assert project.work_done() == []


def test_what_is_not_ready_can_be_left_out(project: Project) -> None:
    project.write(BENCHMARK.replace('"fleeting"', '"needy"'))
    ran = project.deshi("run", "bench.toml", "--quiet", "--format", "json", "--skip-not-ready")
    assert ran.status == 0
    row = next(row for row in ran.json["rows"] if row["id"] == "counter/needy")
    assert row["status"] == "n/a"
    assert "toy-extra" in row["reason"]


@pytest.mark.parametrize(
    ("setting", "parts"),
    [
        ("studnet.memory.params.most=1", ["unknown table 'studnet'", "did you mean 'student'?"]),
        ("student.memory.params.most", ["is not of the form a.b=value"]),
        ("student.memory.params.most=many", ["student.memory.params.most", "command line"]),
        ("student.memory.env.threads=many", ["student.memory.env.threads", "not a whole number"]),
        (
            "teacher.counter.limits.concurrency=0",
            ["teacher.counter.limits.concurrency", "at least 1"],
        ),
        ("benchmark.sedes=3", ["unknown key 'sedes'", "did you mean 'seeds'?"]),
    ],
)
def test_a_wrong_setting_is_refused(project: Project, setting: str, parts: list[str]) -> None:
    status, message = refuse(project, BENCHMARK, "--set", setting)
    assert status == 2
    for part in parts:
        assert part in message


def test_a_wrong_registry_file_is_named_with_table_and_line(project: Project) -> None:
    (project.folder / "registry.toml").write_text(
        '[student.memory]\nuse = "toy/memory"\nparms = { most = 1 }\n', encoding="utf-8"
    )
    status, message = refuse(project, BENCHMARK)
    assert status == 2
    assert "student.memory" in message
    assert "did you mean 'params'?" in message
    assert "registry.toml:3" in message


def test_a_plugin_that_raises_on_import_stops_only_who_names_it(project: Project) -> None:
    plugin = project.folder / "site"
    info = plugin / "deshi_sick-0.1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: deshi-sick\nVersion: 0.1\n")
    (info / "entry_points.txt").write_text("[deshi.v2]\nsick = deshi_sick\n")
    (plugin / "deshi_sick.py").write_text("raise ImportError('no flu vaccine')\n")
    env = {"PYTHONPATH": f"{project.variables()['PYTHONPATH']}:{plugin}"}
    fine = project.deshi("run", "bench.toml", "--quiet", env=env)
    assert fine.status == 0
    assert fine.err.count("no flu vaccine") == 1
    project.write(BENCHMARK.replace('"fleeting"', '"sick/student"'))
    named = project.deshi("run", "bench.toml", "--quiet", env=env)
    assert named.status == 3
    assert "plugin 'sick' (deshi-sick 0.1)" in named.err
    listed = project.deshi("plugins", "--format", "json", env=env)
    assert next(p for p in listed.json if p["plugin"] == "sick")["state"] == "broken"
    assert project.deshi("doctor", env=env).status == 3


def test_a_workspace_that_cannot_be_written_is_named(project: Project) -> None:
    (project.folder / "file").write_text("")
    ran = project.deshi("run", "bench.toml", "--workspace", "file/inside")
    assert ran.status == 2
    assert "file/inside: cannot be written" in ran.err


def test_a_damaged_ledger_is_named_and_left_alone(project: Project) -> None:
    project.workspace.mkdir()
    ledger = project.workspace / "ledger.sqlite"
    ledger.write_bytes(b"this is no database" * 100)
    ran = project.deshi("run", "bench.toml", "--quiet")
    assert ran.status == 2
    assert "ledger.sqlite: cannot be read as a ledger" in ran.err
    assert ledger.read_bytes().startswith(b"this is no database")


def test_an_unknown_command_is_answered_with_the_nearest(project: Project) -> None:
    ran = project.deshi("rnu")
    assert ran.status == 2
    assert "did you mean 'run'?" in ran.err


def test_a_run_that_is_not_there_is_answered_with_those_that_are(project: Project) -> None:
    assert "there is no run yet" in project.deshi("show").err
    project.results()
    ran = project.deshi("show", "bensh")
    assert ran.status == 2
    assert "no run 'bensh'" in ran.err


@pytest.fixture
def with_folder(project: Project) -> Project:
    """Return a project as most are: registry.toml at its root, benchmark files in benchmarks/."""
    (project.folder / "bench.toml").unlink()
    (project.folder / "registry.toml").write_text("[plugins]\n", encoding="utf-8")
    (project.folder / "benchmarks").mkdir()
    for name in ("quickstart", "larger"):
        project.write(BENCHMARK, f"benchmarks/{name}.toml")
    project.write("[tool.other]\n", "benchmarks/settings.toml")
    return project


@pytest.mark.parametrize("command", ["run", "plan"])
def test_without_a_file_those_that_are_there_are_offered(
    with_folder: Project, command: str
) -> None:
    ran = with_folder.deshi(command)
    assert ran.status == 2
    assert "no benchmark file given" in ran.err
    assert "there is: benchmarks/quickstart.toml, benchmarks/larger.toml\n" in ran.err


@pytest.mark.parametrize(
    "name", ["quickstart.toml", "quickstart", "quikstart.toml", "bench/quickstart.toml"]
)
def test_a_file_is_looked_for_in_benchmarks_too(with_folder: Project, name: str) -> None:
    ran = with_folder.deshi("run", name)
    assert ran.status == 2
    assert f"{name}: no such file; did you mean 'benchmarks/quickstart.toml'?" in ran.err


def test_a_file_unlike_any_is_answered_with_all(with_folder: Project) -> None:
    for name in ("migration.toml", "benchmarks"):
        ran = with_folder.deshi("run", name)
        assert ran.status == 2
        assert "there is: benchmarks/quickstart.toml, benchmarks/larger.toml\n" in ran.err


def test_a_registry_file_is_no_benchmark_file(with_folder: Project) -> None:
    ran = with_folder.deshi("run", "registry.toml")
    assert ran.status == 2
    assert (
        "this is a registry file, not a benchmark file; there is: benchmarks/quickstart" in ran.err
    )


def test_an_entry_in_a_benchmark_file_is_shown_its_place(project: Project) -> None:
    status, message = refuse(project, BENCHMARK + '[teacher.mine]\nuse = "toy/counter"\n')
    assert status == 2
    assert "unknown table [teacher]; [teacher] belongs in registry.toml beside it" in message


def test_where_there_is_no_benchmark_file_that_is_said(project: Project) -> None:
    (project.folder / "bench.toml").unlink()
    ran = project.deshi("run")
    assert ran.status == 2
    assert "no benchmark file is here or in benchmarks/" in ran.err
