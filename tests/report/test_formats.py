"""One table record, every format: the same values, and nothing lost on the way."""

from __future__ import annotations

import csv
import io
import json
import re

import click
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from deshi.cli.options import format_option
from deshi_tools.tables.formats import FORMATS, to_csv, to_html, to_json, to_latex, to_markdown
from deshi_tools.tables.table import Column, Line, Table
from deshi_tools.tables.terminal import show

TABLE = Table(
    title="Students",
    columns=(Column("name"), Column("score ↑", "right", decimals=3), Column("secret", wide=True)),
    lines=(
        Line(("knn 🐈", 0.25, "a"), section="gold: 先生"),
        Line(("linear_1", None, "b"), style="bold"),
        Line(("50 % & more", 1.0, "c"), section="gold: other"),
    ),
    notes=("a note",),
    caption="a caption",
)

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=20)


def test_the_option_offers_every_format() -> None:
    command = click.command()(format_option(lambda form: None))
    (option,) = command.params
    assert list(option.type.choices) == ["table", "ascii", *FORMATS]


def test_json_keeps_numbers_and_nothing_for_what_is_undefined() -> None:
    assert json.loads(to_json(TABLE)) == [
        {"section": "gold: 先生", "name": "knn 🐈", "score ↑": 0.25, "secret": "a"},
        {"section": "gold: 先生", "name": "linear_1", "score ↑": None, "secret": "b"},
        {"section": "gold: other", "name": "50 % & more", "score ↑": 1.0, "secret": "c"},
    ]


def test_csv_has_one_line_a_row() -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(TABLE))))
    assert [row["name"] for row in rows] == ["knn 🐈", "linear_1", "50 % & more"]
    assert rows[1]["score ↑"] == ""


def test_markdown_opens_a_table_for_each_section_and_marks_bold_rows() -> None:
    text = to_markdown(TABLE)
    assert text.count("| :--- | ---: | :--- |") == 2
    assert "| **linear_1** |  | **b** |" in text
    assert text.endswith("a note\n") or text.rstrip().endswith("a note")


def test_latex_escapes_what_latex_would_read() -> None:
    text = to_latex(TABLE)
    assert r"50 \% \& more & 1.000 & c \\" in text
    assert r"\textbf{linear\_1}" in text
    assert text.count(r"\midrule") == 2


def test_html_escapes_what_a_browser_would_read() -> None:
    table = Table("<b>", (Column("x"),), (Line(("<script>",)),))
    assert "<script>" not in to_html(table)
    assert "&lt;script&gt;" in to_html(table)


def shown(table: Table, *, width: int = 80, wide: bool = False) -> str:
    out = io.StringIO()
    show(table, Console(file=out, width=width, highlight=False), wide=wide)
    return out.getvalue()


def test_the_terminal_leaves_out_wide_columns_unless_asked() -> None:
    assert "secret" not in shown(TABLE)
    assert "secret" in shown(TABLE, wide=True)


def test_columns_stand_in_line_over_sections_in_spite_of_emoji() -> None:
    from rich.cells import cell_len

    lines = [line for line in shown(TABLE).splitlines() if re.search(r"0\.250|1\.000", line)]
    ends = {cell_len(line.rstrip()) for line in lines}
    assert len(lines) == 2
    assert len(ends) == 1


@given(st.lists(st.tuples(WORDS, st.none() | st.integers() | st.booleans()), max_size=5))
def test_json_and_csv_hold_any_text(rows: list[tuple[str, int | None]]) -> None:
    table = Table("", (Column("a"), Column("b")), tuple(Line(row) for row in rows))
    assert [tuple(r.values()) for r in json.loads(to_json(table))] == rows
    cells = [r["a"] for r in csv.DictReader(io.StringIO(to_csv(table)))]
    assert [c[1:] if c not in whole else c for c, (whole, _) in zip(cells, rows, strict=True)] == [
        a for a, _ in rows
    ]
    assert not any(cell.startswith(("=", "@")) for cell in cells)


@given(WORDS)
def test_markdown_cells_cannot_break_the_row(text: str) -> None:
    lines = to_markdown(Table("", (Column("a"), Column("b")), (Line((text, "end")),))).splitlines()
    assert len(re.findall(r"(?<!\\)\|", lines[-1])) == 3


FIXED = Table(
    "Fixed",
    (Column("name", fixed=True), Column("value", "right", fixed=True), Column("last", fixed=True)),
    (Line(("a name of some length", 0.5, "a text of some length")),),
)


def test_a_narrow_terminal_drops_the_last_columns_and_says_so() -> None:
    text = shown(FIXED, width=40)
    assert "a name of some length" in text
    assert "a text of some length" not in text
    assert "No room for: last. --wide shows all." in text


def test_wide_shows_every_column_whole_whatever_the_width() -> None:
    text = shown(FIXED, width=20, wide=True)
    assert "a name of some length" in text
    assert "a text of some length" in text
