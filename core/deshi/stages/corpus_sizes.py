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
    from deshi.results import DataFigures

_FIXED: tuple[Part, ...] = ("test", "valid")
_SHOWN = 3
_CHANCE = 0.05
_CAP = "split: max-per-document"


@dataclass(frozen=True, kw_only=True)
class RequestedSizes:
    """What a benchmark asks of one corpus."""

    file: str
    corpus: str
    key: str
    """Where the training sizes are set, as `--set` names it."""
    train: tuple[int, ...]
    valid: int
    test: int
    pull: int
    test_share: float
    valid_share: float
    max_per_document: int
    split_by: str

    @classmethod
    def of(cls, params: SplitParams) -> RequestedSizes:
        """Return what the parameters of a split ask for."""
        return cls(
            file=params.file,
            corpus=params.corpus.label,
            key=params.train.key,
            train=params.train.sizes,
            valid=params.valid,
            test=params.test,
            pull=params.pull,
            test_share=params.test_share,
            valid_share=params.valid_share,
            max_per_document=params.max_per_document,
            split_by=params.split_by,
        )

    @property
    def sizes(self) -> Mapping[Part, int]:
        """The texts of each part; for training the largest number."""
        return {"test": self.test, "valid": self.valid, "train": max(self.train)}

    @property
    def shares(self) -> Mapping[Part, float]:
        """The share of documents that falls into each part."""
        rest = 1 - self.test_share - self.valid_share
        return {"test": self.test_share, "valid": self.valid_share, "train": rest}


@dataclass(frozen=True)
class Supply:
    """What a corpus that was read to its end has: texts for each part, as far as they were wanted."""

    read: int
    documents: int
    parts: Mapping[Part, int]
    dropped: Mapping[str, int]
    """By `filter: reason`, in all parts."""

    @property
    def yields(self) -> float:
        """The share of texts that come through the chain and the limits."""
        kept = sum(self.parts.values())
        return kept / (kept + sum(self.dropped.values())) if kept else 0.0


class SizesError(UsageError):
    """A corpus has fewer texts for a part than a benchmark asks for, but some for each."""

    def __init__(self, wanted: RequestedSizes, supply: Supply) -> None:
        self.wanted = wanted
        self.supply = supply
        super().__init__(
            _short(wanted, supply),
            where=f"{wanted.file}: [benchmark]",
            fix=_ways(wanted, supply, [supply]),
        )

    def __reduce__(self) -> tuple[object, ...]:
        return (SizesError, (self.wanted, self.supply))


def check_sizes(wanted: RequestedSizes, supply: Supply) -> None:
    """Check that each part has its texts; training may be short, but not empty.

    Raises:
        UsageError: nothing is there for a part; with how many texts it takes.
        SizesError: a part is short; with sizes that fit.
    """
    corpus = f"corpus '{wanted.corpus}'"
    if not supply.read:
        raise UsageError("gave no text", where=corpus, fix="check its parameters, path first")
    if empty := [part for part in PARTS if supply.parts[part] < min(1, wanted.sizes[part])]:
        raise UsageError(
            f"no text of {corpus} is left for {' and '.join(empty)} ({_read(supply)})",
            where=f"{wanted.file}: [benchmark]",
            fix=_needs(wanted, supply),
        )
    if any(supply.parts[part] < wanted.sizes[part] for part in _FIXED):
        raise SizesError(wanted, supply)


def merge_errors(errors: Sequence[SizesError]) -> UsageError:
    """Return one error for several corpora or chains, with sizes that fit all of them."""
    first, *others = errors
    if not others:
        return first
    whats = dict.fromkeys(error.what for error in errors)
    ways = _ways(first.wanted, first.supply, [error.supply for error in errors])
    return UsageError("; ".join(whats), where=first.where, fix=ways)


