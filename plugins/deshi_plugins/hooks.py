"""All that the built-in plugin offers, in one readable list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deshi.api import hookimpl
from deshi_plugins.corpora.specs import corpus_specs
from deshi_plugins.filters.specs import filter_specs
from deshi_plugins.losses.specs import loss_specs
from deshi_plugins.metrics.specs import metric_specs
from deshi_plugins.students.specs import student_specs
from deshi_plugins.teachers.specs import teacher_specs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deshi.api import (
        CorpusSpec,
        FilterSpec,
        LossSpec,
        MetricSpec,
        StudentSpec,
        TeacherSpec,
    )


@hookimpl
def deshi_corpora() -> Iterable[CorpusSpec]:
    """Offer `sample`, `wikipedia`, `texts` and `mix`."""
    return corpus_specs()


@hookimpl
def deshi_teachers() -> Iterable[TeacherSpec]:
    """Offer the offline teachers `lexicon` and `casual`, and `given`: the corpus' own labels."""
    return teacher_specs()


@hookimpl
def deshi_filters() -> Iterable[FilterSpec]:
    """Offer the filters of the seed research and those that emoji need."""
    return filter_specs()


@hookimpl
def deshi_students() -> Iterable[StudentSpec]:
    """Offer `constant`, `knn` and `linear`."""
    return student_specs()


@hookimpl
def deshi_losses() -> Iterable[LossSpec]:
    """Offer `ce`, `bce`, `focal` and `zlpr`."""
    return loss_specs()


@hookimpl
def deshi_metrics() -> Iterable[MetricSpec]:
    """Offer overlap, ranking, length, semantic and diversity metrics."""
    return metric_specs()
