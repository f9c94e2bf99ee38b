"""Render a table as JSON, CSV, Markdown, LaTeX or HTML text."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping

from deshi.cli.encoding import visible
from deshi_tools.tables.table import Line, Table, records

_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "[": r"{[}",  # a line that starts with a bracket would be read as an option of the one before
    "]": r"{]}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    "→": r"$\rightarrow$",
    "−": "$-$",
    "≤": r"$\le$",
    "×": r"$\times$",
    "²": "$^2$",
    "†": r"\dag{}",
    "–": "--",
    "…": r"\dots{}",
    "\n": " ",
}

_MARKUP = re.compile(r"<(?=[A-Za-z/!?])|\]\(")
"""What begins an element of HTML, and what makes a link or an image."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_FALLBACK = (
    r"\directlua{luaotfload.add_fallback("
    '"wide", {"Noto Sans CJK JP:mode=node", "Noto Color Emoji:mode=harf"})}'
)


def to_json(table: Table) -> str:
    """Return one record a line."""
    return json.dumps(records(table), ensure_ascii=False, indent=1) + "\n"


def to_csv(table: Table) -> str:
    """Return comma-separated values with a header; sections become a first column."""
    out = io.StringIO()
    rows = records(table)
    names = list(rows[0]) if rows else [column.name for column in table.columns]
    writer = csv.DictWriter(out, names, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return out.getvalue()


def _cell(value: object) -> object:
    """Return what a spreadsheet takes for text: a leading sign would begin a formula."""
    if isinstance(value, str) and value.lstrip().startswith(_FORMULA):
        return value if _is_number(value) else f"'{value}"
    return value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def to_markdown(table: Table) -> str:
    """Return a GitHub table for each section, with title and notes."""
    lines = [f"**{table.title}**", ""] if table.title else []
    marks = ["---:" if column.align == "right" else ":---" for column in table.columns]
    head = [_row(column.name for column in table.columns), _row(iter(marks))]
    opened = False
    for line in table.lines:
        if line.section:
            lines += ["", f"*{_pipe(line.section)}*", ""]
        if line.section or not opened:
            lines += head
            opened = True
        lines.append(_row(_marked(_pipe(text), line) for text in table.text(line)))
    if not opened:
        lines += head
    lines += ["", *(f"{_pipe(note)}  " for note in table.under())]
    return "\n".join(lines).strip() + "\n"


def to_latex(table: Table) -> str:
    """Return a booktabs tabular with caption, its needs in a comment; any engine compiles it.

    Emoji and Japanese alone need LuaLaTeX with fonts that have them.
    """
    align = "".join("r" if column.align == "right" else "l" for column in table.columns)
    body: list[str] = []
    for at, line in enumerate(table.lines):
        if line.section:
            rule = [r"\midrule"] if at else []
            width = len(table.columns)
            body += [*rule, rf"\multicolumn{{{width}}}{{l}}{{\emph{{{_tex(line.section)}}}}} \\"]
        cells = (
            rf"\textbf{{{_tex(t)}}}" if line.style == "bold" and t else _tex(t)
            for t in table.text(line)
        )
        body.append(" & ".join(cells) + r" \\")
    head = " & ".join(_tex(column.name) for column in table.columns) + r" \\"
    caption = " ".join(_tex(note) for note in (table.title, *table.under()) if note)
    lines = [
        *_tex_needs("".join((caption, head, *body))),
        r"\begin{table}",
        r"\centering",
        rf"\begin{{tabular}}{{{align}}}",
        r"\toprule",
        head,
        r"\midrule",
        *body,
        r"\bottomrule",
        r"\end{tabular}",
        rf"\caption{{{caption}}}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def to_html(table: Table) -> str:
    """Return an HTML table without scripts or styles from elsewhere, as a notebook shows it."""
    head = "".join(f"<th>{html.escape(column.name)}</th>" for column in table.columns)
    body = "".join(_html_lines(table))
    notes = "".join(f"<p>{html.escape(note)}</p>" for note in table.under())
    return (
        f'<table style="white-space:nowrap"><caption style="text-align:left">'
        f"{html.escape(table.title)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{notes}"
    )


FORMATS: Mapping[str, Callable[[Table], str]] = {
    "json": to_json,
    "csv": to_csv,
    "markdown": to_markdown,
    "latex": to_latex,
}


def _html_lines(table: Table) -> Iterator[str]:
    width = len(table.columns)
    for line in table.lines:
        if line.section:
            yield (
                f'<tr><th colspan="{width}" style="text-align:left;white-space:normal">'
                f"{html.escape(line.section)}</th></tr>"
            )
        tag = "strong" if line.style == "bold" else "span"
        cells = "".join(
            f'<td style="text-align:{column.align}"><{tag}>{html.escape(text)}</{tag}></td>'
            for text, column in zip(table.text(line), table.columns, strict=True)
        )
        yield f"<tr>{cells}</tr>"


def _tex_needs(text: str) -> Iterator[str]:
    yield r"% Needs \usepackage[T1]{fontenc} with pdfLaTeX, and \usepackage{booktabs}."
    if not text.isascii():
        yield "% It has emoji, Japanese or the like: compile it by LuaLaTeX, with"
        yield r"% \usepackage{fontspec}"
        yield "% " + _FALLBACK
        yield r"% \setmainfont{Latin Modern Roman}[RawFeature={fallback=wide}]"


def _row(cells: Iterator[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _marked(text: str, line: Line) -> str:
    return f"**{text}**" if line.style == "bold" and text else text


def _pipe(text: str) -> str:
    plain = _MARKUP.sub(lambda found: "&lt;" if found[0] == "<" else "]\\(", visible(text))
    return plain.replace("|", "\\|").replace("\n", " ")


def _tex(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in visible(text))
