"""Encoders with a score for each label: built from scratch, or read from a checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from deshi.api import Text
from deshi_plugins.students.neural.checkpoints import Checkpoint
from deshi_plugins.students.neural.params import BertParams
from deshi_plugins.students.neural.tokenizer import train_tokenizer

_SPECIAL = ("<pad>", "<unk>", "<cls>", "<sep>")
_FRAME = ("<cls>", "$A", "<sep>")


def from_scratch(
    params: BertParams, texts: Sequence[Text], symbols: Sequence[str]
) -> tuple[nn.Module, Any]:
    """Return a model with random weights and a tokenizer of the training texts.

    The model is a small ModernBERT, which transformers can pool by the mean.
    """
    import transformers

    subwords = train_tokenizer([text.text for text in texts], params.vocabulary, _SPECIAL, _FRAME)
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=subwords,
        pad_token="<pad>",
        unk_token="<unk>",
        cls_token="<cls>",
        sep_token="<sep>",
        model_max_length=params.max_length,
    )
    config = transformers.ModernBertConfig(
        vocab_size=len(tokenizer),
        hidden_size=params.width,
        intermediate_size=2 * params.width,
        num_hidden_layers=params.layers,
        num_attention_heads=params.heads,
        max_position_embeddings=max(params.max_length, 128),
        classifier_pooling="mean" if params.pooling == "mean" else "cls",
        embedding_dropout=params.dropout,
        attention_dropout=params.dropout,
        mlp_dropout=params.dropout,
        classifier_dropout=params.dropout,
        layer_types=["full_attention"] * params.layers,
        pad_token_id=0,
        cls_token_id=2,
        sep_token_id=3,
        bos_token_id=2,
        eos_token_id=3,
        **_label_names(symbols),
    )
    return transformers.ModernBertForSequenceClassification(config), tokenizer


def from_checkpoint(checkpoint: Checkpoint, symbols: Sequence[str]) -> tuple[nn.Module, Any]:
    """Return the model of a checkpoint with a new layer of labels, and its tokenizer.

    Raises:
        UsageError: a file is missing or wrong.
        NotReadyError: the tokenizer needs a library that is not installed.
    """
    import transformers

    checkpoint.config()
    tokenizer = checkpoint.tokenizer()
    model, report = checkpoint.read(
        "its weights",
        lambda: transformers.AutoModelForSequenceClassification.from_pretrained(
            checkpoint.folder,
            local_files_only=True,
            dtype=torch.float32,
            output_loading_info=True,
            ignore_mismatched_sizes=True,
            **_label_names(symbols),
        ),
    )
    prefix = f"{model.base_model_prefix}."
    missing = sorted(
        name for name in report["missing_keys"] if name.startswith(prefix) and "pooler" not in name
    )
    if missing:
        raise checkpoint.fault("the weights", f"lack {len(missing)} tensors, such as {missing[0]}")
    return model, tokenizer


def last_layer(model: nn.Module) -> nn.Linear:
    """Return the layer that gives the scores of labels."""
    layers = [part for part in model.modules() if isinstance(part, nn.Linear)]
    labels = int(getattr(model, "num_labels", 0))
    return next(layer for layer in reversed(layers) if layer.out_features == labels)


@torch.no_grad()
def set_output_bias(model: nn.Module, bias: Tensor) -> None:
    """Initialise the output bias, so that scores start at the label frequencies."""
    last_layer(model).bias.copy_(bias)


def _label_names(symbols: Sequence[str]) -> dict[str, Any]:
    return {
        "problem_type": "multi_label_classification",
        "num_labels": len(symbols),
        "id2label": dict(enumerate(symbols)),
        "label2id": {symbol: number for number, symbol in enumerate(symbols)},
    }
