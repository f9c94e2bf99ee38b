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
    """What the training loop takes, whatever the student."""

    epochs: Annotated[int, Help("Passes over the training texts at most.", ge=1)] = 30
    patience: Annotated[
        int, Help("Epochs without anything better on validation after which it stops.", ge=1)
    ] = 5
    plateau_patience: Annotated[
        int, Help("The same while no epoch was better than a constant answer.", ge=1)
    ] = 15
    stop_on: Annotated[
        StopOn, Help("What chooses the epoch: Jaccard on validation, or the loss there.")
    ] = "jaccard"
    batch_size: Annotated[
        int, Help("Texts a step on average: batches of short texts hold more of them.", ge=1)
    ] = 32
    accumulate: Annotated[int, Help("Batches whose gradients make one step.", ge=1)] = 1
    learning_rate: Annotated[float, Help("Highest step size of AdamW.", gt=0)] = 3e-4
    weight_decay: Annotated[
        float, Help("Weight decay of AdamW; biases, norms and embeddings have none.", ge=0)
    ] = 0.01
    warmup_steps: Annotated[
        int, Help("Steps in which the step size rises to its highest.", ge=0)
    ] = 100
    schedule: Annotated[Schedule, Help("How the step size falls afterwards.")] = "linear"
    clip: Annotated[float, Help("Longest gradient of a step; 0 cuts none.", ge=0)] = 1.0
    precision: Annotated[
        Precision, Help("Of matrix products in training; `auto` is bf16 where hardware has it.")
    ] = "auto"
    max_length: Annotated[int, Help("Tokens of a text that are read.", ge=4)] = 128
    max_emoji: MostEmoji = MAX_EMOJI


@dataclass(frozen=True, kw_only=True)
class CheckpointParams(TrainingParams):
    """Where the weights come from: the hub, a folder, or nowhere."""

    checkpoint: Annotated[
        str | None, Help("A model on the hub, as owner/name. Without it and `path`: from scratch.")
    ] = None
    path: Annotated[Path | None, Help("A folder with a model in the hub's layout.")] = None
    revision: Annotated[str, Help("Branch, tag or commit of `checkpoint`.")] = "main"
    vocabulary: Annotated[
        int, Help("From scratch: pieces of the tokenizer that is trained on the texts.", ge=50)
    ] = 4000
    layers: Annotated[int, Help("From scratch: layers of an encoder or decoder.", ge=1)] = 2
    width: Annotated[int, Help("From scratch: width of the model.", ge=8)] = 128
    heads: Annotated[int, Help("From scratch: heads of attention.", ge=1)] = 4
    dropout: Annotated[float, Help("From scratch: share of values left out.", ge=0, lt=1)] = 0.1

    def __post_init__(self) -> None:
        """Check what no single limit can say."""
        if self.checkpoint is not None and self.path is not None:
            message = "'checkpoint' and 'path' exclude each other"
            raise ValueError(message)
        if self.width % self.heads:
            message = f"'width' ({self.width}) must be a multiple of 'heads' ({self.heads})"
            raise ValueError(message)

    @property
    def from_scratch(self) -> bool:
        """Whether no weights are given."""
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
        Head, Help("What can be said in training: the emoji alone, or the whole vocabulary.")
    ] = "emoji"
    emoji_rows: Annotated[
        Rows, Help("First embeddings of emoji: from their names, or the mean of all others.")
    ] = "names"
    embedding_rate: Annotated[
        float,
        Help(
            "Step size of the emoji's embeddings, and from scratch of all, in those of the rest.",
            gt=0,
        ),
    ] = 10.0
    decode: Annotated[Decode, Help("How answers are found; see docs/neural.md.")] = "expected"
    beams: Annotated[int, Help("Of `beam` and `sample`: hypotheses.", ge=1)] = 4
    temperature: Annotated[float, Help("Of `sample`: 1 leaves chances as they are.", gt=0)] = 1.0
    top_k: Annotated[int, Help("Of `sample`: tokens to draw from; 0 is all.", ge=0)] = 50
    top_p: Annotated[float, Help("Of `sample`: their chances together.", gt=0, le=1)] = 0.95
    repetition_penalty: Annotated[float, Help("Of `sample`: 1 is none.", gt=0)] = 1.0
    max_tokens: Annotated[int, Help("Of `sample`: tokens of an answer.", ge=1)] = 32
