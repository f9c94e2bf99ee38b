"""Whether a corpus has the texts that a benchmark asks for, and which sizes it does have.

What is proposed is one line of settings to put behind the command: with it the same corpus is enough.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deshi.api import Part, UsageError
from deshi.stages.parquet_tables import PARTS

if TYPE_CHECKING:
    from deshi.benchmark.stage_params import SplitParams

_FIXED: tuple[Part, ...] = ("test", "valid")
_SHOWN = 3
_CHANCE = 0.05
_CAP = "split: max-per-document"


@dataclass(frozen=True)
class Supply:
    """What a corpus that was read to its end has: texts for each part, as far as they were wanted."""

    read: int
    documents: int
    parts: Mapping[Part, int]
    dropped: Mapping[str, int]
    """By `filter: reason`, in all parts."""


class SizesError(UsageError):
    """A corpus has fewer texts for a part than a benchmark asks for, but some for each."""

    def __init__(self, wanted: SplitParams, supply: Supply) -> None:
        self.wanted, self.supply = wanted, supply
        where, ways = f"{wanted.file}: [benchmark]", _ways(wanted, supply, [supply])
        super().__init__(_short(wanted, supply), where=where, fix=ways)

    def __reduce__(self) -> tuple[object, ...]:
        return (SizesError, (self.wanted, self.supply))


def check_sizes(wanted: SplitParams, supply: Supply) -> None:
    """Check that each part has its texts; training may be short, but not empty.

    Raises:
        UsageError: nothing is there for a part; with how many texts it takes.
        SizesError: a part is short; with sizes that fit.
    """
    corpus, sizes = f"corpus '{wanted.corpus.label}'", _sizes(wanted)
    if not supply.read:
        raise UsageError("gave no text", where=corpus, fix="check its parameters, path first")
    if empty := [part for part in PARTS if supply.parts[part] < min(1, sizes[part])]:
        raise UsageError(
            f"no text of {corpus} is left for {' and '.join(empty)} ({_read(supply)})",
            where=f"{wanted.file}: [benchmark]",
            fix=_needs(wanted, supply),
        )
    if any(supply.parts[part] < sizes[part] for part in _FIXED):
        raise SizesError(wanted, supply)


def merge_errors(errors: Sequence[SizesError]) -> UsageError:
    """Return one error for several corpora or chains, with sizes that fit all of them."""
    first, *others = errors
    if not others:
        return first
    whats = dict.fromkeys(error.what for error in errors)
    ways = _ways(first.wanted, first.supply, [error.supply for error in errors])
    return UsageError("; ".join(whats), where=first.where, fix=ways)


def size_setting(key: str, sizes: Sequence[int], most: int) -> str:
    """Return the setting of training sizes that are no more than `most`."""
    fitting = sorted({min(size, most) for size in sizes})
    if len(fitting) == 1:
        return f"--set {key}={fitting[0]}"
    return f'--set "{key}=[{", ".join(map(str, fitting))}]"'


def _sizes(wanted: SplitParams) -> Mapping[Part, int]:
    """Return the texts of each part; for training the largest number."""
    return {"test": wanted.test, "valid": wanted.valid, "train": max(wanted.train.sizes)}


def _shares(wanted: SplitParams) -> Mapping[Part, float]:
    """Return the share of documents that falls into each part."""
    test, valid = wanted.test_share, wanted.valid_share
    return {"test": test, "valid": valid, "train": 1 - test - valid}


def _fitting(wanted: SplitParams, supplies: Sequence[Supply]) -> Iterator[str]:
    """Yield the settings with which all supplies are enough, for what has to change alone."""
    sizes = _sizes(wanted)
    least = {part: min(supply.parts[part] for supply in supplies) for part in PARTS}
    if least["train"] < min(sizes["train"], wanted.pull):
        yield size_setting(wanted.train.key, wanted.train.sizes, least["train"])
    for part in reversed(_FIXED):
        if least[part] < sizes[part]:
            yield f"--set benchmark.{part}={least[part]}"


def _short(wanted: SplitParams, supply: Supply) -> str:
    """Say which parts are short, and of how much."""
    sizes = _sizes(wanted)
    short = [part for part in _FIXED if supply.parts[part] < sizes[part]]
    first, *others = short
    more = (f", and {p} = {sizes[p]} more than {supply.parts[p]}" for p in others)
    shares = ", ".join(f"{_shares(wanted)[part]:.0%} for {part}" for part in short)
    return (
        f"{first} = {sizes[first]} is more than the {supply.parts[first]} texts that corpus "
        f"'{wanted.corpus.label}' has for it{''.join(more)} "
        f"({_read(supply)}; of {wanted.split_by}s {shares})"
    )


def _ways(wanted: SplitParams, supply: Supply, supplies: Sequence[Supply]) -> str:
    """Say what to do: settings that fit, or else what limits the short parts."""
    cut = supply.dropped.get(_CAP, 0)
    ways = [f"add `{' '.join(_fitting(wanted, supplies))}`"]
    if cut:
        ways.append(f"raise max-per-document = {wanted.max_per_document}")
    if supply.parts["train"] > _sizes(wanted)["train"]:
        ways.append("raise test-share or valid-share: training has more than it needs")
    if sum(supply.dropped.values()) > cut:
        ways.append("loosen the chain")
    ways.append(
        f"use a larger corpus: these sizes need about {_needed(wanted, supply):,} such texts"
    )
    return "; or ".join(ways)


def _read(supply: Supply) -> str:
    by_number = sorted(supply.dropped.items(), key=lambda item: (-item[1], item[0]))
    reasons = ", ".join(f"{name} {count}" for name, count in by_number[:_SHOWN])
    lost = f", {sum(supply.dropped.values())} dropped: {reasons}" if reasons else ""
    plural = "" if supply.documents == 1 else "s"
    return f"{supply.read} read in {supply.documents} document{plural}{lost}"


def _needs(wanted: SplitParams, supply: Supply) -> str:
    """Say what it takes where a part has nothing, so that no sizes fit."""
    if not any(supply.parts.values()):
        return "loosen the chain, which drops them all, or use another corpus"
    least = math.ceil(math.log(_CHANCE) / math.log(1 - min(_shares(wanted).values())))
    by_text = wanted.split_by == "text" or supply.documents * 2 > supply.read
    hint = "" if by_text else '; split-by = "text" splits documents, and then the test set leaks'
    return (
        f"use a larger corpus: these sizes need about {_needed(wanted, supply):,} such texts, and any "
        f"sizes some {least} {wanted.split_by}s, for each falls into one part as a whole{hint}"
    )


def _needed(wanted: SplitParams, supply: Supply) -> int:
    """Return about how many texts like those that were read the sizes take."""
    kept, sizes, shares = sum(supply.parts.values()), _sizes(wanted), _shares(wanted)
    yields = kept / (kept + sum(supply.dropped.values()))
    return max(math.ceil(sizes[part] / shares[part] / yields) for part in PARTS)
