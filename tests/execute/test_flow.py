"""From corpus to table: parts, sizes, gold, narrowed alphabets, what is dropped."""

from __future__ import annotations

import json
from typing import Any

import pyarrow.parquet as pq
import pytest

from project import BENCHMARK, Project

SMALL = BENCHMARK.replace('["counter", "counter-two"]', '"counter"').replace(
    '["nothing", "less"]', '"less"'
)


def artefacts(project: Project, stage: str) -> list[tuple[dict[str, Any], Any]]:
    """Return manifest and folder of every artefact of a stage."""
    manifests = sorted(project.workspace.glob(f"artefacts/{stage}/*/*/manifest.json"))
    return [(json.loads(m.read_text(encoding="utf-8")), m.parent) for m in manifests]


def rows(results: Any) -> dict[str, Any]:
    return {row["id"]: row for row in results["rows"]}


def test_no_document_stands_on_both_sides_of_the_split(project: Project) -> None:
    project.results()
    ((_, folder),) = artefacts(project, "split")
    texts = pq.read_table(folder / "texts.parquet").to_pylist()
    parts: dict[str, set[str]] = {}
    for text in texts:
        parts.setdefault(text["document"], set()).add(text["part"])
    assert {len(found) for found in parts.values()} == {1}


def test_every_text_read_is_kept_dropped_or_surplus(project: Project) -> None:
    project.results()
    ((manifest, folder),) = artefacts(project, "split")
    figures = manifest["figures"]
    assert (
        figures["read"] == figures["kept"] + sum(figures["dropped"].values()) + figures["surplus"]
    )
    logged = pq.read_table(folder / "decisions.parquet").to_pylist()
    assert sum(figures["dropped"].values()) == sum(row["verdict"] == "drop" for row in logged)


def test_a_growing_corpus_leaves_the_test_texts_alone(project: Project) -> None:
    project.results()
    before = {t["id"] for t in texts_of(project) if t["part"] == "test"}
    project.results("--set", "corpus.numbers.params.n=900", "--workspace", "other")
    project.workspace.rename(project.folder / "old")
    (project.folder / "other").rename(project.workspace)
    assert {t["id"] for t in texts_of(project) if t["part"] == "test"} == before


def texts_of(project: Project) -> list[dict[str, Any]]:
    ((_, folder),) = artefacts(project, "split")
    found: list[dict[str, Any]] = pq.read_table(folder / "texts.parquet").to_pylist()
    return found


def test_sizes_are_what_was_asked_for(project: Project) -> None:
    project.write(SMALL)
    found = rows(project.results())["counter/memory/less"]
    assert (found["n_train"], found["n_test"], found["seeds"], found["coverage"]) == (
        120,
        40,
        2,
        1.0,
    )


def test_a_deterministic_student_runs_once(project: Project) -> None:
    assert rows(project.results())["counter/fleeting"]["seeds"] == 1


def test_a_student_without_a_loss_has_one_row_for_all_losses(project: Project) -> None:
    found = rows(project.results())
    assert [name for name in found if "fleeting" in name] == [
        "counter/fleeting",
        "counter-two/fleeting",
    ]


def test_a_corpus_that_ends_first_is_said(project: Project) -> None:
    project.write(SMALL)
    results = project.results("--set", "benchmark.train=5000")
    assert "the corpus ended first" in " ".join(results["warnings"])
    assert rows(results)["counter/memory/less"]["n_train"] < 5000


def test_gold_that_came_with_the_corpus_judges_only_texts_that_have_it(project: Project) -> None:
    project.write(SMALL.replace("[matrix]", '[matrix]\ngold = ["own", "reference"]'))
    results = project.results()
    found = rows(results)
    own, reference = (found[f"counter/memory/less/{gold}"] for gold in ("own", "reference"))
    assert own["group"] != reference["group"]
    assert own["n_test"] == 40
    assert 0 < reference["n_test"] < 40
    assert reference["coverage"] == reference["n_test"] / 40


def test_teachers_with_one_rewriter_share_the_group_of_reference_gold(project: Project) -> None:
    project.write(BENCHMARK.replace("[matrix]", '[matrix]\ngold = "reference"'))
    found = rows(project.results())
    groups = {row["group"] for row in found.values() if row["status"] == "ok"}
    assert len(groups) == 1


