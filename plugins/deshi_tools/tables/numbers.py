"""Numbers as text: p values, intervals, amounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deshi.results import Value


def p_text(p: float | None, undefined: str = "–") -> str:
    """Return a p value as text, never 0, or `undefined` where there is no test."""
    if p is None:
        return undefined
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def interval_text(value: Value | None, decimals: int = 3) -> str:
    """Return an interval as text, a dash where it is undefined, nothing without a value."""
    if value is None or value.value is None:
        return ""
    if value.low is None or value.high is None:
        return "–"
    return f"[{value.low:.{decimals}f}, {value.high:.{decimals}f}]"


def marked_interval(value: Value | None, decimals: int = 3) -> str:
    """Return an interval as text, with a dagger where it is about these very models."""
    fixed = value is not None and value.question == "fixed-models" and value.low is not None
    return interval_text(value, decimals) + ("†" if fixed else "")


def usd(amount: float) -> str:
    """Return an amount in USD as text: cents, or as many digits as a small one needs."""
    if amount == 0 or amount >= 1:
        return f"{amount:.2f}"
    return f"{amount:.3g}" if amount >= 0.0001 else f"{amount:.1e}"
