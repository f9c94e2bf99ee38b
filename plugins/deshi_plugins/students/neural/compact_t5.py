"""A fitted T5 as a CTranslate2 model, whose decoder is restricted to the emoji.

The decoder's embeddings and its last layer are cut to the start, the end and the emoji. One greedy
pass generates as many emoji as a prediction may have and returns the scores of every step, from which
the rules of `sequence_search` work as on the model itself. The pass must not stop at the end token, so
the end is masked in it; its score is that of a shadow, a row with the end's weights and a
bias far below all emoji.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from deshi.api import NotReadyError, Prediction, Text, UsageError, install_command
from deshi_plugins.students.neural.batching import inference_batches
from deshi_plugins.students.neural.quiet import quiet
from deshi_plugins.students.neural.sequence_search import expected_counts, first_shares, greedy
from deshi_plugins.students.neural.tokenizer import token_ids
from deshi_plugins.students.rules import jaccard_prefixes
from deshi_plugins.students.selection import Floats, predictions
from deshi_plugins.students.threads import pinned_threads

if TYPE_CHECKING:
    from deshi.api import Env
    from deshi_plugins.students.neural.params import T5Params

RULES = ("expected", "set", "greedy")
"""The decodings that need one greedy pass."""
_STATE = "student.json"
_BELOW = 100.0
"""The shadow's bias: a score is a float of 24 bits, so that five digits after the point are left."""
_NEVER = 1e9
_START, _END, _SHADOW = "start", "end", "shadow"
_BEFORE_EMOJI = 3
_INFERENCE_BATCH = 64


def write_compact(
    model: Any,  # noqa: ANN401
    tokenizer: Any,  # noqa: ANN401
    outputs: Sequence[int],
    scale: float,
    state: dict[str, Any],
    folders: Mapping[Path, str | None],
) -> None:
    """Write the model, its tokenizer and what decoding needs into each folder, with its rounding.

    `outputs` are the token ids of the end and of each emoji; `scale` is what the decoder's states are
    multiplied by before the last layer. A rounding is CTranslate2's name of it, None for none.
    """
    for folder, rounding in folders.items():
        _write_one(model, tokenizer, outputs, scale, state, folder, rounding)


def _write_one(
    model: Any,  # noqa: ANN401
    tokenizer: Any,  # noqa: ANN401
    outputs: Sequence[int],
    scale: float,
    state: dict[str, Any],
    folder: Path,
    rounding: str | None,
) -> None:
    # The converter takes weights as they are, and scales some of them in place.
    spec = _spec(copy.deepcopy(model).to("cpu"), outputs, scale)
    spec.register_source_vocabulary(list(map(str, range(len(model.get_input_embeddings().weight)))))
    emoji = [str(number) for number in range(len(outputs) - 1)]
    spec.register_target_vocabulary([_START, _END, _SHADOW, *emoji])
    for name, token in (("bos", _START), ("unk", _START), ("eos", _END)):
        setattr(spec.config, f"{name}_token", token)
    spec.config.decoder_start_token = _START
    spec.validate()
    spec.optimize(quantization=rounding)
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    with quiet():
        tokenizer.save_pretrained(folder)
    text = json.dumps(state, ensure_ascii=False, indent=1)
    (folder / _STATE).write_text(text + "\n", encoding="utf-8")


@torch.no_grad()
def _spec(model: Any, outputs: Sequence[int], scale: float) -> Any:  # noqa: ANN401
    transformers = _converters()
    loader = (
        transformers.MT5Loader() if model.config.model_type == "mt5" else transformers.T5Loader()
    )
    spec = loader.get_model_spec(model)
    start = int(model.config.decoder_start_token_id)
    rows = [start, outputs[0], *outputs]
    tables = spec.decoder.embeddings
    table = tables[0] if isinstance(tables, list) else tables
    table.weight = model.decoder.embed_tokens.weight[rows].float().clone()
    spec.decoder.projection.weight = model.get_output_embeddings().weight[rows].float().clone()
    bias = torch.zeros(len(rows))
    bias[:_BEFORE_EMOJI] = torch.tensor([-_NEVER, -_NEVER, -_BELOW])
    spec.decoder.projection.bias = bias
    spec.decoder.scale_outputs = np.dtype("float32").type(scale)
    return spec


