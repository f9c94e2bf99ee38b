"""The built-in students."""

from __future__ import annotations

from deshi.api import Needs, StudentSpec

_SAVES = frozenset({"saves"})
_ENCODER = "deshi_plugins.students.readiness:lacks_encoder"


_STUDENTS = (
    StudentSpec(
        name="constant",
        target="deshi_plugins.students.constant:Constant",
        summary="The majority baseline: the most frequent emoji of the training labels.",
        trains_on=None,
        deterministic=True,
        capabilities=_SAVES | {"ignores-texts"},
    ),
    StudentSpec(
        name="knn",
        target="deshi_plugins.students.knn:Knn",
        params="deshi_plugins.students.params:KnnParams",
        revision=2,
        summary="k nearest neighbours of character n-grams or sentence vectors.",
        trains_on=None,
        deterministic=True,
        decoding=("k", "beta", "smoothing", "max-emoji"),
        needs=Needs(extras=("offline",), modules=("sklearn",), check=_ENCODER),
        capabilities=_SAVES | {"explains", "keeps-texts"},
    ),
    StudentSpec(
        name="linear",
        revision=3,
        target="deshi_plugins.students.linear:Linear",
        params="deshi_plugins.students.params:LinearParams",
        summary="A linear model of character n-grams, trained in seconds with any label loss.",
        trains_on="labels",
        decoding=("max-emoji", "threshold"),
        needs=Needs(extras=("offline", "neural"), modules=("sklearn", "torch")),
        capabilities=_SAVES | {"explains"},
    ),
    StudentSpec(
        name="probe",
        revision=2,
        target="deshi_plugins.students.probe:Probe",
        params="deshi_plugins.students.params:ProbeParams",
        summary="A frozen sentence encoder with a linear layer, trained with any label loss.",
        trains_on="labels",
        decoding=("max-emoji", "threshold"),
        needs=Needs(extras=("neural",), modules=("torch",), check=_ENCODER),
        capabilities=_SAVES,
    ),
    StudentSpec(
        name="fusion",
        target="deshi_plugins.students.fusion:Fusion",
        params="deshi_plugins.students.params:FusionParams",
        summary="The weighted mean of several fitted students, with weights tuned on validation.",
        trains_on=None,
        deterministic=True,
        decoding=("max-emoji",),
        combines="members",
        capabilities=_SAVES | {"explains", "combines"},
    ),
)


def student_specs() -> tuple[StudentSpec, ...]:
    """Return the specs of the built-in students that train in seconds or not at all."""
    return _STUDENTS
