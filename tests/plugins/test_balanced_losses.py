"""Losses that know the counts of the labels or the teacher's shares: published vectors and rules."""

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from loss_kit import FOR_LABELS, FOR_TOKENS, built, logits, rows  # noqa: E402

from deshi.api import ComponentError, Env, NoParams  # noqa: E402
from deshi_plugins.losses.class_balanced import ClassBalanced  # noqa: E402
from deshi_plugins.losses.order_free_ce import OrderFreeCrossEntropy  # noqa: E402
from deshi_plugins.losses.params import (  # noqa: E402
    ClassBalancedParams,
    SoftJaccardParams,
    SoftLabelsParams,
)
from deshi_plugins.losses.per_label import class_weights  # noqa: E402
from deshi_plugins.losses.soft_jaccard import SoftJaccard  # noqa: E402
from deshi_plugins.losses.soft_labels import SoftLabels  # noqa: E402
from deshi_plugins.losses.specs import loss_specs  # noqa: E402

ENV = Env()
COUNTS = (511, 100, 5)
SPECS = {spec.name: spec for spec in loss_specs()}
NEED_COUNTS = sorted(name for name in SPECS if "uses-counts" in SPECS[name].capabilities)


def near(value):
    return pytest.approx(value, abs=1e-4)


# Asymmetric loss


def odds(p):
    return [math.log(p / (1 - p))]


@pytest.mark.parametrize(
    ("p", "y", "expected"), [(0.7, 1, 0.3567), (0.3, 0, 0.00112), (0.04, 0, 0)]
)
def test_asymmetric_loss(p, y, expected):
    value = built("asl", 1)(rows(odds(p)), rows([y])).item()
    assert value == pytest.approx(expected, abs=1e-5 if y == 0 else 1e-4)


def test_below_the_margin_a_wrong_label_has_no_gradient():
    scores = rows(odds(0.04)).requires_grad_()
    (gradient,) = torch.autograd.grad(built("asl", 1)(scores, rows([0])).sum(), scores)
    assert gradient.item() == 0


# Weights by class


def test_class_balanced_weights():
    assert class_weights(COUNTS, 0.999).tolist() == near([0.0351, 0.1477, 2.8172])
    raw = [0.002498, 0.010503, 0.200400]
    assert class_weights(COUNTS, 0.999) / class_weights(COUNTS, 0.999)[2] == pytest.approx(
        np.array(raw) / raw[2], abs=1e-5
    )
    assert class_weights(COUNTS, 0.0).tolist() == [1, 1, 1]


def test_tokens_that_were_never_seen_do_not_enter_the_scale():
    assert class_weights((*COUNTS, 0, 0), 0.999)[:3].tolist() == near([0.0351, 0.1477, 2.8172])


def test_class_balanced_weighs_each_step_by_its_target():
    scores = logits(0.5, 0.3, 0.2).unsqueeze(0)
    for target, p in enumerate((0.5, 0.3, 0.2)):
        loss = built("class-balanced", counts=COUNTS)(scores, torch.tensor([[target]]))
        assert loss.item() == pytest.approx(-math.log(p) * class_weights(COUNTS, 0.999)[target])


@pytest.mark.parametrize("over", ["ce", "bce", "focal"])
def test_class_balanced_without_beta_is_the_loss_below(over):
    loss = ClassBalanced(ClassBalancedParams(over=over, beta=0), ENV)
    loss.prepare(np.array(COUNTS), 1000)
    scores, targets = rows([0.3, -1, 2]), rows([1, 0, 1])
    assert loss(scores, targets).item() == pytest.approx(built(over)(scores, targets).item())
    assert loss.decoding == ("expected-jaccard" if over == "ce" else "threshold")


def test_binary_cross_entropy_is_refused_for_tokens():
    with pytest.raises(ComponentError, match='set over = "ce" or "focal"'):
        built("class-balanced-bce", 2)(torch.zeros(1, 1, 2), torch.zeros(1, 1, dtype=torch.long))


# Margins


