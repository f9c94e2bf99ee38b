"""Several fitted students in one: weights, scales, reasons, and what the host does for the members."""

import json

import pytest

pytest.importorskip("sklearn")

from student_kit import ENV, fitted, mean_jaccard, nothing, sample_parts, simple

from deshi.api import Prediction, Text
from deshi_plugins.students.fusion import Fusion
from deshi_plugins.students.params import FusionParams


class Fixed:
    """A student that gives every text one ranking; `scale` is that of its scores."""

    def __init__(self, *ranked, scale=1.0, of=None):
        self._ranked = tuple((emoji, score * scale) for emoji, score in ranked)
        self._of = of
        self.events = []

    def __enter__(self):
        self.events.append("in")
        return self

    def __exit__(self, *what):
        self.events.append("out")

    def predict(self, texts):
        if self._of:
            return [
                Prediction((self._of[t.text],), ranked=((self._of[t.text], 1.0),)) for t in texts
            ]
        return [Prediction((self._ranked[0][0],), ranked=self._ranked) for _ in texts]


def fused(members, train, valid, **params):
    student = Fusion(FusionParams(members=tuple(members), **params), ENV)
    student.combine(members)
    report = student.fit(train, valid, None)
    return student, report.notes["weights"]


TRAIN = simple(("あ", "🐱"), ("い", "🐶"), ("う", "🐱"), ("え", "🐶"))
VALID = simple(("お", "🐱"), ("か", "🐶"), counted=TRAIN)
RIGHT = {"お": "🐱", "か": "🐶", "き": "🐱"}
WRONG = {"お": "🐶", "か": "🐱", "き": "🐶"}


def test_who_is_right_on_validation_gets_the_weight():
    members = {"wrong": Fixed(of=WRONG), "right": Fixed(of=RIGHT)}
    student, weights = fused(members, TRAIN, VALID)
    assert weights["right"] > weights["wrong"]
    assert student.predict([Text("x", "x", "き")])[0].emojis == ("🐱",)


def test_equally_good_weightings_give_the_most_even_one():
    _, weights = fused({"a": Fixed(of=RIGHT), "b": Fixed(of=RIGHT)}, TRAIN, VALID)
    assert weights == {"a": 0.5, "b": 0.5}


def test_without_validation_all_weigh_alike():
    members = {"a": Fixed(("🐶", 1.0)), "b": Fixed(("🐱", 1.0))}
    _, weights = fused(members, TRAIN, nothing(TRAIN))
    assert weights == {"a": 0.5, "b": 0.5}


def test_a_members_own_scale_makes_no_difference():
    texts = [Text("x", "x", "お")]
    even = {"weights": (1.0, 1.0)}
    found = []
    for scale in (1.0, 1000.0):
        members = {
            "a": Fixed(("🐱", 0.6), ("🐶", 0.4), scale=scale),
            "b": Fixed(("🐶", 0.9), ("🐱", 0.1)),
        }
        student, _ = fused(members, TRAIN, VALID, **even)
        found.append(dict(student.predict(texts)[0].ranked))
    assert found[0] == pytest.approx(found[1])
    assert found[0] == pytest.approx({"🐶": 0.65, "🐱": 0.35})


def test_scores_that_may_be_negative_are_read_as_ranks():
    members = {"a": Fixed(("🐱", 3.0), ("🐶", -4.0)), "b": Fixed(("🐱", 3.0), ("🐶", -0.1))}
    student, _ = fused(members, TRAIN, VALID, weights=(1.0, 1.0))
    ranked = dict(student.predict([Text("x", "x", "お")])[0].ranked)
    assert ranked["🐱"] == pytest.approx(2 * ranked["🐶"])


@pytest.mark.parametrize(
    ("members", "weights", "said"),
    [
        (("a", "b"), (1.0, 1.0, 1.0), "3 'weights' for 2 'members'"),
        (("a", "b"), (0.0, 0.0), "nor all 0"),
        (("a", "b"), (2.0, -1.0), "must not be below 0"),
        (("a", "a"), None, "'members' names an entry twice"),
    ],
)
def test_weights_that_weigh_nothing_are_refused_before_a_member_is_fitted(members, weights, said):
    with pytest.raises(ValueError, match=said):
        FusionParams(members=members, weights=weights)


def test_members_are_entered_and_left():
    member = Fixed(of=RIGHT)
    student, _ = fused({"a": member, "b": Fixed(of=RIGHT)}, TRAIN, VALID)
    with student:
        assert member.events == ["in"]
    assert member.events == ["in", "out"]


