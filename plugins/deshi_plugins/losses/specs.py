"""The built-in losses."""

from __future__ import annotations

from deshi.api import LossSpec, Needs
from deshi.api.specs import ScoreShape

_TORCH = Needs(extras=("neural",), modules=("torch",))
_BOTH: frozenset[ScoreShape] = frozenset({"tokens", "labels"})
_LABELS: frozenset[ScoreShape] = frozenset({"labels"})
_TOKENS: frozenset[ScoreShape] = frozenset({"tokens"})


def _spec(
    name: str,
    target: str,
    params: str | None,
    takes: frozenset[ScoreShape],
    summary: str,
    *capabilities: str,
) -> LossSpec:
    return LossSpec(
        name=name,
        target=f"deshi_plugins.losses.{target}",
        params=f"deshi_plugins.losses.params:{params}" if params else None,
        summary=summary,
        takes=takes,
        needs=_TORCH,
        capabilities=frozenset(capabilities),
    )


_LOSSES = (
    _spec(
        "ce",
        "ce:CrossEntropy",
        "CrossEntropyParams",
        _BOTH,
        "Cross-entropy over tokens, or against the shares of the labels (softmax-set).",
    ),
    _spec(
        "label-smoothing",
        "label_smoothing:LabelSmoothing",
        "LabelSmoothingParams",
        _BOTH,
        "Cross-entropy against targets smoothed over all emoji.",
        "uses-counts",
    ),
    _spec(
        "bce",
        "bce:BinaryCrossEntropy",
        None,
        _LABELS,
        "Binary cross-entropy, summed over the labels.",
    ),
    _spec(
        "focal",
        "focal:Focal",
        "FocalParams",
        _BOTH,
        "Focal loss: down-weights easy labels (Lin et al. 2017).",
    ),
    _spec(
        "asl",
        "asl:Asymmetric",
        "AsymmetricParams",
        _LABELS,
        "Asymmetric loss: down-weights easy negatives (Ben-Baruch et al. 2021).",
    ),
    _spec(
        "class-balanced",
        "class_balanced:ClassBalanced",
        "ClassBalancedParams",
        _BOTH,
        "Weights labels by their effective number of texts (Cui et al. 2019).",
        "uses-counts",
    ),
    _spec(
        "ldam-drw",
        "ldam_drw:LdamDrw",
        "LdamDrwParams",
        _BOTH,
        "Wider margins for rare labels, deferred re-weighting (Cao et al. 2019).",
        "uses-counts",
        "scheduled",
    ),
    _spec(
        "logit-adjustment",
        "logit_adjustment:LogitAdjustment",
        "LogitAdjustmentParams",
        _BOTH,
        "Corrects logits for the label frequencies (Menon et al. 2021).",
        "uses-counts",
    ),
    _spec(
        "distribution-balanced",
        "distribution_balanced:DistributionBalanced",
        "DistributionBalancedParams",
        _LABELS,
        "Distribution-balanced loss for multi-label texts (Wu et al. 2020).",
        "uses-counts",
    ),
    _spec(
        "zlpr",
        "zlpr:Zlpr",
        None,
        _LABELS,
        "Ranks positive labels above 0 and negative ones below (Su et al. 2022).",
    ),
    _spec(
        "soft-jaccard",
        "soft_jaccard:SoftJaccard",
        "SoftJaccardParams",
        _LABELS,
        "Binary cross-entropy and, after a warm-up, a soft Jaccard index.",
        "scheduled",
    ),
    _spec(
        "order-free-ce",
        "order_free_ce:OrderFreeCrossEntropy",
        None,
        _TOKENS,
        "Token cross-entropy in which any missing emoji is a correct next token.",
    ),
    _spec(
        "soft-labels",
        "soft_labels:SoftLabels",
        "SoftLabelsParams",
        _LABELS,
        "Knowledge distillation from the teacher's label shares (Hinton et al. 2015).",
        "uses-shares",
    ),
)


def loss_specs() -> tuple[LossSpec, ...]:
    """Return the specs of all built-in losses."""
    return _LOSSES
