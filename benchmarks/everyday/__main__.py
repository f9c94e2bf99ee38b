"""Is the quickstart's first emoji right for everyday sentences? `python -m benchmarks.everyday`.

`sentences.jsonl` holds 300 sentences that were written before the corpus `everyday` was, by somebody who
saw neither it nor any word list; a third hold no word that the teacher `lexicon` knows. Three raters
who saw neither each other's lists nor any prediction named the emoji that they would accept first;
an emoji is right if at least two of them named it. How often at least one did stands in the last column.

The best row of each benchmark is the one that leads its own table, so that these sentences choose
nothing. A row's figure is the mean over its training runs; intervals are bootstrapped over sentences.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.stats import bootstrap

import deshi
from deshi.api import Env, Text
from deshi.emoji import canonical
from deshi.registry import Registry
from deshi.runs.fitted_student import predict_texts
from deshi.workspace.workspace import Workspace
from deshi_plugins.teachers.lexicon import Lexicon, LexiconParams
from deshi_tools.deploy.find_student import find_student

HERE = Path(__file__).parent
BENCHMARKS = {"now": HERE.parent / "quickstart.toml", "first": HERE.parent / "word-lists.toml"}
Hits = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sentence:
    """A sentence, the emoji that two raters accept, those that one does, whether it has a keyword."""

    text: Text
    accepted: frozenset[str]
    named: frozenset[str]
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
    print(f"{'':36}{'all':>7}  {'95 % CI':16}{'keyword':>8}{'none':>7}{'one rater':>11}")
    best = {
        name: _benchmark(name, path, options.workspace, options.sets, sentences, keyword)
        for name, path in BENCHMARKS.items()
    }
    _print("teacher lexicon", _lexicon(sentences), keyword)
    _print("the most accepted emoji for all", _constant(sentences), keyword)
    gain = best["now"][0] - best["first"][0]
    low, high = interval(gain)
    print(f"best row now - best row first: {gain.mean():+.3f} [{low:+.3f}, {high:+.3f}]")


def read_sentences(path: Path) -> list[Sentence]:
    """Return the sentences of the file."""
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Sentence(
            Text(id=one["id"], document=one["id"], text=one["text"]),
            accepted(one["raters"], least=2),
            accepted(one["raters"], least=1),
            one["keyword"],
        )
        for one in records
    ]


def accepted(raters: Sequence[Sequence[str]], *, least: int) -> frozenset[str]:
    """Return the emoji that at least so many raters named."""
    named = [{canonical(emoji) or emoji for emoji in rater} for rater in raters]
    return frozenset(e for e in set().union(*named) if sum(e in one for one in named) >= least)


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
        fitted = find_student(place, space, Registry(HERE), seed)
        with fitted.open() as student:
            first = [a.prediction.emojis[:1] for a in predict_texts(fitted, student, texts)]
        runs.append(_right(first, sentences))
    found: Hits = np.mean(runs, axis=0)
    return found


def _right(first: Sequence[Sequence[str]], sentences: Sequence[Sentence]) -> Hits:
    """Return 1 where two raters accept the first emoji, and below it where one does, (2, sentences)."""
    pairs = [(set(few), one) for few, one in zip(first, sentences, strict=True)]
    found = [[few & one.accepted for few, one in pairs], [few & one.named for few, one in pairs]]
    return np.array([[float(bool(one)) for one in line] for line in found])


def _lexicon(sentences: Sequence[Sentence]) -> Hits:
    with Lexicon(LexiconParams(), Env()) as teacher:
        return _right([teacher.label(one.text.text)[:1] for one in sentences], sentences)


def _constant(sentences: Sequence[Sentence]) -> Hits:
    """Return the hits of the one emoji that does best on these very sentences: the harshest scale."""
    counts = {e: sum(e in s.accepted for s in sentences) for one in sentences for e in one.accepted}
    best = max(counts, key=lambda emoji: counts[emoji])
    return _right([[best]] * len(sentences), sentences)


def interval(values: Hits) -> tuple[float, float]:
    """Return the 95 % percentile interval of a mean, 10,000 resamples of the sentences."""
    found = bootstrap((values,), np.mean, n_resamples=10_000, method="percentile", rng=0)
    return float(found.confidence_interval.low), float(found.confidence_interval.high)


def _print(name: str, hits: Hits, keyword: npt.NDArray[np.bool_]) -> None:
    strict, lenient = hits
    low, high = interval(strict)
    with_word, without = strict[keyword].mean(), strict[~keyword].mean()
    print(
        f"{name:36}{strict.mean():7.3f}  [{low:.3f}, {high:.3f}]  {with_word:8.3f}{without:7.3f}"
        f"{lenient.mean():11.3f}"
    )


if __name__ == "__main__":
    main()
