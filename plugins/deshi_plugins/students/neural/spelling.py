"""Decoding rules of `t5` that can neither repeat an emoji nor leave the alphabet."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from deshi_plugins.students.neural.speller import END, Generation

NEVER = float("-inf")


class Steps(Protocol):
    """The steps of a generation, as far as rules that follow the likeliest path need them."""

    def next(self, previous: Tensor | None = None) -> Tensor:
        """Return the scores of the next step, (batch, outputs); see `Generation.next`."""
        ...


def first_shares(generation: Steps) -> Tensor:
    """Return the chance of each emoji to be said first, (batch, emoji)."""
    scores = generation.next()
    return torch.softmax(scores[:, END + 1 :], -1)


def expected_counts(generation: Steps, most: int) -> Tensor:
    """Return how often each emoji is to be expected in an answer, (batch, emoji), at most 1.

    The likeliest emoji are said one after the other, and the chances of all of them are summed
    over the steps, each step weighed by the chance that the answer is not at its end before.
    """
    scores = generation.next()
    counts = torch.zeros_like(scores[:, END + 1 :])
    going = torch.ones(len(scores), 1, device=scores.device)
    open_ = torch.zeros_like(scores)
    open_[:, END] = NEVER  # an answer has one emoji at least
    steps = min(most, counts.shape[1])
    for step in range(steps):
        chances = torch.softmax(scores + open_, -1)
        counts += going * chances[:, END + 1 :]
        said = chances[:, END + 1 :].argmax(-1) + END + 1
        if step + 1 == steps:
            break
        open_[:, END] = 0
        open_.scatter_(1, said[:, None], NEVER)
        scores = generation.next(said)
        going = going * (1 - torch.softmax(scores + open_, -1)[:, END : END + 1])
        # The chances of the next step are given that it comes.
        scores[:, END] = NEVER
    return counts.clamp(max=1)


def greedy(generation: Steps, most: int) -> list[list[int]]:
    """Return the likeliest emoji of each step until the end, as numbers of the alphabet."""
    scores = generation.next()
    open_ = torch.zeros_like(scores)
    open_[:, END] = NEVER
    answers: list[list[int]] = [[] for _ in range(len(scores))]
    ended = torch.zeros(len(scores), dtype=torch.bool, device=scores.device)
    for step in range(min(most, scores.shape[1] - 1)):
        said = (scores + open_).argmax(-1)
        ended |= said == END
        for row in torch.nonzero(~ended).flatten().tolist():
            answers[row].append(int(said[row]) - END - 1)
        if bool(ended.all()) or step + 1 == min(most, scores.shape[1] - 1):
            break
        open_[:, END] = 0
        # The end stays open for answers that are at it; what they say is no longer read.
        open_.scatter_(1, torch.where(ended, END, said)[:, None], NEVER)
        open_[ended, END] = 0
        scores = generation.next(said)
    return answers


def beam(generation: Generation, most: int, beams: int) -> list[list[int]]:
    """Return the best answer of a beam search by mean log-chance a token, the end included."""
    scores = generation.next()
    outputs = scores.shape[1]
    scores[:, END] = NEVER
    texts, width = len(scores), min(beams, outputs - 1)
    sums, said = torch.log_softmax(scores, -1).topk(width, -1)
    generation.repeat(width)
    paths = said[:, :, None]
    offsets = torch.arange(texts, device=said.device)[:, None] * width
    for _ in range(1, min(most, outputs - 1)):
        if bool((said == END).all()):
            break
        chances = _continued(generation.next(said.flatten()), paths.flatten(0, 1))
        total = (sums[:, :, None] + chances.view(texts, width, outputs)).flatten(1)
        # What is said now is one token more, and at the end nothing more is.
        tokens = ((paths != END).sum(-1) + 1).repeat_interleave(outputs, -1)
        means = total / tokens
        chosen = means.topk(width, -1).indices
        sums, origin, said = total.gather(1, chosen), chosen // outputs, chosen % outputs
        generation.select((offsets + origin).flatten())
        paths = torch.cat(
            (paths.gather(1, origin[:, :, None].expand_as(paths)), said[:, :, None]), -1
        )
    return _best(sums, paths)


def _continued(scores: Tensor, paths: Tensor) -> Tensor:
    """Return log-chances of the next step; what was said never, and after the end the end alone."""
    ended = paths[:, -1] == END
    used = torch.zeros_like(scores).scatter_(1, paths, NEVER)
    used[:, END] = 0
    chances = torch.log_softmax(scores + used, -1)
    only = torch.full_like(chances, NEVER)
    only[:, END] = 0
    return torch.where(ended[:, None], only, chances)


def _best(sums: Tensor, paths: Tensor) -> list[list[int]]:
    emoji = (paths != END).sum(-1)
    tokens = emoji + (paths[:, :, -1] == END)
    best = (sums / tokens).argmax(-1).tolist()
    rows = paths.tolist()
    return [
        [said - END - 1 for said in rows[text][number] if said != END]
        for text, number in enumerate(best)
    ]
