"""Parameters of the neural students, in a module that imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from deshi.api import Help
from deshi.emoji import MAX_EMOJI
from deshi_plugins.students.params import MostEmoji, Threshold

Precision: TypeAlias = Literal["auto", "bf16", "fp32"]
Schedule: TypeAlias = Literal["linear", "cosine", "constant"]
StopOn: TypeAlias = Literal["jaccard", "loss"]
Order: TypeAlias = Literal["teacher", "frequent-first", "rare-first", "random"]
Head: TypeAlias = Literal["emoji", "full"]
Rows: TypeAlias = Literal["names", "mean"]
Decode: TypeAlias = Literal["expected", "set", "greedy", "beam", "sample"]


@dataclass(frozen=True, kw_only=True)
class TrainingParams:
    """Parameters of the training loop, shared by the students."""

    epochs: Annotated[int, Help("Maximum number of epochs.", ge=1)] = 30
    patience: Annotated[
        int, Help("Epochs without improvement on validation before training stops.", ge=1)
    ] = 5
    plateau_patience: Annotated[
        int, Help("The same while no epoch is better than the majority baseline.", ge=1)
    ] = 15
    stop_on: Annotated[StopOn, Help("Criterion of the best epoch: validation Jaccard or loss.")] = (
        "jaccard"
    )
    batch_size: Annotated[
        int, Help("Mean number of texts per batch; batches of short texts have more.", ge=1)
    ] = 32
    accumulate: Annotated[
        int, Help("Batches whose gradients are accumulated for one step.", ge=1)
    ] = 1
    learning_rate: Annotated[float, Help("Maximum learning rate of AdamW.", gt=0)] = 3e-4
    weight_decay: Annotated[
        float, Help("Weight decay of AdamW; biases, norms and embeddings have none.", ge=0)
    ] = 0.01
    warmup_steps: Annotated[
        int, Help("Steps in which the learning rate rises to its maximum.", ge=0)
    ] = 100
    schedule: Annotated[Schedule, Help("Learning-rate schedule after the warm-up.")] = "linear"
    clip: Annotated[float, Help("Maximum gradient norm; 0 for no clipping.", ge=0)] = 1.0
    precision: Annotated[
        Precision, Help("Precision of matrix products in training; `auto` is bf16 where supported.")
    ] = "auto"
    max_length: Annotated[
        int, Help("Maximum number of tokens per text; the rest is cut.", ge=4)
    ] = 128
    max_emoji: MostEmoji = MAX_EMOJI


@dataclass(frozen=True, kw_only=True)
class CheckpointParams(TrainingParams):
    """Source of the weights: the Hugging Face Hub, a folder, or none."""

    checkpoint: Annotated[
        str | None,
        Help("Hugging Face model, owner/name. Without it and `path`: from scratch."),
    ] = None
    path: Annotated[Path | None, Help("A folder with a Hugging Face model.")] = None
    revision: Annotated[str, Help("Branch, tag or commit of `checkpoint`.")] = "main"
    vocabulary: Annotated[
        int, Help("From scratch: vocabulary size of the tokenizer trained on the texts.", ge=50)
    ] = 4000
    layers: Annotated[int, Help("From scratch: layers of an encoder or decoder.", ge=1)] = 2
    width: Annotated[int, Help("From scratch: width of the model.", ge=8)] = 128
    heads: Annotated[int, Help("From scratch: attention heads.", ge=1)] = 4
    dropout: Annotated[float, Help("From scratch: dropout probability.", ge=0, lt=1)] = 0.1

    def __post_init__(self) -> None:
        """Check parameters that depend on each other."""
        if self.checkpoint is not None and self.path is not None:
            message = "'checkpoint' and 'path' exclude each other"
            raise ValueError(message)
        if self.width % self.heads:
            message = f"'width' ({self.width}) must be a multiple of 'heads' ({self.heads})"
            raise ValueError(message)

    @property
    def from_scratch(self) -> bool:
        """Whether there is no checkpoint."""
        return self.checkpoint is None and self.path is None


@dataclass(frozen=True, kw_only=True)
class BertParams(CheckpointParams):
    """Parameters of `bert`."""

    pooling: Annotated[
        Literal["mean", "first"], Help("From scratch: mean of all tokens, or the first one's.")
    ] = "mean"
    threshold: Threshold | None = None


@dataclass(frozen=True, kw_only=True)
class T5Params(CheckpointParams):
    """Parameters of `t5`."""

    order: Annotated[Order, Help("Order of the labels of a text in training.")] = "teacher"
    head: Annotated[
        Head, Help("Outputs in training: the emoji alone, or the whole vocabulary.")
    ] = "emoji"
    emoji_rows: Annotated[
        Rows, Help("Initial embeddings of emoji: from their names, or the mean of all others.")
    ] = "names"
    embedding_rate: Annotated[
        float,
        Help(
            "Factor of the learning rate for emoji embeddings; from scratch, for all embeddings.",
            gt=0,
        ),
    ] = 10.0
    decode: Annotated[Decode, Help("Decoding of the prediction; see docs/neural.md.")] = "expected"
    beams: Annotated[int, Help("Of `beam` and `sample`: number of hypotheses.", ge=1)] = 4
    temperature: Annotated[
        float, Help("Of `sample`: temperature; 1 keeps the probabilities.", gt=0)
    ] = 1.0
    top_k: Annotated[int, Help("Of `sample`: top-k tokens; 0 is all.", ge=0)] = 50
    top_p: Annotated[float, Help("Of `sample`: nucleus probability.", gt=0, le=1)] = 0.95
    repetition_penalty: Annotated[
        float, Help("Of `sample`: penalty of repeated tokens; 1 is none.", gt=0)
    ] = 1.0
    max_tokens: Annotated[int, Help("Of `sample`: maximum number of tokens.", ge=1)] = 32