class CompactT5:
    """The exported form of a `t5`, with the same predictions up to the rounding of its weights."""

    def __init__(self, folder: Path, params: T5Params, env: Env) -> None:
        import transformers

        check_rule(params, env)
        state = json.loads((folder / _STATE).read_text(encoding="utf-8"))
        self.params = params
        self.env = env
        self._symbols = tuple(state["symbols"])
        self._size, self._scale = state["size"], state["scale"]
        with quiet():
            self._tokenizer = transformers.AutoTokenizer.from_pretrained(
                folder, local_files_only=True
            )
        self._engine = _ctranslate2().Translator(
            str(folder),
            device="cuda" if env.device.startswith("cuda") else "cpu",
            compute_type="default",  # as it was saved
            intra_threads=env.threads,
        )

    def predict(self, texts: Sequence[Text]) -> Sequence[Prediction]:
        """Return one prediction per text, in order."""
        return self.predict_with_margins(texts)[0]

    def predict_with_margins(self, texts: Sequence[Text]) -> tuple[list[Prediction], Floats]:
        """Return one prediction per text, and the margin between its two most probable emoji.

        The margin, shape (texts,), is the logarithm of the ratio of their probabilities.
        """
        ids = token_ids(self._tokenizer, [text.text for text in texts], self.params.max_length)
        probabilities = np.zeros((len(ids), len(self._symbols)))
        predicted = [Prediction(())] * len(ids)
        batch_size = int(self.env.settings.get("inference-batch", _INFERENCE_BATCH))
        with pinned_threads(self.env.threads):
            for rows in inference_batches([len(row) for row in ids], batch_size):
                generation = self._generate([ids[row] for row in rows])
                probabilities[rows] = self._probabilities(generation)
                if self.params.decode == "greedy":
                    sequences = greedy(generation.restart(), self.params.max_emoji)
                    for row, labels in zip(rows, sequences, strict=True):
                        predicted[row] = Prediction(tuple(self._symbols[label] for label in labels))
        if self.params.decode != "greedy":
            predicted = self._sets(probabilities)
        return predicted, _margins(probabilities)

    def _generate(self, ids: Sequence[Sequence[int]]) -> RecordedGeneration:
        steps = min(self._steps, len(self._symbols))
        results = self._engine.translate_batch(
            [list(map(str, row)) for row in ids],
            beam_size=1,
            max_decoding_length=steps,
            no_repeat_ngram_size=1,
            max_input_length=0,
            return_logits_vocab=True,
        )
        return RecordedGeneration(
            np.stack([np.stack(list(map(np.asarray, r.logits[0]))) for r in results])
        )

    @property
    def _steps(self) -> int:
        from deshi.emoji import MAX_EMOJI

        return {"set": 1, "greedy": self.params.max_emoji}.get(self.params.decode, MAX_EMOJI)

    def _probabilities(self, generation: RecordedGeneration) -> Floats:
        values = (
            expected_counts(generation, self._steps)
            if self.params.decode == "expected"
            else first_shares(generation)
        )
        probabilities: Floats = values.double().numpy()
        return probabilities

    def _sets(self, probabilities: Floats) -> list[Prediction]:
        size = self._size if self.params.decode == "set" else self._scale
        labels = jaccard_prefixes(probabilities, self.params.max_emoji, size)
        return predictions(probabilities, labels, self._symbols)


class RecordedGeneration:
    """The recorded scores of a greedy pass, step by step, as `Steps` of `sequence_search`.

    `logits` (batch, steps, 3 + emoji) begin with start, end and shadow; generated emoji have the lowest
    possible score.
    """

    def __init__(self, logits: np.typing.NDArray[np.float32]) -> None:
        self._logits = torch.from_numpy(logits)
        self._step = 0

    def restart(self) -> RecordedGeneration:
        """Return the same pass at its first step."""
        return RecordedGeneration(self._logits.numpy())

    def next(self, previous: Tensor | None = None) -> Tensor:
        """Return the scores of the next step, (batch, 1 + emoji): the end, then each emoji."""
        del previous  # the pass followed the most probable emoji, as the rules do
        scores = self._logits[:, self._step, _BEFORE_EMOJI - 1 :].clone()
        scores[:, 0] += _BELOW
        self._step += 1
        return scores


def _margins(probabilities: Floats) -> Floats:
    if probabilities.shape[1] < 2:
        return np.full(len(probabilities), np.inf)
    two = np.log(np.maximum(np.sort(probabilities, axis=1)[:, -2:], np.finfo(np.float64).tiny))
    margins: Floats = two[:, 1] - two[:, 0]
    return margins


def check_rule(params: T5Params, env: Env) -> None:
    """Raise UsageError for a decoding that needs more than one greedy pass."""
    if params.decode not in RULES:
        raise UsageError(
            f"the decoding '{params.decode}' has no exported form",
            where=f"student {env.entry or 't5'}: decode",
            fix=f"set decode to {', '.join(RULES)}; the model need not be trained again",
        )


def _ctranslate2() -> Any:  # noqa: ANN401
    try:
        import ctranslate2
    except ImportError:
        raise _missing("ctranslate2") from None
    return ctranslate2


def _converters() -> Any:  # noqa: ANN401
    _ctranslate2()
    from ctranslate2.converters import transformers

    return transformers


def _missing(module: str) -> NotReadyError:
    return NotReadyError(
        f"{module} is not installed", where="export", fix=f"run `{install_command('export')}`"
    )
