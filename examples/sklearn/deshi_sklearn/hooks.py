"""The hooks of the plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deshi.api import Layer, Needs, StudentSpec, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable


@hookimpl
def deshi_students() -> Iterable[StudentSpec]:
    """Offer `ngram-lr`."""
    return (
        StudentSpec(
            name="ngram-lr",
            target="deshi_sklearn.students:NgramLogisticRegression",
            params="deshi_sklearn.params:NgramParams",
            summary="TF-IDF of character n-grams and logistic regression, both of scikit-learn.",
            trains_on=None,
            deterministic=True,
            needs=Needs(modules=("sklearn",)),
        ),
    )


@hookimpl
def deshi_layers() -> Iterable[Layer]:
    """Offer two entries: scikit-learn's defaults, and tuned on validation."""
    return (
        Layer(
            name="entries",
            toml="""
[student.ngram-lr]
use = "sklearn/ngram-lr"
about = "scikit-learn's logistic regression over character n-grams, C = 1."
params = { c = [1.0] }

[student.ngram-lr-tuned]
use = "sklearn/ngram-lr"
about = "The same, with C and the longest n-gram chosen on validation."
params = { c = [1.0, 3.0, 10.0, 30.0, 100.0], ngram = [3, 5] }
""",
        ),
    )
