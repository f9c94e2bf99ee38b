"""How many sentences a second are read, filtered and logged on one core, against naive readers.

    python benchmarks/speed/corpora.py [--megabytes 12] [--repeats 5] [--large 1000] [--data FOLDER]

Deshi's way is what the stage `split` does: read, cut into sentences, normalise, run the source filters
of the chain `seed`, write every drop and edit to Parquet, and keep what is left.

The naive ways are what one writes first: they read with `datasets` in streaming mode (a dump: with
mwxml, its markup stripped by mwparserfromhell) and loop over sentences in Python, with the same rules
as patterns of `re` and methods of strings, stopping at the first that drops. Nothing of theirs works
on columns. They call deshi's functions for one text to split, normalise, strip emoji and look at the
words that a term of `nsfw` may stand in: these are faster than a first try would be, and both keep the
same sentences, which is checked; where another library strips the markup, the number kept by both is
printed. They are spared what the stage does besides: the split by document, the look for ids that come
twice. Once they log nothing; once they label a dictionary for each drop and edit, with what deshi's
log says of it (but for the part of the split, the place and the detail), and write all in the end with
pyarrow as it comes.

All run in this one process in turn; CPU seconds on one thread, median of some rounds. The pages are
real ones where ../shared/data has them, or else made of the sample's sentences, repeated with ids of
their own. Times depend on the machine; read the ratios.

Then it reads 10 MB and `--large` MB of text with a filter that drops all, each in a process of its own,
and prints the most memory that each held.
"""

from __future__ import annotations

import argparse
import bz2
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["HF_HUB_OFFLINE"] = "1"

import pyarrow as pa
import pyarrow.parquet as pq
from _pages import pages_of, repeated, write_dump, write_json, write_parquet

from deshi.api import Env, Item, Keep, NoParams, ReadsBatches, Text
from deshi.benchmark.part import Identity, Part
from deshi.benchmark.stage_params import SplitParams, TrainingSizes
from deshi.emoji import strip
from deshi.stages.decision_log import DecisionLog
from deshi.stages.filter_chain import ChainFilter
from deshi.stages.part_quotas import PartQuotas
from deshi.stages.text_batches import text_batches
from deshi_plugins.corpora.mc4 import Mc4
from deshi_plugins.corpora.normalise import normalise
from deshi_plugins.corpora.params import Mc4Params, WikipediaParams
from deshi_plugins.corpora.sentences import sentences
from deshi_plugins.corpora.wikipedia import Wikipedia
from deshi_plugins.filters.complete_sentence import CompleteSentence
from deshi_plugins.filters.length import Length
from deshi_plugins.filters.nsfw import Nsfw
from deshi_plugins.filters.params import LengthParams, NsfwParams
from deshi_plugins.filters.script import Script
from deshi_plugins.filters.strip_emoji import StripEmoji

TARGET = 3.4
DATA = Path(__file__).parents[3] / "shared" / "data" / "wikipedia"
ENOUGH = 10**9

Kept = list[tuple[str, str]]
Log = list[dict[str, str]]


def chain(**length: int) -> list[ChainFilter]:
    """Return the source filters of the chain `seed`."""
    env = Env()
    filters = {
        "strip-emoji": StripEmoji(NoParams(), env),
        "complete-sentence": CompleteSentence(NoParams(), env),
        "length": Length(LengthParams(**length), env),
        "script": Script(NoParams(), env),
        "nsfw": Nsfw(NsfwParams(), env),
    }
    return [
        ChainFilter(name, one, training_only=False, fits_first=False, decides_batches=True)
        for name, one in filters.items()
    ]


def ours(corpus: ReadsBatches, folder: Path, **length: int) -> pa.Table:
    """Read a corpus to its end as the stage `split` does, and return the texts that are left."""
    params = SplitParams(
        corpus=Part(
            kind="corpus",
            entry="corpus",
            label="corpus",
            id="corpus",
            params={},
            capabilities=("reads-batches",),
            identity=Identity("corpus", 1, {}),
        ),
        filters=(),
        file="",
        train=TrainingSizes("benchmark.train", (ENOUGH,)),
        pull=ENOUGH,
        valid=ENOUGH,
        test=ENOUGH,
        test_share=0.2,
        valid_share=0.1,
        max_per_document=ENOUGH,
        split_by="document",
        near_test=1.0,
    )
    filters = chain(**length)
    with DecisionLog(folder) as log:
        chosen = PartQuotas(params, log)
        for batch in text_batches(corpus, params.corpus):
            chosen.take(batch, filters)
    return chosen.table()


