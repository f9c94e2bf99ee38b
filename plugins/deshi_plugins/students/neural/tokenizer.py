"""A tokenizer from the training texts alone."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers


def trained_tokenizer(
    texts: Iterable[str], pieces: int, special: Sequence[str], template: Sequence[str]
) -> Tokenizer:
    """Return a Unigram tokenizer (Kudo 2018) of at most so many pieces.

    `special` are the special tokens, in the order of their ids, of which one is `<unk>`;
    `template` says how a text is framed, with `$A` for the text itself.
    """
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    normal = [unicodedata.normalize("NFKC", text) for text in texts]
    trainer = trainers.UnigramTrainer(
        vocab_size=pieces,
        special_tokens=list(special),
        unk_token="<unk>",
        initial_alphabet=sorted({character for text in normal for character in text}),
        show_progress=False,
    )
    tokenizer.train_from_iterator(normal, trainer)
    ids = [(token, tokenizer.token_to_id(token)) for token in template if token != "$A"]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=list(template), special_tokens=ids
    )
    return tokenizer


def token_ids(tokenizer: Any, texts: Sequence[str], longest: int) -> list[list[int]]:  # noqa: ANN401
    """Return the token ids of each text, special tokens included, cut at `longest`."""
    if not texts:
        return []
    encoded = tokenizer(list(texts), truncation=True, max_length=longest)
    return [list(ids) for ids in encoded["input_ids"]]
