"""A broken component for every check of the kit, made of the reference components.

A mutant is a class and what changes in the reference's spec. It breaks one promise: `fails` is the check
that has to say so, `also` are those that cannot help saying so too.
"""

from __future__ import annotations

import itertools
import json
import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import references as ref

from deshi.api import (
    AttemptError,
    ComponentError,
    Drop,
    Edit,
    FitReport,
    Help,
    Keep,
    Needs,
    Prediction,
    Reply,
    Text,
    Usage,
)

ANYTHING = frozenset({"anything"})


@dataclass(frozen=True)
class Mutant:
    """`of` names the reference, `changes` are those of its spec."""

    fails: str
    of: str
    also: frozenset[str] = frozenset()
    changes: Mapping[str, Any] = field(default_factory=dict)
    live: bool = False


MUTANTS: list[Mutant] = []


def mutant(fails, of, *also, live=False, **changes):
    """Register a mutant; decorates the class that is broken, or is called with None."""

    def keep(cls):
        target = {} if cls is None else {"target": f"mutants:{cls.__name__}"}
        MUTANTS.append(Mutant(fails, of, frozenset(also), {**target, **changes}, live))
        return cls

    return keep


# Every kind

mutant("summary-is-a-sentence", "metric", summary="Precision")(None)
mutant("capabilities-have-methods", "metric", add=("share-of-emoji",))(None)
mutant("methods-are-announced", "student", remove=("explains",))(None)


@mutant("takes-params-and-env", "metric")
class KeywordsAlone(ref.Metric):
    def __init__(self, *, params, env):
        super().__init__(params, env)


@dataclass(kw_only=True)
class Thawed:
    limit: Annotated[int, Help("Something.")] = 1


@dataclass(frozen=True, kw_only=True)
class Silent:
    limit: int = 1


@dataclass(frozen=True, kw_only=True)
class Excessive:
    limit: Annotated[int, Help("Something.", ge=1)] = 0


mutant("params-are-frozen", "metric", params="mutants:Thawed")(None)
mutant("params-have-help", "metric", params="mutants:Silent")(None)
mutant("defaults-are-valid", "metric", *ANYTHING, params="mutants:Excessive")(None)


@mutant("building-is-cheap", "metric")
class Reader(ref.Metric):
    def __init__(self, params, env):
        super().__init__(params, env)
        import pyarrow

        library = next(Path(pyarrow.__file__).parent.glob("libarrow.so*"))
        with open(library, "rb"):
            pass


@mutant("can-be-entered-again", "metric")
class LeftOnce(ref.Metric):
    def __enter__(self):
        self.file = object()
        return self

    def __exit__(self, *_):
        del self.file


NUMBERS = itertools.count()


@mutant("same-work-same-result", "loss")
class Drifting(ref.Loss):
    def __init__(self, params, env):
        super().__init__(params, env)
        self.drift = 1e-7 * next(NUMBERS)

    def __call__(self, scores, targets, mask=None):
        return super().__call__(scores, targets, mask) + self.drift


@mutant("global-random-state-untouched", "metric")
class Gambler(ref.Metric):
    def statistics(self, predicted, expected, alphabet):
        random.random()
        return super().statistics(predicted, expected, alphabet)


@mutant("global-random-state-untouched", "metric")
class NumpyGambler(ref.Metric):
    def statistics(self, predicted, expected, alphabet):
        np.random.rand()
        return super().statistics(predicted, expected, alphabet)


@mutant("tells-no-secret", "metric", environment=("ACME_KEY",))
class Talkative(ref.Metric):
    def __repr__(self):
        return f"Talkative({dict(self.env.secrets)})"


@mutant("tells-no-secret", "metric", environment=("ACME_KEY",))
class Open(ref.Metric):
    def __init__(self, params, env):
        super().__init__(params, None)
        self.key = env.secrets.get("ACME_KEY")


