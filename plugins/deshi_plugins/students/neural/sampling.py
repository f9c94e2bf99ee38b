"""The decoding of the seed research: one sample over the whole vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from deshi.api import Prediction
from deshi.emoji import Mode, parse
from deshi_plugins.students.neural.batching import pad
from deshi_plugins.students.neural.params import T5Params


@torch.no_grad()
def sample_predictions(
    model: Any,  # noqa: ANN401
    tokenizer: Any,  # noqa: ANN401
    ids: Sequence[Sequence[int]],
    params: T5Params,
    *,
    seed: int,
    batch_size: int,
) -> list[Prediction]:
    """Return unrestricted samples of `generate` of transformers: with repeats, and with text.

    Texts are processed in order, so that samples depend on the seed alone. What is no emoji
    counts as unknown.
    """
    predicted: list[Prediction] = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for start in range(0, len(ids), batch_size):
            tokens, mask = pad(ids[start : start + batch_size], tokenizer.pad_token_id)
            sampled = model.generate(
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
            decoded = tokenizer.batch_decode(sampled, skip_special_tokens=True)
            predicted += [_prediction(text, params.max_emoji) for text in decoded]
    return predicted


def _prediction(text: str, most: int) -> Prediction:
    parsed = parse(text, mode=Mode.LABELS)
    return Prediction(emojis=parsed.emojis[:most], unknown=parsed.unknown)
