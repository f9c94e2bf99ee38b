"""The decoder of a T5, restricted to the emoji."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

END = 0
"""The output of the end; emoji i of the alphabet is output i + 1."""


class EmojiDecoder:
    """Scores of the next output: the end, and the emoji of the alphabet.

    `outputs` are the token ids of the outputs, and `rows` returns the matching rows of the last
    layer, (outputs, width). Everything else of the vocabulary is never multiplied, in training
    neither: this makes it fast, and keeps predictions within the alphabet.
    """

    def __init__(self, model: Any, outputs: Sequence[int], rows: Callable[[], Tensor]) -> None:  # noqa: ANN401
        self.model = model
        self.rows = rows
        self.outputs = torch.tensor(outputs, device=model.device)
        self.start = int(model.config.decoder_start_token_id)
        scaled = getattr(model.config, "scale_decoder_outputs", False)
        self.scale = model.config.d_model**-0.5 if scaled else 1.0

    @classmethod
    def of(cls, model: Any, outputs: Sequence[int]) -> EmojiDecoder:  # noqa: ANN401
        """Return the decoder of an unrestricted model."""
        chosen = torch.tensor(outputs, device=model.device)
        return cls(model, outputs, lambda: model.get_output_embeddings().weight[chosen])

    def states(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return the encoder's states of texts, (batch, tokens) to (batch, tokens, width)."""
        states: Tensor = self.model.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return states

    def forced(self, ids: Tensor, mask: Tensor, targets: Tensor) -> Tensor:
        """Return scores with teacher forcing, (batch, steps, outputs).

        `targets` (batch, steps) are the correct outputs.
        """
        before = self.outputs[targets[:, :-1]]
        starts = torch.full((len(targets), 1), self.start, device=before.device)
        hidden = self._decoded(torch.cat((starts, before), 1), self.states(ids, mask), mask, {})
        return self._scores(hidden)

    def start_generation(self, ids: Tensor, mask: Tensor) -> Generation:
        """Return the generation of texts at its first step, ids and mask (batch, tokens) each."""
        return Generation(self, self.states(ids, mask), mask)

    def _decoded(self, tokens: Tensor, states: Tensor, mask: Tensor, more: dict[str, Any]) -> Any:  # noqa: ANN401
        output = self.model.decoder(
            input_ids=tokens, encoder_hidden_states=states, encoder_attention_mask=mask, **more
        )
        return output if more else output.last_hidden_state

    def _scores(self, hidden: Tensor) -> Tensor:
        return functional.linear(hidden * self.scale, self.rows())


class Generation:
    """The sequences of a batch while they are generated, with the decoder's cache.

    An output is 0 for the end, and i + 1 for emoji i of the alphabet.
    """

    def __init__(self, decoder: EmojiDecoder, states: Tensor, mask: Tensor) -> None:
        self._decoder = decoder
        self._states = states
        self._mask = mask
        self._cache: Any = None

    def next(self, previous: Tensor | None = None) -> Tensor:
        """Return the scores of the next step, (batch, outputs).

        `previous` (batch,) are the outputs of the step before; None at the first step.
        """
        decoder = self._decoder
        if previous is None:
            tokens = torch.full((len(self._states),), decoder.start, device=self._states.device)
        else:
            tokens = decoder.outputs[previous]
        output = decoder._decoded(  # noqa: SLF001
            tokens[:, None], self._states, self._mask, {"cache": self._cache, "use_cache": True}
        )
        self._cache = output.cache
        return decoder._scores(output.last_hidden_state[:, -1]).float()  # noqa: SLF001

    def repeat(self, times: int) -> None:
        """Repeat each sequence, copies side by side."""
        self._states = self._states.repeat_interleave(times, 0)
        self._mask = self._mask.repeat_interleave(times, 0)
        self._cache.batch_repeat_interleave(times)

    def select(self, rows: Tensor) -> None:
        """Keep these sequences alone, (rows,); a row may come more than once."""
        self._states, self._mask = self._states[rows], self._mask[rows]
        self._cache.batch_select_indices(rows)
