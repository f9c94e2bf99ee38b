"""Parameters of the built-in losses, in a module that imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from deshi.api import Help


@dataclass(frozen=True, kw_only=True)
class CrossEntropyParams:
    """Parameters of `ce`."""

    label_smoothing: Annotated[
        float, Help("Share of the target spread evenly over all classes.", ge=0, lt=1)
    ] = 0.0


@dataclass(frozen=True, kw_only=True)
class LabelSmoothingParams:
    """Parameters of `label-smoothing`."""

    epsilon: Annotated[
        float, Help("Share of the target spread evenly over the classes.", ge=0, lt=1)
    ] = 0.1
    over: Annotated[
        Literal["seen", "all"],
        Help("Classes it is spread over: those in the training labels, or all."),
    ] = "seen"


@dataclass(frozen=True, kw_only=True)
class FocalParams:
    """Parameters of `focal`."""

    gamma: Annotated[
        float, Help("Focusing: how fast the loss of easy labels falls; 0 is cross-entropy.", ge=0)
    ] = 2.0
    alpha: Annotated[
        float,
        Help("Weight of positive labels, 1 - alpha of negative ones; labels only.", ge=0, le=1),
    ] = 0.25


@dataclass(frozen=True, kw_only=True)
class AsymmetricParams:
    """Parameters of `asl`: those of the authors' code, but for γ₊, which follows their paper."""

    gamma_positive: Annotated[
        float, Help("Focusing of positive labels; the authors' code has 1.", ge=0)
    ] = 0.0
    gamma_negative: Annotated[float, Help("Focusing of negative labels.", ge=0)] = 4.0
    margin: Annotated[
        float, Help("Probability below which a negative label has no loss.", ge=0, lt=1)
    ] = 0.05


@dataclass(frozen=True, kw_only=True)
class ClassBalancedParams(FocalParams):
    """Parameters of `class-balanced`; `gamma` and `alpha` are those of `focal`."""

    over: Annotated[
        Literal["ce", "bce", "focal"], Help("The loss to weight; bce is for labels only.")
    ] = "ce"
    beta: Annotated[
        float,
        Help(
            "0: equal weights; towards 1: inverse counts; .999 for thousands of texts.",
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
    beta: Annotated[float, Help("As in class-balanced, for the deferred weights.", ge=0, lt=1)] = (
        0.999
    )
    defer: Annotated[
        float, Help("Share of training after which labels are weighted.", ge=0, le=1)
    ] = 0.8


@dataclass(frozen=True, kw_only=True)
class LogitAdjustmentParams:
    """Parameters of `logit-adjustment`."""

    tau: Annotated[float, Help("Strength of the adjustment; 0 is cross-entropy.", ge=0)] = 1.0


@dataclass(frozen=True, kw_only=True)
class DistributionBalancedParams:
    """Parameters of `distribution-balanced`, with the authors' values for texts (Reuters)."""

    alpha: Annotated[float, Help("Lower bound of the weights (α).", ge=0)] = 0.1
    beta: Annotated[float, Help("Steepness of the weights.", ge=0)] = 10.0
    mu: Annotated[float, Help("Ratio at which a weight is halfway.", ge=0)] = 0.9
    kappa: Annotated[float, Help("Strength of the bias from the label frequencies.", ge=0)] = 0.05
    negative_scale: Annotated[float, Help("λ: scale of the loss of negative labels.", ge=1)] = 2.0
    gamma: Annotated[float, Help("Focusing, as in focal.", ge=0)] = 0.0


@dataclass(frozen=True, kw_only=True)
class SoftJaccardParams:
    """Parameters of `soft-jaccard`."""

    weight: Annotated[float, Help("Weight of the Jaccard term.", ge=0)] = 0.5
    bce: Annotated[float, Help("Weight of the binary cross-entropy; 0 omits it.", ge=0)] = 1.0
    warm_up: Annotated[
        float, Help("Share of training after which the Jaccard term is added.", ge=0, le=1)
    ] = 0.1


@dataclass(frozen=True, kw_only=True)
class SoftLabelsParams:
    """Parameters of `soft-labels`."""

    temperature: Annotated[
        float, Help("Temperature; above 1, small shares count for more.", gt=0)
    ] = 1.0
    per: Annotated[
        Literal["text", "label"],
        Help("One distribution per text (softmax), or one probability per label (sigmoid)."),
    ] = "text"