@mutant("tells-no-secret", "teacher", environment=("ACME_KEY",))
class Logging(ref.Teacher):
    async def answer(self, request):
        logging.getLogger("acme").info("the key is %s", self.env.secrets.get("ACME_KEY"))
        return await super().answer(request)


@mutant("tells-no-secret", "teacher", environment=("ACME_KEY",))
class Explaining(ref.Teacher):
    async def answer(self, request):
        if self.params.url:
            raise AttemptError(
                f"no answer for {self.env.secrets.get('ACME_KEY')}", outcome="server"
            )
        return await super().answer(request)


@mutant("tells-no-secret", "teacher", environment=("ACME_KEY",))
class Printing(ref.Teacher):
    async def answer(self, request):
        print(self.env.secrets.get("ACME_KEY"))
        return await super().answer(request)


# Corpus


@mutant("texts-come-lazily", "corpus")
class Eager(ref.Corpus):
    def texts(self):
        return list(super().texts())


@mutant("there-are-texts", "corpus")
class Void(ref.Corpus):
    def texts(self):
        yield from ()


class Changed(ref.Corpus):
    change: ClassVar[Mapping[str, Any]] = {}

    def texts(self):
        for text in super().texts():
            yield replace(text, **self.change)


@mutant("ids-are-unique", "corpus")
class Alike(Changed):
    change = {"id": "t"}


@mutant("texts-are-clean", "corpus")
class Blank(Changed):
    change = {"text": " \n"}


@mutant("references-are-canonical", "corpus")
class Worded(Changed):
    change = {"references": (("smile",),)}


@mutant("can-be-read-twice", "corpus", remove=("reads-batches",))
class Once(ref.Base):
    read = False

    def texts(self):
        if not self.read:
            self.read = True
            yield from ref.Corpus(self.params, self.env).texts()

    def report(self):
        return {}


@mutant("limit-is-a-prefix", "corpus")
class FromTheEnd(ref.Corpus):
    def texts(self):
        for at in range(self.params.limit):
            yield Text(f"t{50 - at}", f"d{50 - at}", f"今日は{self.params.limit - at}番の話。")


@mutant("batches-equal-texts", "corpus")
class Backwards(ref.Corpus):
    def batches(self):
        for batch in super().batches():
            yield batch.take(list(range(len(batch)))[::-1])


@mutant("report-is-json", "corpus")
class Unwritten(ref.Corpus):
    def report(self):
        return {"read": object()}


# Teacher

mutant("has-a-task", "teacher", tasks=frozenset({"translate"}))(None)


@mutant("answers-are-replies", "teacher")
class Finished(ref.Teacher):
    async def answer(self, request):
        found = await super().answer(request)
        return replace(found, finish="done") if request.task == "rewrite" else found


@mutant("labels-hold-emoji", "teacher")
class Wordy(ref.Teacher):
    async def answer(self, request):
        found = await super().answer(request)
        return Reply("うれしい 気持ち") if request.task == "label" else found


@mutant("rewrites-hold-text", "teacher")
class Speechless(ref.Teacher):
    async def answer(self, request):
        found = await super().answer(request)
        return Reply(" ") if request.task == "rewrite" else found


@mutant("hard-texts-are-answered", "teacher")
class Picky(ref.Teacher):
    async def answer(self, request):
        if len(request.text) > 500:
            raise ValueError("too long")
        return await super().answer(request)


@mutant("answers-do-not-depend-on-each-other", "teacher", remove=("answers-many",))
class Remembering(ref.Asked):
    before = ""

    async def answer(self, request):
        found = await super().answer(request)
        before, self.before = self.before, request.text
        more = ref.WORDS["猫"] if len(before) > 20 else ref.WORDS["犬"]
        return replace(found, content=f"{found.content} {more}")


@mutant("answers-at-once-as-alone", "teacher", remove=("answers-many",))
class Shared(ref.Asked):
    async def answer(self, request):
        self.request = request
        await ref.asyncio.sleep(0)
        return await super().answer(self.request)


