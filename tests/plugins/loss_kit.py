"""Every built-in loss, prepared for a few labels, and rows to feed it."""

import math

import numpy as np
import torch

from deshi.api import Env, NoParams
from deshi_plugins.losses.asl import Asymmetric
from deshi_plugins.losses.bce import BinaryCrossEntropy
from deshi_plugins.losses.ce import CrossEntropy
from deshi_plugins.losses.class_balanced import ClassBalanced
from deshi_plugins.losses.distribution_balanced import DistributionBalanced
from deshi_plugins.losses.focal import Focal
from deshi_plugins.losses.label_smoothing import LabelSmoothing
from deshi_plugins.losses.ldam_drw import LdamDrw
from deshi_plugins.losses.logit_adjustment import LogitAdjustment
from deshi_plugins.losses.order_free_ce import OrderFreeCrossEntropy
from deshi_plugins.losses.params import (
    AsymmetricParams,
    ClassBalancedParams,
    CrossEntropyParams,
    DistributionBalancedParams,
    FocalParams,
    LabelSmoothingParams,
    LdamDrwParams,
    LogitAdjustmentParams,
    SoftJaccardParams,
    SoftLabelsParams,
)
from deshi_plugins.losses.soft_jaccard import SoftJaccard
from deshi_plugins.losses.soft_labels import SoftLabels
from deshi_plugins.losses.zlpr import Zlpr
from deshi_plugins.students.targets import advance, prepare

ENV = Env()
FOR_BOTH = {
    "ce": (CrossEntropy, CrossEntropyParams()),
    "ce-smoothed": (CrossEntropy, CrossEntropyParams(label_smoothing=0.1)),
    "label-smoothing": (LabelSmoothing, LabelSmoothingParams()),
    "label-smoothing-all": (LabelSmoothing, LabelSmoothingParams(over="all")),
    "focal": (Focal, FocalParams()),
    "class-balanced": (ClassBalanced, ClassBalancedParams()),
    "class-balanced-focal": (ClassBalanced, ClassBalancedParams(over="focal")),
    "ldam-drw": (LdamDrw, LdamDrwParams()),
    "logit-adjustment": (LogitAdjustment, LogitAdjustmentParams()),
}
FOR_LABELS = {
    **FOR_BOTH,
    "bce": (BinaryCrossEntropy, NoParams()),
    "asl": (Asymmetric, AsymmetricParams()),
    "asl-no-margin": (Asymmetric, AsymmetricParams(margin=0, gamma_positive=1)),
    "class-balanced-bce": (ClassBalanced, ClassBalancedParams(over="bce")),
    "distribution-balanced": (DistributionBalanced, DistributionBalancedParams()),
    "distribution-balanced-focal": (DistributionBalanced, DistributionBalancedParams(gamma=2)),
    "zlpr": (Zlpr, NoParams()),
    "soft-jaccard": (SoftJaccard, SoftJaccardParams()),
    "soft-jaccard-pure": (SoftJaccard, SoftJaccardParams(bce=0)),
    "soft-labels": (SoftLabels, SoftLabelsParams(temperature=2)),
    "soft-labels-bce": (SoftLabels, SoftLabelsParams(per="label", temperature=2)),
}
FOR_TOKENS = {**FOR_BOTH, "order-free-ce": (OrderFreeCrossEntropy, NoParams())}


def built(name, labels=None, *, counts=None, n=1000, progress=1.0):
    """Build a loss, prepared for counts or for so many labels, at the end of training."""
    cls, params = {**FOR_LABELS, **FOR_TOKENS}[name]
    loss = cls(params, ENV)
    if counts is None:
        counts = 900 / np.arange(1, (labels or 4) + 1) ** 2
    prepare(loss, counts, n)
    advance(loss, progress)
    return loss


def logits(*probabilities):
    return torch.tensor([[math.log(p) for p in probabilities]], dtype=torch.double)


def rows(*values):
    return torch.tensor(values, dtype=torch.double)
