"""Prints what the filters do to real text, for docs/filters.md.

    python scripts/measure_filters.py --pages PAGES.parquet --chat CHAT.jsonl

The first is in the form of the `wikimedia/wikipedia` data set; the second has a `text` a line. Reported
are: what the source filters of `[chain.careful]` drop, in their order and alone; what MinHash misses;
how often what people wrote is taken for an assistant's remark or a foreign language; what `faithful`
finds in rewrites by the rules of `casual`, as they are and with one fact changed; what `balance` leaves
of the labels of `lexicon`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import Any

from deshi.api import Drop, Edit, Env, Item, NoParams, Request, Task, Teacher, Text
from deshi.emoji import Mode, parse
from deshi_plugins.corpora.packaged import Sample
from deshi_plugins.corpora.params import WikipediaParams
from deshi_plugins.corpora.wikipedia import Wikipedia
from deshi_plugins.filters.balance import Balance
from deshi_plugins.filters.complete_sentence import CompleteSentence
from deshi_plugins.filters.faithful import Faithful
from deshi_plugins.filters.language_leakage import LanguageLeakage
from deshi_plugins.filters.length import Length
from deshi_plugins.filters.letters import letters
from deshi_plugins.filters.meta_reply import MetaReply
from deshi_plugins.filters.near_duplicate import NearDuplicate
from deshi_plugins.filters.nsfw import Nsfw
from deshi_plugins.filters.params import (
    BalanceParams,
    FaithfulParams,
    LanguageLeakageParams,
    LengthParams,
    MetaReplyParams,
    NearDuplicateParams,
    NsfwParams,
)
from deshi_plugins.filters.script import Script
from deshi_plugins.filters.strip_emoji import StripEmoji
from deshi_plugins.teachers.casual import Casual
from deshi_plugins.teachers.lexicon import Lexicon, LexiconParams

ENV = Env()
SOURCE: dict[str, Callable[[], Any]] = {
    "strip-emoji": lambda: StripEmoji(NoParams(), ENV),
    "complete-sentence": lambda: CompleteSentence(NoParams(), ENV),
    "length": lambda: Length(LengthParams(), ENV),
    "script": lambda: Script(NoParams(), ENV),
    "nsfw": lambda: Nsfw(NsfwParams(), ENV),
    "near-duplicate": lambda: NearDuplicate(NearDuplicateParams(), ENV),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=Path, required=True)
    parser.add_argument("--chat", type=Path, required=True)
    given = parser.parse_args()
    pages = [
        _item(text.id, text.text, text.document)
        for text in Wikipedia(WikipediaParams(path=given.pages), ENV).texts()
    ]
    lines = given.chat.read_text(encoding="utf-8").splitlines()
    chat = [_item(str(at), json.loads(line)["text"]) for at, line in enumerate(lines)]
    kept = source_filters({"Wikipedia": pages, "chat": chat})
    terms_within_words(pages)
    near_duplicates(pages[:20_000])
    people(chat)
    sentences = [item for item in kept["Wikipedia"] if item.source.endswith("。")]
    rewrites("Wikipedia", sentences)
    rewrites("sample", [_item(text.id, text.text) for text in Sample(NoParams(), ENV).texts()])
    balanced(sentences)


def _item(identifier: str, text: str, document: str = "") -> Item:
    return Item(text=Text(identifier, document or identifier, text), part="train", source=text)


def source_filters(corpora: dict[str, list[Item]]) -> dict[str, list[Item]]:
    """Print what each filter drops of what the ones before it kept, and alone; return what is left."""
    counts: dict[tuple[str, str], dict[str, list[int]]] = defaultdict(
        lambda: {corpus: [0, 0] for corpus in corpora}
    )
    kept = {}
    for corpus, items in corpora.items():
        left = items
        for name, make in SOURCE.items():
            for at, texts in enumerate((left, items)):
                verdicts = make().decide(texts)
                for verdict in verdicts:
                    if not isinstance(verdict, Drop | Edit):
                        continue
                    reason = verdict.reason if isinstance(verdict, Drop) else "(edited)"
                    counts[name, reason][corpus][at] += 1
                if at == 0:
                    left = _left(left, verdicts)
        kept[corpus] = left
    print("Source filters: dropped in the chain / alone")
    for (name, reason), found in counts.items():
        print(f"{name:18} {reason:16}", *(f"{c}: {a:,} / {b:,}" for c, (a, b) in found.items()))
    for corpus, items in corpora.items():
        print(f"{corpus}: {len(items):,} read, {len(kept[corpus]):,} kept")
    return kept


def _left(items: Sequence[Item], verdicts: Sequence[Any]) -> list[Item]:
    return [
        replace(i, text=replace(i.text, text=v.text)) if isinstance(v, Edit) else i
        for i, v in zip(items, verdicts, strict=True)
        if not isinstance(v, Drop)
    ]


def terms_within_words(items: list[Item]) -> None:
    """Ask whether morphemes would excuse a term of `nsfw`: one that begins or ends within a morpheme."""
    from fugashi import Tagger

    tagger = Tagger("-Owakati")
    params = NsfwParams()
    found = [item for item in items if any(term in item.text.text for term in params.terms)]
    verdicts = Nsfw(params, ENV).decide(found)
    excused = 0
    for item in found:
        words = tagger.parse(item.text.text).split()
        edges = set(accumulate(map(len, words), initial=0))
        text = "".join(words)
        excused += not any(
            {hit.start(), hit.end()} <= edges for t in params.terms for hit in re.finditer(t, text)
        )
    kept = sum(not isinstance(verdict, Drop) for verdict in verdicts)
    print(f"nsfw: {len(found)} with a term, {kept} kept by `keep`; morphemes would keep {excused}")


def near_duplicates(items: list[Item]) -> None:
    """Compare MinHash with the exact search: the same texts, every pair that shares a 3-gram."""
    started = time.monotonic()
    verdicts = NearDuplicate(NearDuplicateParams(), ENV).decide(items)
    seconds = time.monotonic() - started
    dropped = {at for at, verdict in enumerate(verdicts) if isinstance(verdict, Drop)}
    started = time.monotonic()
    exact = set(_exact([item.text.text for item in items], NearDuplicateParams().threshold))
    print(
        f"near-duplicate: {len(items):,} texts, {len(dropped)} dropped in {seconds:.1f} s; exact search "
        f"{len(exact)} in {time.monotonic() - started:.1f} s; {len(exact - dropped)} missed, "
        f"{len(dropped - exact)} wrong"
    )


def _exact(texts: list[str], threshold: float) -> Iterator[int]:
    holders: dict[str, list[int]] = defaultdict(list)
    sizes: dict[int, int] = {}
    for at, text in enumerate(map(letters, texts)):
        grams = {text[i : i + 3] for i in range(max(1, len(text) - 2)) if text}
        shared = Counter(other for gram in grams for other in holders[gram])
        if any(n / (len(grams) + sizes[o] - n) >= threshold for o, n in shared.items()):
            yield at
            continue
        sizes[at] = len(grams)
        for gram in grams:
            holders[gram].append(at)


def people(chat: list[Item]) -> None:
    """Count what is taken for an assistant's remark or another language though a person wrote it."""
    said = [replace(item, source="") for item in chat]
    print(f"Of {len(said):,} utterances of people, with no source to excuse them:")
    for name, filter_ in (
        ("meta-reply", MetaReply(MetaReplyParams(), ENV)),
        ("language-leakage", LanguageLeakage(LanguageLeakageParams(), ENV)),
    ):
        drops = [verdict for verdict in filter_.decide(said) if isinstance(verdict, Drop)]
        print(f"  {name}: {len(drops)} dropped", dict(Counter(drop.reason for drop in drops)))


