"""The built-in students."""

from __future__ import annotations

from deshi.api import Needs, StudentSpec

_SAVES = frozenset({"saves"})


def student_specs() -> tuple[StudentSpec, ...]:
    """Return the specs of the built-in students that need no pretrained weights."""
    return (
        StudentSpec(
            name="constant",
            target="deshi_plugins.students.constant:Constant",
            summary="Answers the most frequent emoji of the training labels, always the same.",
            trains_on=None,
            deterministic=True,
            capabilities=_SAVES,
        ),
        StudentSpec(
            name="knn",
            target="deshi_plugins.students.knn:Knn",
            params="deshi_plugins.students.params:KnnParams",
            summary="Lets the training texts with the most similar characters vote.",
            trains_on=None,
            deterministic=True,
            decoding=("k", "beta", "smoothing", "max-emoji"),
            needs=Needs(extras=("offline",), modules=("sklearn",)),
            capabilities=_SAVES,
        ),
        StudentSpec(
            name="linear",
            revision=2,
            target="deshi_plugins.students.linear:Linear",
            params="deshi_plugins.students.params:LinearParams",
            summary="A linear model of character n-grams, trained in seconds with any label loss.",
            trains_on="labels",
            decoding=("max-emoji", "threshold"),
            needs=Needs(extras=("offline", "neural"), modules=("sklearn", "torch")),
            capabilities=_SAVES,
        ),
    )
