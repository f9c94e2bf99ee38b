"""The checks of a loss. They need torch; without it they do not apply."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Final, get_args

from deshi.api import DecodingRule, Expected, RuleName
from deshi.testing.check import Checks, expect, shown
from deshi.testing.scores import label_scores, ready, shapes, token_scores, torch_or_skip
from deshi.testing.subject import Subject
from deshi.testing.verdict import NotApplicable

CHECKS = Checks()
ALWAYS = 2
_RULES: Final = get_args(RuleName)
_STEP: Final = 1e-5
_STEPS: Final = (_STEP, 1e-3, 1e-2)
"""The smallest is the most exact in float64; of a loss that computes in float32 a larger one is."""
_STEEP: Final = 1e-3
_CLOSE: Final = 1e-4
_TEXTS: Final = 5
_EMOJI: Final = ("😀", "😢", "🎉", "🍣", "🐱", "🐶")


@CHECKS.add(
    "takes-known-scores",
    "The spec names the scores that the loss takes: tokens, labels or both.",
    "set takes=frozenset({'labels'})",
)
def _(subject: Subject) -> None:
    takes = subject.spec.takes
    expect(takes and takes <= {"tokens", "labels"}, f"takes is {shown(sorted(takes))}")


@CHECKS.add(
    "has-a-decoding",
    "`decoding` is the rule that turns scores into a set: expected-jaccard, threshold, zero, or an "
    "object of a class of its own.",
    "set it as a class attribute: decoding = 'threshold' for sigmoids, or a DecodingRule",
)
def _(subject: Subject) -> None:
    with subject.opened() as loss:
        rule = getattr(loss, "decoding", None)
    fine = rule in _RULES if isinstance(rule, str) else _is_own(rule)
    expect(fine, f"decoding is {shown(rule)}")


@CHECKS.add(
    "own-decoding-selects-sets",
    "A decoding rule of its own gives probabilities, a state that is JSON, and one to `most` "
    "different "
    "labels for each text.",
    "return the shapes of deshi.api.DecodingRule; -1 stands after a row's last label",
)
def _(subject: Subject) -> None:
    import numpy as np

    with subject.opened() as loss:
        rule: Any = getattr(loss, "decoding", None)
    if not _is_own(rule):
        raise NotApplicable("it names a rule that every student knows")
    logits = np.random.default_rng(0).normal(0, 2, (_TEXTS, len(_EMOJI)))
    values = rule.probabilities(logits)
    fine = values.shape == logits.shape and bool(((values >= 0) & (values <= 1)).all())
    expect(fine, f"of scores {logits.shape} the probabilities are {shown(values)}")
    again = rule.probabilities(rule.bias(values[0])[None])[0]
    ranks = (np.argsort(values[0]).tolist(), np.argsort(again).tolist())
    expect(ranks[0] == ranks[1], f"of frequencies {shown(values[0])} the bias gives {shown(again)}")
    expected = [Expected(((_EMOJI[at % 3],),)) for at in range(_TEXTS)]
    state = rule.tune(values, expected, _EMOJI, 1.0)
    state = json.loads(json.dumps(dict(state)))
    for most in (1, 3, 5):
        rows = [[at for at in row if at != -1] for row in rule.select(values, most, state).tolist()]
        for row in rows:
            sound = 1 <= len(set(row)) == len(row) <= most and set(row) <= set(range(len(_EMOJI)))
            expect(sound, f"of {len(_EMOJI)} labels it selects {row}, at most {most}")
        expect(len(rows) == _TEXTS, f"of {_TEXTS} texts it selects for {len(rows)}")


@CHECKS.add(
    "one-value-an-item",
    "A batch gives one finite value per item, shape (batch,).",
    "sum or average over labels and steps, not over the batch",
)
def _(subject: Subject) -> None:
    with subject.opened() as loss:
        for shape, call, scores in _shapes(subject, loss):
            found = call(scores)
            right = tuple(found.shape) == (len(scores),)
            expect(right, f"for {shape} of {len(scores)} items the shape is {tuple(found.shape)}")
            expect(bool(found.isfinite().all()), f"for {shape} it gives {shown(found.tolist())}")


@CHECKS.add(
    "never-below-zero",
    "No value is below zero.",
    "take what is left out as zero: clamp the weights, check the sign",
)
def _(subject: Subject) -> None:
    with subject.opened() as loss:
        for shape, call, scores in _shapes(subject, loss):
            found = call(scores)
            expect(bool((found >= -_STEP).all()), f"for {shape} it gives {shown(found.tolist())}")


@CHECKS.add(
    "items-do-not-depend-on-each-other",
    "The value of an item is the same in any batch.",
    "take counts from `prepare`, not from the batch",
)
def _(subject: Subject) -> None:
    with subject.opened() as loss:
        for shape, call, scores in _shapes(subject, loss):
            whole = call(scores)
            for at in range(len(scores)):
                alone = float(call(scores, at)[0])
                same = abs(float(whole[at]) - alone) <= _CLOSE * (1 + abs(alone))
                expect(
                    same, f"for {shape} item {at} is {float(whole[at]):.6f} and alone {alone:.6f}"
                )


@CHECKS.add(
    "right-scores-lose-less",
    "Raising the scores of the targets, and lowering the others, lowers the loss.",
    "check the sign, and which axis holds the labels",
)
def _(subject: Subject) -> None:
    with subject.opened() as loss:
        for shape, call, scores in _shapes(subject, loss):
            better = scores + 3 * _towards(shape)
            before, after = float(call(scores).mean()), float(call(better).mean())
            expect(after < before, f"for {shape} the mean goes from {before:.4f} to {after:.4f}")


@CHECKS.add(
    "gradient-is-the-slope",
    "The gradient of torch equals the numerical slope.",
    "compute in torch alone, without detach, numpy or .item(); where a weight is fixed on purpose, "
    "list the check in expected_failures",
)
def _(subject: Subject) -> None:
    torch = torch_or_skip()
    with subject.opened() as loss:
        for shape, call, scores in _shapes(subject, loss):
            direction = torch.sin(torch.arange(scores.numel(), dtype=scores.dtype)).view_as(scores)
            leaf = scores.clone().requires_grad_(requires_grad=True)
            call(leaf).sum().backward()
            expect(leaf.grad is not None, f"for {shape} no gradient reaches the scores")
            slope = float((leaf.grad * direction).sum())
            slopes = [_slope(call, scores, direction, step) for step in _STEPS]
            same = any(abs(slope - one) <= _STEEP * (1 + abs(one)) for one in slopes)
            expect(same, f"for {shape} the gradient is {slope:.6f}, the slope {slopes[0]:.6f}")


@CHECKS.add(
    "extreme-scores-stay-finite",
    "Scores of ±10,000 give finite values and gradients, in float32 and in bfloat16.",
    "use log_softmax, logsigmoid and softplus; clamp before a logarithm",
)
def _(subject: Subject) -> None:
    torch = torch_or_skip()
    with subject.opened() as loss:
        for dtype in (torch.float32, torch.bfloat16):
            for shape, call, scores in _shapes(subject, loss, dtype):
                leaf = (scores.sign() * 1e4).requires_grad_(requires_grad=True)
                found = call(leaf)
                found.sum().backward()
                fine = bool(found.isfinite().all()) and bool(leaf.grad.isfinite().all())
                expect(
                    fine,
                    f"for {shape} in {dtype} it gives {shown(found.tolist())}, or its gradient",
                )


@CHECKS.add(
    "masked-steps-do-not-count",
    "Steps whose mask is 0 change nothing.",
    "multiply by the mask before you sum over the steps",
)
def _(subject: Subject) -> None:
    torch_or_skip()
    with subject.opened() as loss:
        ready(subject, loss)
        if "tokens" not in shapes(subject, loss):
            raise NotApplicable("it takes no tokens")
        scores, targets, mask = token_scores()
        before = loss(scores, targets, mask)
        moved = scores + (1 - mask)[:, :, None] * 5 * scores.flip(-1)
        after = loss(moved, targets, mask)
    same = bool(((before - after).abs() <= _CLOSE).all())
    expect(same, f"{shown(before.tolist())} becomes {shown(after.tolist())}")


@CHECKS.add(
    "input-stays-as-it-is",
    "Scores, targets and mask are not modified.",
    "use no in-place operation (name_) on the arguments",
)
def _(subject: Subject) -> None:
    torch_or_skip()
    with subject.opened() as loss:
        ready(subject, loss)
        for name, given in (("labels", label_scores()), ("tokens", token_scores())):
            if name in shapes(subject, loss):
                kept = [one.clone() for one in given]
                loss(*given) if len(given) == 3 else loss(*given, None)
                same = all(bool((a == b).all()) for a, b in zip(kept, given, strict=True))
                expect(same, f"the {name} that it was given are others afterwards")


@CHECKS.add(
    "counts-matter",
    "A loss that uses counts gives different values for different counts.",
    "use the counts from `prepare`, or remove 'uses-counts' from the spec",
    needs="uses-counts",
)
def _(subject: Subject) -> None:
    import numpy as np

    found = []
    for counts in ([90.0, 50, 20, 9, 3, 1], [2.0, 0, 60, 0, 90, 2]):
        with subject.opened() as loss:
            shapes = list(_shapes(subject, loss))
            loss.prepare(np.array(counts), 100)
            found.append([call(scores).tolist() for _, call, scores in shapes])
    expect(found[0] != found[1], "two very different counts give the same values")


@CHECKS.add(
    "schedule-takes-all-progress",
    "`at` takes any progress from 0 to 1, and the values stay finite.",
    "allow both ends; leave the schedule where it is otherwise",
    needs="scheduled",
)
def _(subject: Subject) -> None:
    with subject.opened() as loss:
        for shape, call, scores in _shapes(subject, loss):
            for progress in (0.0, 0.5, 1.0):
                loss.at(progress)
                fine = bool(call(scores).isfinite().all())
                expect(fine, f"at {progress} for {shape} it gives {shown(call(scores).tolist())}")


def _shapes(
    subject: Subject,
    loss: Any,  # noqa: ANN401
    dtype: Any = None,  # noqa: ANN401
) -> Iterator[tuple[str, Callable[..., Any], Any]]:
    """Yield each shape that the loss takes: its name, the loss as a function of scores, and scores.

    The function takes one item alone by its place.
    """
    torch_or_skip()
    ready(subject, loss)
    taken = shapes(subject, loss)
    if "labels" in taken:
        scores, targets = label_scores(dtype)

        def labels(given: Any, at: int | None = None) -> Any:  # noqa: ANN401
            rows = slice(None) if at is None else slice(at, at + 1)
            return loss(given[rows], targets[rows], None)

        yield "labels", labels, scores
    if "tokens" in taken:
        steps, tokens, mask = token_scores(dtype)

        def said(given: Any, at: int | None = None) -> Any:  # noqa: ANN401
            rows = slice(None) if at is None else slice(at, at + 1)
            return loss(given[rows], tokens[rows], mask[rows])

        yield "tokens", said, steps


def _slope(call: Callable[..., Any], scores: Any, direction: Any, step: float) -> float:  # noqa: ANN401
    up, down = (float(call(scores + s * step * direction).sum()) for s in (1, -1))
    return (up - down) / (2 * step)


def _is_own(rule: object) -> bool:
    return isinstance(rule, DecodingRule) and not isinstance(rule, type)


def _towards(shape: str) -> Any:  # noqa: ANN401
    """Return +1 where a target is and -1 elsewhere, in the shape of the scores."""
    torch = torch_or_skip()
    if shape == "labels":
        return 2 * label_scores()[1] - 1
    scores, targets, _ = token_scores()
    return 2 * torch.nn.functional.one_hot(targets, scores.shape[-1]).to(scores.dtype) - 1
