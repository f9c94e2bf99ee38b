"""What a user gets: the wheel, and the first table."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_wheel_holds_all_that_the_sample_needs(tmp_path: Path) -> None:
    build = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(tmp_path),
        str(ROOT),
    ]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    assert (site / "deshi" / "registry.toml").read_text() == (ROOT / "registry.toml").read_text()
    page = {path.name for path in (site / "deshi_tools/html_report/html").rglob("*.*")}
    assert page >= {"report.html", "report.css", "start.js", "plot.umd.min.js", "LICENSE-d3.txt"}
    code = (
        "import sys, deshi; from deshi.registry import Registry; from deshi.api import Env; from pathlib import Path\n"
        "registry = Registry(Path())\n"
        "entry = registry.resolve(registry.entry('corpus', 'sample'))\n"
        "texts = list(registry.create('corpus', entry.component, entry.params_json, Env()).texts())\n"
        "print(deshi.__file__, len(texts), len(registry.entries('teacher')))\n"
    )
    env = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True
    )
    file, texts, teachers = done.stdout.split()
    assert Path(file).is_relative_to(site), done.stderr
    assert int(texts) > 1500
    assert int(teachers) >= 10


def results_of(file: str, workspace: Path) -> tuple[str, dict[str, dict[str, float]]]:
    """Run a benchmark of the repository; return what it printed, and Jaccard of its rows."""
    words = [
        "run",
        str(ROOT / "benchmarks" / file),
        "--workspace",
        str(workspace),
        "--workers",
        "2",
    ]
    command = [sys.executable, "-m", "deshi", *words, "--quiet", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    found = [row for row in json.loads(done.stdout)["rows"] if row["status"] == "ok"]
    return done.stdout, {row["id"]: row["metrics"]["jaccard"] for row in found}


@pytest.mark.slow
def test_on_the_word_lists_linear_clearly_beats_the_constant(tmp_path: Path) -> None:
    _, rows = results_of("word-lists.toml", tmp_path)
    for teacher in ("lexicon", "lexicon-faces"):
        constant = rows[f"{teacher}/constant"]
        for loss in ("bce", "zlpr"):
            assert rows[f"{teacher}/linear/{loss}"]["low"] > constant["high"]
        assert rows[f"{teacher}/shuffled"]["value"] < constant["value"]


@pytest.mark.slow
def test_on_the_quickstart_the_probe_beats_the_constant_and_a_second_run_says_the_same(
    tmp_path: Path,
) -> None:
    first, rows = results_of("quickstart.toml", tmp_path)
    for loss in ("bce", "soft-labels-bce"):
        assert rows[f"given/probe/{loss}"]["low"] > rows["given/constant"]["value"]
    again, _ = results_of("quickstart.toml", tmp_path)
    assert again == first


def test_the_wikipedia_benchmark_counts_every_sentence(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pages = [
        {"id": str(i), "url": f"https://example.org/{i}", "title": f"頁{i}", "text": page(i)}
        for i in range(60)
    ]
    pq.write_table(pa.Table.from_pylist(pages), tmp_path / "pages.parquet")
    sets = ["train=100", "valid=10", "test=20", "seeds=1", "resamples=100"]
    words = [
        "run",
        str(ROOT / "benchmarks/wikipedia.toml"),
        "--workspace",
        str(tmp_path / "space"),
        "--quiet",
    ]
    words += [word for s in sets for word in ("--set", f"benchmark.{s}")]
    words += [
        "--set",
        "corpus.wikipedia.params.path=pages.parquet",
        "--set",
        'matrix.student="knn"',
    ]
    command = [sys.executable, "-m", "deshi", *words, "--format", "json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    (split,) = (
        figures for figures in json.loads(done.stdout)["data"] if figures["stage"] == "split"
    )
    read = split["notes"]["read"]
    assert (
        read
        == sum(split["kept"].values()) + sum(split["dropped"].values()) + split["notes"]["surplus"]
    )
    assert split["dropped"]["complete-sentence: meta-section"] > 0
    assert split["dropped"]["length: too-short"] > 0


def page(number: int) -> str:
    """Return a page of some sentences that differ from page to page, and a heading."""
    things = ("城", "川", "祭り", "列車", "小説", "山", "魚", "星", "港", "寺")
    kinds = (
        "建てられた",
        "描かれた",
        "知られるようになった",
        "記録に残っている",
        "改められた",
        "見つかった",
    )
    lines = [
        f"{number * 7 + i}年ごろ、{things[(number + i) % 10]}は{things[(number * 3 + i * i) % 10]}とともに"
        f"{number + i}番目の{things[(number * i + 1) % 10]}として{kinds[(number + i) % 6]}。"
        for i in range(6)
    ]
    return "\n\n".join([*lines, "短い。", "関連項目"])
