"""A tokenizer trained on the training texts."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors


def train_tokenizer(
    texts: Iterable[str], vocabulary_size: int, special: Sequence[str], template: Sequence[str]
) -> Tokenizer:
    """Return a Unigram tokenizer (Kudo 2018) of about this vocabulary size, with every character.

    `special` are the special tokens, in the order of their ids, of which one is `<unk>`;
    `template` is the frame of a text, with `$A` for the text itself. SentencePiece trains it,
    which is deterministic; the trainer of `tokenizers` does not.
    """
    normal = [unicodedata.normalize("NFKC", text) for text in texts]
    vocabulary = [
        *((token, 0.0) for token in special),
        *_train_vocabulary(normal, vocabulary_size - len(special)),
    ]
    tokenizer = Tokenizer(models.Unigram(vocabulary, special.index("<unk>"), byte_fallback=False))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    tokenizer.add_special_tokens(list(special))
    ids = [(token, tokenizer.token_to_id(token)) for token in template if token != "$A"]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=list(template), special_tokens=ids
    )
    return tokenizer


def _train_vocabulary(texts: Sequence[str], size: int) -> list[tuple[str, float]]:
    """Return subword tokens with their log-probabilities."""
    import sentencepiece

    characters = {character for text in texts for character in text}
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts),
        model_writer=model,
        model_type="unigram",
        vocab_size=max(size, len(characters) + 3),
        hard_vocab_limit=False,
        character_coverage=1.0,
        normalization_rule_name="identity",
        add_dummy_prefix=False,
        bos_id=-1,
        eos_id=-1,
        num_threads=1,
        minloglevel=2,
    )
    trained = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    scored = ((trained.id_to_piece(i), trained.get_score(i)) for i in range(len(trained)))
    return [(piece, score) for piece, score in scored if piece != "<unk>"]


def token_ids(tokenizer: Any, texts: Sequence[str], longest: int) -> list[list[int]]:  # noqa: ANN401
    """Return the token ids of each text, special tokens included, cut at `longest`."""
    if not texts:
        return []
    encoded = tokenizer(list(texts), truncation=True, max_length=longest)
    return [list(ids) for ids in encoded["input_ids"]]
