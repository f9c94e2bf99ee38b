"""A loss that learns from a teacher's shares runs only where there are shares."""

import pytest

BENCHMARK = """
[benchmark]
train = 30
valid = 5
test = 5
seeds = 1
samples = {samples}
baselines = []
metrics = ["jaccard"]

[matrix]
corpus = "sample"
chain = "none"
rewriter = "none"
teacher = "lexicon"
student = "linear"
loss = ["bce", "soft-labels"]
"""


@pytest.mark.parametrize(
    ("samples", "reason"),
    [
        (1, "loss 'soft-labels' learns from a teacher's shares, which needs samples = 2 or more"),
        (2, ""),
    ],
)
def test_one_answer_of_a_teacher_has_no_shares(project, samples, reason):
    project.write(BENCHMARK.format(samples=samples))
    ran = project.deshi("plan", "bench.toml")
    assert ran.status == 0, ran.err
    assert reason in ran.out + ran.err
    assert ("learns from a teacher's shares" in ran.out + ran.err) == bool(reason)
