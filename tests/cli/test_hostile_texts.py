"""Texts are data: none steers a terminal, begins a formula, or writes a line of its own."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from project import Project
from terminal import on_terminal

HOSTILE = [
    "画面を\x1b[2J消す",
    "題名を\x1b]0;PWNED\x07変える",
    "向きを\u202e変える\u2066とき",
    "C1の\x9b2J文字",
    "色を\x1b[31m赤にする",
    "鳴らす\x07ベル\x08\x08",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)です",
    "+1+1の話",
    "-2+3の話",
    "[bold]強い[/bold]話",
    "\t=1+1の話",
]
BENCH = """
[benchmark]
train = 60
valid = 20
test = 40
metrics = ["jaccard"]
baselines = []
resamples = 100
[matrix]
corpus = "own"
chain = "none"
rewriter = "none"
teacher = "counter"
student = "memory"
loss = "less"
"""
COMMANDS = [
    "errors --part texts",
    "errors --part texts --format csv",
    "errors --part texts --format markdown",
    "errors --part texts --format latex",
    "errors --part texts --format json",
    "show",
    "show --wide --notes",
    "show --dropped",
    "show --emoji",
    "predict latest/memory 消す\x1b[2J",
    "predict latest/memory 消す\u202e --format csv",
    "show \x1b[2J\x1b]0;PWNED\x07",
    "explain teacher.\x1b[2J",
    "compare --claim \x1b[2J\u202e",
    "list \x1b[2J",
    "run bench.toml --set \x1b[2J.a=1",
    "run \x1b[2J.toml",
]
FORBIDDEN = re.compile(
    "\x1b(?!\\[[0-9;?]*[mABCDGKhl])|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]|\x1b\\[31m赤"
    "|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(tmp_path_factory.mktemp("hostile"))
    rows = [
        {"id": f"{text[:3]}{n}", "text": f"{text} {n}番目の文", "document": f"{text[:4]}{n}"}
        for n in range(25)
        for text in HOSTILE
    ]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (made.folder / "own.jsonl").write_text(lines, encoding="utf-8")
    (made.folder / "registry.toml").write_text(
        '[corpus.own]\nuse = "texts"\n'
        'params = { path = "own.jsonl", id = "id", document = "document" }\n'
    )
    made.write(BENCH)
    ran = made.deshi("run", "bench.toml", "--quiet")
    assert ran.status == 0, ran.err
    return made


@pytest.mark.parametrize("words", COMMANDS)
def test_nothing_in_a_text_or_a_name_steers_the_terminal(hostile: Project, words: str) -> None:
    seen = on_terminal(
        hostile.command(*words.split(" ")), folder=hostile.folder, env=hostile.variables()
    )
    assert seen.written.strip()
    assert "Traceback" not in seen.written
    assert FORBIDDEN.findall(seen.written) == []


def test_a_run_with_hostile_texts_shows_none_of_their_characters(hostile: Project) -> None:
    command = hostile.command("run", "bench.toml", "--workspace", "again")
    seen = on_terminal(command, folder=hostile.folder, env=hostile.variables())
    assert seen.status == 0
    assert FORBIDDEN.findall(seen.written.replace("\x1b[2K", "")) == []


def test_no_cell_of_csv_begins_a_formula(hostile: Project) -> None:
    ran = hostile.deshi("errors", "--part", "texts", "--format", "csv", "--texts", "200")
    cells = [cell for row in csv.reader(io.StringIO(ran.out)) for cell in row]
    assert any("calc" in cell for cell in cells)
    wrong = [cell for cell in cells if cell.lstrip()[:1] in ("=", "@") or cell[:2] in ("+1", "-2")]
    assert wrong == []


def test_data_in_a_pipe_is_pure(hostile: Project) -> None:
    ran = hostile.deshi("errors", "--part", "texts", "--format", "json", "--texts", "200")
    assert any("\x1b[2J" in str(value) for value in _strings(json.loads(ran.out)))


def _strings(value: object) -> list[str]:
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return [text for one in inner for text in _strings(one)]
    return [value] if isinstance(value, str) else []
