"""The losses: published formulas, vectors worked out by hand, stability, gradients."""

import math

import pytest

torch = pytest.importorskip("torch")

from loss_kit import FOR_LABELS, FOR_TOKENS, built, logits, rows  # noqa: E402

from deshi.api import Env, NoParams  # noqa: E402
from deshi_plugins.losses.asl import Asymmetric  # noqa: E402
from deshi_plugins.losses.bce import BinaryCrossEntropy  # noqa: E402
from deshi_plugins.losses.ce import CrossEntropy, CrossEntropyParams  # noqa: E402
from deshi_plugins.losses.focal import Focal, FocalParams  # noqa: E402
from deshi_plugins.losses.params import AsymmetricParams  # noqa: E402
from deshi_plugins.losses.zlpr import Zlpr  # noqa: E402

ENV = Env()
CE = CrossEntropy(CrossEntropyParams(), ENV)
SMOOTHED = CrossEntropy(CrossEntropyParams(label_smoothing=0.1), ENV)
BCE = BinaryCrossEntropy(NoParams(), ENV)
FOCAL = Focal(FocalParams(), ENV)
ZLPR = Zlpr(NoParams(), ENV)
BY_LABEL = pytest.mark.parametrize("name", FOR_LABELS)
BY_TOKEN = pytest.mark.parametrize("name", FOR_TOKENS)
STEPWISE = pytest.mark.parametrize("name", sorted({*FOR_TOKENS} - {"order-free-ce"}))


def test_each_loss_names_the_decoding_that_fits_it():
    found = [loss.decoding for loss in (CE, BCE, FOCAL, ZLPR)]
    assert found == ["expected-jaccard", "threshold", "threshold", "zero"]


def test_soft_cross_entropy_of_shares():
    loss = CE(logits(0.6, 0.3, 0.1), rows([0.5, 0.25, 0.25]))
    assert loss.tolist() == pytest.approx([1.1321], abs=1e-4)


def test_two_right_labels_share_the_target_evenly():
    loss = CE(logits(0.5, 0.3, 0.2), rows([1, 0, 1]))
    assert loss.tolist() == pytest.approx([-(math.log(0.5) + math.log(0.2)) / 2])


def test_a_row_without_labels_costs_nothing_and_has_no_gradient():
    scores = torch.tensor([[3.0, -1.0]], requires_grad=True)
    for loss in (CE, SMOOTHED):
        value = loss(scores, torch.zeros(1, 2))
        (gradient,) = torch.autograd.grad(value.sum(), scores)
        assert value.item() == 0
        assert gradient.tolist() == [[0, 0]]


def test_label_smoothing_on_labels_and_tokens():
    scores = logits(0.7, 0.1, 0.1, 0.05, 0.05)
    assert SMOOTHED(scores, rows([1, 0, 0, 0, 0])).tolist() == pytest.approx([0.5401], abs=1e-4)
    by_token = SMOOTHED(scores.unsqueeze(0), torch.tensor([[0]]))
    assert by_token.tolist() == pytest.approx([0.5401], abs=1e-4)


@pytest.mark.parametrize(("p", "expected"), [(0.9, 0.1054), (0.5, 0.6931), (0.1, 2.3026)])
def test_cross_entropy_of_one_token(p, expected):
    loss = CE(logits(p, 1 - p).unsqueeze(0), torch.tensor([[0]]))
    assert loss.tolist() == pytest.approx([expected], abs=1e-4)


@pytest.mark.parametrize(("p", "expected"), [(0.9, 0.0011), (0.5, 0.1733), (0.1, 1.8651)])
def test_focal_cross_entropy_of_one_token(p, expected):
    loss = FOCAL(logits(p, 1 - p).unsqueeze(0), torch.tensor([[0]]))
    assert loss.tolist() == pytest.approx([expected], abs=1e-4)


@STEPWISE
def test_tokens_count_where_the_mask_says(name):
    loss = built(name)
    torch.manual_seed(0)
    scores = torch.randn(2, 3, 4)
    targets = torch.tensor([[1, 2, 0], [3, -100, -100]])
    mask = torch.tensor([[1, 0, 1], [1, 0, 0]])
    expected = [
        (loss(scores[:1, :1], targets[:1, :1]) + loss(scores[:1, 2:], targets[:1, 2:])).item() / 2,
        loss(scores[1:, :1], targets[1:, :1]).item(),
    ]
    assert loss(scores, targets, mask).tolist() == pytest.approx(expected)


@BY_TOKEN
def test_without_a_mask_padding_is_what_has_a_negative_target(name):
    loss = built(name)
    torch.manual_seed(0)
    scores = torch.randn(2, 3, 4)
    targets = torch.tensor([[1, 2, -100], [-100, -100, -100]])
    loss_of_both = loss(scores, targets)
    assert torch.equal(loss_of_both, loss(scores, targets, (targets >= 0).int()))
    assert loss_of_both[1] == 0


