"""What each method of a component may return: types, lengths, finite numbers, each checked in O(n)."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

from deshi.api import (
    AttemptError,
    Drop,
    Edit,
    FitReport,
    Keep,
    Prediction,
    RateLimit,
    Reply,
    Text,
    Usage,
)
from deshi.emoji import MAX_EMOJI
from deshi.registry.returned import (
    Returned,
    WrongReturn,
    a,
    is_a,
    is_count,
    is_text,
    is_words,
    listed,
    require_json,
)

Check: TypeAlias = Callable[..., None]
"""Called as `check(guard, value, *arguments)`; raises WrongReturn."""

_COLUMNS = ("reason", "detail", "note", "text")
_FINISH = ("stop", "length", "refusal", "empty", "error")
_WIDEST = 1 << 27
"""Counts per text whose sums take a gibibyte."""
_LONGEST_REPLY = 200_000
_ON_DEVICE = 16
"""On a device other than the CPU every so many losses are looked at: a look waits for the device."""


# Students


def _predictions(_: Returned, value: Returned, texts: Sequence[Text]) -> None:
    for at, one in enumerate(listed(value, (Prediction,), len(texts), "text")):
        what, fix = _prediction_fault(one)
        if what:
            raise WrongReturn(f"returned for text {at} {what}", fix)


def _prediction_fault(one: Returned) -> tuple[str, str]:
    if not is_words(one.emojis):
        what = f"emojis that are {a(one.emojis)}"
        return what, 'give a tuple of strings: Prediction(("😭", "🎉")), Prediction(("😭",))'
    if len(one.emojis) > MAX_EMOJI:
        return f"{len(one.emojis)} emoji", f"predict at most {MAX_EMOJI}, best first"
    if not is_count(one.unknown):
        return f"unknown = {a(one.unknown)}", "unknown is an int from 0"
    if one.ranked is None:
        return "", ""
    fix = "ranked is None or a tuple of (emoji, finite score) pairs, best first"
    if not isinstance(one.ranked, (tuple, list)):
        return f"ranked = {a(one.ranked)}", fix
    for pair in one.ranked:
        if not isinstance(pair, (tuple, list)) or len(pair) != 2 or not isinstance(pair[0], str):
            return f"in ranked {a(pair)}", fix
        try:
            finite = math.isfinite(pair[1])
        except TypeError:
            finite = False
        if not finite:
            return f"in ranked the score {pair[1]!r} of {pair[0]}", fix
    scores = [pair[1] for pair in one.ranked]
    if any(after > before for before, after in pairwise(scores)):
        return "a ranking that is not best first", fix
    if len({pair[0] for pair in one.ranked}) < len(scores):
        return "a ranking that names an emoji twice", fix
    return "", ""


def _report(_: Returned, value: Returned, *examples: object) -> None:  # noqa: ARG001
    fix = "return FitReport(), or FitReport(epochs=3, history=({'loss': 0.5},), notes={})"
    if not is_a(value, FitReport):
        raise WrongReturn(f"returned {a(value)}", fix)
    if not is_count(value.epochs):
        raise WrongReturn(f"returned epochs = {a(value.epochs)}", "an int from 0")
    fix = "history is a tuple of mappings, one per epoch"
    if not isinstance(value.history, (tuple, list)):
        raise WrongReturn(f"returned history = {a(value.history)}", fix)
    wrong = next((one for one in value.history if not isinstance(one, Mapping)), None)
    if wrong is not None:
        raise WrongReturn(f"returned in history {a(wrong)}", fix)
    require_json(value.history, "history")
    if not isinstance(value.notes, Mapping):
        raise WrongReturn(f"returned notes = {a(value.notes)}", "a mapping")
    require_json(value.notes, "notes")


def _reasons(_: Returned, value: Returned, texts: Sequence[Text]) -> None:
    for at, one in enumerate(listed(value, (tuple, list), len(texts), "text")):
        fine = all(isinstance(line, str) for line in one)
        if not fine:
            raise WrongReturn(f"returned {a(one)} for text {at}", "reasons are tuples of strings")


# Losses


def _losses(
    guard: Returned,
    value: Returned,
    scores: Returned,
    *_: object,
    **__: object,
) -> None:
    texts = len(scores)
    fix = "return one value per text, shape (batch,): no mean or sum over the batch"
    if not hasattr(value, "requires_grad"):
        raise WrongReturn(f"returned {a(value)}", f"a torch tensor; {fix}")
    shape = tuple(value.shape)
    if shape != (texts,):
        raise WrongReturn(f"returned the shape {shape} for a batch of {texts}", fix)
    if scores.requires_grad and not value.requires_grad and sys.modules["torch"].is_grad_enabled():
        fix = "compute it from scores in torch alone, without detach, item or numpy"
        raise WrongReturn("returned losses without a gradient", fix)
    guard.calls += 1
    if value.device.type != "cpu" and guard.calls % _ON_DEVICE:
        return
    values = value.detach()
    if math.isfinite(float(values.sum())):
        return
    sound = scores.detach().reshape(texts, -1).isfinite().all(1)
    wrong = (sound & ~values.isfinite()).nonzero().flatten().tolist()
    if wrong:
        what = f"returned {float(values[wrong[0]])} for text {wrong[0]} of the batch"
        fix = "keep logarithms and divisions away from 0: clamp, or torch's log_softmax, logsigmoid"
        raise WrongReturn(f"{what}, whose scores are finite", fix)


# Metrics


def _counts(
    guard: Returned,
    value: Returned,
    predicted: Sequence[object],
    _: Returned,
    alphabet: Sequence[object],
) -> None:
    import numpy as np
    from scipy.sparse import issparse, spmatrix

    fix = "return counts per text, a 2-D array of shape (texts, k): for one count a text (texts, 1)"
    if isinstance(value, (np.matrix, spmatrix)):
        raise WrongReturn(f"returned {a(value)}", "use numpy.asarray or scipy.sparse.csr_array")
    if not (isinstance(value, np.ndarray) or issparse(value)):
        raise WrongReturn(f"returned {a(value)}", fix)
    shape, rows = tuple(value.shape), len(predicted)
    fine = len(shape) == 2 and shape[0] == rows
    if not fine:
        raise WrongReturn(f"returned the shape {shape} for {rows} texts", fix)
    if shape[1] > _WIDEST:
        raise WrongReturn(f"returned k = {shape[1]:,} counts per text", "return fewer counts")
    if value.dtype.kind not in "biuf":
        raise WrongReturn(f"returned counts of type {value.dtype}", "counts are numbers")
    known = guard.widths.setdefault(len(alphabet), shape[1])
    if known != shape[1]:
        what = f"returned k = {shape[1]} counts per text, and k = {known} for other predictions"
        raise WrongReturn(what, "let k depend on the parameters and the alphabet alone")
    numbers = value.data if issparse(value) else value
    if not np.isfinite(numbers).all():
        what = "returned a count that is NaN or infinite"
        raise WrongReturn(what, "write 0, and let `value` return NaN where it is undefined")


def _value(guard: Returned, value: Returned, sums: Returned, n: Returned) -> None:
    import numpy as np

    found, shape = np.asarray(value), np.shape(n)
    given = f"for sums of shape {np.shape(sums)} and n of shape {shape}"
    fix = "sum over the last axis alone (axis=-1): (..., k) and (...) give (...)"
    if found.shape != shape:
        raise WrongReturn(f"returned the shape {found.shape} {given}", fix)
    if found.dtype.kind not in "biuf":
        raise WrongReturn(f"returned values of type {found.dtype}", "values are numbers")
    if np.isinf(found).any():
        raise WrongReturn("returned an infinite value", "return NaN where it is undefined")
    known = found[~np.isnan(found)]
    low, high = guard.bounds
    if not known.size:
        return
    slack = 1e-9 * max(1.0, abs(low or 0), abs(high or 0))
    for end, worst, over in ((low, known.min(), "below"), (high, known.max(), "above")):
        if end is not None and (end - worst if over == "below" else worst - end) > slack:
            what = f"returned {worst:.6g}, which is {over} the bound {end:g} of its spec"
            raise WrongReturn(what, "correct the value, or `bounds` in the spec (None is no bound)")


# Corpora


def _text(_: Returned, one: Returned) -> None:
    fix = "yield Text(id, document, text)"
    if not is_a(one, Text):
        raise WrongReturn(f"gave {a(one)}", fix)
    for name in ("id", "document", "text"):
        value = getattr(one, name)
        where = f"of text '{one.id}'" if isinstance(one.id, str) else "of a text"
        fix = f"{name} is a string: str({name})"
        if not isinstance(value, str):
            raise WrongReturn(f"gave as {name} {where} {a(value)}", fix)
    if not one.id:
        raise WrongReturn("gave a text whose id is empty", "give each text an id of its own")
    if not one.document:
        raise WrongReturn(f"gave text '{one.id}' an empty document", "name what it was cut from")
    if one.references and not (
        isinstance(one.references, (tuple, list)) and all(map(is_words, one.references))
    ):
        what = f"gave as references of text '{one.id}' {a(one.references)}"
        raise WrongReturn(what, 'references are tuples of tuples of strings: (("😭", "🎉"),)')
    if one.meta and not (
        isinstance(one.meta, Mapping)
        and all(isinstance(w, str) for pair in one.meta.items() for w in pair)
    ):
        what = f"gave as meta of text '{one.id}' {a(one.meta)}"
        raise WrongReturn(what, "meta is a mapping of strings to strings")


def _batch(_: Returned, batch: Returned) -> None:
    import pyarrow as pa

    names = ("id", "document", "text")
    fix = f"yield pyarrow.RecordBatch; {', '.join(names)} are strings without null"
    if not isinstance(batch, pa.RecordBatch):
        raise WrongReturn(f"gave {a(batch)}", fix)
    for name in names:
        column = batch.column(name) if name in batch.schema.names else None
        if column is None:
            problem = f"has no column '{name}'"
        elif column.type != pa.string():
            problem = f"has {column.type} in the column '{name}'"
        elif column.null_count:
            problem = f"has null in the column '{name}'"
        else:
            continue
        raise WrongReturn(f"gave a batch that {problem}", fix)


def _figures(_: Returned, value: Returned) -> None:
    if not isinstance(value, Mapping):
        raise WrongReturn(f"returned {a(value)}", "return a mapping of JSON")
    require_json(value, "report")


# Filters


def _verdicts(_: Returned, value: Returned, items: Sequence[object]) -> None:
    for at, one in enumerate(listed(value, (Keep, Drop, Edit), len(items), "item")):
        if isinstance(one, Keep):
            continue
        words = (one.reason, one.detail) if isinstance(one, Drop) else (one.note, one.text or "")
        labels = one.samples if isinstance(one, Edit) and one.samples is not None else ()
        fine = all(map(is_text, words)) and words[0]
        fine = fine and type(labels) is tuple and all(map(is_words, labels))
        fix = "Drop(reason, detail) and Edit(note, text) hold strings; samples are tuples of tuples"
        if not fine:
            raise WrongReturn(f"returned {repr(one)[:160]} for item {at}", fix)


def _verdict_columns(_: Returned, value: Returned, batch: Returned) -> None:
    import pyarrow as pa

    columns = ", ".join(f"{name}: string" for name in _COLUMNS)
    fix = f"return one row per text, in order, with the columns {columns}"
    if not isinstance(value, pa.RecordBatch):
        raise WrongReturn(f"returned {a(value)}", fix)
    given = ", ".join(f"{field.name}: {field.type}" for field in value.schema)
    if given != columns:
        raise WrongReturn(f"returned the columns {given}", fix)
    rows, texts = value.num_rows, batch.num_rows
    if rows != texts:
        raise WrongReturn(f"returned {rows} verdicts for {texts} items", fix)


def _learned(_: Returned, value: Returned, train: object) -> None:  # noqa: ARG001
    require_json(value, "the state")


# Teachers


def _reply(_: Returned, value: Returned, *asked: object) -> None:  # noqa: ARG001
    fix = 'return Reply("😭 🎉"), or raise AttemptError where no answer came'
    if not is_a(value, Reply):
        raise WrongReturn(f"returned {a(value)}", fix)
    if not is_text(value.content):
        raise WrongReturn(f"returned content = {a(value.content)}", "a string without surrogates")
    if len(value.content) > _LONGEST_REPLY:
        what = f"returned a content of {len(value.content):,} characters"
        raise WrongReturn(what, f"an answer has at most {_LONGEST_REPLY:,}")
    known = ", ".join(_FINISH)
    if value.finish not in _FINISH:
        raise WrongReturn(f"returned finish = {value.finish!r}", f"one of {known}")
    if not is_text(value.model):
        raise WrongReturn(f"returned model = {a(value.model)}", "a string")
    fix = "cost is None or whole nano-USD from 0: round(usd * 1e9)"
    if not (value.cost is None or is_count(value.cost)):
        raise WrongReturn(f"returned cost = {a(value.cost)}", fix)
    fix = "usage is None or Usage(input_tokens, output_tokens), ints from 0"
    if not (value.usage is None or _is_usage(value.usage)):
        raise WrongReturn(f"returned {a(value.usage)}", fix)
    if not isinstance(value.meta, Mapping):
        raise WrongReturn(f"returned meta = {a(value.meta)}", "a mapping")
    require_json(value.meta, "meta")
    limits = isinstance(value.limits, (tuple, list)) and all(
        isinstance(one, RateLimit) for one in value.limits
    )
    if not limits:
        raise WrongReturn(f"returned limits = {a(value.limits)}", "a tuple of RateLimit")


def _is_usage(usage: Returned) -> bool:
    return isinstance(usage, Usage) and all(
        is_count(number)
        for number in (
            usage.input_tokens,
            usage.output_tokens,
            usage.cache_write_tokens,
            usage.cache_read_tokens,
        )
    )


def _replies(_: Returned, value: Returned, requests: Sequence[object]) -> None:
    for one in listed(value, (Reply,), len(requests), "request"):
        _reply(None, one)


def _collected(_: Returned, value: Returned, batch: Returned) -> None:  # noqa: ARG001
    fix = "return None while it is not finished, then a mapping of keys to Reply or AttemptError"
    if value is None:
        return
    if not isinstance(value, Mapping):
        raise WrongReturn(f"returned {a(value)}", fix)
    for one in value.values():
        if not isinstance(one, AttemptError):
            _reply(None, one)


def _amount(_: Returned, value: Returned, of: object) -> None:  # noqa: ARG001
    if not is_count(value):
        raise WrongReturn(f"returned {a(value)}", "whole nano-USD from 0: round(usd * 1e9)")


def _batch_id(_: Returned, value: Returned, *given: object) -> None:  # noqa: ARG001
    if not (isinstance(value, str) and value):
        raise WrongReturn(f"returned {a(value)}", "return the batch's id")


def _found_id(_: Returned, value: Returned, *given: object) -> None:  # noqa: ARG001
    fine = value is None or isinstance(value, str)
    if not fine:
        raise WrongReturn(f"returned {a(value)}", "return a batch's id, or None")


CHECKS: Final[Mapping[str, Mapping[str, Check]]] = {
    "corpus": {"report": _figures},
    "filter": {"decide": _verdicts, "decide_batch": _verdict_columns, "learn": _learned},
    "teacher": {
        "answer": _reply,
        "answer_many": _replies,
        "merge": _reply,
        "worst_case": _amount,
        "price": _amount,
        "worst_case_in_batch": _amount,
        "price_in_batch": _amount,
        "submit": _batch_id,
        "find": _found_id,
        "collect": _collected,
    },
    "student": {"fit": _report, "predict": _predictions, "explain": _reasons},
    "loss": {"__call__": _losses},
    "metric": {"statistics": _counts, "value": _value},
}
"""By kind and method: a check of what came back, called as `check(guard, value, *arguments)`."""

STREAMS: Final[Mapping[str, Check]] = {"texts": _text, "batches": _batch}
"""The methods of a corpus that yield, with the check of each item."""

AWAITED: Final = ("answer", "submit", "find", "collect")
"""The methods of a teacher that are awaited."""
