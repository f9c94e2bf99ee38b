"""The chains that come with deshi run as they are."""

from __future__ import annotations

from collections import Counter

import pyarrow.parquet as pq

from project import Project

BENCH = """
[benchmark]
train = 150
valid = 20
test = 40
seeds = 1
pull-limit = 600
metrics = ["jaccard"]
baselines = ["constant"]
resamples = 200

[matrix]
corpus = "sample"
chain = "careful"
rewriter = "casual"
teacher = "lexicon"
student = "constant"
"""


def test_the_careful_chain_trains_on_balanced_labels_and_tests_on_all(project: Project) -> None:
    project.write(BENCH)
    results = project.results()
    assert {(row["n_train"], row["n_test"]) for row in results["rows"]} == {(150, 40)}
    (file,) = project.workspace.glob("artefacts/label/*/*/pairs.parquet")
    pairs = pq.read_table(file).to_pylist()
    training = [pair for pair in pairs if pair["part"] == "train"]
    counts = Counter(emoji for pair in training for emoji in set(pair["samples"][0]))
    assert (
        max(counts.values()) <= 0.1 * len(training) + 3
    )  # the cut to `train` may shift it a little


def test_a_share_that_labels_cannot_have_stops_the_run_and_loses_no_answer(
    project: Project,
) -> None:
    chain = '[filter.balance]\nuse = "balance"\nparams = {{ max-share = {} }}\n'
    chain += '[chain.toy]\nlabelled = ["balance"]\n'
    registry = project.folder / "registry.toml"
    registry.write_text(chain.format(0.1), encoding="utf-8")
    stopped = project.deshi("run", "bench.toml", "--quiet")
    assert stopped.status == 2
    assert "filter balance: max-share = 0.1 is impossible" in stopped.err
    assert "set max-share to 0.2 or more" in stopped.err
    registry.write_text(chain.format(0.8), encoding="utf-8")
    project.results()
    asked = [line for line in project.work_done() if line.startswith(("label", "rewrite"))]
    assert len(asked) == len(set(asked))
