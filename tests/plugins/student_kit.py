"""Students, losses and labelled texts for the tests of the built-in students."""

import functools

import numpy as np

from deshi.api import Env, Examples, Expected, NoParams, Text
from deshi.emoji import Alphabet
from deshi_plugins.corpora.packaged import Sample
from deshi_plugins.losses.bce import BinaryCrossEntropy
from deshi_plugins.losses.ce import CrossEntropy
from deshi_plugins.losses.focal import Focal
from deshi_plugins.losses.params import CrossEntropyParams, FocalParams
from deshi_plugins.losses.zlpr import Zlpr
from deshi_plugins.students.constant import Constant
from deshi_plugins.students.knn import Knn
from deshi_plugins.students.linear import Linear
from deshi_plugins.students.params import KnnParams, LinearParams

ENV = Env(seed=1)
LOSSES = {
    "ce": CrossEntropy(CrossEntropyParams(), ENV),
    "bce": BinaryCrossEntropy(NoParams(), ENV),
    "focal": Focal(FocalParams(), ENV),
    "zlpr": Zlpr(NoParams(), ENV),
}
QUICK = LinearParams(epochs=6, rank=16)
STUDENTS = {"constant": Constant, "knn": Knn, "linear": Linear}
PARAMS = {"constant": NoParams(), "knn": KnnParams(), "linear": QUICK}
KEYWORDS = dict(
    zip(
        "猫犬雨雪夏夜朝父母水海花本車家店食風空",
        "🐱🐶☔⛄🍉🌙🌅👨👩💧🌊🌸📚🚗🏠🏪🍴🍃🌈",
        strict=True,
    )
)


def labelled(text):
    return tuple(emoji for word, emoji in KEYWORDS.items() if word in text.text) or ("😀",)


def examples(texts, labels, counted=None):
    """Label texts; the alphabet and its counts are those of `counted`, or of the texts."""
    if counted is None:
        alphabet = Alphabet.of({e for references in labels for one in references for e in one})
        sets = [{e for one in references for e in one} for references in labels]
        counts = np.array([sum(e in one for one in sets) for e in alphabet], dtype=np.float64)
    else:
        alphabet, counts = counted.alphabet, counted.counts
    return Examples(texts, [Expected(tuple(map(tuple, one))) for one in labels], alphabet, counts)


def simple(*pairs, counted=None):
    texts = [Text(f"{i}", f"d{i}", text) for i, (text, _) in enumerate(pairs)]
    return examples(texts, [(emojis,) for _, emojis in pairs], counted)


def nothing(train):
    return Examples([], [], train.alphabet, train.counts)


@functools.cache
def sample_parts():
    """Split the sample by document into training, validation and test, labelled by keyword."""
    parts = ([], [], [])
    for text in Sample(NoParams(), ENV).texts():
        if labelled(text) != ("😀",):
            parts[(0, 0, 0, 1, 2)[int(text.document.rpartition("-")[2]) % 5]].append(text)
    train = examples(parts[0], [(labelled(text),) for text in parts[0]])
    valid, test = (examples(p, [(labelled(t),) for t in p], train) for p in parts[1:])
    return train, valid, test


def fitted(name, train, valid, params=None, env=ENV, loss="bce"):
    student = STUDENTS[name](params or PARAMS[name], env)
    student.fit(train, valid, LOSSES[loss])
    return student


def mean_jaccard(student, judged):
    scores = []
    for prediction, expected in zip(student.predict(judged.texts), judged.expected, strict=True):
        found, gold = set(prediction.emojis), set(expected.references[0])
        scores.append(len(found & gold) / len(found | gold))
    return float(np.mean(scores))


def assert_proper(student, texts, alphabet):
    found = student.predict(texts)
    assert len(found) == len(texts)
    for prediction in found:
        assert 1 <= len(prediction.emojis) <= 5
        assert len(set(prediction.emojis)) == len(prediction.emojis)
        assert set(prediction.emojis) <= set(alphabet)
        assert prediction.ranked is not None
        assert prediction.ranked[0][0] == prediction.emojis[0]
        assert len(prediction.ranked) <= 20
        assert all(np.isfinite(score) for _, score in prediction.ranked)
