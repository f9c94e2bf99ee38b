"""Terminals that lack characters, colours or room."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from wcwidth import wcswidth

from deshi.cli.encoding import spell
from deshi_tools.tables.table import Column, Line, Table
from deshi_tools.tables.terminal import show
from project import BENCHMARK, Project

WIDE = Table(
    title="弟子 − Students",
    columns=(
        Column("生徒", fixed=True),
        Column("score ↑", "right", fixed=True, decimals=3),
        Column("emoji", fixed=True),
        Column("end", fixed=True),
    ),
    lines=(
        Line(("knn 🐈", 0.25, "👨‍👩‍👧", "|"), section="gold: 先生"),
        Line(("先生のとなりの生徒", 0.125, "❤️🇯🇵👍🏽", "|"), style="bold"),
        Line(("– constant", None, "1️⃣", "|"), style="dim", section="金"),
    ),
    caption="†: these very models …",
)


def shown(table: Table, **options: object) -> str:
    out = io.StringIO()
    ascii_only = bool(options.pop("ascii_only", False))
    show(table, Console(file=out, highlight=False, **options), ascii_only=ascii_only)  # type: ignore[arg-type]
    return out.getvalue()


@pytest.mark.parametrize("width", [80, 120, 200])
def test_emoji_and_kana_keep_the_columns_in_line(width: int) -> None:
    lines = shown(WIDE, width=width).splitlines()
    assert all(wcswidth(line) <= width for line in lines)
    ends = {wcswidth(line[: line.rindex("|")]) for line in lines if line.rstrip().endswith("|")}
    assert len(ends) == 1
    assert sum(line.rstrip().endswith("|") for line in lines) == 3


def test_the_ascii_form_has_nothing_but_ascii_and_keeps_its_columns() -> None:
    short = ("knn", "先生", "– constant")
    lines = (
        replace(line, values=(name, *line.values[1:2], "🐈", "|"))
        for name, line in zip(short, WIDE.lines, strict=True)
    )
    text = shown(replace(WIDE, lines=tuple(lines)), width=200, ascii_only=True)
    assert text.isascii()
    assert "score ^" in text
    assert "- constant" in text
    assert "---" in text
    rows = [line for line in text.splitlines() if line.rstrip().endswith("|")]
    assert len({len(line.rstrip()) for line in rows}) == 1


def test_an_encoding_keeps_what_it_has_and_respells_the_rest() -> None:
    assert spell("先生 ↑ − – † 🐈", "cp932") == "先生 ↑ − - † <1F408>"
    assert spell("先生 ↑", "utf-8") == "先生 ↑"
    assert spell("é ↑", "latin-1") == "é ^"
    assert spell("é", "no such encoding") == "<E9>"


@given(st.text(), st.sampled_from(["ascii", "cp932", "euc_jp", "latin-1", "cp437"]))
def test_what_is_respelt_can_always_be_encoded(text: str, encoding: str) -> None:
    spell(text, encoding).encode(encoding)


def test_no_color_takes_the_colours_and_leaves_the_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table(
        "", (Column("a"),), (Line(("failed",), style="red"), Line(("top",), style="bold"))
    )
    assert "\x1b[31m" in shown(table, force_terminal=True, width=80)
    monkeypatch.setenv("NO_COLOR", "1")
    text = shown(table, force_terminal=True, width=80)
    assert "\x1b[31m" not in text
    assert "\x1b[1m" in text


def test_a_terminal_without_unicode_gets_ascii_without_being_asked(project: Project) -> None:
    project.write(BENCHMARK.replace('["counter", "counter-two"]', '"counter"'))
    assert project.deshi("run", "bench.toml", "--quiet").status == 0
    poor = project.deshi("show", "--notes", env={"PYTHONIOENCODING": "ascii"})
    assert poor.status == 0, poor.err
    assert poor.out.isascii()
    assert poor.out == project.deshi("show", "--notes", "--format", "ascii").out
    assert "hits ^" in poor.out
