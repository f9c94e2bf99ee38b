"""The built-in losses."""

from __future__ import annotations

from deshi.api import LossSpec, Needs

_TORCH = Needs(extras=("neural",), modules=("torch",))


def loss_specs() -> tuple[LossSpec, ...]:
    """Return the specs of all built-in losses."""
    return (
        LossSpec(
            name="ce",
            target="deshi_plugins.losses.ce:CrossEntropy",
            params="deshi_plugins.losses.params:CrossEntropyParams",
            summary="Cross-entropy over tokens, or against the shares of the labels (softmax-set).",
            takes=frozenset({"tokens", "labels"}),
            needs=_TORCH,
        ),
        LossSpec(
            name="bce",
            target="deshi_plugins.losses.bce:BinaryCrossEntropy",
            summary="Binary cross-entropy, summed over the labels.",
            takes=frozenset({"labels"}),
            needs=_TORCH,
        ),
        LossSpec(
            name="focal",
            target="deshi_plugins.losses.focal:Focal",
            params="deshi_plugins.losses.params:FocalParams",
            summary="Focal loss, which fades where the model is already right (Lin et al. 2017).",
            takes=frozenset({"tokens", "labels"}),
            needs=_TORCH,
        ),
        LossSpec(
            name="zlpr",
            target="deshi_plugins.losses.zlpr:Zlpr",
            summary="Ranks right labels above 0 and wrong ones below (Su et al. 2022).",
            takes=frozenset({"labels"}),
            needs=_TORCH,
        ),
    )