def test_binary_cross_entropy_sums_over_labels():
    scores = rows([math.log(0.3 / 0.7), math.log(0.7 / 0.3)])
    assert BCE(scores, rows([0, 1])).tolist() == pytest.approx([2 * 0.3567], abs=1e-4)


def test_focal_of_labels_is_the_weighted_formula():
    scores = rows([math.log(0.3 / 0.7), math.log(0.7 / 0.3)])
    expected = 0.75 * 0.3**2 * -math.log(0.7) + 0.25 * 0.3**2 * -math.log(0.7)
    assert FOCAL(scores, rows([0, 1])).tolist() == pytest.approx([expected])
    assert 0.3**2 * -math.log(0.7) == pytest.approx(0.0321, abs=1e-4)


def test_focal_without_gamma_and_with_even_alpha_is_half_of_bce():
    plain = Focal(FocalParams(gamma=0.0, alpha=0.5), ENV)
    torch.manual_seed(0)
    scores, targets = torch.randn(4, 5), torch.randint(0, 2, (4, 5)).float()
    assert torch.allclose(plain(scores, targets), BCE(scores, targets) / 2)


@pytest.mark.parametrize(
    ("scores", "targets", "expected"),
    [
        ([2, -1, 0.5, -2], [1, 0, 1, 0], 0.9626),
        ([-1, 0, 1], [0, 0, 0], 1.6265),
        ([0, 0], [1, 1], math.log(3)),
    ],
)
def test_zlpr(scores, targets, expected):
    assert ZLPR(rows(scores), rows(targets)).tolist() == pytest.approx([expected], abs=1e-4)


@BY_LABEL
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_labels_are_finite_at_extreme_logits(name, dtype):
    loss = built(name, 5)
    scores = torch.tensor([[1e4, -1e4, 1e4, -1e4, 0]], dtype=dtype, requires_grad=True)
    targets = torch.tensor([[1, 1, 0, 0, 0.5]], dtype=dtype)
    value = loss(scores, targets)
    (gradient,) = torch.autograd.grad(value.sum(), scores)
    assert value.shape == (1,)
    assert torch.isfinite(value).all()
    assert torch.isfinite(gradient).all()


@BY_TOKEN
def test_tokens_are_finite_at_extreme_logits(name):
    check_extremes(built(name, 3))


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_focal_of_tokens_is_finite_at_extreme_logits(gamma):
    check_extremes(Focal(FocalParams(gamma=gamma), ENV))


def check_extremes(loss):
    scores = torch.tensor([[[1e4, -1e4, 0], [1e4, -1e4, 0]]], requires_grad=True)
    value = loss(scores, torch.tensor([[0, 1]]))
    (gradient,) = torch.autograd.grad(value.sum(), scores)
    assert torch.isfinite(value).all()
    assert torch.isfinite(gradient).all()


@pytest.mark.parametrize("gamma", [0.01, 0.5, 1.0])
def test_asl_has_no_gradient_up_to_its_margin_whatever_the_power(gamma):
    loss = Asymmetric(AsymmetricParams(gamma_negative=gamma, margin=0.5), ENV)
    scores = torch.tensor([[-50.0, -1.0, 0.0, math.log(3)]], requires_grad=True)  # .5 is the margin
    value = loss(scores, torch.zeros(1, 4))
    (gradient,) = torch.autograd.grad(value.sum(), scores)
    assert value.item() == pytest.approx(0.25**gamma * -math.log(0.75))
    assert gradient[0, :3].tolist() == [0, 0, 0]
    assert 0 < gradient[0, 3].item() < 1


@BY_LABEL
def test_gradients_of_labels_are_right(name):
    loss = built(name)
    torch.manual_seed(1)
    scores = torch.randn(3, 4, dtype=torch.double, requires_grad=True)
    targets = rows([1, 0, 1, 0], [0, 0, 0, 1], [0.5, 0.25, 0, 1])
    assert torch.autograd.gradcheck(lambda z: loss(z, targets), (scores,))


@BY_TOKEN
def test_gradients_of_tokens_are_right(name):
    loss = built(name)
    torch.manual_seed(1)
    scores = torch.randn(2, 3, 4, dtype=torch.double, requires_grad=True)
    targets = torch.tensor([[0, 1, 2], [3, 0, 0]])
    mask = torch.tensor([[1, 1, 1], [1, 1, 0]])
    assert torch.autograd.gradcheck(lambda z: loss(z, targets, mask), (scores,))


@BY_LABEL
def test_the_loss_of_an_item_does_not_depend_on_its_batch(name):
    loss = built(name, 6)
    torch.manual_seed(2)
    scores, targets = torch.randn(4, 6), torch.randint(0, 2, (4, 6)).float()
    alone = torch.cat([loss(scores[i : i + 1], targets[i : i + 1]) for i in range(4)])
    assert torch.allclose(loss(scores, targets), alone)
