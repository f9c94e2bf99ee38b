"""Emoji as tokens of a pretrained vocabulary, with informative initial embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from deshi.emoji import inventory
from deshi_plugins.students.neural.params import Rows

_NOISE = 0.02


def add_emoji(model: Any, tokenizer: Any, symbols: Sequence[str], rows: Rows) -> list[int]:  # noqa: ANN401
    """Add a token per emoji and return their ids; the model's tables grow if necessary.

    With `names` a new row is the mean of the rows of the subword tokens of the emoji's Japanese name and
    keywords, brought to the mean length of the old rows, with a little noise. The default of
    transformers, `mean`, samples all new rows around the mean of the old ones, so that training
    first has to distinguish the emoji.
    """
    from tokenizers import AddedToken

    known = len(tokenizer)
    names = {symbol: _name_ids(tokenizer, symbol) for symbol in symbols}
    tokenizer.add_tokens([AddedToken(symbol, normalized=False) for symbol in symbols])
    size = len(model.get_input_embeddings().weight)
    if len(tokenizer) > size:
        model.resize_token_embeddings(len(tokenizer), mean_resizing=rows == "mean")
    ids = [int(tokenizer.convert_tokens_to_ids(symbol)) for symbol in symbols]
    if rows == "names":
        fresh = {id_: names[symbol] for symbol, id_ in zip(symbols, ids, strict=True)}
        fresh = {id_: tokens for id_, tokens in fresh.items() if id_ >= known}
        tables = [model.get_input_embeddings().weight, model.get_output_embeddings().weight]
        for table in tables[:1] if tables[0] is tables[1] else tables:
            _write_rows(table, fresh, known)
    return ids


@torch.no_grad()
def _write_rows(table: Tensor, names: dict[int, list[int]], known: int) -> None:
    old = table[:known].float()
    length = old.norm(dim=-1).mean()
    for row, ids in names.items():
        mean = old[ids].mean(0) if ids else old.mean(0)
        noise = torch.randn(len(mean)) * _NOISE * length / len(mean) ** 0.5
        table[row] = mean * length / mean.norm().clamp(min=1e-6) + noise


def _name_ids(tokenizer: Any, symbol: str) -> list[int]:  # noqa: ANN401
    info = inventory()[symbol]
    words = dict.fromkeys((info.name, *info.keywords))
    encoded = tokenizer(list(words), add_special_tokens=False)["input_ids"]
    # The mark of a word's beginning is in every name, and distinguishes none.
    silent = {tokenizer.unk_token_id, tokenizer.convert_tokens_to_ids("▁")}
    return [id_ for ids in encoded for id_ in ids if id_ not in silent]