def rewrites(corpus: str, items: list[Item]) -> None:
    """Print what the filters of rewrites find in rewrites by rule, and with one fact changed."""
    answers = _answers(Casual(NoParams(), ENV), items, "rewrite")
    rewritten = [
        replace(item, text=replace(item.text, text=answer))
        for item, answer in zip(items, answers, strict=True)
    ]
    leaks = LanguageLeakage(LanguageLeakageParams(), ENV).decide(rewritten)
    meta = MetaReply(MetaReplyParams(), ENV).decide(rewritten)
    print(f"{corpus}, {len(items):,} rewrites by casual: {_share(leaks)} leak, {_share(meta)} meta")
    others = [item.text.text for item in rewritten]
    random.Random(1).shuffle(others)
    variants = {
        "as they are": list(rewritten),
        "a number raised by 1": _changed(rewritten, r"[0-9]+", lambda found: str(int(found) + 1)),
        "a katakana name gone": _changed(rewritten, r"[ァ-ヺ][ァ-ヺー]{2,}", lambda _: "あれ"),
        "a quotation gone": _changed(
            rewritten, r"「[^「」]{1,30}」|『[^『』]{1,30}』", lambda _: "あれ"
        ),
        "another text's rewrite": [
            replace(item, text=replace(item.text, text=other))
            for item, other in zip(rewritten, others, strict=True)
        ],
    }
    for what, changed in variants.items():
        shares = []
        for tolerance in (0.0, 0.25, 0.5):
            filter_ = Faithful(FaithfulParams(tolerance=tolerance), ENV)
            shares.append(f"{tolerance:g}: {_share(filter_.decide(changed))}")
        print(f"  faithful, {what} ({len(changed):,}), dropped by tolerance", ", ".join(shares))


def _changed(items: list[Item], pattern: str, change: Callable[[str], str]) -> list[Item]:
    chance = random.Random(1)
    changed = []
    for item in items:
        found = list(re.finditer(pattern, item.text.text))
        if found:
            one, text = chance.choice(found), item.text.text
            new = text[: one.start()] + change(one[0]) + text[one.end() :]
            changed.append(replace(item, text=replace(item.text, text=new)))
    return changed


def _share(verdicts: Sequence[Any]) -> str:
    return f"{sum(isinstance(v, Drop) for v in verdicts) / len(verdicts):.1%}"


def balanced(items: list[Item]) -> None:
    """Print the most frequent emoji of the offline labels, and what `balance` leaves of them."""
    answers = _answers(Lexicon(LexiconParams(prefer="concrete"), ENV), items, "label")
    golds = [tuple(dict.fromkeys(parse(a, mode=Mode.LABELS).emojis)) for a in answers]
    labelled = [
        replace(item, samples=(gold,)) for item, gold in zip(items, golds, strict=True) if gold
    ]
    print(f"balance: {len(labelled):,} labelled texts, most frequent:", _top(labelled))
    for share in (0.1, 0.05, 0.02):
        filter_ = Balance(BalanceParams(max_share=share), ENV)
        filter_.learn(labelled)
        left = _left(labelled, filter_.decide(labelled))
        print(f"  max-share {share:g}: {len(left):,} left, most frequent:", _top(left))


def _top(items: list[Item]) -> str:
    counts = Counter(emoji for item in items for emoji in item.samples[0])
    return " ".join(f"{emoji} {n / len(items):.1%}" for emoji, n in counts.most_common(4))


def _answers(teacher: Teacher, items: list[Item], task: Task) -> list[str]:
    async def ask() -> list[str]:
        requests = [Request(task=task, text=item.text.text) for item in items]
        return [(await teacher.answer(request)).content for request in requests]

    return asyncio.run(ask())


if __name__ == "__main__":
    main()
