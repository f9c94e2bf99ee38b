"""A stdout that is not UTF-8: every command works, people read what can be shown, data is UTF-8."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import shutil
import subprocess
from pathlib import Path

import pytest
from invocations import FILE, INVOCATIONS, ROW, Asked, finished

import forking
from deshi.cli.commands import find_commands
from project import Project

ENCODINGS = ["cp932", *(pytest.param(one, marks=pytest.mark.slow) for one in ("cp1252", "ascii"))]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return finished(Project(tmp_path_factory.mktemp("encodings")))


def answered(project: Project, encoding: str, *words: str, **more: str) -> tuple[int, bytes, str]:
    """Run a command with standard streams of an encoding; return status, stdout and stderr."""
    done = forking.run(
        project.command(*words),
        cwd=project.folder,
        env=project.variables({"PYTHONIOENCODING": encoding, **more}),
    )
    return done.returncode, done.stdout, done.stderr.decode(encoding)


def check(project: Project, encoding: str, command: str, asked: Asked) -> None:
    for folder in ("速い🐈", "出版🐈", "新🐈"):
        shutil.rmtree(project.folder / folder, ignore_errors=True)
    status, out, err = answered(project, encoding, command, *asked.words)
    assert status == asked.status, (command, asked, err)
    assert "Traceback" not in err
    assert "unexpected" not in err
    text = out.decode("utf-8" if asked.is_data else encoding)
    if not asked.is_data:
        return
    usual = project.deshi(command, *asked.words)
    if command not in ("run", "doctor"):  # seconds, and the encoding itself
        assert text == usual.out
    if "json" in asked.words:
        json.loads(text)


def test_every_command_is_asked_here() -> None:
    assert set(INVOCATIONS) == set(find_commands())


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("command", find_commands())
def test_a_command_works_whatever_the_encoding(
    project: Project, command: str, encoding: str
) -> None:
    for asked in INVOCATIONS[command]:
        check(project, encoding, command, asked)
    status, out, _ = answered(project, encoding, command, "--help")
    assert status == 0
    out.decode(encoding)


@pytest.mark.parametrize("encoding", ["utf-16", "euc_jp", "iso2022_jp"])
def test_rare_encodings_work_too(project: Project, encoding: str) -> None:
    status, out, _ = answered(project, encoding, "show", "--emoji")
    assert status == 0
    assert "counter" in out.decode(encoding)


def test_data_keeps_its_emoji_in_a_pipe(project: Project) -> None:
    _, out, _ = answered(project, "cp932", "predict", ROW, "--input", "in.txt")
    (line,) = out.decode("utf-8").splitlines()
    assert json.loads(line)["text"] == "猫🐈と暮らしている家3"
    _, out, _ = answered(project, "ascii", "show", "--emoji", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out.decode("utf-8"))))
    assert {row["emoji"] for row in rows} & {"🍎", "🐈", "🚗"}


def test_what_predict_writes_to_a_pipe_is_read_by_score(project: Project) -> None:
    _, out, _ = answered(project, "cp932", "predict", ROW, "--input", "in.txt")
    (project.folder / "answers.jsonl").write_bytes(out)
    status, _, err = answered(
        project, "cp932", "score", "--gold", "answers.jsonl", "--predicted", "answers.jsonl"
    )
    assert status == 0, err


def test_people_read_what_the_encoding_has_and_the_rest_is_spelt(project: Project) -> None:
    _, out, _ = answered(project, "cp932", "predict", ROW, "猫🐈と暮らしている家3")
    assert "猫<1F408>と暮らしている家3" in out.decode("cp932")
    _, out, _ = answered(project, "ascii", "predict", ROW, "猫🐈と暮らしている家3")
    assert "<732B><1F408>" in out.decode("ascii")
    _, _, err = answered(project, "ascii", "show", "猫")
    assert "no run '<732B>'" in err


@pytest.mark.parametrize("encoding", ["cp932", "cp1252", "ascii"])
def test_a_table_has_a_line_of_hyphens_and_no_bars(project: Project, encoding: str) -> None:
    lines = answered(project, encoding, "list", "student")[1].decode(encoding).splitlines()
    assert set(lines[2]) == {"-"}
    assert "|" not in lines[1]


def test_a_name_that_is_no_text_is_shown_all_the_same(project: Project) -> None:
    name = b"\xff\xfe.html"
    done = subprocess.run(
        [*project.command("report", "-o"), name],
        cwd=project.folder,
        env=project.variables(),
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr
    assert b"<DCFF>" in done.stdout


def test_the_encoding_is_none_of_the_user_s_choices_of_a_file(project: Project) -> None:
    """What is written to a named file is UTF-8, whatever stdout is."""
    status, _, err = answered(
        project, "cp932", "predict", ROW, "--input", "in.txt", "--output", "書いた.jsonl"
    )
    assert status == 0, err
    assert "1 predictions written to 書いた.jsonl" in err
    assert "猫🐈と暮らしている家3" in (project.folder / "書いた.jsonl").read_text(encoding="utf-8")


def on_a_terminal(project: Project, encoding: str, *words: str) -> tuple[int, str]:
    """Run a command on a terminal of an encoding; return its status and all that it shows."""
    ours, theirs = pty.openpty()
    process = forking.start(
        project.command(*words),
        cwd=project.folder,
        env=project.variables({"PYTHONIOENCODING": encoding}),
        streams=[theirs] * 3,
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            some = os.read(ours, 1 << 16)
        except OSError:  # the terminal's other end is closed
            break
        shown += some
    os.close(ours)
    return process.wait(), shown.decode(encoding)


@pytest.mark.parametrize("encoding", ["cp932", "ascii"])
@pytest.mark.parametrize(
    "words",
    [["show", "--emoji"], ["show", "--format", "json"], ["list"], ["predict", ROW, "猫🐈と暮らしている家3"],
     ["errors"], ["plan", FILE]],
)  # fmt: skip
def test_a_terminal_of_another_encoding_is_sent_nothing_that_it_lacks(
    project: Project, encoding: str, words: list[str]
) -> None:
    status, shown = on_a_terminal(project, encoding, *words)
    assert status == 0, shown
    assert "Traceback" not in shown
    assert "unexpected" not in shown


def test_output_written_without_a_buffer_is_whole(project: Project) -> None:
    """A pipe takes 64 KiB at a time, and what is left over was once lost."""
    usual = project.deshi("schema", "registry", env={"PYTHONUNBUFFERED": ""}).out
    assert len(usual) > 1 << 15
    assert project.deshi("schema", "registry", env={"PYTHONUNBUFFERED": "1"}).out == usual


def test_what_a_plugin_prints_to_the_log_goes_through_the_same_streams(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write()
    (tmp_path / "registry.toml").write_text('[plugins]\nlocal = ["猫🐈.py"]\n', encoding="utf-8")
    (tmp_path / "猫🐈.py").write_text(
        'print("猫🐈")\nraise ImportError("猫🐈")\n', encoding="utf-8"
    )
    status, _, err = answered(project, "cp932", "list")
    assert status == 0
    assert "猫<1F408>" in err


def test_a_forced_locale_that_cannot_read_a_name_is_said(tmp_path: Path) -> None:
    """Python then holds each byte of such a name as a surrogate, and Arrow and SQLite refuse that."""
    project = Project(tmp_path)
    project.write()
    project.write(name="ベンチ.toml")
    forced = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for words in (["run", "ベンチ.toml"], ["run", "bench.toml", "--workspace", "猫🐈"]):
        done = subprocess.run(
            project.command(*words),
            cwd=tmp_path,
            env=project.variables(forced),
            capture_output=True,
        )
        assert done.returncode == 2, done.stderr
        assert b"this locale cannot read the name; set PYTHONUTF8=1" in done.stderr
