"""Sizes hold through refusals and filters, and no text is asked for twice."""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deshi.stages.label import next_pull
from project import Project

BENCH = """
[benchmark]
train = 60
valid = 20
test = 40
seeds = 1
pull-limit = 400
metrics = ["hits", "misses"]
baselines = ["constant"]
resamples = 200

[matrix]
corpus = "numbers"
chain = "toy"
rewriter = "polite"
teacher = "counter"
student = "memory"
loss = "less"
"""
THIRD = ("--set", "teacher.counter.params.refuse=三", "--set", "corpus.numbers.params.n=900")
"""三 stands in about a third of the texts."""


@pytest.fixture
def bench(project: Project) -> Project:
    project.write(BENCH)
    return project


def chain(project: Project, **places: list[str]) -> None:
    lines = [f"{place} = {filters}" for place, filters in places.items()]
    text = "\n".join(["[chain.toy]", *lines, ""]).replace("'", '"')
    (project.folder / "registry.toml").write_text(text, encoding="utf-8")


def labelled(project: Project) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the figures, the pairs and the decisions of the only label."""
    (manifest,) = project.workspace.glob("artefacts/label/*/*/manifest.json")
    figures = json.loads(manifest.read_text(encoding="utf-8"))["figures"]
    tables = (pq.read_table(manifest.parent / f"{n}.parquet") for n in ("pairs", "decisions"))
    pairs, decisions = (table.to_pylist() for table in tables)
    return figures, pairs, decisions


def asked(project: Project, task: str = "label") -> list[str]:
    return [line for line in project.work_done() if line.startswith(task)]


def test_a_size_holds_though_a_third_is_refused_and_half_is_dropped(bench: Project) -> None:
    chain(bench, labelled=["emoji-count", "half"])
    results = bench.results(*THIRD)
    assert {row["n_train"] for row in results["rows"]} == {60}
    assert not [line for line in results["warnings"] if "wanted" in line]
    figures, _, _ = labelled(bench)
    assert figures["dropped"]["teacher: refusal"] > 60
    assert figures["dropped"]["half: even"] > 60
    for task in ("label", "rewrite"):
        assert len(asked(bench, task)) == len(set(asked(bench, task))) > 180


def test_a_size_holds_though_half_is_dropped_before_a_teacher_sees_it(bench: Project) -> None:
    chain(bench, source=["half"], rewritten=["odd"])
    more = ("--set", "corpus.numbers.params.n=900")
    assert {row["n_train"] for row in bench.results(*more)["rows"]} == {60}


def test_every_training_text_that_was_pulled_is_kept_dropped_or_surplus(bench: Project) -> None:
    chain(bench, rewritten=["odd"], labelled=["emoji-count", "half"])
    bench.results(*THIRD)
    figures, pairs, decisions = labelled(bench)
    dropped = [d["id"] for d in decisions if d["part"] == "train" and d["verdict"] == "drop"]
    kept = [p["id"] for p in pairs if p["part"] == "train"]
    assert len(set(dropped + kept)) == len(dropped) + len(kept)
    assert figures["pulled"] == len(dropped) + len(kept) + figures["surplus"]


def test_nothing_is_asked_in_vain_where_nothing_is_dropped(bench: Project) -> None:
    chain(bench, source=[], labelled=[])
    bench.results()
    figures, _, _ = labelled(bench)
    assert (figures["pulled"], figures["surplus"], figures["dropped"]) == (60, 0, {})
    assert len(asked(bench)) == 60 + 20 + 40


def test_little_is_asked_in_vain_where_much_is_dropped(bench: Project) -> None:
    chain(bench, labelled=["half"])
    bench.results(*THIRD)
    figures, _, _ = labelled(bench)
    assert figures["surplus"] <= 10


def test_no_more_is_asked_than_the_pull_limit(bench: Project) -> None:
    chain(bench, labelled=["half"])
    results = bench.results(*THIRD, "--set", "benchmark.pull-limit=70")
    figures, _, _ = labelled(bench)
    assert figures["pulled"] == 70
    assert len(asked(bench)) <= 70 + 20 + 40
    assert "training pairs survived of 60 wanted" in " ".join(results["warnings"])


def test_filters_that_learn_judge_by_all_that_was_gathered(bench: Project) -> None:
    chain(bench, labelled=["emoji-count", "median"])
    bench.results(*THIRD)
    learned = [int(line.split()[1]) for line in asked(bench, "learn")]
    assert len(learned) > 2
    assert learned == sorted(learned)
    figures, pairs, decisions = labelled(bench)
    training = [d for d in decisions if d["part"] == "train"]
    above = [d for d in training if d["filter"] == "median"]
    kept = [p for p in pairs if p["part"] == "train"]
    (median,) = {int(d["detail"]) for d in above}  # one median: that of the last round
    assert all(int(p["text"][-1]) <= median for p in kept)
    assert all(int(d["text"][-1]) > median for d in above)
    assert learned[-1] == len(kept) + len(above) + figures["surplus"]
    assert not [d for d in decisions if d["filter"] == "median" and d["part"] != "train"]


def killed(project: Project, answers: int) -> None:
    """Run until a number of answers is there, then kill."""
    process = subprocess.Popen(
        project.command("run", "bench.toml", "--quiet", *THIRD),
        cwd=project.folder,
        env=project.variables({"DESHI_TOY_PAUSE": "0.005"}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while len(asked(project)) < answers:
        assert process.poll() is None, "it ended before it could be killed"
    process.send_signal(signal.SIGKILL)
    process.wait()


@pytest.mark.slow
def test_kills_amid_the_rounds_cost_no_more_than_what_was_in_flight(bench: Project) -> None:
    chain(bench, labelled=["emoji-count", "half", "median"])
    calm = bench.results(*THIRD)
    bench.workspace.rename(bench.folder / "calm")
    calmly = set(asked(bench))
    bench.forget()
    kills = (70, 130, 190)  # in the first round, the second and the third
    for answers in kills:
        killed(bench, answers)
    assert bench.results(*THIRD) == calm
    assert set(asked(bench)) == calmly
    for task in ("label", "rewrite"):
        again = len(asked(bench, task)) - len(set(asked(bench, task)))
        assert again <= 16 * len(kills)


def test_what_was_answered_before_a_teacher_broke_is_not_asked_again(bench: Project) -> None:
    broken = bench.deshi("run", "bench.toml", "--quiet", env={"DESHI_TOY_DEAD": "六六"})
    assert broken.status == 1
    assert "the line went dead" in broken.out + broken.err
    before = len(asked(bench))
    assert before > 30
    bench.results()
    assert len(asked(bench)) > before
    repeated = [line for line in set(asked(bench)) if asked(bench).count(line) > 1]
    assert repeated
    assert all("六六" in line for line in repeated)
    assert len(asked(bench, "rewrite")) == len(set(asked(bench, "rewrite")))


def test_no_round_takes_what_rewriting_made_a_copy_of_a_test_text(bench: Project) -> None:
    chain(bench, source=[], labelled=[])
    words = ["".join(three) for three in itertools.permutations("山川空海森雲", 3)]
    texts = [f"{word}{ending}" for word in words for ending in ("です", "だよ")]
    lines = [json.dumps({"text": text}, ensure_ascii=False) for text in texts]
    (bench.folder / "pairs.jsonl").write_text("\n".join(lines), encoding="utf-8")
    bench.results(
        *("--set", 'corpus.pairs={use="texts", params={path="pairs.jsonl"}}'),
        *("--set", "matrix.corpus=pairs", "--set", "benchmark.test-share=0.5"),
        *("--set", "benchmark.test=90", "--set", "benchmark.valid=10"),
    )
    figures, pairs, _ = labelled(bench)
    test = {pair["text"] for pair in pairs if pair["part"] == "test"}
    kept = [pair for pair in pairs if pair["kept"] and pair["part"] != "test"]
    assert sum(pair["part"] == "train" for pair in kept) == 60
    assert figures["dropped"]["label: near-test"] > 20
    assert figures["pulled"] > 60  # so there were several rounds
    assert not test & {pair["text"] for pair in kept}


CURVE = BENCH.replace("train = 60\n", "").replace("[matrix]", "[matrix]\ntrain = [20, 40, 60]")


def test_a_list_of_training_sizes_is_a_curve_on_one_test_set(bench: Project) -> None:
    bench.write(CURVE)
    results = bench.results()
    rows = [row for row in results["rows"] if row["status"] == "ok" and not row["baseline"]]
    assert {(row["id"], row["n_train"]) for row in rows} == {
        (f"counter/n{n}/memory/less", n) for n in (20, 40, 60)
    }
    assert len({row["group"] for row in rows}) == 1
    assert len(asked(bench)) == len(set(asked(bench))) == 60 + 20 + 40


def test_a_smaller_training_set_is_part_of_a_larger_one(bench: Project) -> None:
    chain(bench, labelled=["half"])
    bench.write(CURVE)
    bench.results()
    label_stages = [
        [p["id"] for p in pq.read_table(path).to_pylist() if p["part"] == "train" and p["kept"]]
        for path in bench.workspace.glob("artefacts/label/*/*/pairs.parquet")
    ]
    small, middle, large = sorted(label_stages, key=len)
    assert (len(small), len(middle), len(large)) == (20, 40, 60)
    assert set(small) < set(middle) < set(large)


@pytest.mark.slow
def test_a_curve_and_one_of_its_points_share_their_work(bench: Project) -> None:
    bench.write(CURVE)
    bench.results()
    bench.forget()
    bench.write(BENCH)
    bench.results("--set", "benchmark.pull-limit=400")
    assert bench.work_done() == []


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("benchmark.train=[20, 40]", "move it: [matrix] train"),
        ("matrix.train=[20, 0]", "0 is not a number of training pairs"),
        ("matrix.train=[20, 20]", "'n20' is listed twice"),
        ("matrix.train=20", "train is set in [benchmark] and in [matrix]"),
    ],
)
def test_a_wrong_training_size_is_told_with_its_table(bench: Project, setting, said) -> None:
    ran = bench.deshi("plan", "bench.toml", "--set", setting)
    assert ran.status == 2
    assert said in ran.err
    assert "bench.toml: [" in ran.err


@given(missing=st.integers(1, 10_000), pulled=st.integers(0, 10_000), share=st.floats(0, 1))
def test_a_round_takes_something_and_never_more_than_doubles(missing, pulled, share) -> None:
    step = next_pull(missing, int(share * pulled), pulled)
    assert 1 <= step <= max(pulled, missing)


def test_a_round_takes_what_the_last_ones_lead_one_to_expect() -> None:
    assert next_pull(60, 0, 0) == 60
    assert next_pull(30, 30, 60) == 60
    assert next_pull(10, 50, 60) == 12
    assert next_pull(58, 2, 60) == 60
    assert next_pull(60, 0, 60) == 60
