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
        "Cross-entropy that leaves a little for every emoji.",
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
        "Focal loss, which fades where the model is already right (Lin et al. 2017).",
    ),
    _spec(
        "asl",
        "asl:Asymmetric",
        "AsymmetricParams",
        _LABELS,
        "Asymmetric loss, which nearly forgets easy negatives (Ben-Baruch et al. 2021).",
    ),
    _spec(
        "class-balanced",
        "class_balanced:ClassBalanced",
        "ClassBalancedParams",
        _BOTH,
        "Weighs rare labels more, by their effective number of texts (Cui et al. 2019).",
        "uses-counts",
    ),
    _spec(
        "ldam-drw",
        "ldam_drw:LdamDrw",
        "LdamDrwParams",
        _BOTH,
        "Wider margins for rare labels, weights late in training (Cao et al. 2019).",
        "uses-counts",
        "scheduled",
    ),
    _spec(
        "logit-adjustment",
        "logit_adjustment:LogitAdjustment",
        "LogitAdjustmentParams",
        _BOTH,
        "Takes the labels' frequencies out of what is learned (Menon et al. 2021).",
        "uses-counts",
    ),
    _spec(
        "distribution-balanced",
        "distribution_balanced:DistributionBalanced",
        "DistributionBalancedParams",
        _LABELS,
        "Re-balanced where texts carry several labels (Wu et al. 2020).",
        "uses-counts",
    ),
    _spec(
        "zlpr",
        "zlpr:Zlpr",
        None,
        _LABELS,
        "Ranks right labels above 0 and wrong ones below (Su et al. 2022).",
    ),
    _spec(
        "soft-jaccard",
        "soft_jaccard:SoftJaccard",
        "SoftJaccardParams",
        _LABELS,
        "Binary cross-entropy and, after a warm-up, the Jaccard index itself.",
        "scheduled",
    ),
    _spec(
        "order-free-ce",
        "order_free_ce:OrderFreeCrossEntropy",
        None,
        _TOKENS,
        "At each step any emoji that is still missing is right.",
    ),
    _spec(
        "soft-labels",
        "soft_labels:SoftLabels",
        "SoftLabelsParams",
        _LABELS,
        "Distils how sure the teacher is, from its shares (Hinton et al. 2015).",
        "uses-shares",
    ),
)


def loss_specs() -> tuple[LossSpec, ...]:
    """Return the specs of all built-in losses."""
    return _LOSSES
