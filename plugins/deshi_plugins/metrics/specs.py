"""The specs of all built-in metrics, in the order in which they are listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deshi_plugins.metrics.specs_matching import matching_specs
from deshi_plugins.metrics.specs_prediction import prediction_specs

if TYPE_CHECKING:
    from deshi.api import MetricSpec


def metric_specs() -> tuple[MetricSpec, ...]:
    """Return the specs of all built-in metrics."""
    return (*matching_specs(), *prediction_specs())
