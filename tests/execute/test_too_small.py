"""A corpus that is too small: the sizes that are proposed can be pasted, and then the run is made."""

from __future__ import annotations

import re
import shlex

import pytest

from project import Project, Ran

BENCH = """
[benchmark]
train = 300
valid = 100
test = 200
seeds = 1
metrics = ["hits", "misses"]
baselines = ["constant"]
resamples = 200

[matrix]
corpus = "numbers"
chain = "toy"
rewriter = "none"
teacher = "counter"
student = "memory"
loss = "less"
"""
REGISTRY = """
[corpus.small]
use = "toy/numbers"
params = { n = 60 }
[chain.all]
source = []
labelled = ["emoji-count"]
[chain.half]
source = ["half"]
[filter.nothing]
use = "length"
params = { max = 1, min = 1 }
[chain.none]
source = ["nothing"]
"""


@pytest.fixture
def bench(project: Project) -> Project:
    project.write(BENCH)
    (project.folder / "registry.toml").write_text(REGISTRY, encoding="utf-8")
    return project


def run(project: Project, *words: str) -> Ran:
    return project.deshi("run", "bench.toml", "--quiet", "--format", "json", *words)


def proposed(text: str) -> list[str]:
    """Return the words of the one line that can be pasted."""
    (line,) = re.findall(r"`(--set [^`]*)`", text)
    return shlex.split(line)


def pasted(project: Project, *words: str) -> tuple[list[str], Ran]:
    """Run, be refused, and run again with what was proposed behind it."""
    refused = run(project, *words)
    assert refused.status == 2, refused.err
    settings = proposed(refused.err)
    ran = run(project, *words, *settings)
    assert ran.status == 0, ran.err
    assert not [line for line in ran.json["warnings"] if "survived of" in line]
    return settings, ran


def of(n: int) -> tuple[str, ...]:
    return ("--set", f"corpus.numbers.params.n={n}")


SLOWER = [pytest.param(n, marks=pytest.mark.slow) for n in (60, 120, 200, 900)]


@pytest.mark.parametrize("n", [83, 400, *SLOWER])
@pytest.mark.parametrize(
    "more", [(), ("--set", "benchmark.split-by=text"), ("--set", "matrix.chain=half")]
)
def test_what_is_proposed_is_enough(bench: Project, n: int, more: tuple[str, ...]) -> None:
    settings, ran = pasted(bench, *of(n), *more)
    sizes = dict(re.findall(r"benchmark\.(\w+)=(\d+)", " ".join(settings)))
    (split,) = [one for one in ran.json["data"] if one["stage"] == "split"]
    assert {part: split["kept"][part] for part in sizes if part != "valid"} == {
        part: int(size) for part, size in sizes.items() if part != "valid"
    }


@pytest.mark.parametrize(
    ("sizes", "changed"),
    [
        ({"test": 10, "valid": 90, "train": 30}, {"valid"}),
        ({"test": 190, "valid": 5, "train": 30}, {"test"}),
        ({"test": 190, "valid": 90, "train": 30}, {"valid", "test"}),
        ({"test": 190, "valid": 5, "train": 900}, {"train", "test"}),
        ({"test": 190, "valid": 90, "train": 900}, {"train", "valid", "test"}),
    ],
)
def test_only_what_is_short_is_changed(
    bench: Project, sizes: dict[str, int], changed: set[str]
) -> None:
    words = [word for name, size in sizes.items() for word in ("--set", f"benchmark.{name}={size}")]
    settings, _ = pasted(bench, *of(200), *words)
    assert {one.split("=")[0].removeprefix("benchmark.") for one in settings[1::2]} == changed


def test_training_that_is_short_alone_is_a_warning_with_a_size_that_fits(bench: Project) -> None:
    words = (*of(400), "--set", "benchmark.test=20", "--set", "benchmark.valid=10")
    ran = run(bench, *words)
    assert ran.status == 0, ran.err
    warnings = "\n".join(ran.json["warnings"])
    assert "training pairs survived of 300 wanted; the corpus ended first" in warnings
    again = run(bench, *words, *proposed(warnings))
    assert again.status == 0, again.err
    assert "survived of" not in "\n".join(again.json["warnings"])
    assert {r["n_train"] for r in again.json["rows"]} == {r["n_train"] for r in ran.json["rows"]}


