"""The built-in students, and the parts that a student of another plugin may use.

The names in `__all__` are public: they stay until a major version, and docs/how-to/student-parts.md has
their shapes. A name is imported on first use, so that listing students imports no torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deshi_plugins.students.decoder import Decoder
    from deshi_plugins.students.heads import (
        Head,
        HeadFit,
        HeadLearner,
        HeadMaterial,
        HeadParams,
        head_material,
        head_probabilities,
        train_head,
    )
    from deshi_plugins.students.neural.batching import inference_batches, pad, training_batches
    from deshi_plugins.students.neural.devices import usable_device
    from deshi_plugins.students.neural.emoji_decoder import Generation
    from deshi_plugins.students.neural.learner import Learner, Validation, decay_groups
    from deshi_plugins.students.neural.multilabel import LabelExamples, LabelLearner, label_scores
    from deshi_plugins.students.neural.params import T5Params, TrainingParams
    from deshi_plugins.students.neural.sequence_decoding import (
        SequenceDecoding,
        SequenceModel,
        beam_sequences,
        expected_sets,
        first_step_sets,
        greedy_sequences,
    )
    from deshi_plugins.students.neural.t5 import T5
    from deshi_plugins.students.neural.tokenizer import token_ids
    from deshi_plugins.students.neural.training import Training
    from deshi_plugins.students.neural.validation import plateau
    from deshi_plugins.students.priors import first_bias
    from deshi_plugins.students.rule_names import rule_of
    from deshi_plugins.students.rules import (
        ExpectedJaccard,
        SigmoidRule,
        SoftmaxRule,
        Threshold,
        Zero,
    )
    from deshi_plugins.students.selection import (
        predictions,
        prefixes,
        ranking,
        selection_jaccard,
    )
    from deshi_plugins.students.targets import (
        advance,
        is_scheduled,
        label_targets,
        loss_targets,
        mean_size,
        prepare,
        require_loss,
    )
    from deshi_plugins.students.threads import pinned_threads

__all__ = [
    "T5",
    "Decoder",
    "ExpectedJaccard",
    "Generation",
    "Head",
    "HeadFit",
    "HeadLearner",
    "HeadMaterial",
    "HeadParams",
    "LabelExamples",
    "LabelLearner",
    "Learner",
    "SequenceDecoding",
    "SequenceModel",
    "SigmoidRule",
    "SoftmaxRule",
    "T5Params",
    "Threshold",
    "Training",
    "TrainingParams",
    "Validation",
    "Zero",
    "advance",
    "beam_sequences",
    "decay_groups",
    "expected_sets",
    "first_bias",
    "first_step_sets",
    "greedy_sequences",
    "head_material",
    "head_probabilities",
    "inference_batches",
    "is_scheduled",
    "label_scores",
    "label_targets",
    "loss_targets",
    "mean_size",
    "pad",
    "pinned_threads",
    "plateau",
    "predictions",
    "prefixes",
    "prepare",
    "ranking",
    "require_loss",
    "rule_of",
    "selection_jaccard",
    "token_ids",
    "train_head",
    "training_batches",
    "usable_device",
]

_NAMES = {
    "decoder": ("Decoder",),
    "heads": (
        "Head",
        "HeadFit",
        "HeadLearner",
        "HeadParams",
        "HeadMaterial",
        "head_probabilities",
        "head_material",
        "train_head",
    ),
    "neural.batching": ("inference_batches", "pad", "training_batches"),
    "neural.sequence_decoding": (
        "SequenceDecoding",
        "SequenceModel",
        "beam_sequences",
        "expected_sets",
        "first_step_sets",
        "greedy_sequences",
    ),
    "neural.devices": ("usable_device",),
    "neural.validation": ("plateau",),
    "neural.learner": ("Learner", "Validation", "decay_groups"),
    "neural.multilabel": ("LabelExamples", "LabelLearner", "label_scores"),
    "neural.params": ("T5Params", "TrainingParams"),
    "neural.emoji_decoder": ("Generation",),
    "neural.t5": ("T5",),
    "neural.tokenizer": ("token_ids",),
    "neural.training": ("Training",),
    "priors": ("first_bias",),
    "rule_names": ("rule_of",),
    "rules": ("ExpectedJaccard", "SigmoidRule", "SoftmaxRule", "Threshold", "Zero"),
    "selection": ("predictions", "prefixes", "ranking", "selection_jaccard"),
    "targets": (
        "advance",
        "is_scheduled",
        "label_targets",
        "loss_targets",
        "mean_size",
        "prepare",
        "require_loss",
    ),
    "threads": ("pinned_threads",),
}
_MODULES = {name: module for module, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> object:
    """Import a public name on first use."""
    if name in _MODULES:
        return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
