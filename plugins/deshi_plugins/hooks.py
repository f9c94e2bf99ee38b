"""The hooks of the built-in plugin: all that it offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deshi.api import hookimpl
from deshi_plugins.corpora.specs import corpus_specs
from deshi_plugins.filters.specs import filter_specs
from deshi_plugins.losses.specs import loss_specs
from deshi_plugins.metrics.specs import metric_specs
from deshi_plugins.students.neural.specs import neural_specs
from deshi_plugins.students.specs import student_specs
from deshi_plugins.teachers.specs import teacher_specs
from deshi_plugins.trackers.dispatch import send_to_trackers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from deshi.api import (
        CorpusSpec,
        FilterSpec,
        Json,
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
    """Offer the offline teachers, the corpus's own labels, and language models behind an API."""
    return teacher_specs()


@hookimpl
def deshi_filters() -> Iterable[FilterSpec]:
    """Offer the filters of the seed research and filters for emoji labels."""
    return filter_specs()


@hookimpl
def deshi_students() -> Iterable[StudentSpec]:
    """Offer `constant`, `knn`, `linear`, `probe`, `fusion`, and the transformers `t5` and `bert`."""
    return (*student_specs(), *neural_specs())


@hookimpl
def deshi_losses() -> Iterable[LossSpec]:
    """Offer losses for tokens and for labels, plain, balanced and soft."""
    return loss_specs()


@hookimpl
def deshi_metrics() -> Iterable[MetricSpec]:
    """Offer metrics of overlap, ranks, positions, scores, lengths, diversity, repetition and rates."""
    return metric_specs()


@hookimpl
def deshi_run_finished(results: Mapping[str, Json]) -> None:
    """Send the results to the trackers of DESHI_TRACKERS, if any."""
    send_to_trackers(results)