@pytest.mark.parametrize(("target", "margin"), [(0, 0.1573), (1, 0.2364), (2, 0.5)])
def test_margins_of_ldam(target, margin):
    loss = built("ldam-drw", counts=COUNTS, progress=0.0)
    p = torch.softmax(torch.tensor([0.4, 0.4, 0.4]) - margin * torch.eye(3)[target], 0)[target]
    scores = torch.full((1, 1, 3), 0.4)
    assert loss(scores, torch.tensor([[target]])).item() == near(-math.log(p))
    binary = loss(rows([0.4, 0.4, 0.4]), torch.eye(3, dtype=torch.double)[target][None])
    apart = built("bce")(
        rows([0.4, 0.4, 0.4]) - margin * torch.eye(3)[target],
        torch.eye(3, dtype=torch.double)[target][None],
    )
    assert binary.item() == near(apart.item())


def test_ldam_weighs_from_four_fifths_of_the_training_on():
    scores, target = torch.full((1, 1, 3), 0.4), torch.tensor([[2]])
    early, just, late = (
        built("ldam-drw", counts=COUNTS, progress=at)(scores, target).item()
        for at in (0.0, 0.79, 0.8)
    )
    assert early == just
    assert late == pytest.approx(early * 2.8172, rel=1e-4)


# Logit adjustment


def test_logit_adjustment():
    loss = built("logit-adjustment", counts=(60, 30, 10))
    by_label = loss(rows([2, 1.5, 1.2]), rows([0, 0, 1]))
    by_token = loss(rows([2, 1.5, 1.2])[None], torch.tensor([[2]]))
    assert [by_label.item(), by_token.item()] == near([2.9125, 2.9125])
    assert built("ce")(rows([2, 1.5, 1.2]), rows([0, 0, 1])).item() == near(1.5207)


# Distribution-balanced


def test_distribution_balanced():
    loss = built("distribution-balanced", counts=COUNTS, n=1000)
    value = loss(rows([1, 0, -1]), rows([1, 0, 1])).item()
    assert value / 3 == pytest.approx(0.42968, abs=1e-5)
    assert value == pytest.approx(0.03131 + 0.02953 + 1.22821, abs=3e-5)


def test_a_label_that_every_text_has_is_no_trouble():
    loss = built("distribution-balanced", counts=(10, 3), n=10)
    assert torch.isfinite(loss(rows([5, -5]), rows([1, 0]))).all()


# Smoothing


def test_smoothing_over_all_is_that_of_transformers():
    scores = logits(0.7, 0.1, 0.1, 0.05, 0.05)
    for loss in (built("label-smoothing-all", 5), built("label-smoothing", 5)):
        assert loss(scores, rows([1, 0, 0, 0, 0])).item() == near(0.5401)
        assert loss(scores[None], torch.tensor([[0]])).item() == near(0.5401)


def test_smoothing_over_what_was_seen_leaves_out_the_rest_of_the_vocabulary():
    loss = built("label-smoothing", counts=(5, 3, 0, 0, 0))
    wanted = -0.9 * math.log(0.7) - 0.1 * (math.log(0.7) + math.log(0.1)) / 2
    scores = logits(0.7, 0.1, 0.1, 0.05, 0.05)
    assert loss(scores[None], torch.tensor([[0]])).item() == near(wanted)
    closed = torch.tensor([[[1.0, 0.0, -math.inf]]])
    only = built("label-smoothing", counts=(5, 3, 0))
    assert torch.isfinite(only(closed, torch.tensor([[0]]))).all()


# Jaccard


def test_soft_jaccard_is_one_minus_the_ratio_of_sums():
    loss = SoftJaccard(SoftJaccardParams(weight=1, bce=0), ENV)
    chances, gold = (0.8, 0.3, 0.4), (1, 0, 1)
    scores = rows([math.log(p / (1 - p)) for p in chances])
    assert loss(scores, rows(gold)).item() == pytest.approx(1 - (0.8 + 0.4) / (1 + 0.3 + 1))


def test_soft_jaccard_comes_in_after_the_warm_up():
    scores, targets = rows([0.5, -0.5]), rows([1, 0])
    bce = built("bce")(scores, targets).item()
    assert built("soft-jaccard", progress=0.0)(scores, targets).item() == pytest.approx(bce)
    assert built("soft-jaccard", progress=0.1)(scores, targets).item() > bce


# The teacher's shares


