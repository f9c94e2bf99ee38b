"""The checks of a teacher."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deshi.api import AttemptError, Reply, Request, Usage
from deshi.emoji import Mode, parse
from deshi.testing import samples
from deshi.testing.asking import ask, ask_at_once, content, replies_of, requests_of
from deshi.testing.check import Checks, expect, first_difference, shown
from deshi.testing.secrets_told import CLOSED
from deshi.testing.subject import Subject
from deshi.testing.verdict import NotApplicable

CHECKS = Checks()
ALWAYS = 1
_SOME = 6
_FINISHES = ("stop", "length", "refusal", "empty", "error")
_TRIED_AGAIN = ("server", "connection", "timeout")


@CHECKS.add(
    "has-a-task",
    "The spec names the task `label`, `rewrite` or both, and no other.",
    "set tasks=frozenset({'label'})",
)
def _(subject: Subject) -> None:
    tasks = subject.spec.tasks
    expect(tasks and tasks <= {"label", "rewrite"}, f"tasks is {shown(sorted(tasks))}")


@CHECKS.add(
    "answers-are-replies",
    "Each answer is a Reply whose content is a string and whose finish is a known one.",
    "return deshi.api.Reply(content=…)",
)
def _(subject: Subject) -> None:
    for request, reply in _answers(subject, samples.HARD_TEXTS[:_SOME]):
        if isinstance(reply, AttemptError):
            continue
        expect(isinstance(reply, Reply), f"to {shown(request.text)} it returns {shown(reply)}")
        expect(isinstance(reply.content, str), f"its content is {shown(reply.content)}")
        expect(reply.finish in _FINISHES, f"its finish is {shown(reply.finish)}")


@CHECKS.add(
    "labels-hold-emoji",
    "An answer to `label` is mostly emoji.",
    "return the emoji as the text of the answer; ask for nothing else in the prompt",
)
def _(subject: Subject) -> None:
    _asked(subject)
    if "label" not in subject.spec.tasks:
        raise NotApplicable("it does not label")
    if subject.can("reads-references"):
        raise NotApplicable("it repeats references, which these texts lack")
    found = [
        parse(reply.content, mode=Mode.LABELS)
        for _, reply in _answers(subject, samples.HARD_TEXTS[:_SOME], "label")
        if isinstance(reply, Reply) and reply.finish == "stop"
    ]
    emoji, unknown = sum(len(one.emojis) for one in found), sum(one.unknown for one in found)
    expect(
        emoji > unknown, f"{len(found)} answers hold {emoji} emoji and {unknown} non-emoji tokens"
    )


@CHECKS.add(
    "rewrites-hold-text",
    "An answer to `rewrite` is not blank.",
    "return the text unchanged where there is nothing to change, or the finish 'empty'",
)
def _(subject: Subject) -> None:
    _asked(subject)
    if "rewrite" not in subject.spec.tasks:
        raise NotApplicable("it does not rewrite")
    for request, reply in _answers(subject, samples.HARD_TEXTS[:_SOME], "rewrite"):
        blank = isinstance(reply, Reply) and reply.finish == "stop" and not reply.content.strip()
        expect(not blank, f"the rewrite of {shown(request.text)} is blank")


@CHECKS.add(
    "hard-texts-are-answered",
    "Any text gives a Reply or an AttemptError, and no other exception.",
    "give the one text a Reply with the finish 'error' or 'refusal'; raise AttemptError for a call",
)
def _(subject: Subject) -> None:
    for request, reply in _answers(subject, samples.HARD_TEXTS):
        fine = isinstance(reply, Reply | AttemptError)
        expect(fine, f"to {shown(request.text)} it returns {shown(reply)}")


@CHECKS.add(
    "answers-do-not-depend-on-each-other",
    "An answer does not depend on earlier requests.",
    "keep nothing between calls of `answer`",
)
def _(subject: Subject) -> None:
    strings = samples.HARD_TEXTS[:_SOME]
    forward = {r.text: content(reply) for r, reply in _answers(subject, strings)}
    backward = {r.text: content(reply) for r, reply in _answers(subject, strings[::-1])}
    for text, found in forward.items():
        expect(
            found == backward[text], f"{shown(text)}: {shown(found)}, then {shown(backward[text])}"
        )


@CHECKS.add(
    "answers-at-once-as-alone",
    "Concurrent requests get the same answers as sequential ones.",
    "share no state between concurrent calls",
)
def _(subject: Subject) -> None:
    asked = _requests(subject, samples.HARD_TEXTS[:_SOME])
    with subject.opened() as alone:
        one_by_one = list(map(content, _replied(ask(alone, asked))))
    with subject.opened() as many:
        together = list(map(content, ask_at_once(many, asked)))
    expect(one_by_one == together, first_difference(one_by_one, together))


@CHECKS.add(
    "many-as-one",
    "`answer_many` gives what `answer` gives, in the order of the requests.",
    "restore the order after sorting by length",
    needs="answers-many",
)
def _(subject: Subject) -> None:
    asked = _requests(subject, samples.HARD_TEXTS[:_SOME])
    with subject.opened() as teacher:
        one_by_one = list(map(content, _replied(ask(teacher, asked))))
        together = list(map(content, teacher.answer_many(asked)))
    expect(one_by_one == together, first_difference(one_by_one, together))


@CHECKS.add(
    "merging-keeps-emoji",
    "`merge` of answers of emoji gives a Reply of emoji, in whatever order the members come.",
    "count the emoji of all answers; break ties by a fixed order",
    needs="merges-answers",
)
def _(subject: Subject) -> None:
    replies = replies_of(subject)
    with subject.opened() as teacher:
        found = teacher.merge(replies)
        turned = teacher.merge(dict(reversed(replies.items())))
    expect(isinstance(found, Reply), f"merge returns {shown(found)}")
    expect(parse(found.content, mode=Mode.LABELS).emojis, f"it holds no emoji: {shown(found)}")
    expect(found == turned, f"members in another order give {shown(turned)}, not {shown(found)}")


@CHECKS.add(
    "no-answer-is-an-attempt-error",
    "An unreachable endpoint raises AttemptError, with an outcome that is retried.",
    "catch the client's errors; raise AttemptError(…, outcome='server') where the server was not "
    "reached",
)
def _(subject: Subject) -> None:
    key = subject.spec.endpoint
    if key is None:
        raise NotApplicable("its spec names no endpoint")
    lost = subject.with_params({key: CLOSED})
    with lost.opened() as teacher:
        (reply,) = ask(teacher, _requests(lost, samples.HARD_TEXTS[:1])[:1])
    expect(isinstance(reply, AttemptError), f"it returns {shown(reply)}")
    again = isinstance(reply, AttemptError) and reply.outcome in _TRIED_AGAIN
    expect(again, f"the outcome is {shown(getattr(reply, 'outcome', None))}")


@CHECKS.add(
    "costs-are-whole-and-bounded",
    "worst_case and price are whole nano-USD; no usage costs nothing, and more usage is not "
    "cheaper.",
    "count in integers; price(Usage()) is 0",
    needs="estimates-cost",
)
def _(subject: Subject) -> None:
    with subject.opened() as teacher:
        usages = [Usage(), Usage(100, 10), Usage(1_000, 100)]
        prices = [teacher.price(usage) for usage in usages]
        worst = [teacher.worst_case(r) for r in _requests(subject, samples.HARD_TEXTS)]
    expect(all(type(x) is int and x >= 0 for x in (*prices, *worst)), f"{prices}, {shown(worst)}")
    expect(prices[0] == 0, f"price(Usage()) is {prices[0]}")
    expect(prices == sorted(prices), f"more tokens cost less: {prices}")


@CHECKS.add(
    "price-is-below-the-worst-case",
    "What an answer cost is at most the worst case of its request.",
    "reserve for max-tokens of output and for every token of the prompt; a character is a token at "
    "most",
    needs="estimates-cost",
)
def _(subject: Subject) -> None:
    asked = _requests(subject, samples.HARD_TEXTS[:_SOME])
    with subject.opened() as teacher:
        for request, reply in zip(asked, _replied(ask(teacher, asked)), strict=True):
            if isinstance(reply, Reply) and reply.usage is not None:
                cost, most = teacher.price(reply.usage), teacher.worst_case(request)
                expect(cost <= most, f"{shown(request.text)} cost {cost}, the worst case is {most}")


@CHECKS.add(
    "the-service-answers",
    "The real service answers one request of each task within the budget.",
    "look at the key, the model's name and the address",
    tier="live",
)
def _(subject: Subject) -> None:
    if not subject.spec.needs.network:
        raise NotApplicable("it calls no service")
    reserved = 0
    with subject.opened() as teacher:
        for request in _requests(subject, samples.HARD_TEXTS[:1]):
            if subject.can("estimates-cost"):
                reserved += teacher.worst_case(request)
                if reserved > subject.budget:
                    raise NotApplicable(f"it may cost {reserved / 1e9:.6f} USD: raise --budget")
            (reply,) = ask(teacher, [request])
            fine = isinstance(reply, Reply) and reply.finish == "stop"
            expect(fine, f"{request.task}: {shown(reply)}")


def _asked(subject: Subject) -> None:
    if subject.can("merges-answers"):
        raise NotApplicable("it is never called itself")


def _requests(subject: Subject, strings: Sequence[str], *tasks: str) -> list[Request]:
    """Return requests for each task of the teacher, with the prompt of its entry."""
    _asked(subject)
    return requests_of(subject, strings, *tasks)


def _answers(subject: Subject, strings: Sequence[str], *tasks: str) -> list[tuple[Request, Any]]:
    asked = _requests(subject, strings, *tasks)
    with subject.opened() as teacher:
        return list(zip(asked, _replied(ask(teacher, asked)), strict=True))


def _replied(replies: list[Reply | AttemptError]) -> list[Reply | AttemptError]:
    """Return the replies; where every attempt failed nothing was checked."""
    failed = [one for one in replies if isinstance(one, AttemptError)]
    if replies and len(failed) == len(replies):
        raise NotApplicable(f"it never answered ({failed[0].outcome}: {failed[0]})")
    return replies
