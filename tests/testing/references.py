"""One component of each kind that keeps its contract: what the mutants are made of."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pyarrow as pa

from deshi.api import (
    ComponentError,
    Drop,
    Edit,
    FitReport,
    Help,
    Keep,
    Prediction,
    Reply,
    Text,
)

WORDS = dict(
    zip(
        "猫犬雨雪海山花本車家酒茶",
        ("🐱", "🐶", "☔", "⛄", "🌊", "🗻", "🌸", "📚", "🚗", "🏠", "🍶", "🍵"),
        strict=True,
    )
)


@dataclass(frozen=True, kw_only=True)
class Params:
    limit: Annotated[int, Help("Texts at most.", ge=1)] = 40
    url: Annotated[str, Help("Who is asked.")] = ""


class Base:
    def __init__(self, params, env):
        self.params, self.env = params, env


class Corpus(Base):
    def texts(self):
        for at in range(self.params.limit):
            emoji = tuple(WORDS.values())[at % 12]
            yield Text(f"t{at}", f"d{at // 3}", f"今日は{at}番の話。", ((emoji,),), {"n": str(at)})

    def batches(self):
        rows = list(self.texts())
        yield pa.RecordBatch.from_pydict(
            {name: [getattr(one, name) for one in rows] for name in ("id", "document", "text")}
        )

    def report(self):
        return {"read": self.params.limit}


class Asked(Base):
    async def answer(self, request):
        await asyncio.sleep(0)
        if self.params.url:
            from deshi.api import AttemptError

            raise AttemptError("nobody there", outcome="connection")
        if request.task == "rewrite":
            return Reply(content=f"{request.text}だよ")
        return Reply(content=tuple(WORDS.values())[sum(map(ord, request.text)) % 12])

    def worst_case(self, request):
        return 10 * (len(request.text) + 100)

    def price(self, usage):
        return usage.input_tokens + usage.output_tokens


class Teacher(Asked):
    def answer_many(self, requests):
        return [asyncio.run(self.answer(request)) for request in requests]


class Merging(Base):
    def merge(self, replies):
        return Reply(content=" ".join(sorted({reply.content for reply in replies.values()})))


class PlainFilter(Base):
    def decide(self, items):
        return [self.verdict(item) for item in items]

    def verdict(self, item):
        if len(item.text.text) > 500:
            return Drop("too-long", str(len(item.text.text)))
        if "w" in item.text.text:
            return Edit("laugh", item.text.text.replace("w", ""))
        return Keep()


class Filter(PlainFilter):
    def decide_batch(self, batch):
        from deshi.api import Item

        texts = batch.column("text").to_pylist()
        found = [self.verdict(Item(Text("x", "x", text), "train", text)) for text in texts]
        rows = [
            {
                "reason": one.reason if isinstance(one, Drop) else None,
                "detail": one.detail if isinstance(one, Drop) else None,
                "note": one.note if isinstance(one, Edit) else None,
                "text": one.text if isinstance(one, Edit) else None,
            }
            for one in found
        ]
        names = ("reason", "detail", "note", "text")
        return pa.RecordBatch.from_pydict(
            {n: pa.array([r[n] for r in rows], pa.string()) for n in names}
        )


class Learning(Base):
    """Drops training texts that are longer than most."""

    def __init__(self, params, env):
        super().__init__(params, env)
        self.most = 0

    def learn(self, train):
        return {"most": sorted(len(item.text.text) for item in train)[-2]}

    def restore(self, state):
        self.most = state["most"]

    def decide(self, items):
        return [Drop("long") if len(i.text.text) > self.most else Keep() for i in items]


class Student(Base):
    """Looks for the one character that decides."""

    forms = ("table",)

    def __init__(self, params, env):
        super().__init__(params, env)
        self.table = None

    def fit(self, train, valid, loss):
        votes = {}
        for text, expected in zip(train.texts, train.expected, strict=True):
            for character in set(text.text):
                for emoji in expected.references[0]:
                    votes.setdefault(character, {}).setdefault(emoji, 0)
                    votes[character][emoji] += 1
        self.table = {c: next(iter(v)) for c, v in votes.items() if len(v) == 1}
        self.rest = train.alphabet.symbols[0]
        return FitReport(epochs=1, notes={"characters": len(self.table)})

    def predict(self, texts):
        if self.table is None:
            raise ComponentError("it is not fitted")
        return [self.answer(text.text) for text in texts]

    def answer(self, text):
        found = sorted(self.table[c] for c in set(text) if c in self.table)
        emoji = found[0] if found else self.rest
        return Prediction((emoji,), 0, ((emoji, 1.0),))

    def save(self, folder):
        state = json.dumps([self.table, self.rest])
        (folder / "table.json").write_text(state, encoding="utf-8")

    @classmethod
    def load(cls, folder, params, env):
        student = cls(params, env)
        student.table, student.rest = json.loads((folder / "table.json").read_text("utf-8"))
        return student

    def export(self, form, folder):
        Student.save(self, folder)

    @classmethod
    def load_export(cls, form, folder, params, env):
        return Student.load(folder, params, env)

    def explain(self, texts):
        return [tuple(c for c in text.text if c in self.table) for text in texts]


class Loss(Base):
    """Cross-entropy, for labels over the shares of the targets."""

    decoding = "expected-jaccard"
    counts = None
    progress = 1.0

    def prepare(self, counts, n):
        self.counts = counts / n

    def at(self, progress):
        self.progress = progress

    def __call__(self, scores, targets, mask=None):
        import torch

        logs = torch.log_softmax(scores, -1)
        if mask is None:
            weights = self.weights(scores)
            return -(logs * weights * targets / targets.sum(-1, keepdim=True)).sum(-1)
        said = -logs.gather(-1, targets[..., None])[..., 0]
        return (said * self.weights(scores)[targets] * mask).sum(-1) / mask.sum(-1)

    def weights(self, scores):
        import torch

        counts = np.ones(scores.shape[-1]) if self.counts is None else self.counts
        return torch.tensor(2 - counts, dtype=scores.dtype)


class Metric(Base):
    """Precision over all answered emoji: two counts a text, so that it is no mean."""

    def statistics(self, predicted, expected, alphabet):
        rows = [self.row(p, e, alphabet) for p, e in zip(predicted, expected, strict=True)]
        return np.array(rows, np.float64).reshape(len(rows), 2)

    def row(self, prediction, expected, alphabet):
        right = sum(emoji in expected.references[0] for emoji in prediction.emojis)
        return right, len(prediction.emojis) + prediction.unknown

    def value(self, sums, n):
        found = np.full(np.shape(n), np.nan)
        return np.divide(sums[..., 0], sums[..., 1], out=found, where=sums[..., 1] > 0)


class Share(Base):
    def statistics(self, predicted, expected, alphabet):
        rows = [float(not prediction.emojis) for prediction in predicted]
        return np.array(rows).reshape(len(rows), 1)

    def value(self, sums, n):
        found = np.full(np.shape(n), np.nan)
        return np.divide(sums[..., 0], n, out=found, where=np.asarray(n) > 0)