def fewer_pairs(
    data: Sequence[DataFigures], key: str, sizes: Sequence[int], *, pull: int, is_set: bool
) -> str:
    """Return settings with which no training set is short of its size; empty where none is.

    Args:
        data: What came out of the splits and the labelling stages.
        key: Where the sizes are set, `benchmark.train` or `matrix.train`.
        sizes: The training sizes that are wanted.
        pull: How many training texts are put to a teacher at most.
        is_set: Whether the benchmark says so itself: else it is twice the largest size.
    """
    short = [one for one in data if is_short(one)]
    most = min((one.kept["train"] for one in short), default=0)
    if not most:
        return ""
    asked = max(one.notes["pulled"] for one in short)
    limit = [] if is_set or 2 * most >= asked else [f"--set benchmark.pull-limit={pull}"]
    return " ".join([_size(key, sizes, most), *limit])


def is_short(figures: DataFigures) -> bool:
    """Say whether fewer training pairs survived labelling than were wanted."""
    return figures.stage == "label" and figures.kept["train"] < figures.notes["wanted"]


def _fitting(wanted: RequestedSizes, supplies: Sequence[Supply]) -> Iterator[str]:
    """Yield the settings with which all supplies are enough, for what has to change alone."""
    least = {part: min(supply.parts[part] for supply in supplies) for part in PARTS}
    if least["train"] < min(wanted.sizes["train"], wanted.pull):
        yield _size(wanted.key, wanted.train, least["train"])
    for part in reversed(_FIXED):
        if least[part] < wanted.sizes[part]:
            yield f"--set benchmark.{part}={least[part]}"


def _size(key: str, sizes: Sequence[int], most: int) -> str:
    fitting = sorted({min(size, most) for size in sizes})
    if len(fitting) == 1:
        return f"--set {key}={fitting[0]}"
    return f'--set "{key}=[{", ".join(map(str, fitting))}]"'


def _short(wanted: RequestedSizes, supply: Supply) -> str:
    """Say which parts are short, and of how much."""
    short = [part for part in _FIXED if supply.parts[part] < wanted.sizes[part]]
    first, *others = short
    more = (f", and {p} = {wanted.sizes[p]} more than {supply.parts[p]}" for p in others)
    shares = ", ".join(f"{wanted.shares[part]:.0%} for {part}" for part in short)
    return (
        f"{first} = {wanted.sizes[first]} is more than the {supply.parts[first]} texts that corpus "
        f"'{wanted.corpus}' has for it{''.join(more)} ({_read(supply)}; of {wanted.split_by}s {shares})"
    )


def _ways(wanted: RequestedSizes, supply: Supply, supplies: Sequence[Supply]) -> str:
    """Say what to do: settings that fit, or else what limits the short parts."""
    cut = supply.dropped.get(_CAP, 0)
    ways = [f"add `{' '.join(_fitting(wanted, supplies))}`"]
    if cut:
        ways.append(f"raise max-per-document = {wanted.max_per_document}")
    if supply.parts["train"] > wanted.sizes["train"]:
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


def _needs(wanted: RequestedSizes, supply: Supply) -> str:
    """Say what it takes where a part has nothing, so that no sizes fit."""
    if not any(supply.parts.values()):
        return "loosen the chain, which drops them all, or use another corpus"
    least = math.ceil(math.log(_CHANCE) / math.log(1 - min(wanted.shares.values())))
    by_text = wanted.split_by == "text" or supply.documents * 2 > supply.read
    hint = "" if by_text else '; split-by = "text" splits documents, and then the test set leaks'
    return (
        f"use a larger corpus: these sizes need about {_needed(wanted, supply):,} such texts, and any "
        f"sizes some {least} {wanted.split_by}s, for each falls into one part as a whole{hint}"
    )


def _needed(wanted: RequestedSizes, supply: Supply) -> int:
    """Return about how many texts like those that were read the sizes take."""
    return max(
        math.ceil(wanted.sizes[part] / wanted.shares[part] / supply.yields) for part in PARTS
    )
