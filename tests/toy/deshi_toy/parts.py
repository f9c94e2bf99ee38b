"""The toy components. `DESHI_TOY_DIARY` names a file that gets a line for each piece of work done.

`DESHI_TOY_PAUSE` is a rest after each, in seconds; `DESHI_TOY_DEAD` is what a text holds on which
the teacher `counter` raises.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections import Counter as Tally
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np

from deshi.api import Drop, FitReport, Help, Keep, NoParams, Prediction, Reply, Text

EMOJI = ("🍎", "🐈", "🚗", "🌧️", "🎵")
DIGITS = "零一二三四五六七八九"


def note(line: str) -> None:
    """Write a line into the diary, then rest a little, so that a kill can hit the work."""
    diary = os.environ.get("DESHI_TOY_DIARY")
    if diary:
        with Path(diary).open("a", encoding="utf-8") as file:
            file.write(line + "\n")
    time.sleep(float(os.environ.get("DESHI_TOY_PAUSE", "0")))


@dataclass(frozen=True, kw_only=True)
class NumbersParams:
    n: Annotated[int, Help("Texts.", ge=0)] = 400


class Numbers:
    def __init__(self, params: NumbersParams, env: object) -> None:
        self.n = params.n

    def texts(self):
        for i in range(self.n):
            spoken = "".join(DIGITS[int(d)] for d in str(i * 7919 % 10007))
            references = ((EMOJI[i % 5],),) if i % 3 == 0 else ()
            meta = {"parity": "odd" if i % 2 else "even"}
            text = f"これは数の{spoken}です。{i}"
            yield Text(f"t{i}", f"d{i // 4}", text, references=references, meta=meta)


@dataclass(frozen=True, kw_only=True)
class CounterParams:
    shift: Annotated[int, Help("Moves the answer.")] = 0
    refuse: Annotated[str, Help("Refuses texts that hold this; refuses nothing if empty.")] = ""


class Counter:
    def __init__(self, params: CounterParams, env: object) -> None:
        self.shift = params.shift
        self.refuse = params.refuse

    async def answer(self, request):
        note(f"label {self.shift} {request.sample} {request.text}")
        if self.refuse and self.refuse in request.text:
            return Reply(content="no", finish="refusal")
        dead = os.environ.get("DESHI_TOY_DEAD")
        if dead and dead in request.text:
            message = "the line went dead"
            raise OSError(message)
        at = sum(map(ord, request.text)) + self.shift + request.sample
        return Reply(content=f"{EMOJI[at % 5]} {EMOJI[at % 3]}")


class Polite:
    def __init__(self, params: NoParams, env: object) -> None:
        pass

    async def answer(self, request):
        note(f"rewrite {request.text}")
        return Reply(content=request.text.replace("です", "だよ"))


class Odd:
    def __init__(self, params: NoParams, env: object) -> None:
        pass

    def decide(self, items):
        return [Drop("seven", "七") if "七七" in i.text.text else Keep() for i in items]


class Half:
    def __init__(self, params: NoParams, env: object) -> None:
        pass

    def decide(self, items):
        return [Drop("even", i.text.id) if int(i.text.id[1:]) % 2 == 0 else Keep() for i in items]


class Median:
    """Learns the median of the last figures of the training texts; drops what is above it."""

    def __init__(self, params: NoParams, env: object) -> None:
        self.median = 0

    def learn(self, train):
        figures = sorted(int(item.text.text[-1]) for item in train)
        note(f"learn {len(figures)}")
        return {"median": figures[len(figures) // 2] if figures else 0}

    def restore(self, state):
        self.median = state["median"]

    def decide(self, items):
        return [
            Drop("above", str(self.median)) if int(i.text.text[-1]) > self.median else Keep()
            for i in items
        ]


@dataclass(frozen=True, kw_only=True)
class MemoryParams:
    most: Annotated[int, Help("Emoji an answer.", ge=1)] = 2
    noise: Annotated[float, Help("Share of forgotten keys.", ge=0, le=1)] = 0.2


class Memory:
    def __init__(self, params: MemoryParams, env) -> None:
        self.params = params
        self.env = env
        self.table: dict[str, str] = {}

    def fit(self, train, valid, loss):
        note(
            f"fit memory seed {self.env.seed} loss {type(loss).__name__} noise {self.params.noise}"
        )
        chance = random.Random(self.env.seed)
        for text, expected in zip(train.texts, train.expected, strict=True):
            if chance.random() >= self.params.noise:
                self.table[text.text[-1]] = "".join(expected.references[0])
        self.table.setdefault("", train.alphabet.symbols[0])
        return FitReport(epochs=1)

    def predict(self, texts):
        note(f"predict memory seed {self.env.seed} most {self.params.most}")
        answers = (self.table.get(t.text[-1], self.table[""]) for t in texts)
        known = [[e for e in EMOJI if e in answer] for answer in answers]
        return [Prediction(emojis=tuple(found[: self.params.most])) for found in known]

    def explain(self, texts):
        return [(f"ends with {text.text[-1]}",) for text in texts]

    forms = ("whole", "forgetful")

    def export(self, form, folder):
        kept = {"": self.table[""]} if form == "forgetful" else self.table
        (folder / "exported.json").write_text(json.dumps(kept), encoding="utf-8")

    @classmethod
    def load_export(cls, form, folder, params, env):
        student = cls(params, env)
        note(f"load {form}")
        student.table = json.loads((folder / "exported.json").read_text(encoding="utf-8"))
        return student

    def save(self, folder):
        (folder / "table.json").write_text(json.dumps(self.table), encoding="utf-8")

    @classmethod
    def load(cls, folder, params, env):
        student = cls(params, env)
        student.table = json.loads((folder / "table.json").read_text(encoding="utf-8"))
        return student


class Fleeting:
    def __init__(self, params: NoParams, env) -> None:
        self.answer = ()

    def fit(self, train, valid, loss):
        note("fit fleeting")
        self.answer = tuple(
            e for e, _ in Tally(x for e in train.expected for x in e.references[0]).most_common(1)
        )
        return FitReport()

    def predict(self, texts):
        return [Prediction(emojis=self.answer) for _ in texts]


class Sloppy(Fleeting):
    def predict(self, texts):
        return [Prediction(emojis=("❤", "🐿", "a word")) for _ in texts]


class Deadly(Fleeting):
    def fit(self, train, valid, loss):
        os._exit(9)


class Clumsy(Memory):
    def __init__(self, params, env) -> None:
        super().__init__(MemoryParams(), env)

    def fit(self, train, valid, loss):
        if self.env.seed == 1:
            message = "the optimiser stumbled"
            raise RuntimeError(message)
        return super().fit(train, valid, loss)


class Nothing:
    decoding = "threshold"

    def __init__(self, params: NoParams, env: object) -> None:
        pass

    def __call__(self, scores, targets, mask=None):
        return (scores * 0).sum(-1)  # shape (batch,)


class Hits:
    def __init__(self, params: NoParams, env: object) -> None:
        pass

    def statistics(self, predicted, expected, alphabet):
        pairs = zip(predicted, expected, strict=True)
        return np.array([[float(bool(set(p.emojis) & set(e.references[0])))] for p, e in pairs])

    def value(self, sums, n):
        return sums[..., 0] / n


class Misses(Hits):
    def statistics(self, predicted, expected, alphabet):
        return 1 - super().statistics(predicted, expected, alphabet)
