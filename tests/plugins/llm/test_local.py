"""A language model on this machine: a tiny one, made here, with random weights."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from deshi.api import Env, Request
from deshi_plugins.teachers.params_local import LocalParams

pytest.importorskip("transformers")

TEXTS = ["猫が好き", "犬", "今日はとても暑いので海に行きたい", "寿司"]
PROMPT = {"label": "絵文字だけを返す。"}
TEMPLATE = (
    "{% for m in messages %}<s>{{ m['role'] }}\n{{ m['content'] }}</s>{% endfor %}"
    "{% if add_generation_prompt %}<s>assistant\n{% endif %}"
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build and save a byte-level tokenizer and a Llama of two tiny layers."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = {word: at for at, word in enumerate(["<pad>", "<s>", "</s>", *alphabet])}
    tokenizer = Tokenizer(models.BPE(vocab=words, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>"
    )
    fast.chat_template = TEMPLATE
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(words), hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=2, max_position_embeddings=512,
        bos_token_id=1, eos_token_id=2, pad_token_id=0,
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("model")
    LlamaForCausalLM(config).save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder


def local(model: Path, **params: Any) -> Any:
    from deshi_plugins.teachers.local import Local

    return Local(LocalParams(path=model, max_tokens=12, **params), Env())


def asked(samples: int = 1) -> list[Request]:
    return [
        Request(task="label", text=text, sample=sample, prompt=PROMPT)
        for text in TEXTS
        for sample in range(samples)
    ]


def test_a_batch_says_what_single_requests_say(model: Path) -> None:
    with local(model) as teacher:
        together = teacher.answer_many(asked())
        alone = [asyncio.run(teacher.answer(request)) for request in asked()]
    assert [reply.content for reply in together] == [reply.content for reply in alone]
    assert {reply.finish for reply in together} <= {"stop", "length", "empty"}
    for reply in together:
        assert reply.usage.input_tokens > len(PROMPT["label"])
        assert 1 <= reply.usage.output_tokens <= 12


def test_what_is_drawn_depends_on_text_and_sample_and_not_on_the_batch(model: Path) -> None:
    requests = asked(samples=3)
    with local(model, temperature=1.0, seed=5) as teacher:
        together = [reply.content for reply in teacher.answer_many(requests)]
        backwards = [reply.content for reply in teacher.answer_many(requests[::-1])][::-1]
        alone = [asyncio.run(teacher.answer(request)).content for request in requests]
    with local(model, temperature=1.0, seed=6) as teacher:
        other = [reply.content for reply in teacher.answer_many(requests)]
    assert together == backwards == alone
    assert len(set(together)) > 6
    assert together != other


def test_drawn_tokens_have_the_shares_of_the_softmax(model: Path) -> None:
    import torch

    from deshi_plugins.teachers.local import _Gumbel

    logits = torch.tensor([0.0, 1.0, 2.0]).repeat(20_000, 1)
    drawn = _Gumbel(range(20_000))(torch.zeros(1), logits).argmax(dim=1)
    shares = torch.bincount(drawn, minlength=3) / 20_000
    assert shares.tolist() == pytest.approx(torch.softmax(logits[0], 0).tolist(), abs=0.012)


def test_an_answer_that_never_ends_is_cut_and_says_so(model: Path) -> None:
    with local(model) as teacher:
        replies = teacher.answer_many(asked())
    assert any(reply.finish == "length" for reply in replies)
