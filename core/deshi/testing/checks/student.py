"""The checks of a student."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from deshi.api import Examples, Expected, FitReport, Prediction, UsageError
from deshi.emoji import MAX_EMOJI, Alphabet
from deshi.registry import open_component
from deshi.runs.kept_texts import holds_texts
from deshi.testing import samples
from deshi.testing.check import Checks, expect, first_difference, shown
from deshi.testing.fitting import SEED, first_fit, fit, rounded
from deshi.testing.subject import Subject, as_json
from deshi.testing.verdict import Broken, NotApplicable

CHECKS = Checks()
ALWAYS = 9
_SAME_FIRST = 0.9
_TIMES = 8


@CHECKS.add(
    "one-prediction-a-text",
    "`predict` returns one Prediction per text, an empty list for no texts.",
    "return a list as long as the texts",
)
def _(subject: Subject) -> None:
    texts = samples.texts()
    student = first_fit(subject).student
    found, none = list(student.predict(texts)), list(student.predict([]))
    expect(len(found) == len(texts), f"it returns {len(found)} predictions for {len(texts)} texts")
    wrong = [one for one in found if not isinstance(one, Prediction)]
    expect(not wrong, f"it returns {shown(wrong[0])}" if wrong else "")
    expect(none == [], f"for no texts it returns {shown(none)}")


@CHECKS.add(
    "answers-are-of-the-alphabet",
    "A prediction is one to five different emoji of the training alphabet.",
    "choose from train.alphabet; an empty prediction counts as wrong",
)
def _(subject: Subject) -> None:
    train, judged = samples.easy()
    for text, one in _pairs(first_fit(subject).student, (*judged.texts, *samples.texts())):
        answer = one.emojis
        expect(1 <= len(answer) <= MAX_EMOJI, f"to {shown(text)} it predicts {len(answer)} emoji")
        expect(len(set(answer)) == len(answer), f"to {shown(text)} it repeats: {answer}")
        strange = [emoji for emoji in answer if emoji not in train.alphabet]
        expect(not strange, f"to {shown(text)} it predicts {strange}, outside the alphabet")


@CHECKS.add(
    "ranking-is-sound",
    "A ranking holds different emoji of the alphabet with finite scores, best first.",
    "sort by score, highest first; leave ranked None where there is none",
)
def _(subject: Subject) -> None:
    train, judged = samples.easy()
    for text, one in _pairs(first_fit(subject).student, judged.texts):
        if one.ranked is None:
            continue
        emoji, scores = [e for e, _ in one.ranked], [float(s) for _, s in one.ranked]
        expect(all(map(math.isfinite, scores)), f"{shown(text)}: scores {shown(scores)}")
        expect(scores == sorted(scores, reverse=True), f"{shown(text)}: {shown(one.ranked)}")
        fine = len(set(emoji)) == len(emoji) and all(e in train.alphabet for e in emoji)
        expect(fine, f"{shown(text)}: ranks {shown(emoji)}")


@CHECKS.add(
    "reads-its-input",
    "Where one word of a text decides the emoji, it beats the majority baseline.",
    "check the features, and that texts and labels stay aligned; raise the epochs",
)
def _(subject: Subject) -> None:
    if subject.can("ignores-texts"):
        raise NotApplicable("its spec declares that it ignores the texts")
    train, judged = samples.easy()
    constant = 1 / len(judged.alphabet)
    share = _share_right(first_fit(subject).student, judged)
    if share <= 2 * constant:  # it may learn by many small steps
        with subject.opened() as student:
            fit(subject, student, samples.repeated(train, _TIMES))
            share = _share_right(student, judged)
    expect(share > 2 * constant, f"{share:.0%} right, the majority baseline {constant:.0%}")


@CHECKS.add(
    "answers-do-not-depend-on-each-other",
    "A text gets the same prediction alone, in a batch, and in any order.",
    "pad and mask batches; keep nothing between texts",
)
def _(subject: Subject) -> None:
    texts = samples.easy()[1].texts[:8]
    student = first_fit(subject).student
    together = _answers(student.predict(texts))
    alone = [_answers(student.predict([text]))[0] for text in texts]
    turned = _answers(student.predict(texts[::-1]))[::-1]
    expect(together == alone, f"alone: {first_difference(together, alone)}")
    expect(together == turned, f"in another order: {first_difference(together, turned)}")


@CHECKS.add(
    "unfitted-it-refuses",
    "`predict` before `fit` raises an exception.",
    "raise deshi.api.ComponentError('it is not fitted')",
)
def _(subject: Subject) -> None:
    with subject.opened() as student:
        try:
            found = student.predict(samples.texts()[:1])
        except Exception:  # noqa: BLE001  (any will do)
            return
    raise Broken(f"it predicts {shown(found)}")


@CHECKS.add(
    "fits-one-label",
    "Trained on texts that all have the same emoji, it predicts that emoji.",
    "avoid division by the number of other labels",
)
def _(subject: Subject) -> None:
    train, valid = samples.easy()
    only = train.alphabet.symbols[0]
    one, other = (_relabelled(part, only) for part in (train, valid))
    with subject.opened() as student:
        fit(subject, student, one, other)
        wrong = [p for p in student.predict(valid.texts[:4]) if p.emojis != (only,)]
    expect(not wrong, f"trained on {only} alone, it predicts {shown(wrong[0])}" if wrong else "")


@CHECKS.add(
    "fits-without-validation",
    "It can be fitted without validation texts.",
    "use defaults for what validation would tune",
)
def _(subject: Subject) -> None:
    train, _ = samples.easy()
    nothing = Examples((), (), train.alphabet, train.counts)
    with subject.opened() as student:
        fit(subject, student, train, nothing)
        expect(len(student.predict(train.texts[:3])) == 3, "it makes no prediction then")


@CHECKS.add(
    "fit-reports",
    "`fit` returns a FitReport, whose history and notes can be written as JSON.",
    "return FitReport(epochs=…, history=(…,))",
)
def _(subject: Subject) -> None:
    report = first_fit(subject).report
    expect(isinstance(report, FitReport), f"fit returns {shown(report)}")
    try:
        as_json(report)
    except TypeError as error:
        raise Broken(f"{error}: {shown(report)}") from None


@CHECKS.add(
    "examples-stay-as-they-are",
    "`fit` modifies neither the examples nor the counts.",
    "copy what you sort or scale",
)
def _(subject: Subject) -> None:
    first = first_fit(subject)
    expect(not first.counts_changed, "the counts were modified")
    expect(not first.examples_changed, "the texts or their references were modified")


@CHECKS.add(
    "deterministic-means-without-seed",
    "A student with deterministic=True in its spec makes the same predictions with any seed.",
    "set deterministic=False in the spec, or use no randomness",
)
def _(subject: Subject) -> None:
    if not subject.spec.deterministic or subject.spec.combines:
        raise NotApplicable("its spec does not call it deterministic")
    texts = samples.easy()[1].texts
    one = rounded(first_fit(subject).student.predict(texts))
    with subject.opened(seed=SEED + 1) as student:
        fit(subject, student)
        other = rounded(student.predict(texts))
    expect(one == other, f"with another seed: {first_difference(one, other)}")


@CHECKS.add(
    "saved-it-answers-the-same",
    "Saved and loaded in another folder, it makes the same predictions.",
    "write all that `predict` needs into the folder, and nothing of it elsewhere",
    needs="saves",
)
def _(subject: Subject) -> None:
    texts = samples.easy()[1].texts
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if subject.member_names:
            raise NotApplicable("it is loaded together with its members")
        student = first_fit(subject).student
        before = rounded(student.predict(texts))
        (folder / "written").mkdir()
        student.save(folder / "written")
        (folder / "written").rename(folder / "moved")
        loaded = subject.registry.load_student(
            subject.component,
            subject.resolved.params_json,
            folder / "moved",
            subject.env(folder, seed=SEED),
        )
        with open_component(loaded) as student:
            after = rounded(student.predict(texts))
    expect(before == after, f"after loading: {first_difference(before, after)}")


@CHECKS.add(
    "texts-kept-are-announced",
    "A student whose files hold training texts says so: such a student is not given away freely.",
    "add the capability 'keeps-texts' to the spec, or save no text",
    needs="saves",
)
def _(subject: Subject) -> None:
    if subject.can("keeps-texts") or subject.member_names:
        raise NotApplicable("its spec says that it, or what it combines, keeps texts")
    with tempfile.TemporaryDirectory() as name:
        first_fit(subject).student.save(Path(name))
        kept = holds_texts(Path(name), [one.text for one in samples.easy()[0].texts])
    expect(not kept, "a file that it saves holds training texts")


@CHECKS.add(
    "exports-answer-alike",
    "Each exported form works, and predicts the same first emoji for nine of ten texts.",
    "check the tokenizer, the alphabet's order and the decoding of the form",
    needs="exports",
)
def _(subject: Subject) -> None:
    texts = samples.easy()[1].texts
    student = first_fit(subject).student
    with tempfile.TemporaryDirectory() as name:
        before = [one.emojis[:1] for one in student.predict(texts)]
        expect(student.forms, "forms is empty")
        for form in student.forms:
            folder = Path(name) / form
            folder.mkdir()
            try:
                student.export(form, folder)
            except UsageError as error:
                raise NotApplicable(f"with these parameters it has no form: {error}") from None
            quick = subject.registry.load_export(
                subject.component,
                subject.resolved.params_json,
                form,
                folder,
                subject.env(folder, seed=SEED),
            )
            with open_component(quick) as answering:
                after = [one.emojis[:1] for one in answering.predict(texts)]
            share = float(np.mean([a == b for a, b in zip(before, after, strict=True)]))
            expect(share >= _SAME_FIRST, f"as {form}, {share:.0%} of first emoji are the same")


@CHECKS.add(
    "reasons-for-each-text",
    "`explain` returns a tuple of lines for each text.",
    "return a list of tuples of strings, the most important reason first",
    needs="explains",
)
def _(subject: Subject) -> None:
    texts = samples.easy()[1].texts[:4]
    found = list(first_fit(subject).student.explain(texts))
    expect(len(found) == len(texts), f"{len(found)} for {len(texts)} texts")
    for one in found:
        fine = isinstance(one, tuple) and all(isinstance(line, str) for line in one)
        expect(fine, f"it returns {shown(one)}")


def _pairs(student: Any, texts: Sequence[Any]) -> list[tuple[str, Prediction]]:  # noqa: ANN401
    return [(t.text, p) for t, p in zip(texts, student.predict(texts), strict=True)]


def _share_right(student: Any, judged: Examples) -> float:  # noqa: ANN401
    found = student.predict(judged.texts)
    right = [
        one.emojis[:1] == expected.references[0]
        for one, expected in zip(found, judged.expected, strict=True)
    ]
    return float(np.mean(right))


def _answers(predictions: Sequence[Prediction]) -> list[tuple[str, ...]]:
    return [one.emojis for one in predictions]


def _relabelled(part: Examples, emoji: str) -> Examples:
    """Return the examples with this one emoji as their label."""
    expected = tuple(Expected(((emoji,),), {emoji: 1.0}) for _ in part.texts)
    counts = np.array([float(len(part.texts))])
    return replace(part, expected=expected, alphabet=Alphabet.of([emoji]), counts=counts)
