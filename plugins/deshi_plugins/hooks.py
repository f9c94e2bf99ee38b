"""All that the built-in plugin offers, in one readable list."""

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
    """Offer the offline teachers, the corpus' own labels, and language models behind an API."""
    return teacher_specs()


@hookimpl
def deshi_filters() -> Iterable[FilterSpec]:
    """Offer the filters of the seed research and those that emoji need."""
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
    """Offer metrics of overlap, ranks, places, scores, lengths, variety, repetition and rates."""
    return metric_specs()


@hookimpl
def deshi_run_finished(results: Mapping[str, Json]) -> None:
    """Send the results to the trackers that DESHI_TRACKERS names, if it names any."""
    send_to_trackers(results)
