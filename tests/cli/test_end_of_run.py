"""What a run leaves on the screen: all that matters in 80 x 24, the rest behind --notes and --wide."""

from __future__ import annotations

import json
import re
import shlex

import pytest

from project import BENCHMARK, Project
from terminal import Seen, on_terminal

SMALL = BENCHMARK.replace('["counter", "counter-two"]', '"counter"').replace(
    "seeds = 2", "seeds = 5"
)
LEGEND = "bootstrap over documents and training runs"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(tmp_path_factory.mktemp("end"))
    made.write(SMALL)
    assert made.deshi("run", "bench.toml", "--quiet").status == 0
    return made


def see(project: Project, *words: str, env: dict[str, str] | None = None, **size: int) -> Seen:
    return on_terminal(
        project.command(*words), folder=project.folder, env=project.variables(env), **size
    )


def test_all_that_matters_stands_in_a_window_of_80_by_24(finished: Project) -> None:
    seen = see(finished, "run", "bench.toml", "--set", "matrix.loss=less")
    window = seen.window
    assert len(seen.lines()) <= 23, seen.text
    assert re.search(r"memory/\w+ (wins|leads)|No winner", window), "the verdict"
    assert re.search(r"memory +less +0\.\d{3} +\[", window), "a row with its interval"
    assert "scale:" in window
    assert "majority baseline" in window
    assert re.search(r"text +counter +memory/\w+", window), "texts, labels and predictions"
    assert "dropped" in window
    assert "next: " in window


def test_what_explains_the_table_stands_behind_notes(finished: Project) -> None:
    short = finished.deshi("show").out
    notes = finished.deshi("show", "--notes").out
    wide = finished.deshi("show", "--wide").out
    for text in (LEGEND, "signatures:", "– majority"):
        assert text not in short
        assert text in notes
        assert text in wide


def test_results_json_holds_what_the_short_view_leaves_out(finished: Project) -> None:
    results = json.loads(finished.deshi("show", "--format", "json").out)
    assert any(row["baseline"] for row in results["rows"])
    assert all(metric["signature"] for metric in results["metrics"])


def test_warnings_and_failures_are_never_hidden(project: Project) -> None:
    project.write(
        SMALL.replace('["memory", "fleeting"]', '["memory", "clumsy"]').replace(
            "train = 120", "train = 4000"
        )
    )
    ran = project.deshi("run", "bench.toml", "--quiet")
    assert ran.status == 1
    assert "warning: " in ran.out
    assert "failed: counter/clumsy" in ran.out


def test_markdown_is_short_unless_all_is_asked_for(finished: Project) -> None:
    for form in ("markdown", "latex"):
        short = finished.deshi("show", "--format", form).out
        wide = finished.deshi("show", "--format", form, "--wide").out
        assert "constant" not in short.splitlines()[3]
        assert LEGEND not in short
        assert LEGEND in wide
    head = finished.deshi("show", "--format", "markdown").out.splitlines()[2]
    assert head.count("|") <= 9
    assert finished.deshi("show", "--format", "csv").out.splitlines()[0].count(",") > 12


def test_what_to_type_next_works_as_it_is_printed(finished: Project) -> None:
    steps = finished.deshi("show").out.rpartition("next: ")[2].strip().split(" · ")
    assert len(steps) == 3
    for step in steps:
        words = shlex.split(step)[1:]
        ran = finished.deshi(*words)
        assert ran.status == 0, f"{step}: {ran.err}"


def test_colour_says_good_and_bad_only_where_it_is_wanted(finished: Project) -> None:
    colour = re.compile(r"\x1b\[[0-9;]*3[0-7]m")
    assert colour.search(see(finished, "show").written)
    assert not colour.search(see(finished, "show", env={"NO_COLOR": "1"}).written)
    assert "\x1b" not in finished.deshi("show").out


def test_the_texts_that_are_shown_do_not_depend_on_the_results(
    finished: Project, project: Project
) -> None:
    project.write(SMALL.replace('["memory", "fleeting"]', '{ use = "memory", noise = 0.9 }'))
    assert project.deshi("run", "bench.toml", "--quiet").status == 0

    def texts(of: Project) -> list[str]:
        lines = of.deshi("show").out.splitlines()
        at = next(i for i, line in enumerate(lines) if line.startswith("text  "))
        return [line.split("  ")[0] for line in lines[at + 1 : at + 4]]

    assert texts(finished) == texts(project)


def test_no_text_steers_the_terminal(finished: Project) -> None:
    hostile = "数字は三\x1b[2J\x1b]0;PWN\x07です\u202eよ。"
    row = "latest/counter/memory/less"
    seen = see(finished, "predict", row, hostile, rows=24, columns=160)
    assert seen.status == 0, seen.text
    for escape in ("\x1b[2J", "\x1b]0;", "\x07", "\u202e"):
        assert escape not in seen.written
    assert "\\u001b" in seen.text


def test_what_to_type_next_names_a_workspace_that_is_not_the_usual_one(project: Project) -> None:
    project.write(SMALL)
    ran = project.deshi("run", "bench.toml", "--quiet", "--workspace", "elsewhere")
    assert ran.status == 0, ran.err
    steps = " ".join(ran.out.rpartition("next: ")[2].split()).split(" · ")
    assert all("--workspace elsewhere" in step for step in steps)


def test_a_dagger_is_explained_where_a_row_has_one_and_nowhere_else(project: Project) -> None:
    project.write(SMALL)
    assert project.deshi("run", "bench.toml", "--quiet").status == 0
    many = project.deshi("show").out  # five runs a row; the baseline `shuffled` has a dagger
    assert "†" in project.deshi("show", "--notes").out
    assert "†" not in many
    few = project.deshi("run", "bench.toml", "--quiet", "--set", "benchmark.seeds=1").out
    assert "]†" in few
    assert "†: these fixed models" in few