META = re.compile("^(?:関連項目|参考文献|外部リンク|脚注|出典|注釈)")
TORN = re.compile("[「『（(][^」』）)]{0,30}$")
ENDS = tuple("。！？!?」』）)")
JAPANESE = re.compile("[ぁ-ゖァ-ヺｦ-ｯｱ-ﾝ々〆〇\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
GARBLED = re.compile("\ufffd|[\x80-\x84\x86-\x9f]|[縺繧繝][^\n]*[縺繧繝]")
TERMS = re.compile("|".join(map(re.escape, NsfwParams().terms)))
NSFW = Nsfw(NsfwParams(), Env())
SPACES = re.compile("([ \u3000])[ \u3000]+")


def naive(pages: Iterator[tuple[str, str]], log: Log | None = None) -> Kept:
    """Loop over the sentences of pages with the rules of `chain`, one after the other."""
    kept = []
    for page, text in pages:
        for number, line in enumerate(sentences(text), 1):
            sentence = normalise(line)
            if not sentence:
                continue
            rest, removed = strip(sentence)
            told = {"id": f"{page}-{number}", "document": page} if log is not None else {}
            if removed:
                if log is not None:
                    edit = {"filter": "strip-emoji", "verdict": "edit", "reason": " ".join(removed)}
                    log.append({**told, **edit, "text": sentence})
                sentence = SPACES.sub(r"\1", rest).strip()
            broken = _broken(sentence)
            if broken is None:
                kept.append((page, sentence))
            elif log is not None:
                drop = {"filter": broken[0], "verdict": "drop", "reason": broken[1]}
                log.append({**told, **drop, "text": sentence})
    return kept


def _broken(sentence: str) -> tuple[str, str] | None:
    """Return filter and reason of the first rule that a sentence breaks."""
    if not sentence:
        return "strip-emoji", "only-emoji"
    if META.search(sentence) is not None:
        return "complete-sentence", "meta-section"
    if TORN.search(sentence) is not None:
        return "complete-sentence", "truncated"
    if sentence[0] in "」』）)":
        return "complete-sentence", "orphan-close"
    if not sentence.endswith(ENDS):
        return "complete-sentence", "no-ending"
    if not 10 <= len(sentence) <= 100:
        return "length", "too-short" if len(sentence) < 10 else "too-long"
    if GARBLED.search(sentence) is not None:
        return "script", "garbled"
    if JAPANESE.search(sentence) is None:
        return "script", "no-japanese"
    if TERMS.search(sentence) is not None and _is_nsfw(sentence):
        return "nsfw", "nsfw"
    return None


def _is_nsfw(sentence: str) -> bool:
    item = Item(text=Text("", "", sentence), part="train", source=sentence)
    return not isinstance(NSFW.decide([item])[0], Keep)


def naive_parquet(path: Path, log: Log | None = None) -> Kept:
    """Read Parquet with `datasets`, streaming."""
    return naive(((row["id"], row["text"]) for row in _streamed("parquet", path)), log)


def naive_json(path: Path, log: Log | None = None) -> Kept:
    """Read JSON Lines with `datasets`, streaming."""
    return naive(((row["url"], row["text"]) for row in _streamed("json", path)), log)


def _streamed(kind: str, path: Path) -> Iterable[dict[str, str]]:
    from datasets import load_dataset

    return load_dataset(kind, data_files=str(path), split="train", streaming=True)


def naive_dump(path: Path, log: Log | None = None) -> Kept:
    """Read a dump with mwxml and mwparserfromhell."""
    import mwparserfromhell
    import mwxml

    def pages() -> Iterator[tuple[str, str]]:
        with bz2.open(path) as file:
            for page in mwxml.Dump.from_file(file):
                if page.namespace == 0 and page.redirect is None:
                    for revision in page:
                        code = mwparserfromhell.parse(revision.text or "")
                        yield str(page.id), code.strip_code()

    return naive(pages(), log)


WAYS: dict[str, tuple[Callable[[Path, Log | None], Kept], str]] = {
    "pages.parquet": (naive_parquet, "datasets streaming + Python loop"),
    "pages.json.gz": (naive_json, "datasets streaming + Python loop"),
    "pages.xml.bz2": (naive_dump, "mwxml + mwparserfromhell + Python loop"),
}


def corpus_of(path: Path) -> ReadsBatches:
    """Return the corpus that reads a file."""
    if path.name.endswith(".json.gz"):
        return Mc4(Mc4Params(path=path), Env())
    return Wikipedia(WikipediaParams(path=path), Env())


def main() -> int:
    options = _options()
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        real = options.data / "pages.parquet"
        pages = list(repeated(pages_of(real if real.exists() else None), options.megabytes))
        print(f"{len(pages)} pages, {'real' if real.exists() else 'made'}")
        write_parquet(pages, folder / "pages.parquet")
        write_json(pages, folder / "pages.json.gz")
        dump = options.data / "pages-articles.xml.bz2"
        if dump.exists():
            (folder / "pages.xml.bz2").write_bytes(dump.read_bytes())
        else:
            write_dump(pages, folder / "pages.xml.bz2")
        for file in WAYS if options.repeats else ():
            failed += _compare(folder / file, folder, options.repeats) < TARGET
        if options.large:
            _memory(folder, options.large)
    return 1 if failed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=12)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--large", type=int, default=1000)
    parser.add_argument("--data", type=Path, default=DATA, help="real pages, if they are there")
    return parser.parse_args()