def test_it_is_no_worse_on_validation_than_its_best_member_and_gives_reasons(tmp_path):
    train, valid, test = sample_parts()
    members = {name: fitted(name, train, valid) for name in ("knn", "linear", "constant")}
    student, weights = fused(members, train, valid)
    assert mean_jaccard(student, valid) >= mean_jaccard(members["knn"], valid) - 0.02
    (lines,) = student.explain(test.texts[:1])
    assert lines[0].startswith(f"{max(weights, key=weights.get)} (")
    assert len(lines) <= 2
    student.save(tmp_path)
    loaded = Fusion.load(tmp_path, student.params, ENV)
    loaded.combine(members)
    assert loaded.predict(test.texts) == student.predict(test.texts)
    assert student.predict([]) == []


# In a run

BENCHMARK = """
[benchmark]
train = 60
valid = 20
test = 20
seeds = {seeds}
baselines = ["constant"]
metrics = ["hits"]
resamples = 100

[matrix]
corpus = "numbers"
chain = "none"
rewriter = "none"
teacher = "counter"
student = {students}
loss = "nothing"
"""
REGISTRY = """
[student.both]
use = "fusion"
params = {{ members = {members} }}
"""


def test_members_of_any_plugin_are_fitted_once_and_with_their_loss(project):
    (project.folder / "registry.toml").write_text(REGISTRY.format(members='["memory", "constant"]'))
    project.write(BENCHMARK.format(seeds=2, students='["memory", "both"]'))
    results = project.results()
    rows = {row["id"]: row for row in results["rows"]}
    assert {rows[name]["status"] for name in rows} == {"ok"}
    assert rows["counter/both/nothing"]["seeds"] == 2
    fits = [line for line in project.work_done() if line.startswith("fit")]
    assert fits == [f"fit memory seed {seed} loss Nothing noise 0.2" for seed in (0, 1)]


def test_without_a_member_that_takes_a_loss_or_draws_it_is_one_row_of_one_run(project):
    (project.folder / "registry.toml").write_text(REGISTRY.format(members='["constant", "knn"]'))
    project.write(BENCHMARK.format(seeds=2, students='"both"'))
    rows = {row["id"]: row for row in project.results()["rows"]}
    assert rows["counter/both"]["seeds"] == 1


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ('["memory", "fleeting"]', "'fleeting' or the ensemble cannot be saved"),
        ('["memory", "lineer"]', "unknown student 'lineer'; did you mean 'linear'?"),
        ('["memory", "both"]', "'both' would contain itself"),
        ('["memory"]', "expected array of length >= 2"),
    ],
)
def test_a_wrong_member_is_told_where_it_is_written(project, members, said):
    (project.folder / "registry.toml").write_text(REGISTRY.format(members=members))
    project.write(BENCHMARK.format(seeds=1, students='"both"'))
    ran = project.deshi("plan", "bench.toml")
    assert ran.status == 2
    assert said in ran.err.replace("\n", " ")
    assert "registry.toml:" in ran.err


@pytest.mark.slow
def test_a_fitted_one_answers_as_in_its_run_here_and_where_it_was_published(project):
    """And not as the first of its members, which were fitted before it."""
    (project.folder / "kept").mkdir()
    (project.folder / "kept" / "note.txt").write_text("x")
    placed = '[student.placed]\nuse = "knn"\nparams = { path = "kept", k = 1 }\n'
    both = REGISTRY.format(members='["constant", "placed"]')
    (project.folder / "registry.toml").write_text(placed + both)
    project.write(BENCHMARK.format(seeds=1, students='"both"'))
    project.results()
    record = project.deshi("errors", "--row", "counter/both", "--format", "json").json
    given = {one["id"]: list(one["answer"]) for one in record["texts"]}
    asked = [{"id": one["id"], "text": one["text"]} for one in record["texts"]]
    (project.folder / "asked.jsonl").write_text("\n".join(map(json.dumps, asked)), "utf-8")
    done = project.deshi("publish", "latest/counter/both", "--to", "out", "--permit", "a test")
    assert done.status == 0, done.err
    for place in ("latest/counter/both", "out/model"):
        ran = project.deshi("predict", place, "--input", "asked.jsonl")
        assert ran.status == 0, ran.err
        found = [json.loads(line) for line in ran.out.splitlines()]
        assert {one["id"]: one["emoji"] for one in found} == given
        assert any(line.startswith("placed (") for one in found for line in one["reasons"])
    for file in (project.folder / "out" / "model").rglob("*.json"):
        assert str(project.folder) not in file.read_text("utf-8"), file