def test_reference_gold_is_the_same_whatever_a_teacher_refuses(project: Project) -> None:
    project.write(BENCHMARK.replace("[matrix]", '[matrix]\ngold = "reference"'))
    calm = rows(project.results())
    refusing = rows(project.results("--set", 'teacher.counter.params.refuse="三"'))
    for name in ("counter/fleeting", "counter-two/fleeting"):
        assert refusing[name]["n_test"] == calm[name]["n_test"]
    tests = [
        [
            p["id"]
            for p in pq.read_table(folder / "pairs.parquet").to_pylist()
            if p["part"] == "test"
        ]
        for _, folder in artefacts(project, "label")
    ]
    assert len(tests) == 3
    assert tests[0] == tests[1] == tests[2]


def test_a_named_teacher_that_is_the_rows_own_makes_no_second_row(project: Project) -> None:
    project.write(SMALL.replace("[matrix]", '[matrix]\ngold = ["own", "counter"]'))
    found = rows(project.results())
    assert [name for name in found if "memory" in name] == ["counter/memory/less/own"]


def test_row_ids_are_unique_when_chains_vary(project: Project) -> None:
    project.write(SMALL.replace('chain = "toy"', 'chain = ["toy", "none"]'))
    names = [row["id"] for row in project.results()["rows"]]
    assert len(names) == len(set(names))


def test_parameters_that_differ_in_the_last_digit_are_different_rows(project: Project) -> None:
    grid = '{ use = "memory", noise = [0.20000001, 0.20000002] }'
    project.write(SMALL.replace('"memory"', grid))
    found = [name for name in rows(project.results()) if "memory" in name]
    assert len(found) == 2


def test_another_teachers_gold_judges_all_rows_on_the_same_labels(project: Project) -> None:
    project.write(BENCHMARK.replace("[matrix]", '[matrix]\ngold = "counter"'))
    found = rows(project.results())
    assert {row["gold"] for row in found.values()} == {"counter"}
    assert len({row["group"] for row in found.values()}) == 1


def test_a_narrowed_alphabet_is_scored_on_the_full_test_set(project: Project) -> None:
    narrowed = '[filter.top-two]\nuse = "top-emoji"\nparams = { n = 2, mode = "drop-sample" }\n'
    narrowed += '[chain.toy]\nlabelled = ["emoji-count", "top-two"]\n'
    (project.folder / "registry.toml").write_text(narrowed, encoding="utf-8")
    project.write(SMALL)
    found = rows(project.results())["counter/memory/less"]
    assert found["n_test"] == 40
    assert 0 < found["n_reachable"] < 40
    value = found["metrics"]["hits"]
    assert value["restricted"] is not None
    assert value["restricted"] != value["value"]


def test_asking_several_times_gives_shares_and_keeps_the_first_as_gold(project: Project) -> None:
    project.write(SMALL)
    once = rows(project.results())["counter/memory/less"]["metrics"]
    thrice = rows(project.results("--set", "benchmark.samples=3"))["counter/memory/less"]["metrics"]
    assert thrice == once
    samples = {line.split()[2] for line in project.work_done() if line.startswith("label")}
    assert samples == {"0", "1", "2"}


def test_lower_is_better_orders_rows_upwards(project: Project) -> None:
    results = project.results("--set", 'benchmark.metrics=["misses", "hits"]')
    group = [row for row in results["rows"] if not row["baseline"] and row["gold"] == "counter"]
    values = [row["metrics"]["misses"]["value"] for row in group]
    assert values == sorted(values)


@pytest.mark.parametrize("first", ["hits", "misses"])
def test_permuted_predictions_are_those_of_the_best_row(project: Project, first: str) -> None:
    project.write(SMALL)
    found = rows(project.results("--set", f'benchmark.metrics=["{first}"]'))
    reason = found["counter/shuffled"]["reason"]
    values = {
        name: row["metrics"][first]["value"] for name, row in found.items() if not row["baseline"]
    }
    assert len(set(values.values())) == 2
    best = (min if first == "misses" else max)(values, key=lambda name: values[name])
    assert [name for name in values if name in reason] == [best]