@mutant("many-as-one", "teacher")
class Turned(ref.Teacher):
    def answer_many(self, requests):
        return super().answer_many(requests)[::-1]


@mutant("merging-keeps-emoji", "merging")
class Ordered(ref.Merging):
    def merge(self, replies):
        return Reply(" ".join(reply.content for reply in replies.values()))


@mutant("no-answer-is-an-attempt-error", "teacher")
class Pretending(ref.Teacher):
    async def answer(self, request):
        if self.params.url:
            return Reply("", finish="error")
        return await super().answer(request)


@mutant("costs-are-whole-and-bounded", "teacher")
class Fractional(ref.Teacher):
    def price(self, usage):
        return super().price(usage) * 0.5


@mutant("price-is-below-the-worst-case", "teacher")
class Underestimating(ref.Teacher):
    async def answer(self, request):
        return replace(await super().answer(request), usage=Usage(10**6, 10))


@mutant("the-service-answers", "teacher", "labels-hold-emoji", live=True, needs=Needs(network=True))
class Unreached(ref.Teacher):
    async def answer(self, request):
        return replace(await super().answer(request), finish="error")


# Filter

mutant("has-a-place", "filter", places=frozenset({"end"}))(None)
mutant("learners-act-on-training-alone", "learning", training_only=False)(None)


@mutant("one-verdict-an-item", "filter")
class Generous(ref.Filter):
    def decide(self, items):
        return super().decide(items) or [Keep()]


@mutant("drops-have-a-reason", "filter")
class Sentence(ref.Filter):
    def verdict(self, item):
        found = super().verdict(item)
        return replace(found, reason="It is too long!") if isinstance(found, Drop) else found


@mutant("edits-change-something", "filter")
class Noteless(ref.Filter):
    def verdict(self, item):
        found = super().verdict(item)
        return replace(found, note="") if isinstance(found, Edit) else found


@mutant("in-pieces-as-at-once", "filter", remove=("decides-batches",))
class LastOne(ref.PlainFilter):
    def decide(self, items):
        return [*super().decide(items)[:-1], Drop("last")] if items else []


@mutant("an-edited-item-stays", "filter")
class Restless(ref.Filter):
    def verdict(self, item):
        text = item.text.text
        return Edit("louder", f"{text}！") if "草" in text else super().verdict(item)


@mutant("batches-equal-verdicts", "filter")
class Lenient(ref.Filter):
    def decide_batch(self, batch):
        found = super().decide_batch(batch)
        nothing = ref.pa.nulls(len(batch), ref.pa.string())
        return found.set_column(0, "reason", nothing)


@mutant("batches-equal-verdicts", "filter")
class Comparing(ref.Filter):
    def verdict(self, item):
        return Drop("unchanged") if item.source == item.text.text else super().verdict(item)


@mutant("what-is-learned-is-json", "learning")
class Object(ref.Learning):
    def learn(self, train):
        return {**super().learn(train), "self": object()}


@mutant("what-is-learned-is-json", "learning")
class Keeping(ref.Learning):
    def learn(self, train):
        self.kept = super().learn(train)["most"]
        return {"most": 0}

    def restore(self, state):
        self.most = getattr(self, "kept", 10**9)


# Student


@mutant("one-prediction-a-text", "student")
class Chatty(ref.Student):
    def predict(self, texts):
        return super().predict(texts) or [self.answer("")]


@mutant("answers-are-of-the-alphabet", "student")
class Foreign(ref.Student):
    def answer(self, text):
        return Prediction(("🫠",)) if len(text) > 500 else super().answer(text)


@mutant("answers-are-of-the-alphabet", "student")
class Stammering(ref.Student):
    def answer(self, text):
        found = super().answer(text)
        return replace(found, emojis=found.emojis * 2) if len(text) > 500 else found


@mutant("ranking-is-sound", "student", "saved-it-answers-the-same")
class Upside(ref.Student):
    def answer(self, text):
        found = super().answer(text)
        other = "🐱" if found.emojis != ("🐱",) else "🐶"
        return replace(found, ranked=((found.emojis[0], 0.1), (other, 0.9)))


