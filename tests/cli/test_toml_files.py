"""TOML as editors save it: with a byte order mark, with the line ends of Windows, or in no UTF-8."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from project import BENCHMARK, Project

WINDOWS = BENCHMARK.replace("seeds = 2", "seeds = 1  # 種").replace("\n", "\r\n")
ENTRY = '[student.near]\r\nuse = "toy/memory"\r\nabout = "近い"\r\n[student.near.params]\r\nmost = 2\r\n'


def save(path: Path, text: str, encoding: str = "utf-8-sig") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path


def test_a_benchmark_file_with_a_mark_is_the_same_benchmark(project: Project) -> None:
    marked = project.folder / "marked.toml"
    save(marked, WINDOWS)
    one = project.results(file="marked.toml")
    project.write(WINDOWS.replace("\r\n", "\n"), "plain.toml")
    other = project.results(file="plain.toml")
    assert one["rows"] == other["rows"]


@pytest.mark.parametrize("layer", ["project", "user", "command line", "built-in prompt"])
def test_a_registry_file_with_a_mark_counts_in_every_layer(project: Project, layer: str) -> None:
    files = {
        "project": project.folder / "registry.toml",
        "user": project.folder / "config" / "deshi" / "registry.toml",
    }
    save(files.get(layer, project.folder / "more.toml"), ENTRY)
    more = () if layer in files else ("--registry", "more.toml")
    ran = project.deshi("explain", "student.near", "--format", "json", *more)
    assert ran.status == 0, ran.err
    found = {row["path"]: row for row in ran.json}
    assert found["student.near.params.most"]["value"] == "2"
    assert found["student.near.params.most"]["set in"].endswith(":5")


def test_a_plugin_s_fragment_with_a_mark_counts(project: Project) -> None:
    save(project.folder / "registry.toml", '[plugins]\r\nlocal = ["marked.py"]\r\n')
    (project.folder / "marked.py").write_text(
        "from deshi.api import Layer, StudentSpec, hookimpl\n"
        "@hookimpl\n"
        "def deshi_students():\n"
        "    yield StudentSpec(name='memory', target='deshi_toy.parts:Memory', summary='Same.', trains_on=None)\n"
        "@hookimpl\n"
        "def deshi_layers():\n"
        '    yield Layer(name="marked", toml="\\ufeff[student.marked]\\r\\nuse = \'marked/memory\'\\r\\n")\n',
        encoding="utf-8",
    )
    ran = project.deshi("list", "student", "--format", "json")
    assert "marked" in [row["entry"] for row in ran.json], ran.err


@pytest.mark.parametrize(
    ("encoding", "what"),
    [
        ("utf-16", "is UTF-16, not UTF-8"),
        ("utf-16-le", "UTF-16 and not UTF-8"),
        ("cp932", "is not UTF-8; it could be Shift_JIS"),
        ("euc_jp", "is not UTF-8; it could be EUC-JP"),
    ],
)
def test_another_encoding_is_named_with_what_to_do(
    project: Project, encoding: str, what: str
) -> None:
    save(project.folder / "bench.toml", WINDOWS, encoding)
    save(project.folder / "more.toml", ENTRY, encoding)
    for words in (("run", "bench.toml"), ("list", "--registry", "more.toml"),
                  ("fake-server", "--faults", "more.toml")):  # fmt: skip
        ran = project.deshi(*words)
        assert ran.status == 2
        assert words[-1] in ran.err
        assert what in ran.err
        assert "save it as UTF-8" in ran.err


def test_switching_a_plugin_off_keeps_line_ends_and_comments(project: Project) -> None:
    file = save(project.folder / "registry.toml", f"# 覚え書き\r\n{ENTRY}")
    assert project.deshi("plugins", "disable", "toy").status == 0
    kept = file.read_bytes()
    assert "# 覚え書き\r\n".encode() in kept
    assert kept.count(b"\n") == kept.count(b"\r\n")
    assert project.deshi("plugins", "enable", "toy").status == 0


def test_answers_with_a_mark_are_taken_up(project: Project) -> None:
    project.results()
    out = project.deshi("ledger", "export", "-").out
    save(project.folder / "answers.jsonl", out.replace("\n", "\r\n"))
    ran = project.deshi("ledger", "--workspace", "other", "import", "answers.jsonl")
    assert ran.status == 0, ran.err
    assert f"{len(out.splitlines())} answers imported" in ran.err
    assert (
        codecs.BOM_UTF8
        not in project.deshi("ledger", "--workspace", "other", "export", "-").out.encode()
    )