@pytest.mark.parametrize("limit", [(), ("--set", "benchmark.pull-limit=90")])
def test_pairs_that_a_limit_ended_are_proposed_with_the_limit(
    bench: Project, limit: tuple[str, ...]
) -> None:
    """Half the texts asked of a size would not give that size again: the limit has to stay."""
    words = (*of(2000), "--set", "benchmark.test=20", "--set", "benchmark.valid=10", "--set", "benchmark.train=60",
             "--set", "teacher.counter.params.refuse=三", "--set", 'chain.toy.labelled=["half"]', *limit)  # fmt: skip
    ran = run(bench, *words)
    warnings = "\n".join(ran.json["warnings"])
    assert "training pairs survived of 60 wanted; pull-limit ended first" in warnings
    again = run(bench, *words, *proposed(warnings))
    assert "survived of" not in "\n".join(again.json["warnings"])


def test_sizes_of_the_matrix_are_proposed_in_the_matrix(bench: Project) -> None:
    text = BENCH.replace("train = 300\n", "").replace("[matrix]", "[matrix]\ntrain = [30, 90, 500]")
    bench.write(text)
    settings, ran = pasted(bench, *of(200))
    (sizes,) = [one for one in settings if one.startswith("matrix.train=")]
    assert sizes.startswith("matrix.train=[30, 90, 1")
    assert len({row["n_train"] for row in ran.json["rows"]}) == 3
    settings, _ = pasted(bench, *of(200), "--set", "matrix.train=500")
    assert any(re.fullmatch(r"matrix\.train=\d+", one) for one in settings)


def test_what_is_proposed_fits_every_corpus_and_chain(bench: Project) -> None:
    text = BENCH.replace('corpus = "numbers"', 'corpus = ["numbers", "small"]')
    bench.write(text.replace('chain = "toy"', 'chain = ["all", "half"]'))
    _, ran = pasted(bench, *of(200))
    assert all(row["status"] == "ok" for row in ran.json["rows"])
    _, ran = pasted(bench, *of(190), "--workers", "2")


def test_a_scale_is_proposed_for_too(bench: Project) -> None:
    bench.write(f"{BENCH}\n[scale.large.benchmark]\ntest = 2000\n")
    settings, _ = pasted(bench, *of(200), "--scale", "large")
    assert any(one.startswith("benchmark.test=") for one in settings)


@pytest.mark.parametrize("n", [1, 4, 8])
def test_where_nothing_fits_it_is_said_how_much_it_takes(bench: Project, n: int) -> None:
    ran = run(bench, *of(n))
    assert ran.status == 2
    assert "no text of corpus 'numbers' is left for" in ran.err
    assert f"({n} read in {-(-n // 4)} document" in ran.err
    assert re.search(
        r"these sizes need about 1,\d\d\d such texts, and any sizes some 29 documents", ran.err
    )
    assert "--set" not in ran.err


def test_how_much_it_takes_is_about_right(bench: Project) -> None:
    refused = run(bench, *of(200))
    (number,) = re.findall(r"need about ([\d,]+) such texts", refused.err)
    enough = int(number.replace(",", ""))
    assert run(bench, *of(enough * 5 // 4)).status == 0
    assert run(bench, *of(enough * 3 // 4)).status == 2


def test_what_else_limits_a_part_is_said(bench: Project) -> None:
    assert "loosen the chain" not in run(bench, *of(200), "--set", "matrix.chain=all").err
    half = run(bench, *of(200), "--set", "matrix.chain=half").err
    assert "100 dropped: half: even 100" in half
    assert "or loosen the chain" in half
    capped = run(bench, *of(200), "--set", "benchmark.max-per-document=2").err
    assert "split: max-per-document" in capped
    assert "or raise max-per-document = 2" in capped
    assert "raise max-per-document" not in half
    rich = run(bench, *of(400), "--set", "benchmark.train=20").err
    assert "raise test-share or valid-share: training has more than it needs" in rich
    assert "raise test-share" not in half


def test_a_chain_that_drops_all_is_what_has_to_change(bench: Project) -> None:
    ran = run(bench, *of(200), "--set", "matrix.chain=none")
    assert ran.status == 2
    assert "loosen the chain, which drops them all" in ran.err
    assert "dropped: nothing: " in ran.err