@mutant("reads-its-input", "student", "exports-answer-alike")
class Deaf(ref.Student):
    def answer(self, text):
        return Prediction((self.rest,), 0, ((self.rest, 1.0),))


@mutant("answers-do-not-depend-on-each-other", "student")
class FirstIsSpecial(ref.Student):
    def predict(self, texts):
        found = super().predict(texts)
        return [*found[:-1], self.answer("")] if len(found) > 1 else found


@mutant("unfitted-it-refuses", "student")
class Bluffing(ref.Student):
    rest = "🐱"

    def predict(self, texts):
        self.table = self.table or {}
        return super().predict(texts)


@mutant("fits-one-label", "student")
class Dividing(ref.Student):
    def fit(self, train, valid, loss):
        1 / (len(train.alphabet) - 1)
        return super().fit(train, valid, loss)


@mutant("fits-without-validation", "student")
class Tuning(ref.Student):
    def fit(self, train, valid, loss):
        1 / len(valid.texts)
        return super().fit(train, valid, loss)


@mutant("fit-reports", "student")
class Secretive(ref.Student):
    def fit(self, train, valid, loss):
        super().fit(train, valid, loss)
        return FitReport(notes={"model": object()})


@mutant("examples-stay-as-they-are", "student")
class Scaling(ref.Student):
    def fit(self, train, valid, loss):
        np.multiply(train.counts, 2, out=train.counts)
        return super().fit(train, valid, loss)


@mutant("deterministic-means-without-seed", "student")
class Seeded(ref.Student):
    def answer(self, text):
        found = super().answer(text)
        return replace(found, ranked=((found.emojis[0], float(self.env.seed)),))


@mutant("saved-it-answers-the-same", "student")
class Forgetful(ref.Student):
    @classmethod
    def load(cls, folder, params, env):
        student = super().load(folder, params, env)
        student.table = {}
        return student


@mutant("exports-answer-alike", "student")
class Lossy(ref.Student):
    @classmethod
    def load_export(cls, form, folder, params, env):
        student = super().load_export(form, folder, params, env)
        student.table = {}
        return student


@mutant("reasons-for-each-text", "student")
class Prose(ref.Student):
    def explain(self, texts):
        return [" ".join(one) for one in super().explain(texts)]


# Loss


@mutant("takes-known-scores", "loss", "counts-matter", takes=frozenset({"pixels"}))
class Pixels(ref.Loss):
    pass


class Refusing(ref.Loss):
    def __call__(self, scores, targets, mask=None):
        if mask is not None:
            raise ComponentError("not for tokens", fix="set another parameter")
        return super().__call__(scores, targets, mask)


@mutant("has-a-decoding", "loss")
class Arg(ref.Loss):
    decoding = "argmax"


class Whole:
    """A rule of its own that selects every label, however few are wanted."""

    def probabilities(self, scores):
        return 1 / (1 + np.exp(-scores))

    def bias(self, frequencies):
        return np.log(frequencies / (1 - frequencies))

    def tune(self, probabilities, expected, symbols, size):
        return {}

    def select(self, probabilities, most, state):
        return np.argsort(-probabilities, axis=-1)


@mutant("own-decoding-selects-sets", "loss")
class Greedy(ref.Loss):
    decoding = Whole()


class Altered(ref.Loss):
    def __call__(self, scores, targets, mask=None):
        return self.altered(super().__call__(scores, targets, mask))


@mutant("one-value-an-item", "loss")
class Column(Altered):
    def altered(self, values):
        return values[:, None]


@mutant("never-below-zero", "loss")
class Sunken(Altered):
    def altered(self, values):
        return values - 100


@mutant("items-do-not-depend-on-each-other", "loss")
class Mixed(Altered):
    def altered(self, values):
        return values + 0.1 * values.mean()


@mutant("right-scores-lose-less", "loss")
class Inverted(Altered):
    def altered(self, values):
        return 1 / (1 + values)


