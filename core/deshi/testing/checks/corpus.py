"""The checks of a corpus."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from deshi.api import Text
from deshi.emoji import canonical
from deshi.testing.check import Checks, expect, first_difference, shown
from deshi.testing.exercise import TEXTS, read
from deshi.testing.subject import Subject, as_json
from deshi.testing.verdict import Broken, NotApplicable

CHECKS = Checks()
ALWAYS = 6
_FEW = 3


@CHECKS.add(
    "texts-come-lazily",
    "`texts()` returns an iterator: the first text comes without reading to the end.",
    "write it as a generator, or return iter(…)",
)
def _(subject: Subject) -> None:
    with subject.opened() as corpus:
        found = corpus.texts()
        expect(isinstance(found, Iterator), f"texts() returns {_a(found)}")


@CHECKS.add(
    "there-are-texts",
    "There is at least one text, and each is a Text.",
    "check the parameters; yield deshi.api.Text",
)
def _(subject: Subject) -> None:
    with subject.opened() as corpus:
        found = read(corpus)
    expect(found, "it yields no text")
    wrong = [one for one in found if not isinstance(one, Text)]
    expect(not wrong, f"it yields {_a(wrong[0])}" if wrong else "")


@CHECKS.add(
    "ids-are-unique",
    "Every text has a unique id and a document; neither is empty.",
    "build the id from the document's id and the index in it; set the document",
)
def _(subject: Subject) -> None:
    with subject.opened() as corpus:
        found = read(corpus, 10 * TEXTS)
    seen: set[str] = set()
    for one in found:
        expect(isinstance(one.id, str) and one.id, f"a text has the id {shown(one.id)}")
        expect(one.id not in seen, f"the id {one.id!r} occurs twice")
        has = isinstance(one.document, str) and one.document
        expect(has, f"text {one.id} has the document {shown(one.document)}")
        seen.add(one.id)


@CHECKS.add(
    "texts-are-clean",
    "Every text is a string that UTF-8 can write, and not blank; meta maps strings to strings.",
    "decode with errors='replace', skip blank lines, turn meta's values into strings",
)
def _(subject: Subject) -> None:
    with subject.opened() as corpus:
        for one in read(corpus):
            expect(isinstance(one.text, str), f"text {one.id} is {_a(one.text)}")
            expect(one.text.strip(), f"text {one.id} is blank")
            try:
                one.text.encode("utf-8")
            except UnicodeEncodeError as error:
                raise Broken(f"text {one.id} cannot be written: {error}") from None
            pairs = itertools.chain.from_iterable(one.meta.items())
            expect(all(isinstance(x, str) for x in pairs), f"meta of {one.id}: {shown(one.meta)}")


@CHECKS.add(
    "references-are-canonical",
    "The label sets that came with the texts are tuples of canonical emoji.",
    "use deshi.emoji.canonical, or parse, and leave out what is no emoji",
)
def _(subject: Subject) -> None:
    with subject.opened() as corpus:
        for one in read(corpus):
            for reference in one.references:
                wrong = [e for e in reference if canonical(e) != e]
                fine = isinstance(reference, tuple) and not wrong
                expect(fine, f"text {one.id} has the reference {shown(reference)}")


@CHECKS.add(
    "can-be-read-twice",
    "`texts()` begins anew each time it is called.",
    "open the file in texts(), not in __init__ or __enter__",
)
def _(subject: Subject) -> None:
    with subject.opened() as corpus:
        first, second = read(corpus), read(corpus)
    expect(first == second, f"the second reading differs: {first_difference(first, second)}")


@CHECKS.add(
    "limit-is-a-prefix",
    "A parameter `limit` takes the first texts and changes nothing else.",
    "stop after so many texts; choose none",
)
def _(subject: Subject) -> None:
    if not hasattr(subject.params, "limit"):
        raise NotApplicable("it has no parameter 'limit'")
    with subject.opened() as corpus:
        whole = read(corpus)
    limited = subject.with_params({"limit": _FEW})
    with limited.opened() as corpus:
        few = read(corpus)
    expect(few == whole[:_FEW], f"limit = {_FEW}: {first_difference(whole[:_FEW], few)}")


@CHECKS.add(
    "batches-equal-texts",
    "`batches()` gives the same texts in the same order as `texts()`.",
    "make one of the other",
    needs="reads-batches",
)
def _(subject: Subject) -> None:
    with subject.opened() as corpus:
        texts = [(one.id, one.document, one.text) for one in read(corpus)]
        rows = itertools.chain.from_iterable(
            zip(
                *(batch.column(name).to_pylist() for name in ("id", "document", "text")),
                strict=True,
            )
            for batch in corpus.batches()
        )
        columns = list(itertools.islice(rows, TEXTS))
    expect(texts == columns, f"texts() and batches(): {first_difference(texts, columns)}")


@CHECKS.add(
    "report-is-json",
    "`report()` returns figures that can be written as JSON, once something was read.",
    "return a dict of numbers and strings",
    needs="reports",
)
def _(subject: Subject) -> None:
    with subject.opened() as corpus:
        read(corpus)
        found = corpus.report()
    try:
        as_json(found)
    except TypeError as error:
        raise Broken(f"report() returns {shown(found)}: {error}") from None


def _a(value: object) -> str:
    return f"a {type(value).__name__}"
