"""`deshi score` gives the published figures, and says clearly what is wrong with a file."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from project import Project

A, B, C, D = "🍎", "🐈", "🚗", "🎵"
X, Y = "🌧️", "🔥"

SETS: list[tuple[str, Any, Any, dict[str, float | None]]] = [
    ("one of three", [B, C], [A, B], {"jaccard": 1 / 3}),
    ("both empty", [], [], {"jaccard": 1, "exact-match": 1, "multiset-jaccard": 1}),
    ("one empty", [A], [], {"jaccard": 0}),
    ("the seed's first", "🤔 📚 📖 🇯🇵 🔍", "📖 😊 🇯🇵 📚 👏", {"jaccard": 3 / 7}),
    ("the seed's second", "😊 🤔 💬", "📚 😊 😊 📚 📚", {"jaccard": 0.25, "repetition": 0.6, "longest-run": 2}),
    ("multisets", [A, B], [A, A, B], {"multiset-jaccard": 2 / 3}),
    ("five times", [A], [A] * 5, {"multiset-jaccard": 0.2, "exact-match": 1, "exact-sequence": 0}),
    ("order", [A, B], [B, A], {"exact-match": 1, "exact-sequence": 0, "multiset-jaccard": 1}),
    ("several references", [[A, B], [C]], [A], {"jaccard": 0.5}),
    ("one category of two", "🤔 📖 🇯🇵", "😊 📚", {"jaccard": 0, "category-jaccard": 2 / 3}),
    ("one category", "🏆", "⚾", {"jaccard": 0, "category-jaccard": 1}),
    ("identical", [A, B], [A, B], {"soft-jaccard": 1}),
    ("soft, one empty", [A], [], {"soft-jaccard": 0}),
    ("repetition", [A], ["😊"] * 5, {"repetition": 0.8, "longest-run": 5}),
    ("no repetition", [A], [A, B, C], {"repetition": 0, "longest-run": 1}),
    ("ranked", [A, B], [X, A, Y], {
        "hit-1": 0, "hit-2": 1, "precision-3": 1 / 3, "recall-3": 0.5, "mrr": 0.5, "ndcg-3": 0.3869}),
]  # fmt: skip

RANKED = [
    setting
    for name, use, k in (
        ("hit-1", "hit-at-k", 1),
        ("hit-2", "hit-at-k", 2),
        ("precision-3", "precision-at-k", 3),
        ("recall-3", "recall-at-k", 3),
        ("ndcg-3", "ndcg", 3),
    )
    for setting in ("--set", f"metric.{name}.use={use}", "--set", f"metric.{name}.params.k={k}")
]


def write(path: Path, answers: list[Any]) -> str:
    lines = (
        json.dumps({"id": str(i), "emoji": answer}, ensure_ascii=False)
        for i, answer in enumerate(answers)
    )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path.name


def score(
    project: Project, gold: list[Any], predicted: list[Any], metrics: list[str], *more: str
) -> dict[str, Any]:
    words = ["--gold", write(project.folder / "gold.jsonl", gold)]
    words += ["--predicted", write(project.folder / "predicted.jsonl", predicted)]
    ran = project.deshi("score", *words, "--metrics", ",".join(metrics), "--format", "json", *more)
    assert ran.status == 0, ran.err
    return {row["metric"]: row["value"] for row in ran.json}


@pytest.mark.parametrize(
    ("gold", "predicted", "expected"), [case[1:] for case in SETS], ids=[c[0] for c in SETS]
)
def test_a_single_pair_scores_as_published(
    project: Project, gold: Any, predicted: Any, expected: dict[str, float]
) -> None:
    ranked = RANKED if "hit-1" in expected else []
    found = score(project, [gold], [predicted], list(expected), *ranked)
    assert found == pytest.approx(expected, abs=5e-5)


def test_several_pairs_score_as_published(project: Project) -> None:
    macro = (
        "--set",
        "metric.macro-all.use=macro-f1",
        "--set",
        'metric.macro-all.params.labels="gold-and-predicted"',
    )
    metrics = ["micro-precision", "micro-recall", "micro-f1", "sample-f1", "macro-f1", "macro-all"]
    found = score(project, [[A, B], [C]], [[A], [C, D]], metrics, *macro)
    assert found == pytest.approx(
        {**dict.fromkeys(metrics[:4], 2 / 3), "macro-f1": 2 / 3, "macro-all": 0.5}
    )


def test_lengths_score_as_published(project: Project) -> None:
    five = [A, B, C, D, X]
    gold, predicted = [five, five, five, five[:3]], [five, five, five[:4], five[:2]]
    assert score(project, gold, predicted, ["length-emd"])["length-emd"] == pytest.approx(0.5)
    assert score(project, [five], [[A]], ["length-emd"])["length-emd"] == pytest.approx(4)
    same = score(
        project, gold, gold, ["length-emd", "length-ks", "length-error", "length-correlation"]
    )
    assert same == pytest.approx(
        {"length-emd": 0, "length-ks": 0, "length-error": 0, "length-correlation": 1}
    )
    assert (
        score(project, [five, five], [[A], [B]], ["length-correlation"])["length-correlation"]
        is None
    )


def test_diversity_scores_as_published(project: Project) -> None:
    predicted = [[A]] * 6 + [[B]] * 2 + [[C]] * 2
    gold = [[A], [B], [C], [D]] * 2 + [[A, B], [C, D]]
    metrics = ["entropy", "effective-emoji", "inverse-simpson", "distinct-1", "collapse-index"]
    found = score(project, gold, predicted, metrics)
    expected = dict(zip(metrics, (0.9503, 2.586, 2.273, 0.3, 0.3534), strict=True))
    assert found == pytest.approx(expected, abs=5e-4)
    one = score(project, [[A], [B], [C], [D]], [[A]] * 4, ["collapse-index"])
    assert one["collapse-index"] == pytest.approx(0.75)
    assert score(project, gold, gold, ["collapse-index"])["collapse-index"] == pytest.approx(0)


@pytest.mark.parametrize(
    ("predicted", "gold", "bits"),
    [((5, 5, 0), (5, 0, 5), 0.5), ((6, 2, 2), (2, 2, 6), 0.1510), ((1, 0, 0), (0, 1, 0), 1.0)],
)
def test_js_divergence_scores_as_published(
    project: Project, predicted: tuple[int, ...], gold: tuple[int, ...], bits: float
) -> None:
    answers, golds = (
        [[e] for e, n in zip((A, B, C), counts, strict=True) for _ in range(n)]
        for counts in (predicted, gold)
    )
    found = score(project, golds, answers, ["js-divergence"])
    assert found["js-divergence"] == pytest.approx(bits, abs=5e-5)


def test_a_constant_answer_does_not_depend_on_the_input_and_a_perfect_one_does(
    project: Project,
) -> None:
    gold = [[A], [B], [C], [D]] * 5
    constant = score(project, gold, [[A]] * 20, ["jaccard"], "--dependence")
    assert constant["input-dependence p"] == 1
    perfect = score(project, gold, gold, ["jaccard"], "--dependence")
    assert perfect["input-dependence"] == pytest.approx(1)
    assert perfect["input-dependence p"] < 0.01


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("not json", ["predicted.jsonl:2", "not JSON"]),
        ('{"emoji": ["🍎"]}', ["predicted.jsonl:2", "id"]),
        ('{"id": "1", "emoji": 3}', ["predicted.jsonl:2", "emoji"]),
        ('{"id": "0", "emoji": ["🍎"]}', ["predicted.jsonl:2", "0"]),
        ('{"id": "7", "emoji": ["🍎"]}', ["predicted.jsonl:2", "7"]),
    ],
)
def test_a_wrong_line_is_named(project: Project, line: str, parts: list[str]) -> None:
    write(project.folder / "gold.jsonl", [[A], [B]])
    file = project.folder / "predicted.jsonl"
    file.write_text('{"id": "0", "emoji": ["🍎"]}\n' + line + "\n", encoding="utf-8")
    ran = project.deshi("score", "--gold", "gold.jsonl", "--predicted", "predicted.jsonl")
    assert ran.status == 2
    for part in parts:
        assert part in ran.err


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_million_pairs_are_scored_in_bounded_memory(project: Project) -> None:
    chance = random.Random(0)
    emoji = ["😀", "🍎", "🐈", "🚗", "🎵", "🌧️", "🔥", "📚", "⚾", "🎉"]
    for name in ("gold.jsonl", "predicted.jsonl"):
        with (project.folder / name).open("w", encoding="utf-8") as file:
            for i in range(1_000_000):
                chosen = chance.sample(emoji, chance.randint(1, 5))
                file.write(f'{{"id": {i}, "emoji": {json.dumps(chosen)}}}\n')
    code = (
        "import sys\n"
        "from deshi.cli import main\n"
        "try:\n"
        "    main(['score', '--gold', 'gold.jsonl', '--predicted', 'predicted.jsonl', '--metrics', 'jaccard,micro-f1'])\n"
        "finally:\n"
        "    status = open('/proc/self/status').read()\n"  # ru_maxrss would be that of who started it
        "    print(int(status.split('VmHWM:')[1].split()[0]) // 1024)\n"
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
    assert "1000000 pairs" in done.stdout, done.stderr
    assert int(done.stdout.split()[-1]) < 900
