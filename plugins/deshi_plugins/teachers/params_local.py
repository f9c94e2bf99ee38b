"""Parameters of the teachers `replay`, `local` and `union`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from deshi.api import Help
from deshi.emoji import MAX_EMOJI


@dataclass(frozen=True, kw_only=True)
class ReplayParams:
    """Parameters of `replay`."""

    path: Annotated[Path, Help("A file of answers, or a folder of files.")] | None = None
    dataset: Annotated[
        str, Help("Instead of a path: a data set on the Hugging Face Hub, owner/name.")
    ] = ""
    pattern: Annotated[str, Help("Which files of the folder or data set.")] = ""
    revision: Annotated[
        str, Help("The commit of the data set; branches are not allowed, as they move.")
    ] = ""
    text: Annotated[str, Help("The column of the text.")] = "text"
    label: Annotated[str, Help("The column of the labels: emoji, or a list of them.")] = "emoji"
    rewrite: Annotated[str, Help("The column of the rewritten text, if there is one.")] = ""

    def __post_init__(self) -> None:
        """Raise ValueError for parameters that contradict each other."""
        if (self.path is None) == (not self.dataset):
            message = "needs either 'path' or 'dataset'"
            raise ValueError(message)
        if self.dataset and (len(self.revision) != 40 or not self.pattern):
            message = "a data set needs 'pattern', and as 'revision' a commit of 40 characters"
            raise ValueError(message)
        if not (self.label or self.rewrite):
            message = "needs 'label' or 'rewrite'"
            raise ValueError(message)


@dataclass(frozen=True, kw_only=True)
class LocalParams:
    """Parameters of `local`."""

    path: Annotated[Path, Help("A folder with a model and its tokenizer.")] | None = None
    model: Annotated[
        str, Help("Instead of a path: a model on the Hugging Face Hub, owner/name.")
    ] = ""
    revision: Annotated[str, Help("The model's commit on the Hub.")] = ""
    max_tokens: Annotated[int, Help("Maximum length of an answer, in tokens.", ge=1)] = 128
    temperature: Annotated[float, Help("0: the most probable token; above 0: sampling.", ge=0)] = (
        0.0
    )
    top_p: Annotated[float, Help("Nucleus sampling, for temperatures above 0.", gt=0, le=1)] = 1.0
    top_k: Annotated[int, Help("Top-k sampling; 0 for all tokens.", ge=0)] = 0
    min_p: Annotated[
        float, Help("Drop tokens below this share of the most probable one.", ge=0, le=1)
    ] = 0.0
    seed: Annotated[
        int, Help("Seed of sampling, combined with the text and the sample's number.", ge=0)
    ] = 0
    precision: Annotated[
        Literal["auto", "float32", "bfloat16"], Help("auto: bfloat16 on a GPU that has it.")
    ] = "auto"
    thinking: Annotated[bool, Help("Whether a model with a thinking mode uses it.")] = False

    def __post_init__(self) -> None:
        """Raise ValueError for parameters that contradict each other."""
        if (self.path is None) == (not self.model):
            message = "needs either 'path' or 'model'"
            raise ValueError(message)
        if self.model and len(self.revision) != 40:
            message = (
                "a model on the Hugging Face Hub needs as 'revision' a commit of 40 characters"
            )
            raise ValueError(message)


@dataclass(frozen=True, kw_only=True)
class UnionParams:
    """Parameters of `union`."""

    weights: Annotated[
        Mapping[str, Annotated[float, Help("The teacher's weight.", gt=0)]],
        Help("The entries of the teachers, with their weights.", min_length=2),
    ]
    most: Annotated[int, Help("Maximum number of emoji per answer.", ge=1)] = MAX_EMOJI
    share: Annotated[
        float, Help("Keep an emoji with at least this share of the weights.", ge=0, le=1)
    ] = 0.0
    quorum: Annotated[float, Help("Share of the weights that must have answered.", gt=0, le=1)] = (
        1.0
    )
