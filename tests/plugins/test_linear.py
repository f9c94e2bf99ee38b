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
from scipy import sparse
from student_kit import ENV, LOSSES, QUICK, fitted, mean_jaccard, nothing, sample_parts, simple

from deshi.api import ComponentError, Env
from deshi_plugins.students.adamw import AdamW, RowSteps
from deshi_plugins.students.factored import FactoredHead
from deshi_plugins.students.heads import batch_size
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


class Sizing(Listening):
    """Binary cross-entropy that writes down how many texts each step has."""

    def __call__(self, scores, targets, mask=None):
        self.told.append(len(scores))
        return super().__call__(scores, targets, mask)


@pytest.mark.parametrize(("most", "sizes"), [(512, {15, 478 % 15}), (10, {10, 8})])
def test_a_pass_has_about_thirty_steps_or_as_many_as_the_largest_batch_takes(sample, most, sizes):
    train, _, _ = sample
    loss = Sizing()
    params = LinearParams(epochs=1, rank=4, batch_size=most)
    Linear(params, ENV).fit(train, nothing(train), loss)
    _, _, *told = loss.told
    assert sum(told) == len(train.texts) == 478
    assert {*told} == sizes


def test_more_texts_make_larger_batches_and_not_more_steps():
    assert [batch_size(texts, 512) for texts in (60, 900, 3000, 100_000)] == [8, 30, 100, 512]
    assert batch_size(3000, 48) == 48


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


def test_steps_of_rows_are_adams_without_momentum_and_touch_no_other_row():
    torch.manual_seed(0)
    table = torch.randn(6, 3, dtype=torch.double)
    wanted, squares = table.clone(), torch.zeros(6, dtype=torch.double)
    steps = RowSteps(table, beta=0.9)
    for count, named in enumerate(([0, 2, 5], [2, 3], [5]), start=1):
        rows, gradients = torch.tensor(named), torch.randn(len(named), 3, dtype=torch.double)
        steps.step(rows, gradients, rate=0.1)
        whole = torch.zeros(6, 3, dtype=torch.double).index_copy(0, rows, gradients)
        squares = 0.9 * squares + 0.1 * whole.square().mean(1)
        spread = (squares / (1 - 0.9**count)).sqrt()[:, None] + 1e-8
        wanted -= 0.1 * whole / spread
    assert torch.allclose(table, wanted)


def autograd_pass(head, features, order, rate, decay, gradients):
    """Do by automatic differentiation, over the whole table, what the learner does."""
    dense = torch.from_numpy(features.toarray())
    outer = AdamW({head.outer: decay, head.bias: 0.0}, rate)
    inner = RowSteps(head.inner)
    for rows, gradient in zip(np.split(order, [3]), gradients, strict=True):
        scores = dense[rows] @ head.inner @ head.outer + head.bias
        weights = [head.inner, head.outer, head.bias]
        whole, *others = torch.autograd.grad(scores, weights, gradient)
        outer.step(others)
        used = torch.from_numpy(np.flatnonzero(features[rows].toarray().any(0)))
        with torch.no_grad():
            head.inner.mul_(1 - rate * decay)
        inner.step(used, whole[used], rate)


def test_the_learner_moves_weights_as_automatic_differentiation_would():
    generator = torch.Generator().manual_seed(0)
    features = sparse.random_array((5, 9), density=0.4, rng=0, dtype=np.float32).tocsr()
    heads = [FactoredHead(9, 4, torch.zeros(3), torch.Generator().manual_seed(1)) for _ in range(2)]
    with torch.no_grad():
        for head in heads:
            head.outer.mul_(50)
    order = np.array([4, 0, 3, 1, 2])
    gradients = torch.randn(5, 3, generator=generator).split([3, 2])
    learner = heads[0].learner(features, 0.3)
    learner.begin(order, 0.1)
    for start, gradient in ((0, gradients[0]), (3, gradients[1])):
        learner.scores(start, start + len(gradient))
        learner.step(gradient)
    learner.end()
    autograd_pass(heads[1], features, order, 0.1, 0.3, gradients)
    for ours, theirs in zip(heads[0].parameters(), heads[1].parameters(), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-5)


def test_texts_of_which_nothing_is_known_are_trained_on_too():
    train = simple(*((letter, "🐱") for letter in "abcdef"), ("", "☔"), ("", "☔"))
    params = dataclasses.replace(QUICK, batch_size=1)
    student = Linear(params, ENV)
    student.fit(train, nothing(train), LOSSES["bce"])
    assert weights(student).isfinite().all()
    assert len(student.predict(train.texts)) == 8


class Telling(FactoredHead):
    """Writes down the learning rate of every pass."""

    def learner(self, features, decay):
        learner = super().learner(features, decay)
        begin = learner.begin
        self.rates = []

        def told(order, rate):
            self.rates.append(rate)
            begin(order, rate)

        learner.begin = told
        return learner


def test_the_learning_rate_falls_evenly_over_the_epochs_that_are_allowed(sample, monkeypatch):
    heads = []

    def telling(*given):
        heads.append(Telling(*given))
        return heads[-1]

    monkeypatch.setattr("deshi_plugins.students.linear.FactoredHead", telling)
    params = dataclasses.replace(QUICK, epochs=4, learning_rate=0.08)
    Linear(params, ENV).fit(sample[0], nothing(sample[0]), LOSSES["bce"])
    assert heads[0].rates == pytest.approx([0.08, 0.06, 0.04, 0.02])