def test_baselines_stand_under_the_rows_of_every_group(project: Project) -> None:
    results = project.results()
    for gold in ("counter", "counter-two"):
        kinds = [row["baseline"] for row in results["rows"] if row["gold"] == gold]
        assert kinds == sorted(kinds)
        assert sum(kinds) == 2


def test_a_baseline_that_is_switched_off_is_missed_aloud(project: Project) -> None:
    results = project.results("--set", "benchmark.baselines=[]")
    assert not any(row["baseline"] for row in results["rows"])
    (warning,) = [line for line in results["warnings"] if "switched off" in line]
    assert "majority baseline (constant), permutation baseline (shuffled), lexicon, knn" in warning
    assert "oracle, teacher self-agreement (ceiling); nothing shows" in warning
    assert "nothing shows whether a row beats a fixed prediction" in warning


def test_a_benchmark_without_students_has_its_baselines(project: Project) -> None:
    text = SMALL.replace('student = ["memory", "fleeting"]\n', "").replace('loss = "less"', "")
    project.write(text)
    assert set(rows(project.results())) == {"counter/constant", "counter/shuffled"}


@pytest.mark.parametrize("form", ["json", "csv", "markdown", "latex"])
def test_what_was_dropped_is_shown_in_every_format(project: Project, form: str) -> None:
    project.results()
    ran = project.deshi("show", "--dropped", "--format", form)
    assert ran.status == 0
    assert "seven" in ran.out


def test_python_runs_a_benchmark_and_shows_it(project: Project) -> None:
    code = (
        "import deshi\n"
        "outcome = deshi.run('bench.toml', sets=['benchmark.seeds=1'])\n"
        "frame = outcome.to_pandas()\n"
        "print(len(frame) == len(outcome.rows), 'hits_low' in frame, '<table' in outcome._repr_html_())\n"
        "print(outcome)\n"
    )
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project.folder,
        env=project.variables(),
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith("True True True\n"), done.stderr
    assert "memory" in done.stdout


def test_two_seeds_bring_no_verdict_and_the_table_says_so(project: Project) -> None:
    ran = project.deshi("run", "bench.toml", "--quiet", "--notes")
    assert "no test of retrained models is possible with 2 runs" in ran.out


def test_rows_that_are_one_model_under_two_names_tie(project: Project) -> None:
    results = project.results("--set", "benchmark.seeds=5")
    found = rows(results)
    assert found["counter/memory/less"]["tie_group"] == found["counter/memory/nothing"]["tie_group"]
    pair = next(
        c
        for c in results["comparisons"]
        if {c["a"], c["b"]} == {"counter/memory/less", "counter/memory/nothing"}
        and c["question"] == "fixed-models"
    )
    assert pair["difference"] == 0
    assert pair["p"] == 1
    assert all({c["a"], c["b"]} <= set(found) for c in results["comparisons"])


def test_a_constant_answer_fails_the_input_test_in_the_table(project: Project) -> None:
    ran = project.deshi(
        "run", "bench.toml", "--quiet", "--notes", "--set", 'benchmark.metrics=["jaccard"]'
    )
    constant = [line for line in ran.out.splitlines() if line.startswith("– majority")]
    assert constant
    assert all("FAILS" in line for line in constant)


def test_emoji_that_a_student_spells_otherwise_are_read_and_words_count_as_wrong(
    project: Project,
) -> None:
    project.write(SMALL.replace('["memory", "fleeting"]', '"toy/sloppy"'))
    found = rows(project.results("--set", 'benchmark.metrics=["jaccard"]'))["counter/toy/sloppy"]
    assert found["vocabulary"]["emoji"] == 2
    assert found["metrics"]["non-emoji"]["value"] == pytest.approx(1 / 3)
    ((_, folder),) = [a for a in artefacts(project, "predict") if "sloppy" in a[0]["title"]]
    answers = pq.read_table(folder / "predictions.parquet").to_pylist()
    assert {tuple(a["emojis"]) for a in answers} == {("❤️", "🐿️")}