@mutant("gradient-is-the-slope", "loss")
class Detached(Altered):
    def altered(self, values):
        return values * values.detach()


@mutant("texts-kept-are-announced", "student")
class Quoting(ref.Student):
    def fit(self, train, valid, loss):
        self.texts = [one.text for one in train.texts]
        return super().fit(train, valid, loss)

    def save(self, folder):
        super().save(folder)
        (folder / "texts.json").write_text(json.dumps(self.texts), encoding="utf-8")


class Single(ref.Loss):
    """No mutant: it computes in float32, as is right."""

    def __call__(self, scores, targets, mask=None):
        return super().__call__(scores.float(), targets.to(targets.dtype), mask)


class Denied(ref.Teacher):
    """No mutant: whether it keeps its contract is not known, for it never answers."""

    async def answer(self, request):
        raise AttemptError("HTTP 401: no such key", outcome="denied")


@mutant("extreme-scores-stay-finite", "loss")
class Naive(ref.Loss):
    def __call__(self, scores, targets, mask=None):
        logs = (scores.exp() / scores.exp().sum(-1, keepdim=True)).log()
        return super().__call__(logs, targets, mask)


@mutant("masked-steps-do-not-count", "loss")
class Unmasked(ref.Loss):
    def __call__(self, scores, targets, mask=None):
        return super().__call__(scores, targets, None if mask is None else mask * 0 + 1)


@mutant("input-stays-as-it-is", "loss")
class InPlace(ref.Loss):
    def __call__(self, scores, targets, mask=None):
        if mask is None:
            targets /= targets.sum(-1, keepdim=True)
        return super().__call__(scores, targets, mask)


@mutant("counts-matter", "loss")
class Unmoved(ref.Loss):
    def prepare(self, counts, n):
        pass


@mutant("schedule-takes-all-progress", "loss")
class Late(Altered):
    def altered(self, values):
        return values / (1 if self.progress else float("nan"))


# Metric

mutant("signature-and-bounds", "metric", signature="set micro")(None)
mutant("the-better-side-is-right", "metric", direction="lower")(None)


@mutant("counts-have-one-width", "metric")
class Narrow(ref.Metric):
    def statistics(self, predicted, expected, alphabet):
        found = super().statistics(predicted, expected, alphabet)
        return found if len(found) else np.zeros((0, 1))


@mutant("counts-are-finite", "metric")
class Undefined(ref.Metric):
    def row(self, prediction, expected, alphabet):
        found = super().row(prediction, expected, alphabet)
        return found if prediction.emojis else (np.nan, np.nan)


@mutant("items-do-not-depend-on-each-other", "metric")
class Weighted(ref.Metric):
    def statistics(self, predicted, expected, alphabet):
        found = super().statistics(predicted, expected, alphabet)
        return found * (1 + 0.01 * len(found))


@mutant("value-works-on-many-resamples", "metric")
class Together(ref.Metric):
    def value(self, sums, n):
        found = np.full(np.shape(n), np.nan)
        whole = np.full(np.shape(n), np.max(sums[..., 1]))
        return np.divide(sums[..., 0], whole, out=found, where=whole > 0)


@mutant("undefined-is-nan", "metric")
class Careless(ref.Metric):
    def value(self, sums, n):
        return sums[..., 0] / sums[..., 1]


@mutant("within-bounds", "metric")
class Above(ref.Metric):
    def value(self, sums, n):
        return super().value(sums, n) + 0.9


@mutant("any-answer-is-counted", "metric")
class Strict(ref.Metric):
    def row(self, prediction, expected, alphabet):
        if prediction.unknown > 2:
            raise ValueError("unknown pieces")
        return super().row(prediction, expected, alphabet)


@mutant("a-share-of-texts-is-one", "share")
class Doubled(ref.Share):
    def statistics(self, predicted, expected, alphabet):
        return 2 * super().statistics(predicted, expected, alphabet)

    def value(self, sums, n):
        return super().value(sums / 2, n)
