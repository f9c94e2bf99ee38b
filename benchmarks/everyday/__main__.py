"""Is the quickstart's first emoji right for everyday sentences? `python -m benchmarks.everyday`.

`sentences.jsonl` holds 300 sentences that were written before the corpus `everyday` was, by somebody who
saw neither it nor any word list; a third hold no word that the teacher `lexicon` knows. Three raters
who saw neither each other's lists nor any prediction named the emoji that they would accept first;
an emoji is right if at least two of them named it.

The best row of each benchmark is the one that leads its own table, so that these sentences choose
nothing. A row's figure is the mean over its training runs; intervals are bootstrapped over sentences.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.stats import bootstrap

import deshi
from deshi.api import Env, Text
from deshi.emoji import canonical
from deshi.execute.fitted import answers, find_fitted
from deshi.execute.workspace import Workspace
from deshi.registry import Registry
from deshi_plugins.teachers.lexicon import Lexicon, LexiconParams

HERE = Path(__file__).parent
BENCHMARKS = {"now": HERE.parent / "quickstart.toml", "first": HERE.parent / "word-lists.toml"}
Hits = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sentence:
    """A sentence, the emoji that are right for it, and whether the lexicon knows a word of it."""

    text: Text
    accepted: frozenset[str]
    has_keyword: bool


def main() -> None:
    """Print the share of right first emoji of every row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspace", type=Path, default=Path(".deshi"))
    parser.add_argument("--set", dest="sets", action="append", default=[], help="for both runs")
    options = parser.parse_args()
    sentences = read_sentences(HERE / "sentences.jsonl")
    keyword = np.array([one.has_keyword for one in sentences])
    print(
        f"{len(sentences)} sentences, {int((~keyword).sum())} without a keyword; first emoji right:"
    )
    print(f"{'':36}{'all':>7}  {'95 % CI':16}{'keyword':>8}{'none':>7}")
    best = {
        name: _benchmark(name, path, options.workspace, options.sets, sentences, keyword)
        for name, path in BENCHMARKS.items()
    }
    _print("teacher lexicon", _lexicon(sentences), keyword)
    _print("the most accepted emoji for all", _constant(sentences), keyword)
    gain = best["now"] - best["first"]
    low, high = interval(gain)
    print(f"best row now - best row first: {gain.mean():+.3f} [{low:+.3f}, {high:+.3f}]")


def read_sentences(path: Path) -> list[Sentence]:
    """Return the sentences of the file."""
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Sentence(
            Text(id=one["id"], document=one["id"], text=one["text"]),
            accepted(one["raters"]),
            one["keyword"],
        )
        for one in records
    ]


def accepted(raters: Sequence[Sequence[str]]) -> frozenset[str]:
    """Return the emoji that at least two raters named."""
    named = [{canonical(emoji) or emoji for emoji in rater} for rater in raters]
    return frozenset(e for e in set().union(*named) if sum(e in one for one in named) >= 2)


def _benchmark(
    name: str,
    path: Path,
    workspace: Path,
    sets: Sequence[str],
    sentences: Sequence[Sentence],
    keyword: npt.NDArray[np.bool_],
) -> Hits:
    """Run a benchmark, print each row's figures, and return the hits of its best row."""
    outcome = deshi.run(path, sets=sets, workspace=workspace, workers=2)
    space = Workspace(workspace)
    rows = [row for row in outcome.rows if row.status == "ok" and not row.baseline]
    found: dict[str, Hits] = {}
    for row in rows:
        place = f"{outcome.results.run}/{row.id}"
        found[row.id] = _hits(place, space, range(row.seeds), sentences)
        _print(f"{name}: {row.id}", found[row.id], keyword)
    primary = outcome.results.primary.name
    return found[max(rows, key=lambda row: row.metrics[primary].value or 0.0).id]


def _hits(
    place: str, space: Workspace, seeds: Sequence[int], sentences: Sequence[Sentence]
) -> Hits:
    """Return the share of a row's training runs that have each sentence's first emoji right."""
    texts = [one.text for one in sentences]
    runs: list[Hits] = []
    for seed in seeds:
        fitted = find_fitted(place, space, Registry(HERE), seed)
        with fitted.opened() as student:
            first = [a.prediction.emojis[:1] for a in answers(fitted, student, texts)]
        runs.append(_right(first, sentences))
    return np.mean(runs, axis=0)


def _right(first: Sequence[Sequence[str]], sentences: Sequence[Sentence]) -> Hits:
    pairs = zip(first, sentences, strict=True)
    return np.array([float(bool(set(few) & one.accepted)) for few, one in pairs])


def _lexicon(sentences: Sequence[Sentence]) -> Hits:
    with Lexicon(LexiconParams(), Env()) as teacher:
        return _right([teacher.label(one.text.text)[:1] for one in sentences], sentences)


def _constant(sentences: Sequence[Sentence]) -> Hits:
    """Return the hits of the one emoji that does best on these very sentences: the harshest scale."""
    counts: Mapping[str, int] = {}
    counts = {e: sum(e in s.accepted for s in sentences) for one in sentences for e in one.accepted}
    best = max(counts, key=lambda emoji: counts[emoji])
    return _right([[best]] * len(sentences), sentences)


def interval(values: Hits) -> tuple[float, float]:
    """Return the 95 % percentile interval of a mean, 10,000 resamples of the sentences."""
    found = bootstrap((values,), np.mean, n_resamples=10_000, method="percentile", rng=0)
    return float(found.confidence_interval.low), float(found.confidence_interval.high)


def _print(name: str, hits: Hits, keyword: npt.NDArray[np.bool_]) -> None:
    low, high = interval(hits)
    with_word, without = hits[keyword].mean(), hits[~keyword].mean()
    print(f"{name:36}{hits.mean():7.3f}  [{low:.3f}, {high:.3f}]  {with_word:8.3f}{without:7.3f}")


if __name__ == "__main__":
    main()
