"""Decoding rules of `t5` that can neither repeat an emoji nor leave the alphabet."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from deshi_plugins.students.neural.emoji_decoder import END, Generation

NEVER = float("-inf")


class Steps(Protocol):
    """The steps of a generation, as far as greedy rules need them."""

    def next(self, previous: Tensor | None = None) -> Tensor:
        """Return the scores of the next step, (batch, outputs); see `Generation.next`."""
        ...


def first_shares(generation: Steps) -> Tensor:
    """Return the probability of each emoji at the first step, (batch, emoji)."""
    scores = generation.next()
    return torch.softmax(scores[:, END + 1 :], -1)


def expected_counts(generation: Steps, most: int) -> Tensor:
    """Return the expected count of each emoji in a prediction, (batch, emoji), at most 1.

    The most probable emoji are generated one by one, and the probabilities of all emoji are summed
    over the steps, each step weighted by the probability that the sequence has not ended before.
    """
    scores = generation.next()
    counts = torch.zeros_like(scores[:, END + 1 :])
    going = torch.ones(len(scores), 1, device=scores.device)
    open_ = torch.zeros_like(scores)
    open_[:, END] = NEVER  # a prediction has at least one emoji
    steps = min(most, counts.shape[1])
    for step in range(steps):
        probabilities = torch.softmax(scores + open_, -1)
        counts += going * probabilities[:, END + 1 :]
        output = probabilities[:, END + 1 :].argmax(-1) + END + 1
        if step + 1 == steps:
            break
        open_[:, END] = 0
        open_.scatter_(1, output[:, None], NEVER)
        scores = generation.next(output)
        going = going * (1 - torch.softmax(scores + open_, -1)[:, END : END + 1])
        # The probabilities of the next step are conditional on its existence.
        scores[:, END] = NEVER
    return counts.clamp(max=1)


def greedy(generation: Steps, most: int) -> list[list[int]]:
    """Return the most probable emoji of each step until the end, as indices of the alphabet."""
    scores = generation.next()
    open_ = torch.zeros_like(scores)
    open_[:, END] = NEVER
    sequences: list[list[int]] = [[] for _ in range(len(scores))]
    ended = torch.zeros(len(scores), dtype=torch.bool, device=scores.device)
    for step in range(min(most, scores.shape[1] - 1)):
        output = (scores + open_).argmax(-1)
        ended |= output == END
        for row in torch.nonzero(~ended).flatten().tolist():
            sequences[row].append(int(output[row]) - END - 1)
        if bool(ended.all()) or step + 1 == min(most, scores.shape[1] - 1):
            break
        open_[:, END] = 0
        # The end stays open for ended sequences; their further outputs are ignored.
        open_.scatter_(1, torch.where(ended, END, output)[:, None], NEVER)
        open_[ended, END] = 0
        scores = generation.next(output)
    return sequences


def beam(generation: Generation, most: int, beams: int) -> list[list[int]]:
    """Return the hypothesis of the highest mean log-probability per token, the end included."""
    scores = generation.next()
    outputs = scores.shape[1]
    scores[:, END] = NEVER
    texts, width = len(scores), min(beams, outputs - 1)
    sums, output = torch.log_softmax(scores, -1).topk(width, -1)
    generation.repeat(width)
    paths = output[:, :, None]
    offsets = torch.arange(texts, device=output.device)[:, None] * width
    for _ in range(1, min(most, outputs - 1)):
        if bool((output == END).all()):
            break
        probabilities = _continued(generation.next(output.flatten()), paths.flatten(0, 1))
        total = (sums[:, :, None] + probabilities.view(texts, width, outputs)).flatten(1)
        # This step adds one token, except after the end.
        tokens = ((paths != END).sum(-1) + 1).repeat_interleave(outputs, -1)
        means = total / tokens
        chosen = means.topk(width, -1).indices
        sums, origin, output = total.gather(1, chosen), chosen // outputs, chosen % outputs
        generation.select((offsets + origin).flatten())
        paths = torch.cat(
            (paths.gather(1, origin[:, :, None].expand_as(paths)), output[:, :, None]), -1
        )
    return _best(sums, paths)


def _continued(scores: Tensor, paths: Tensor) -> Tensor:
    """Return log-probabilities of the next step: no repeats, and after the end the end alone."""
    ended = paths[:, -1] == END
    used = torch.zeros_like(scores).scatter_(1, paths, NEVER)
    used[:, END] = 0
    probabilities = torch.log_softmax(scores + used, -1)
    only = torch.full_like(probabilities, NEVER)
    only[:, END] = 0
    return torch.where(ended[:, None], only, probabilities)


def _best(sums: Tensor, paths: Tensor) -> list[list[int]]:
    emoji = (paths != END).sum(-1)
    tokens = emoji + (paths[:, :, -1] == END)
    best = (sums / tokens).argmax(-1).tolist()
    rows = paths.tolist()
    return [
        [output - END - 1 for output in rows[text][number] if output != END]
        for text, number in enumerate(best)
    ]
