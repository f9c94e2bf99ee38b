"""The decoding of the seed research: one random draw over the whole vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from deshi.api import Prediction
from deshi.emoji import Mode, parse
from deshi_plugins.students.neural.batching import pad
from deshi_plugins.students.neural.params import T5Params


@torch.no_grad()
def sampled(
    model: Any,  # noqa: ANN401
    tokenizer: Any,  # noqa: ANN401
    ids: Sequence[Sequence[int]],
    params: T5Params,
    *,
    seed: int,
    at_once: int,
) -> list[Prediction]:
    """Return what `generate` of transformers draws, as it comes: with repeats, and with text.

    Texts are taken in their order, so that the seed decides what is drawn. What is no emoji
    counts as unknown.
    """
    found: list[Prediction] = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for start in range(0, len(ids), at_once):
            tokens, mask = pad(ids[start : start + at_once], tokenizer.pad_token_id)
            drawn = model.generate(
                input_ids=tokens.to(model.device),
                attention_mask=mask.to(model.device),
                do_sample=True,
                num_beams=params.beams,
                temperature=params.temperature,
                top_k=params.top_k,
                top_p=params.top_p,
                repetition_penalty=params.repetition_penalty,
                max_new_tokens=params.max_tokens,
            )
            answers = tokenizer.batch_decode(drawn, skip_special_tokens=True)
            found += [_prediction(answer, params.max_emoji) for answer in answers]
    return found


def _prediction(answer: str, most: int) -> Prediction:
    parsed = parse(answer, mode=Mode.LABELS)
    return Prediction(emojis=parsed.emojis[:most], unknown=parsed.unknown)