def test_soft_labels_are_a_divergence():
    loss = SoftLabels(SoftLabelsParams(), ENV)
    assert loss(logits(0.6, 0.3, 0.1), rows([0.5, 0.25, 0.25])).item() == near(0.0923)
    assert loss(logits(0.5, 0.25, 0.25), rows([0.5, 0.25, 0.25])).item() == near(0)
    assert loss(logits(0.6, 0.3, 0.1), rows([1, 0.5, 0.5])).item() == near(0.0923)


@pytest.mark.parametrize("heat", [1.0, 3.0])
def test_soft_labels_are_least_where_the_scores_are_the_teachers(heat):
    per_label = SoftLabels(SoftLabelsParams(per="label", temperature=heat), ENV)
    per_text = SoftLabels(SoftLabelsParams(temperature=heat), ENV)
    shares = rows([0.8, 0.3, 0.5])
    assert per_label(torch.logit(shares), shares).item() == pytest.approx(0, abs=1e-12)
    assert per_label(torch.logit(shares) + 0.1, shares).item() > 0
    assert per_text(shares.log(), shares).item() == pytest.approx(0, abs=1e-12)
    assert per_text(rows([0.8, 0.4, 0.5]).log(), shares).item() > 0


# Any order


def by_hand(scores, steps):
    """Return -log of the summed chances of the tokens that each step names, the mean over steps."""
    chances = torch.softmax(scores[0], -1)
    return float(np.mean([-math.log(chances[at, list(ok)].sum()) for at, ok in enumerate(steps)]))


def test_any_emoji_that_is_still_missing_is_right_and_the_end_only_at_the_end():
    torch.manual_seed(3)
    scores = torch.randn(1, 4, 6)
    loss = OrderFreeCrossEntropy(NoParams(), ENV)
    value = loss(scores, torch.tensor([[2, 4, 1, 5]])).item()
    assert value == pytest.approx(by_hand(scores, [{2, 4, 1}, {4, 1}, {1}, {5}]), rel=1e-5)


def test_a_repeated_label_is_one_label():
    torch.manual_seed(4)
    scores = torch.randn(1, 4, 6)
    loss = OrderFreeCrossEntropy(NoParams(), ENV)
    value = loss(scores, torch.tensor([[2, 2, 1, 5]])).item()
    assert value == pytest.approx(by_hand(scores, [{2, 1}, {2, 1}, {1}, {5}]), rel=1e-5)


def test_what_the_mask_leaves_out_is_no_label():
    torch.manual_seed(5)
    scores = torch.randn(1, 5, 6)
    loss = OrderFreeCrossEntropy(NoParams(), ENV)
    masked = loss(scores, torch.tensor([[2, 1, 5, 0, 0]]), torch.tensor([[1, 1, 1, 0, 0]]))
    assert masked.item() == pytest.approx(by_hand(scores[:, :3], [{2, 1}, {1}, {5}]), rel=1e-5)


# What holds for all of them


@pytest.mark.parametrize("name", NEED_COUNTS)
def test_a_loss_that_was_not_prepared_says_so(name):
    cls, params = FOR_LABELS[name]
    with pytest.raises(ComponentError, match=f"loss {name}: it has no label frequencies"):
        cls(params, ENV)(torch.zeros(1, 3), torch.ones(1, 3))


@pytest.mark.parametrize("name", NEED_COUNTS)
def test_counts_of_another_number_of_labels_are_told(name):
    with pytest.raises(ComponentError, match="prepared for 4 labels and got 3 scores"):
        built(name, 4)(torch.zeros(1, 3), torch.ones(1, 3))


@pytest.mark.parametrize("name", SPECS)
def test_capabilities_and_shapes_are_those_of_the_class(name):
    cls, params = {**FOR_LABELS, **FOR_TOKENS}[name]
    loss, spec = cls(params, ENV), SPECS[name]
    assert hasattr(loss, "prepare") == ("uses-counts" in spec.capabilities)
    assert hasattr(loss, "at") == ("scheduled" in spec.capabilities)
    assert getattr(loss, "uses_shares", False) == ("uses-shares" in spec.capabilities)
    assert spec.takes == {
        shape for shape, names in (("labels", FOR_LABELS), ("tokens", FOR_TOKENS)) if name in names
    }
