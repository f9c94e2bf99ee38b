"""How the spec of a built-in metric is written."""

from __future__ import annotations

from deshi.api import Direction, MetricSpec

Bounds = tuple[float | None, float | None]

SHARE: Bounds = (0.0, 1.0)
FROM_0: Bounds = (0.0, None)
FROM_1: Bounds = (1.0, None)

_HERE = "deshi_plugins.metrics"


def spec_of(
    name: str,
    target: str,
    summary: str,
    signature: str,
    *,
    direction: Direction = "higher",
    bounds: Bounds = SHARE,
    params: str | None = None,
    share: bool = False,
) -> MetricSpec:
    """Return the spec of a metric; `target` and `params` are named within this package.

    A `share` is 0 or 1 for each text.
    """
    return MetricSpec(
        name=name,
        target=f"{_HERE}.{target}",
        capabilities=frozenset({"share-of-texts"} if share else ()),
        params=params and f"{_HERE}.params:{params}",
        summary=summary,
        direction=direction,
        bounds=bounds,
        signature=signature,
    )
