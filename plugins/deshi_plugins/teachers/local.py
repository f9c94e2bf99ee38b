"""The teacher `local`: a causal language model on this machine, through transformers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from deshi.api import Env, Reply, Request, Usage
from deshi_plugins.teachers.params_local import LocalParams
from deshi_plugins.teachers.prompting import instructions
from deshi_plugins.teachers.thinking import without_thinking

if TYPE_CHECKING:
    import torch


class Local:
    """Answers in batches, with the most probable tokens or with sampled ones.

    Samples depend on the seed, the text and the sample's number alone, not on which requests are
    batched together: each row of a batch has its own stream of Gumbel noise, whose largest sum with
    the logits is a sample from their softmax.
    """

    def __init__(self, params: LocalParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._loaded: tuple[Any, Any] | None = None

    def __enter__(self) -> Self:
        self._load()
        return self

    def __exit__(self, *exception: object) -> None:
        self._loaded = None

    async def answer(self, request: Request) -> Reply:
        """Return the model's answer to one request."""
        return self.answer_many([request])[0]

    def answer_many(self, requests: Sequence[Request]) -> Sequence[Reply]:
        """Return the model's answers to requests, all at once."""
        import torch

        model, tokenizer = self._load()
        texts = [self._prompt(tokenizer, request) for request in requests]
        batch = tokenizer(texts, return_tensors="pt", padding=True, add_special_tokens=False)
        inputs = {name: batch[name].to(model.device) for name in ("input_ids", "attention_mask")}
        with torch.inference_mode():
            tokens = model.generate(
                **inputs,
                max_new_tokens=self.params.max_tokens,
                do_sample=False,
                pad_token_id=tokenizer.pad_token_id,
                logits_processor=self._sampler(requests),
            )
        start = inputs["input_ids"].shape[1]
        counts = inputs["attention_mask"].sum(dim=1).tolist()
        return [
            self._reply(row[start:].tolist(), count, model, tokenizer)
            for row, count in zip(tokens, counts, strict=True)
        ]

    def _reply(self, tokens: list[int], input_tokens: int, model: Any, tokenizer: Any) -> Reply:  # noqa: ANN401
        ends = model.generation_config.eos_token_id
        stops = set(ends if isinstance(ends, list) else [ends]) - {None}
        at = next((i for i, token in enumerate(tokens) if token in stops), None)
        tokens_until_end = tokens if at is None else tokens[:at]
        content = tokenizer.decode(tokens_until_end, skip_special_tokens=True)
        text, unfinished = without_thinking(content)
        cut = at is None or unfinished
        return Reply(
            content=text,
            finish="length" if cut else "stop" if text else "empty",
            model=self.params.model or str(getattr(self.params.path, "name", "")),
            usage=Usage(
                input_tokens=input_tokens, output_tokens=len(tokens_until_end) + (at is not None)
            ),
        )

    def _prompt(self, tokenizer: Any, request: Request) -> str:  # noqa: ANN401
        """Return the request in the model's own chat template, or plainly where it has none."""
        system = instructions(request)
        if not tokenizer.chat_template:
            return f"{system}\n\n{request.text}\n\n"
        tokens_until_end = [
            {"role": "system", "content": system},
            {"role": "user", "content": request.text},
        ]
        prompt: str = tokenizer.apply_chat_template(
            tokens_until_end,
            tokenize=False,
            add_generation_prompt=True,
            enable_thinking=self.params.thinking,
        )
        return prompt

    def _sampler(self, requests: Sequence[Request]) -> Any:  # noqa: ANN401
        from transformers import LogitsProcessorList
        from transformers.generation import logits_process as known

        params = self.params
        if not params.temperature:
            return LogitsProcessorList()
        steps: list[Any] = [known.TemperatureLogitsWarper(params.temperature)]
        if params.top_k:
            steps.append(known.TopKLogitsWarper(params.top_k))
        if params.top_p < 1:
            steps.append(known.TopPLogitsWarper(params.top_p))
        if params.min_p:
            steps.append(known.MinPLogitsWarper(params.min_p))
        return LogitsProcessorList([*steps, _Gumbel([self._seed(one) for one in requests])])

    def _seed(self, request: Request) -> int:
        named = f"{self.params.seed}\x1f{request.task}\x1f{request.sample}\x1f{request.text}"
        return int.from_bytes(hashlib.sha256(named.encode()).digest()[:7], "big")

    def _load(self) -> tuple[Any, Any]:
        if self._loaded is None:
            import torch
            from transformers import AutoModelForCausalLM, AutoTokenizer

            name = str(self.params.path or self.params.model)
            pinned = {"revision": self.params.revision} if self.params.model else {}
            tokenizer: Any = AutoTokenizer.from_pretrained(name, padding_side="left", **pinned)
            if tokenizer.pad_token_id is None:
                tokenizer.pad_token = tokenizer.eos_token
            dtype = self._dtype(torch.device(self.env.device))
            model: Any = AutoModelForCausalLM.from_pretrained(name, dtype=dtype, **pinned)
            self._loaded = model.to(self.env.device).eval(), tokenizer
        return self._loaded

    def _dtype(self, device: torch.device) -> torch.dtype:
        import torch

        fits = device.type == "cuda" and torch.cuda.is_bf16_supported()
        wanted = self.params.precision
        return (
            torch.bfloat16 if wanted == "bfloat16" or (wanted == "auto" and fits) else torch.float32
        )


class _Gumbel:
    """Adds noise to each row's logits from the row's own stream, sampled on the CPU for all devices."""

    def __init__(self, seeds: Sequence[int]) -> None:
        import torch

        self._streams = [torch.Generator().manual_seed(seed) for seed in seeds]

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:  # noqa: ARG002
        import torch

        width = scores.shape[-1]
        rows = [torch.rand(width, generator=one, dtype=torch.float64) for one in self._streams]
        noise = -torch.log(-torch.log(torch.stack(rows).clamp_min(1e-300)))
        return scores + noise.to(scores.device, scores.dtype)
