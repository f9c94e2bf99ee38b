"""A generated run on disk, as large as the report has to bear: 50 rows, 20 metrics, 10,000 texts.

Its artefacts are those that the stages write. Texts are drawn character by character, which packs worse
than language does.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deshi.api import Kind, Prediction, Text
from deshi.benchmark.part import Identity, Part, TeacherPart
from deshi.benchmark.plan import Run
from deshi.benchmark.stage_params import LabelParams, PredictParams, ScoreParams
from deshi.emoji import inventory
from deshi.stages.parquet_tables import PAIRS, write_table
from deshi.stages.predict import write_predictions
from deshi.workspace.manifest import (
    LabelFigures,
    LabelManifest,
    PredictFigures,
    PredictManifest,
    ScoreFigures,
    ScoreManifest,
)
from deshi.workspace.workspace import SavedArtefacts, SavedPlan, Workspace

RUN = "big-12345678"
STUDENTS = ("t5", "bert", "gru", "linear", "ngram", "mlp", "cnn", "tree")
SIZES = (250, 500, 1000, 2000, 4000)
BASELINES = ("constant", "knn", "shuffled", "oracle", "ceiling")
METRICS = (
    "jaccard",
    "effective-emoji",
    "repetition",
    "top5-share",
    *(f"measure-{n}" for n in range(5, 21)),
)
EMOJI = list(inventory())[:300]
LETTERS = "あいうえおかきくけこさしすせそたちつてとなにのはまみもやゆよらりるれろわをんがでアイスタトラルン日本人今年大会社時間学生先生雨雪山川海空花犬猫店駅道車食飲見行来"
EVIL = "</script><script>window.broken = true</script><!-- \u2028 & 'quoted' 猫"
SPEAKING = ("t5", "knn", "constant")
"""Rows of these give scores."""


def write_big_run(root: Path, *, texts: int = 10_000, seed: int = 0) -> Workspace:
    """Write the run into a workspace and return that."""
    chance = random.Random(seed)
    space = Workspace(root)
    rows = list(_rows(chance, texts))
    _write_pairs(space, chance, texts)
    planned: dict[str, SavedArtefacts] = {}
    for row in rows:
        runs = _write_answers(space, chance, row, texts) if row["tie_group"] else ()
        planned[row["id"]] = SavedArtefacts("label/gold", "label/gold", runs)
    space.save_plan(RUN, SavedPlan("big.toml", ("label/gold",), planned))
    space.save_results(RUN, _results(rows, chance))
    return space


def _rows(chance: random.Random, texts: int) -> Iterator[dict[str, Any]]:
    for at, (student, size) in enumerate(itertools.product(STUDENTS, SIZES)):
        quality = 0.1 + 0.02 * (at % 5) + 0.012 * (at // 5)
        yield _row(f"n{size}/{student}", student, f"n{size}", quality, chance, texts, train=size)
    for at, name in enumerate(BASELINES):
        tested = name in ("constant", "knn")
        quality = (0.05, 0.12, 0.03, 0.7, 0.6)[at]
        yield _row(
            f"n4000/{name}", name, "n4000", quality, chance, texts, baseline=True, tested=tested
        )
    for student, status in (
        ("broken", "failed"),
        ("broken2", "failed"),
        ("absent", "n/a"),
        ("absent2", "n/a"),
        ("absent3", "n/a"),
    ):
        row = _row(f"n4000/{student}", student, "n4000", 0.0, chance, texts)
        empty = {
            "metrics": {},
            "tie_group": None,
            "input_dependence": None,
            "vocabulary": None,
            "seeds": 0,
        }
        yield (
            row
            | empty
            | {"status": status, "reason": "FloatingPointError: loss is NaN (1 of 5 runs)"}
        )


def _row(
    name: str,
    student: str,
    chain: str,
    quality: float,
    chance: random.Random,
    texts: int,
    *,
    train: int = 4000,
    baseline: bool = False,
    tested: bool = True,
) -> dict[str, Any]:
    cell = {
        "corpus": "posts",
        "chain": chain,
        "rewriter": None,
        "teacher": "先生",
        "student": student,
        "loss": None if baseline else "bce",
        "gold": "own",
    }
    spread = 0.01 + 0.01 * chance.random()
    values = {metric: quality + 0.05 * chance.random() for metric in METRICS} | {
        "jaccard": quality,
        "effective-emoji": 30 if student == "tree" else 20 + 600 * quality,
    }
    return {
        "id": name,
        "cell": cell,
        "group": "abcd1234",
        "gold": "先生",
        "baseline": baseline,
        "status": "ok",
        "reason": "made of other answers" if baseline and not tested else "",
        "n_train": train,
        "n_test": texts,
        "n_documents": texts // 5,
        "n_reachable": texts,
        "coverage": 1.0,
        "seeds": 5,
        "metrics": {
            m: {
                "value": v,
                "low": v - spread,
                "high": v + spread,
                "question": "retrained-models",
                "fixed-models": [v - spread, v + spread],
                "reason": "",
                "restricted": None,
                "runs": [v] * 5,
            }
            for m, v in values.items()
        },
        "tie_group": ("d" if student == "constant" else "a" if quality > 0.25 else "bc")
        if tested
        else None,
        "input_dependence": {"value": quality, "p": 1.0 if student == "constant" else 0.001}
        if tested
        else None,
        "vocabulary": {"emoji": 80.0, "oracle": 0.7} if tested else None,
        "cost_usd": round(chance.random(), 4),
        "seconds": 1 + 100 * chance.random(),
    }


def _results(rows: list[dict[str, Any]], chance: random.Random) -> dict[str, Any]:
    tested = [row for row in rows if row["tie_group"]]
    comparisons = [
        _pair(a, b, question, chance)
        for a, b in itertools.combinations(tested, 2)
        for question in ("retrained-models", "fixed-models")
    ]
    info = {"bounds": [0.0, 1.0], "signature": "set|mean|1", "summary": "A measure."}
    rows.sort(
        key=lambda row: (
            row["baseline"],
            row["status"] != "ok",
            -row["metrics"].get("jaccard", {"value": 0})["value"],
        )
    )
    return {
        "schema": 2,
        "run": RUN,
        "benchmark": {
            "file": "big.toml",
            "seeds": 5,
            "resamples": 2000,
            "train": 4000,
            "test": 10_000,
        },
        "matrix": {"student": list(STUDENTS)},
        "rows": rows,
        "metrics": [
            {"name": m, "direction": "lower" if m == "repetition" else "higher", **info}
            for m in METRICS
        ],
        "data": [
            {
                "stage": "split",
                "title": "split posts",
                "address": "split/x",
                "kept": {"train": 8000, "valid": 500, "test": 10_000},
                "dropped": {"length: too-long": 700, "nsfw: nsfw": 120, "split: near-test": 31},
                "notes": {"read": 20_000, "surplus": 649},
            }
        ],
        "groups": {"abcd1234": {"effective-emoji": 160.0, "jaccard": 1.0}},
        "comparisons": comparisons,
        "provenance": {
            "deshi": "0.1.0",
            "command": ["deshi", "run", "big.toml", "--set", "benchmark.seeds=5"],
            "git": None,
            "python": "3.11.9",
            "platform": "Linux",
            "libraries": {"numpy": "2.4.6"},
            "emoji": {"version": "16.0", "inventory": "cab2bf1a250811d4"},
            "plugins": [{"name": "builtin", "distribution": "deshi", "version": "0.1.0"}],
            "entries": {
                "student.t5": {
                    "component": "t5",
                    "revision": 1,
                    "params": {"learning-rate": 0.001},
                    "origins": {"use": "built-in", "params.learning-rate": "project"},
                }
            },
            "seeds": 5,
            "precision": "float32",
        },
        "warnings": ["two rows failed"],
    }


def _pair(
    a: dict[str, Any], b: dict[str, Any], question: str, chance: random.Random
) -> dict[str, Any]:
    gap = a["metrics"]["jaccard"]["value"] - b["metrics"]["jaccard"]["value"]
    p = max(0.0001, 0.2 - abs(gap) * 3 * chance.random())
    return {
        "a": a["id"],
        "b": b["id"],
        "metric": "jaccard",
        "question": question,
        "difference": gap,
        "low": gap - 0.02,
        "high": gap + 0.02,
        "p": p,
        "p_holm": min(1.0, 10 * p),
        "smallest_detectable": 0.03,
        "method": "test",
    }


def _write_pairs(space: Workspace, chance: random.Random, texts: int) -> None:
    rows = []
    for at in range(texts):
        text = EVIL if at == 7 else "".join(chance.choices(LETTERS, k=chance.randint(10, 70)))
        rows.append(
            {
                "id": f"t{at}",
                "document": f"d{at // 5}",
                "part": "test",
                "source": text[::-1],
                "text": text,
                "references": [],
                "samples": [_emojis(chance)],
                "unknown": [0],
                "kept": True,
            }
        )
    manifest = LabelManifest(
        params=LabelParams(
            teacher=TeacherPart(**_described("teacher", "gold"), prompt={}, remote=False),
            rewriter=None,
            rewritten=(),
            labelled=(),
            train=0,
            samples=1,
            near_test=0.7,
        ),
        figures=LabelFigures(
            asked=texts,
            reused=0,
            pulled=0,
            surplus=0,
            dropped={},
            parts={"train": 0, "valid": 0, "test": texts},
            wanted=0,
            compliance={},
            cost_nano_usd=0,
            judged={},
        ),
        **_made("label/gold"),
    )

    def write(folder: Path, _: Path) -> LabelManifest:
        write_table(folder / "pairs.parquet", PAIRS, rows)
        return manifest

    space.store.make("label/gold", write)


def _write_answers(
    space: Workspace, chance: random.Random, row: dict[str, Any], texts: int
) -> tuple[Run, ...]:
    key = row["id"].replace("/", "-")
    speaks = row["cell"]["student"] in SPEAKING
    constant = tuple(EMOJI[:3]) if row["cell"]["student"] == "constant" else None

    def answer() -> Prediction:
        emojis = constant or tuple(_emojis(chance))
        return Prediction(
            emojis=emojis,
            ranked=tuple((e, 0.9 / (n + 1)) for n, e in enumerate(emojis)) if speaks else None,
        )

    def predict(folder: Path, _: Path) -> PredictManifest:
        write_predictions(
            folder,
            [Text(id=f"t{at}", document="", text="") for at in range(texts)],
            [answer() for _ in range(texts)],
        )
        student = Part(**_described("student", row["cell"]["student"]))
        return PredictManifest(
            params=PredictParams(student=student, loss=None, seed=0, near_test=None, gold="labels"),
            figures=PredictFigures(texts=texts),
            **_made(f"predict/{key}"),
        )

    def score(_: Path, __: Path) -> ScoreManifest:
        return ScoreManifest(
            params=ScoreParams(metrics=(), gold="labels"),
            figures=ScoreFigures(texts=texts, values={}),
            **_made(f"score/{key}", evaluation="label/gold", predict=f"predict/{key}"),
        )

    space.store.make(f"predict/{key}", predict)
    space.store.make(f"score/{key}", score)
    return (Run(0, (f"predict/{key}", f"score/{key}")),)


def _described(kind: Kind, name: str) -> dict[str, Any]:
    identity = Identity(name, 1, {})
    named = {"entry": name, "label": name, "id": name}
    return {"kind": kind, **named, "params": {}, "capabilities": (), "identity": identity}


def _made(address: str, **inputs: str) -> dict[str, Any]:
    return {"address": address, "title": "", "inputs": inputs, "seconds": 1.0, "machine": {}}


def _emojis(chance: random.Random) -> list[str]:
    """Return one to five different emoji, some far more often than others."""
    drawn = [
        EMOJI[min(len(EMOJI) - 1, int(chance.expovariate(0.02)))]
        for _ in range(chance.randint(1, 5))
    ]
    return list(dict.fromkeys(drawn))
