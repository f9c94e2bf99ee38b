"""The notes of a comparison table: warnings, reasons, dropped texts, published figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deshi.results import DataFigures, Results, Row
    from deshi_tools.results_view.results_view import ResultsView

_NEAR_TEST = "near-test"
_TASKS = {"rewrite": "rewrites", "label": "labels"}


def notes(view: ResultsView) -> Iterator[str]:
    """Yield warnings, reasons, what was dropped, and the signatures."""
    results = view.results
    yield from published_lines(results)
    for line in results.warnings:
        yield f"warning: {line}."
    if changes := results.provenance.get("changes"):
        yield "; ".join(changes) + "."
    for row in results.rows:
        if row.reason:
            yield f"{'' if row.status == 'ok' else f'{row.status}: '}{row.id}: {row.reason}."
    yield from _terms(results)
    if not any(row.input_dependence for row in results.rows):
        yield "no input-dependence test: it takes a metric whose best value is 1, such as jaccard."
    yield from _undefined(results)
    yield from _restricted(view)
    yield from near_test_line(results)
    for figures in results.data:
        yield dropped_line(figures) + "."
        yield from compliance_lines(figures)
    signatures = "; ".join(f"{metric.name}|{metric.signature}" for metric in results.metrics)
    yield f"signatures: {signatures}; each with {_common_signature(results)}"


def _terms(results: Results) -> Iterator[str]:
    """Tell which entries were permitted by a note, and which rows a server on this machine labelled."""
    for name, entry in results.provenance.get("entries", {}).items():
        terms = entry.get("terms")
        if "permit" in entry and terms:
            said = f"train-models = {terms['train_models']}, redistribute = {terms['redistribute']}"
            yield f"permitted: {name.replace('.', ' ', 1)} ({said}): {entry['permit']}."
    local = [row.id for row in results.rows if row.loopback]
    if local:
        yield (
            f"loopback: the labels of {', '.join(local)} come from a server on this machine, not "
            "from a provider; no terms were applied."
        )


def _undefined(results: Results) -> Iterator[str]:
    """Say why rows have no value or no interval on the primary metric."""
    reasons: dict[str, list[str]] = {}
    for row in results.rows:
        found = row.metrics.get(results.primary.name)
        if found is not None and found.low is None:
            what = "no value" if found.value is None else "no interval"
            reasons.setdefault(f"{what}: {found.reason}", []).append(row.id)
    for reason, names in reasons.items():
        yield f"{reason} ({', '.join(names)})."


def _restricted(view: ResultsView) -> Iterator[str]:
    """Tell what rows score inside their own alphabets, where these differ: a figure never ranked."""
    for group in view.groups:
        rows = [row for row in group.rows if row.n_reachable is not None and not row.baseline]
        if len({row.n_reachable for row in rows}) < 2:
            continue
        told = [
            f"{view.name(row)} {value.restricted:.3f} on {row.n_reachable} of {row.n_test}"
            for row in rows
            if (value := row.metrics[view.primary.name]).restricted is not None
        ]
        inside = ", ".join(told)
        yield f"restricted to texts whose gold a row could have learned, never ranked: {inside}."


def _common_signature(results: Results) -> str:
    """Return what all numbers of a run have in common, in the manner of sacreBLEU."""
    emoji = results.provenance["emoji"]
    return (
        f"emoji:{emoji['version']}-{emoji['inventory'][:8]}|seeds:{results.benchmark['seeds']}"
        f"|boot:{results.benchmark['resamples']}|deshi:{results.provenance['deshi']}"
    )


def dropped_line(figures: DataFigures) -> str:
    """Return one line that tells what a stage kept and dropped."""
    total = sum(figures.dropped.values())
    top = sorted(figures.dropped.items(), key=lambda item: -item[1])
    reasons = ", ".join(f"{reason} {count}" for reason, count in top)
    parts = ", ".join(f"{figures.kept[part]} {part}" for part in ("train", "valid", "test"))
    return f"{figures.title}: {parts}; dropped {total}" + (f" ({reasons})" if reasons else "")


def near_test_line(results: Results) -> Iterator[str]:
    """Yield how many texts were dropped because they nearly equal a test text."""
    found = {
        figures.title: sum(
            count for reason, count in figures.dropped.items() if reason.endswith(f": {_NEAR_TEST}")
        )
        for figures in results.data
    }
    if any(found.values()):
        where = ", ".join(f"{title} {count}" for title, count in found.items() if count)
        yield (
            f"near-test: {sum(found.values())} training or validation texts were near-duplicates "
            f"of a test text and were dropped ({where})."
        )


def compliance_lines(figures: DataFigures) -> Iterator[str]:
    """Yield a line for each task whose rules some answer broke, the most frequent first."""
    found: Mapping[str, Mapping[str, int]] = figures.notes.get("compliance") or {}
    for task, counts in found.items():
        broken = {k: n for k, n in counts.items() if k not in ("answers", "compliant")}
        if not broken:
            continue
        ranked = sorted(broken.items(), key=lambda item: (-item[1], item[0]))
        told = ", ".join(f"{rule} {count}" for rule, count in ranked)
        kept = counts.get("compliant", 0)
        yield (
            f"{figures.title}: {kept} of {counts['answers']} {_TASKS.get(task, task)} followed "
            f"every rule of the prompt ({told})."
        )


def published_lines(results: Results) -> Iterator[str]:
    """Yield one sentence a published figure, then what keeps it from being the same experiment."""
    known: Mapping[str, Any] | None = results.benchmark.get("published")
    if known is None:
        return
    for figure in known["values"]:
        rows = [row for row in results.rows if _is(row, figure["row"])]
        told = "; ".join(_here(row, figure["metric"]) for row in rows) or "no such row here"
        yield (
            f"published: {figure['row']} {figure['metric']} {figure['value']:.4g} on {figure['n']} "
            f"texts ({known['source']}). Here: {told}."
        )
    scale = results.benchmark.get("scale")
    differs = [*known["differs"]]
    if scale:
        differs.insert(0, f"scale '{scale}': other sizes, and local substitutes for what was used")
    if differs:
        yield f"differences from the published experiment: {'; '.join(differs)}."


def _is(row: Row, name: str) -> bool:
    return row.status == "ok" and not row.baseline and name in row.id


def _here(row: Row, metric: str) -> str:
    found = row.metrics.get(metric)
    if found is None or found.value is None:
        return f"{row.id} has none"
    around = "" if found.low is None else f" [{found.low:.3f}, {found.high:.3f}]"
    return f"{row.id} {found.value:.3f}{around} on {row.n_test} texts"
