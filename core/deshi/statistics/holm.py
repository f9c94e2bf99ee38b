"""Many comparisons, one table: Holm's correction, and which comparisons make a family.

A family is one metric, one question (fixed or retrained models) and one group of rows: all pairs for tie
groups, all comparisons with one row for the p beside a difference.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

ALPHA = 0.05
"""The p, after the correction, up to which a difference counts as significant."""


def holm(ps: Sequence[float | None]) -> list[float | None]:
    """Return Holm's adjusted p values, in the order given (Holm 1979).

    With p_(1) <= ... <= p_(m), adjusted p_(i) = max over j <= i of min(1, (m - j + 1) p_(j)). None
    and NaN are comparisons without a verdict: they stay None, and m does not count them.
    """
    known = [at for at, p in enumerate(ps) if p is not None and not np.isnan(p)]
    adjusted: list[float | None] = [None] * len(ps)
    least = 0.0
    for rank, at in enumerate(sorted(known, key=lambda at: ps[at] or 0.0)):
        least = max(least, min(1.0, (len(known) - rank) * (ps[at] or 0.0)))
        adjusted[at] = least
    return adjusted
