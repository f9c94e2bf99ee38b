"""Compares ways to split Japanese pages into sentences, for docs/corpora.md.

    pip install bunkai ja_sentence_segmenter konoha pysbd
    python scripts/compare_splitters.py PAGES.parquet [--pages-at-most 60]

Ways whose library is not installed are left out. Lines are split beforehand where a library does not
do it. There is no gold here, so two faults are counted that need none. A sentence is *torn* if it has
a bracket without its partner although its line has both; it is *glued* if a 。 outside all brackets
stands before its last character and its closing brackets. `kept` is what the filters complete-sentence
and length leave.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable, Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from deshi.api import Env, NoParams
from deshi_plugins.corpora.sentence_splitter import cut
from deshi_plugins.corpora.sentences import sentences
from deshi_plugins.filters.complete_sentence import CompleteSentence
from deshi_plugins.filters.length import Length
from deshi_plugins.filters.params import LengthParams

Way = Callable[[str], list[str]]

PAIRS = dict(zip("「『（(", "」』）)", strict=True))


def seed(line: str) -> list[str]:
    """Split behind every mark, as the seed research did."""
    return [piece for piece in re.split(r"(?<=[。！？!?])", line) if piece.strip()]


def ways() -> Iterator[tuple[str, Callable[[], Way]]]:
    """Yield the names of all ways and how to make each."""
    yield "deshi", lambda: lambda line: list(sentences(line))
    yield "seed", lambda: seed
    yield "bunkai", _bunkai
    yield "ja_sentence_segmenter", _segmenter
    yield "konoha", _konoha
    yield "pysbd", _pysbd


def _bunkai() -> Way:
    from bunkai import Bunkai

    made = Bunkai()
    return lambda line: list(made(line))


def _segmenter() -> Way:
    import functools

    from ja_sentence_segmenter.common.pipeline import make_pipeline
    from ja_sentence_segmenter.split.simple_splitter import split_newline, split_punctuation

    punctuation = functools.partial(split_punctuation, punctuations="。!?！？")
    made = make_pipeline(split_newline, punctuation)
    return lambda line: list(made(line))


def _konoha() -> Way:
    from konoha import SentenceTokenizer

    made = SentenceTokenizer()
    return lambda line: list(made.tokenize(line))


def _pysbd() -> Way:
    import pysbd

    made = pysbd.Segmenter(language="ja", clean=False)
    return lambda line: list(made.segment(line))


def unpaired(text: str) -> bool:
    """Say whether a text has a bracket without its partner."""
    opened: list[str] = []
    for character in text:
        if character in PAIRS:
            opened.append(PAIRS[character])
        elif character in PAIRS.values() and (not opened or opened.pop() != character):
            return True
    return bool(opened)


def glued(text: str) -> bool:
    """Say whether a sentence goes on behind a 。 that stands outside all brackets."""
    depth = 0
    for at, character in enumerate(text.rstrip("".join(PAIRS.values())).rstrip("。！？!?")):
        depth += (character in PAIRS) - (character in PAIRS.values())
        if character == "。" and depth == 0 and at:
            return True
    return False


def kept(found: list[str]) -> int:
    """Count what the filters leave."""
    column = pa.array(found, pa.string())
    batch = pa.RecordBatch.from_arrays([column, column, column], ["id", "document", "text"])
    for filter_ in (CompleteSentence(NoParams(), Env()), Length(LengthParams(), Env())):
        batch = batch.filter(filter_.decide_batch(batch)["reason"].is_null())
    return int(batch.num_rows)


def main() -> None:
    """Print one line a way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages")
    parser.add_argument("--pages-at-most", type=int, default=60)
    options = parser.parse_args()
    column = pq.read_table(options.pages)["text"].slice(0, options.pages_at_most)
    texts = column.to_pylist()
    lines = [line for text in texts for line in text.splitlines() if line.strip()]
    size = sum(len(line.encode()) for line in lines) / 1e6
    print(f"{len(texts)} pages, {len(lines)} lines, {size:.2f} MB")
    print("| way | MB/s | sentences | torn | glued | kept |\n|---|---|---|---|---|---|")
    whole = column.combine_chunks()
    cut(whole.slice(0, 1))  # makes the table
    start = time.process_time()
    cut(whole)
    speed = size / (time.process_time() - start)
    print(f"| deshi, all pages at once | {speed:.1f} | the same | | | |")
    for name, make in ways():
        try:
            way = make()
        except ImportError as error:
            print(f"| {name} | not installed: {error.name} | | | | |")
            continue
        start = time.process_time()
        split = [way(line) for line in lines]
        speed = size / (time.process_time() - start)
        found = [sentence.strip() for sentences_ in split for sentence in sentences_]
        torn = sum(
            unpaired(sentence)
            for line, pieces in zip(lines, split, strict=True)
            if len(pieces) > 1 and not unpaired(line)
            for sentence in pieces
        )
        print(
            f"| {name} | {speed:.2f} | {len(found)} | {torn} | {sum(map(glued, found))} "
            f"| {kept(found)} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
