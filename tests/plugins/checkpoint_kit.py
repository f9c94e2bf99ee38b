"""Small checkpoints in the hub's layout, with random weights and real tokenizers."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import torch

from deshi.api import Env, NoParams
from deshi_plugins.corpora.packaged import Sample


@functools.cache
def sentences() -> tuple[str, ...]:
    return tuple(text.text for text in Sample(NoParams(), Env()).texts())


@functools.cache
def sentencepiece_model() -> bytes:
    import io

    import sentencepiece

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences()),
        model_writer=model,
        vocab_size=2000,
        model_type="unigram",
        character_coverage=0.999,
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        num_threads=1,
        minloglevel=2,
    )
    return model.getvalue()


def t5_checkpoint(folder: Path, *, weights: str = "pytorch_model.bin", rows: int = 28) -> Path:
    """A T5 with a SentencePiece tokenizer of 100 sentinels, whose table has a few spare rows."""
    import transformers

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "spiece.model").write_bytes(sentencepiece_model())
    special = {"eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
    settings = {
        "tokenizer_class": "T5Tokenizer",
        "extra_ids": 100,
        "additional_special_tokens": [f"<extra_id_{n}>" for n in range(100)],
        **special,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    (folder / "special_tokens_map.json").write_text(json.dumps(special))
    torch.manual_seed(0)
    config = transformers.T5Config(
        vocab_size=2100 + rows,
        d_model=32,
        d_kv=8,
        d_ff=64,
        num_layers=2,
        num_heads=4,
        decoder_start_token_id=0,
    )
    config.architectures = ["T5ForConditionalGeneration"]
    _write(transformers.T5ForConditionalGeneration(config), config, folder, weights)
    return folder


def bert_checkpoint(folder: Path, *, weights: str = "model.safetensors") -> Path:
    """A BERT whose tokenizer cuts words with MeCab and then pieces of them."""
    import transformers

    folder.mkdir(parents=True, exist_ok=True)
    characters = sorted({character for text in sentences() for character in text})
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "今日", "です", "ます", "猫", "雨"]
    pieces = list(dict.fromkeys([*pieces, *characters, *(f"##{c}" for c in characters)]))
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    settings = {
        "tokenizer_class": "BertJapaneseTokenizer",
        "model_max_length": 512,
        "do_lower_case": False,
        "word_tokenizer_type": "mecab",
        "subword_tokenizer_type": "wordpiece",
        "mecab_kwargs": {"mecab_dic": "unidic_lite"},
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(pieces),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
    )
    config.architectures = ["BertForPreTraining"]
    _write(transformers.BertForPreTraining(config), config, folder, weights)
    return folder


def _write(model, config, folder: Path, weights: str) -> None:
    config.save_pretrained(folder)
    if weights.endswith(".bin"):
        torch.save(model.state_dict(), folder / weights)
        return
    from safetensors.torch import save_model

    save_model(model, str(folder / weights), metadata={"format": "pt"})
