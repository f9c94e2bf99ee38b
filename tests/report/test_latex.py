"""LaTeX compiles the tables."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from big_run import RUN, write_big_run

from deshi.results import Results
from deshi_tools.comparison_table.comparison_table import comparison_table
from deshi_tools.results_view.results_view import ResultsView
from deshi_tools.tables.formats import to_latex
from deshi_tools.tables.table import Column, Line, Table

pytestmark = pytest.mark.slow

PLAIN = Table(
    title="Students",
    columns=(Column("name"), Column("score ↑", "right", decimals=3), Column("− const.", "right")),
    lines=(
        Line(("linear_1 & 50 % {x} $ #2 ~ ^ \\ |", 0.25, "<0.001"), section='"gold" – †'),
        Line(("[knn]", None, "[0.1, 0.2]"), style="bold"),
        Line(("[next]", 1.0, "")),
    ),
    caption="p ≤ 0.05 … × ²",
)
SPOKEN = Table(
    title="弟子 🐈",
    columns=(Column("生徒"), Column("emoji")),
    lines=(Line(("先生のとなり", "👍🏽🇯🇵")), Line(("knn", "❤️"), style="bold")),
)


def compiled(engine: str, preamble: str, table: str, folder: Path) -> str:
    """Compile a table and return the engine's log."""
    if shutil.which(engine) is None:
        pytest.skip(f"no {engine} is installed: make system")
    text = (
        f"\\documentclass{{article}}\n{preamble}\n\\begin{{document}}\n{table}\\end{{document}}\n"
    )
    (folder / "table.tex").write_text(text, encoding="utf-8")
    command = [engine, "-interaction=nonstopmode", "-halt-on-error", "table.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=240)
    log = (folder / "table.log").read_text(encoding="utf-8", errors="replace")
    assert done.returncode == 0, log[-3000:]
    assert (folder / "table.pdf").stat().st_size > 1000
    return log


def needs(table: str) -> str:
    """Return the preamble that the comment above a table asks for."""
    asked = [line[2:] for line in table.splitlines() if line.startswith("% \\")]
    return "\n".join([*asked, r"\usepackage{booktabs}"])


def test_a_table_without_emoji_compiles_with_any_engine(tmp_path: Path) -> None:
    table = to_latex(PLAIN)
    assert table.isascii()
    compiled(
        "pdflatex", "\\usepackage[T1]{fontenc}\n\\usepackage{lmodern,booktabs}", table, tmp_path
    )
    compiled("lualatex", "\\usepackage{booktabs}", table, tmp_path)


def test_emoji_and_japanese_compile_with_the_preamble_that_is_given(tmp_path: Path) -> None:
    table = to_latex(SPOKEN)
    log = compiled("lualatex", needs(table), table, tmp_path)
    assert re.findall(r"Missing character: .*", log) == []


def test_a_table_of_fifty_rows_compiles_whole(tmp_path: Path) -> None:
    space = write_big_run(tmp_path / ".deshi", texts=10)
    table = to_latex(comparison_table(ResultsView(Results.from_json(space.results(RUN)))))
    assert table.count("loss is NaN") >= 5
    assert table.count(r" \\" + "\n") > 50
    compiled("lualatex", needs(table), table, tmp_path)
