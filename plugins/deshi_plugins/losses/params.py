"""Parameters of the built-in losses, in a module that imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from deshi.api import Help


@dataclass(frozen=True, kw_only=True)
class CrossEntropyParams:
    """Parameters of `ce`."""

    label_smoothing: Annotated[
        float, Help("Share of the target that is spread evenly over all classes.", ge=0, lt=1)
    ] = 0.0


@dataclass(frozen=True, kw_only=True)
class LabelSmoothingParams:
    """Parameters of `label-smoothing`."""

    epsilon: Annotated[
        float, Help("Share of the target that is spread evenly over the classes.", ge=0, lt=1)
    ] = 0.1
    over: Annotated[
        Literal["seen", "all"],
        Help("Classes that get it: those of training answers, or all, as transformers does."),
    ] = "seen"


@dataclass(frozen=True, kw_only=True)
class FocalParams:
    """Parameters of `focal`."""

    gamma: Annotated[
        float, Help("How fast the loss of the easy fades; 0 is cross-entropy.", ge=0)
    ] = 2.0
    alpha: Annotated[
        float,
        Help("Weight of positive labels, 1 - alpha of negative ones; not for tokens.", ge=0, le=1),
    ] = 0.25


@dataclass(frozen=True, kw_only=True)
class AsymmetricParams:
    """Parameters of `asl`: those of the authors' code, but for γ₊, which follows their paper."""

    gamma_positive: Annotated[
        float, Help("How fast the loss of right labels fades; the authors' code has 1.", ge=0)
    ] = 0.0
    gamma_negative: Annotated[float, Help("How fast the loss of wrong labels fades.", ge=0)] = 4.0
    margin: Annotated[
        float, Help("Chance below which a wrong label costs nothing.", ge=0, lt=1)
    ] = 0.05


@dataclass(frozen=True, kw_only=True)
class ClassBalancedParams(FocalParams):
    """Parameters of `class-balanced`; `gamma` and `alpha` are those of `focal`."""

    over: Annotated[
        Literal["ce", "bce", "focal"], Help("The loss that is weighed; bce is not for tokens.")
    ] = "ce"
    beta: Annotated[
        float,
        Help(
            "0 weighs all alike, towards 1 by one over the count; .999 for thousands of texts.",
            ge=0,
            lt=1,
        ),
    ] = 0.999


@dataclass(frozen=True, kw_only=True)
class LdamDrwParams:
    """Parameters of `ldam-drw`."""

    margin: Annotated[float, Help("Margin of the rarest label.", ge=0)] = 0.5
    scale: Annotated[
        float, Help("Factor of the scores; 30 in the paper, whose scores are cosines.", gt=0)
    ] = 1.0
    beta: Annotated[float, Help("As in class-balanced, for the late weights.", ge=0, lt=1)] = 0.999
    defer: Annotated[
        float, Help("Share of the training after which labels are weighed.", ge=0, le=1)
    ] = 0.8


@dataclass(frozen=True, kw_only=True)
class LogitAdjustmentParams:
    """Parameters of `logit-adjustment`."""

    tau: Annotated[
        float, Help("How much of the frequencies is taken out; 0 is cross-entropy.", ge=0)
    ] = 1.0


@dataclass(frozen=True, kw_only=True)
class DistributionBalancedParams:
    """Parameters of `distribution-balanced`, with the authors' values for texts (Reuters)."""

    alpha: Annotated[float, Help("Lower bound of the weights.", ge=0)] = 0.1
    beta: Annotated[float, Help("Steepness of the weights.", ge=0)] = 10.0
    mu: Annotated[float, Help("Ratio at which a weight is half way.", ge=0)] = 0.9
    kappa: Annotated[float, Help("How much of the frequencies is put in as a bias.", ge=0)] = 0.05
    negative_scale: Annotated[
        float, Help("λ: how much less the loss presses on wrong labels.", ge=1)
    ] = 2.0
    gamma: Annotated[float, Help("How fast the loss of the easy fades, as in focal.", ge=0)] = 0.0


@dataclass(frozen=True, kw_only=True)
class SoftJaccardParams:
    """Parameters of `soft-jaccard`."""

    weight: Annotated[float, Help("Weight of the Jaccard term.", ge=0)] = 0.5
    bce: Annotated[float, Help("Weight of the binary cross-entropy; 0 leaves it out.", ge=0)] = 1.0
    warm_up: Annotated[
        float, Help("Share of the training after which the Jaccard term comes in.", ge=0, le=1)
    ] = 0.1


@dataclass(frozen=True, kw_only=True)
class SoftLabelsParams:
    """Parameters of `soft-labels`."""

    temperature: Annotated[float, Help("Above 1, the small shares count for more.", gt=0)] = 1.0
    per: Annotated[
        Literal["text", "label"],
        Help("One distribution a text (softmax), or a chance of its own a label (sigmoid)."),
    ] = "text"
