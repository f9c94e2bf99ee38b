"""A fitted encoder as an ONNX model with 8-bit weights: dynamic quantisation, for a CPU."""

from __future__ import annotations

import json
import logging
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from deshi.api import NotReadyError, Prediction, Text, install_command
from deshi_plugins.students.decoder import Decoder
from deshi_plugins.students.neural.batching import inference_batches
from deshi_plugins.students.neural.quiet import quiet
from deshi_plugins.students.neural.tokenizer import token_ids

if TYPE_CHECKING:
    from deshi.api import Env
    from deshi_plugins.students.neural.params import BertParams

FORM = "onnx"
_STATE = "student.json"
_MODEL = "model.onnx"
_INFERENCE_BATCH = 64
_OPSET = 17


class _Scores(nn.Module):
    """A model whose inputs and output are positional."""

    def __init__(self, model: Any) -> None:  # noqa: ANN401
        super().__init__()
        self.model = model

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        scores: Tensor = self.model(input_ids=ids, attention_mask=mask).logits
        return scores


def write_compact(
    model: Any,  # noqa: ANN401
    tokenizer: Any,  # noqa: ANN401
    state: dict[str, Any],
    folder: Path,
) -> None:
    """Write the model, its tokenizer and what decoding needs into a folder.

    Raises:
        NotReadyError: the extra `export` is missing.
    """
    quantize = _quantize()
    with tempfile.TemporaryDirectory(prefix="deshi-") as scratch:
        whole = Path(scratch) / _MODEL
        _trace(model.to("cpu").eval(), whole)
        with quiet(), _no_advice():
            quantize(whole, folder / _MODEL, per_channel=True)
            tokenizer.save_pretrained(folder)
    state = {**state, "filler": tokenizer.pad_token_id}
    text = json.dumps(state, ensure_ascii=False, indent=1)
    (folder / _STATE).write_text(text + "\n", encoding="utf-8")


@torch.no_grad()
def _trace(model: Any, path: Path) -> None:  # noqa: ANN401
    # Two texts of different lengths, so that no size or full mask is taken for a constant.
    ids = torch.full((2, 7), 4)
    mask = torch.ones_like(ids)
    mask[1, 5:] = 0
    axes = {0: "texts", 1: "tokens"}
    with warnings.catch_warnings(), quiet():
        # The newer exporter needs a further library and a compiler's start.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _Scores(model),
            (ids, mask),
            str(path),
            input_names=["ids", "mask"],
            output_names=["scores"],
            dynamic_axes={"ids": axes, "mask": axes, "scores": {0: "texts"}},
            opset_version=_OPSET,
            dynamo=False,
        )


class CompactEncoder:
    """The exported form of a `bert`, with the same predictions up to 8-bit rounding."""

    def __init__(self, folder: Path, params: BertParams, env: Env) -> None:
        import transformers

        state = json.loads((folder / _STATE).read_text(encoding="utf-8"))
        self.params = params
        self.env = env
        self._symbols = tuple(state["symbols"])
        self._decoder = Decoder.from_json(state["decoder"])
        self._filler = int(state["filler"])
        with quiet():
            self._tokenizer = transformers.AutoTokenizer.from_pretrained(
                folder, local_files_only=True
            )
        self._session = _session(folder / _MODEL, env.threads)

    def predict(self, texts: Sequence[Text]) -> Sequence[Prediction]:
        """Return one prediction per text, in order."""
        decoder = self._decoder.with_threshold(self.params.threshold)
        if not texts:
            return []
        values = decoder.probabilities(self._scores([text.text for text in texts]))
        return decoder.predict(values, self.params.max_emoji, self._symbols)

    def _scores(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        ids = token_ids(self._tokenizer, texts, self.params.max_length)
        scores = np.zeros((len(ids), len(self._symbols)), dtype=np.float32)
        batch_size = int(self.env.settings.get("inference-batch", _INFERENCE_BATCH))
        for rows in inference_batches([len(row) for row in ids], batch_size):
            longest = max(len(ids[row]) for row in rows)
            batch = np.full((len(rows), longest), self._filler, dtype=np.int64)
            for at, row in enumerate(rows):
                batch[at, : len(ids[row])] = ids[row]
            lengths = np.array([len(ids[row]) for row in rows])
            mask = (np.arange(longest) < lengths[:, None]).astype(np.int64)
            scores[rows] = self._session.run(["scores"], {"ids": batch, "mask": mask})[0]
        return scores


def _session(path: Path, threads: int) -> Any:  # noqa: ANN401
    try:
        import onnxruntime
    except ImportError:
        raise _missing("onnxruntime") from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _quantize() -> Any:  # noqa: ANN401
    try:
        import onnx  # noqa: F401
        from onnxruntime.quantization import quantize_dynamic
    except ImportError:
        raise _missing("onnx or onnxruntime") from None
    return quantize_dynamic


@contextmanager
def _no_advice() -> Iterator[None]:
    """Keep the quantiser from advising a preparation, which the exporter has done."""

    def is_other(record: logging.LogRecord) -> bool:
        return "pre-processing before quantization" not in record.getMessage()

    logging.getLogger().addFilter(is_other)
    try:
        yield
    finally:
        logging.getLogger().removeFilter(is_other)


def _missing(what: str) -> NotReadyError:
    return NotReadyError(
        f"{what} is not installed", where="export", fix=f"run `{install_command('export')}`"
    )
