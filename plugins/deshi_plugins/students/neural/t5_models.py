"""T5 models: built from scratch, or read from a checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from deshi.api import Text
from deshi_plugins.students.neural.checkpoints import Checkpoint
from deshi_plugins.students.neural.params import T5Params
from deshi_plugins.students.neural.tokenizer import train_tokenizer

_FAMILY = ("t5", "mt5", "umt5")
_SPECIAL = ("<pad>", "</s>", "<unk>")
_FRAME = ("$A", "</s>")


def from_scratch(params: T5Params, texts: Sequence[Text]) -> tuple[Any, Any]:
    """Return a T5 with random weights and a tokenizer of the training texts."""
    import transformers

    subwords = train_tokenizer([text.text for text in texts], params.vocabulary, _SPECIAL, _FRAME)
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=subwords,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        model_max_length=params.max_length,
    )
    config = transformers.T5Config(
        vocab_size=len(tokenizer),
        d_model=params.width,
        d_kv=params.width // params.heads,
        d_ff=2 * params.width,
        num_layers=params.layers,
        num_decoder_layers=1,
        num_heads=params.heads,
        dropout_rate=params.dropout,
        feed_forward_proj="gated-gelu",
        decoder_start_token_id=0,
    )
    return transformers.T5ForConditionalGeneration(config), tokenizer


def from_checkpoint(checkpoint: Checkpoint) -> tuple[Any, Any]:
    """Return the model of a checkpoint and its tokenizer.

    Raises:
        UsageError: a file is missing or wrong, or it is not a T5.
        NotReadyError: the tokenizer needs a library that is not installed.
    """
    import transformers

    kind = checkpoint.config()["model_type"]
    if kind not in _FAMILY:
        raise checkpoint.fault("config.json", f"has model_type '{kind}', which is not a T5")
    tokenizer = checkpoint.tokenizer()
    model, report = checkpoint.read(
        "its weights",
        lambda: transformers.AutoModelForSeq2SeqLM.from_pretrained(
            checkpoint.folder,
            local_files_only=True,
            dtype=torch.float32,
            output_loading_info=True,
        ),
    )
    if missing := sorted(report["missing_keys"]):
        raise checkpoint.fault("the weights", f"lack {len(missing)} tensors, such as {missing[0]}")
    return model, tokenizer
