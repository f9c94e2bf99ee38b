"""The student linear, and its optimiser."""

import dataclasses
import json
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")

import torch
from loss_kit import FOR_LABELS
from student_kit import ENV, LOSSES, QUICK, fitted, mean_jaccard, nothing, sample_parts

from deshi.api import ComponentError, Env
from deshi_plugins.students.adamw import AdamW
from deshi_plugins.students.knn import Knn
from deshi_plugins.students.linear import Linear
from deshi_plugins.students.params import KnnParams, LinearParams


@pytest.fixture
def sample():
    return sample_parts()


def weights(student):
    return torch.cat([value.flatten() for value in student._head.state_dict().values()])


def test_another_seed_gives_other_weights(sample):
    train, valid, _ = sample
    one = fitted("linear", train, valid, env=Env(seed=1))
    two = fitted("linear", train, valid, env=Env(seed=2))
    assert not torch.equal(weights(one), weights(two))


def test_another_loss_gives_other_weights(sample):
    train, valid, _ = sample
    found = [weights(fitted("linear", train, valid, loss=loss)) for loss in LOSSES]
    for i, one in enumerate(found):
        assert all(not torch.equal(one, other) for other in found[i + 1 :])


def test_the_number_of_threads_changes_nothing_and_is_put_back(sample):
    train, valid, test = sample
    before = torch.get_num_threads()
    one = fitted("linear", train, valid, env=Env(seed=1, threads=1))
    two = fitted("linear", train, valid, env=Env(seed=1, threads=2))
    assert torch.get_num_threads() == before
    assert torch.equal(weights(one), weights(two))
    assert one.predict(test.texts) == two.predict(test.texts)


def test_torchs_own_random_numbers_are_neither_used_nor_moved(sample):
    train, valid, _ = sample
    torch.manual_seed(0)
    one = weights(fitted("linear", train, valid))
    state = torch.get_rng_state()
    torch.manual_seed(1)
    assert torch.equal(weights(fitted("linear", train, valid)), one)
    torch.manual_seed(0)
    assert torch.equal(torch.get_rng_state(), state)


def test_decoding_parameters_change_no_weight(sample, tmp_path):
    train, valid, test = sample
    student = fitted("linear", train, valid)
    other = dataclasses.replace(QUICK, max_emoji=1, threshold=0.9)
    assert torch.equal(weights(fitted("linear", train, valid, other)), weights(student))
    student.save(tmp_path)
    loaded = Linear.load(tmp_path, other, ENV)
    assert {len(p.emojis) for p in loaded.predict(test.texts)} == {1}
    every = Linear.load(tmp_path, dataclasses.replace(QUICK, threshold=0.0), ENV)
    assert {len(p.emojis) for p in every.predict(test.texts)} == {5}


def test_it_keeps_the_best_epoch_on_validation_and_stops_after_patience(sample):
    train, valid, _ = sample
    params = LinearParams(epochs=40, patience=3, rank=16)
    student = Linear(params, ENV)
    report = student.fit(train, valid, LOSSES["bce"])
    scores = [epoch["valid-jaccard"] for epoch in report.history]
    assert report.epochs == len(scores) <= 40
    assert report.notes["best-epoch"] == int(np.argmax(scores)) + 1
    assert report.epochs in {40, report.notes["best-epoch"] + 3}
    assert mean_jaccard(student, valid) == pytest.approx(max(scores))
    json.dumps([report.history, report.notes])


def test_without_validation_it_runs_all_epochs(sample):
    train, _, _ = sample
    report = Linear(QUICK, ENV).fit(train, nothing(train), LOSSES["ce"])
    assert report.epochs == QUICK.epochs == report.notes["best-epoch"]


def test_the_loss_falls_and_progress_is_told(sample):
    train, valid, _ = sample
    seen = []
    env = Env(seed=1, progress=lambda done, total: seen.append((done, total)))
    report = Linear(QUICK, env).fit(train, valid, LOSSES["zlpr"])
    losses = [epoch["train-loss"] for epoch in report.history]
    assert losses[-1] < losses[0]
    assert seen == [(epoch, QUICK.epochs) for epoch in range(1, report.epochs + 1)]


def test_it_needs_a_loss(sample):
    train, valid, _ = sample
    with pytest.raises(ComponentError, match="it needs a loss"):
        Linear(QUICK, ENV).fit(train, valid, None)


class Listening:
    """Binary cross-entropy that writes down what it is told."""

    decoding = "threshold"

    def __init__(self):
        self.told = []

    def prepare(self, counts, n):
        self.told.append((counts.tolist(), n))

    def at(self, progress):
        self.told.append(progress)

    def __call__(self, scores, targets, mask=None):
        return LOSSES["bce"](scores, targets, mask)


def test_a_loss_is_told_the_counts_and_then_how_far_the_training_is(sample):
    train, valid, _ = sample
    loss = Listening()
    Linear(LinearParams(epochs=4, rank=4), ENV).fit(train, valid, loss)
    assert loss.told == [(train.counts.tolist(), len(train.texts)), 0.0, 0.25, 0.5, 0.75]


def test_a_loss_that_changes_on_the_way_gets_all_epochs(sample):
    train, valid, _ = sample
    params = LinearParams(epochs=30, patience=1, rank=4, learning_rate=0.1)
    assert Linear(params, ENV).fit(train, valid, Listening()).epochs == 30
    assert Linear(params, ENV).fit(train, valid, LOSSES["bce"]).epochs < 30


@pytest.mark.parametrize("name", FOR_LABELS)
def test_every_loss_of_labels_teaches_it_more_than_the_constant_knows(name, sample):
    train, valid, test = sample
    student = Linear(LinearParams(epochs=15), ENV)
    student.fit(train, valid, FOR_LABELS[name][0](FOR_LABELS[name][1], ENV))
    constant = mean_jaccard(fitted("constant", train, valid), test)
    assert mean_jaccard(student, test) > 1.5 * constant


@pytest.mark.parametrize(
    "student", [Knn(KnnParams(), ENV), Linear(QUICK, ENV)], ids=["knn", "linear"]
)
def test_an_unfitted_student_has_nothing_to_save(student, tmp_path):
    with pytest.raises(ComponentError, match="not fitted"):
        student.save(tmp_path)


def test_training_does_not_import_torchs_compiler():
    code = """
import sys, numpy as np
from deshi.api import *
from deshi.emoji import Alphabet
from deshi_plugins.losses.bce import BinaryCrossEntropy
from deshi_plugins.students.linear import Linear
from deshi_plugins.students.params import LinearParams
train = Examples([Text("1", "1", "猫")], [Expected((("🐱",),))], Alphabet.of("🐱"), np.ones(1))
Linear(LinearParams(epochs=1), Env()).fit(train, train, BinaryCrossEntropy(NoParams(), Env()))
assert "torch._dynamo" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_the_optimiser_is_adamw():
    torch.manual_seed(0)
    ours = torch.randn(3, 4, dtype=torch.double)
    theirs = torch.nn.Parameter(ours.clone())
    reference = torch.optim.AdamW([theirs], lr=0.1, weight_decay=0.3)
    optimizer = AdamW({ours: 0.3}, 0.1)
    for _ in range(5):
        gradient = torch.randn(3, 4, dtype=torch.double)
        theirs.grad = gradient.clone()
        reference.step()
        optimizer.step([gradient])
    assert torch.allclose(ours, theirs, rtol=1e-9)
