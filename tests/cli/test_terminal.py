"""Every command on a terminal: small, large, and one that does not know its size."""

from __future__ import annotations

import re

import pytest

from deshi.cli.commands import find_commands
from project import Project
from terminal import Seen, on_terminal

SIZES = [(24, 80), (45, 120), (0, 0)]
size = pytest.mark.parametrize(("rows", "columns"), SIZES, ids=["24x80", "45x120", "0x0"])


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(tmp_path_factory.mktemp("terminal"))
    made.write()
    ran = made.deshi("run", "bench.toml", "--quiet", "--format", "json")
    assert ran.status == 0, ran.err
    return made


def see(project: Project, *words: str, rows: int, columns: int, **options: object) -> Seen:
    return on_terminal(
        project.command(*words),
        rows=rows, columns=columns, folder=project.folder, env=project.variables(), **options,  # type: ignore[arg-type]
    )  # fmt: skip


@size
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_run_ends_with_its_table_and_leaves_no_trace_of_the_display(
    project: Project, rows: int, columns: int, workers: str
) -> None:
    seen = see(project, "run", "bench.toml", "--workers", workers, rows=rows, columns=columns)
    assert seen.status == 0, seen.text
    assert "memory" in seen.window
    assert "stages" in seen.written, "the display was never drawn"
    assert "so far" not in seen.text
    assert "stages" not in seen.text, "a line of the display was left behind"
    assert all(len(line) <= seen.columns for line in seen.lines())


@size
def test_commands_that_read_a_run_work_on_a_terminal(
    finished: Project, rows: int, columns: int
) -> None:
    for words, shown in READING.items():
        seen = see(finished, *words.split(), rows=rows, columns=columns)
        assert seen.status == 0, f"{words}: {seen.text}"
        assert shown in seen.text, words
        assert "unexpected" not in seen.text, words


READING = {
    "show": "memory",
    "show --wide": "memory",
    "plan bench.toml": "stages",
    "report latest -o page.html": "page.html",
    "errors --row counter/memory/nothing": "memory",
    "predict latest/counter/memory/nothing 数字は三です、たぶん。": "数字",
    "list student": "memory",
    "--help": "Usage",
}


@pytest.mark.parametrize("columns", ["0", "-5", "1", "many", ""])
def test_an_odd_number_of_columns_is_80(project: Project, columns: str) -> None:
    for words in (["--help"], ["show", "--help"], ["list"]):
        ran = project.deshi(*words, env={"COLUMNS": columns})
        assert ran.status == 0, ran.err
        if "--help" in words:
            assert max(map(len, ran.out.splitlines())) <= 80


def test_the_ledger_breaks_no_name_and_says_what_found_no_room(finished: Project) -> None:
    seen = see(finished, "ledger", rows=24, columns=80)
    assert seen.status == 0, seen.text
    run = next(finished.workspace.glob("runs/*")).name
    assert any(line.split()[:2] == ["run", run] for line in seen.lines())
    assert "No room for: " in seen.text
    whole = see(finished, "ledger", "--wide", rows=24, columns=160)
    assert "saved, USD" in whole.text
    assert "No room for" not in whole.text


@pytest.mark.parametrize("name", sorted(find_commands()))
def test_every_command_has_help_on_a_terminal_without_a_size(project: Project, name: str) -> None:
    seen = see(project, name, "--help", rows=0, columns=0)
    assert seen.status == 0, seen.text
    assert "Usage: deshi" in seen.text


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_ends_a_run_with_130_and_a_clean_screen(project: Project, workers: str) -> None:
    project.environment["DESHI_TOY_PAUSE"] = "0.03"

    def is_under_way(written: str) -> bool:
        return re.search(r"[1-9]\d*/\d+ stages", written) is not None

    seen = see(
        project,
        "run",
        "bench.toml",
        "--workers",
        workers,
        rows=24,
        columns=80,
        interrupt=is_under_way,
    )
    assert seen.status == 130, seen.text
    assert "interrupted" in seen.text
    assert "stages" not in seen.text, "a line of the display was left behind"
    assert "Traceback" not in seen.text
    assert seen.written.rfind("\x1b[?25h") > seen.written.rfind("\x1b[?25l"), "the cursor is hidden"
    project.environment.clear()
    again = see(project, "run", "bench.toml", rows=24, columns=80)
    assert again.status == 0, again.text


def test_progress_names_what_runs_with_elapsed_and_remaining_time(project: Project) -> None:
    project.environment["DESHI_TOY_PAUSE"] = "0.01"
    seen = see(project, "run", "bench.toml", rows=24, columns=100)
    assert re.search(r"label counter", seen.written)
    assert re.search(r"\d+ s, about \d+ s left", seen.written)
    assert "so far" in seen.written


def test_the_display_is_never_taller_than_the_window(project: Project) -> None:
    matrix = 'student = ["memory", "fleeting", { use = "memory", most = [1, 2, 3, 4, 5, 6, 7, 8] }]'
    text = project.write().read_text().replace('student = ["memory", "fleeting"]', matrix)
    project.write(text)
    seen = see(project, "run", "bench.toml", "--workers", "2", rows=10, columns=60)
    assert seen.status == 0, seen.text
    assert "so far" not in seen.text


def test_migrate_and_scores_work_on_a_terminal(finished: Project) -> None:
    for rows, columns in SIZES:
        seen = see(
            finished,
            "migrate",
            "--from",
            "counter",
            "--to",
            "counter-two",
            rows=rows,
            columns=columns,
        )
        assert seen.status == 0, seen.text
        assert "counter-two" in seen.text


def test_what_is_wrong_with_a_file_is_all_that_stands_on_the_screen(project: Project) -> None:
    project.write(project.write().read_text().replace("train = 120", "trian = 120"))
    seen = see(project, "run", "bench.toml", rows=24, columns=120)
    assert seen.status == 2
    assert seen.lines()[0].startswith("deshi: bench.toml: [benchmark]: unknown key 'trian'")