def _compare(path: Path, folder: Path, repeats: int) -> float:
    """Print the speeds on one file and return our speed by that of the naive way that logs nothing."""
    theirs, name = WAYS[path.name]
    corpus = corpus_of(path)

    def logged() -> None:
        log: Log = []
        theirs(path, log)
        pq.write_table(pa.Table.from_pylist(log), folder / "log.parquet")

    mine, other = ours(corpus, folder), theirs(path, None)  # warm, and what is compared
    ways = (lambda: ours(corpus, folder), lambda: theirs(path, None), logged)
    spent = [statistics.median(times) for times in _interleaved(ways, repeats)]
    kept = Counter(zip(mine["document"].to_pylist(), mine["text"].to_pylist(), strict=True))
    both = sum((kept & Counter(other)).values())
    speeds = [mine.num_rows / spent[0], len(other) / spent[1], len(other) / spent[2]]
    print(f"{path.name}: {mine.num_rows} sentences kept, {both} of them by both")
    print(f"  deshi, decisions logged: {speeds[0]:,.0f} kept sentences a CPU second")
    print(f"  {name}: {speeds[1]:,.0f}, ratio {speeds[0] / speeds[1]:.1f}")
    print(f"  the same with a log: {speeds[2]:,.0f}, ratio {speeds[0] / speeds[2]:.1f}", flush=True)
    if path.name != "pages.xml.bz2":
        assert kept == Counter(other), "the two ways keep different sentences"
    return speeds[0] / speeds[2]


def _interleaved(ways: Sequence[Callable[[], object]], repeats: int) -> list[list[float]]:
    """Return the CPU seconds of some ways in some rounds."""
    spent: list[list[float]] = [[] for _ in ways]
    for _ in range(repeats):
        for times, way in zip(spent, ways, strict=True):
            start = time.process_time()
            way()
            times.append(time.process_time() - start)
    return spent


def _memory(folder: Path, large: int) -> None:
    """Print the most memory that reading a small and a large file takes."""
    pages = list(repeated(pages_of(None), min(10, large)))
    for name, write in (
        ("m.parquet", write_parquet),
        ("m.json.gz", write_json),
        ("m.xml.bz2", write_dump),
    ):
        held = []
        for times in (1, max(1, large // 10)):
            write(pages, folder / name, times)
            command = [sys.executable, __file__, "--read", str(folder / name)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            held.append(done.stdout.strip())
        print(
            f"{name}: {held[0]} MB held for {min(10, large)} MB of text, {held[1]} MB for {large} MB",
            flush=True,
        )


def _read(path: Path) -> None:
    """Read a file with a filter that drops every text, and print the most memory held, in MB."""
    ours(corpus_of(path), path.parent, min=10**6, max=10**7)
    # Not ru_maxrss, which begins with what the parent held.
    held = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    print(int(held[1]) // 1024 if held is not None else "unknown")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--read"]:
        _read(Path(sys.argv[2]))
    else:
        raise SystemExit(main())
