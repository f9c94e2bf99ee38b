"""The public surface for plugin authors: records, kinds, specs, hooks, parameters and errors."""

from typing import TYPE_CHECKING

from deshi.api.attempts import AttemptError, Outcome, RateLimit
from deshi.api.decoding import Decoding, DecodingRule, RuleName
from deshi.api.endpoints import is_loopback
from deshi.api.errors import (
    BudgetReached,
    ComponentError,
    DeshiError,
    NotReadyError,
    UsageError,
    nearest,
)
from deshi.api.executors import Executor, Resources, StageTask, WorkerLostError
from deshi.api.hooks import hookimpl
from deshi.api.installing import install_command
from deshi.api.kinds import (
    AnswersMany,
    Batches,
    Combines,
    Component,
    Corpus,
    DecidesBatches,
    EstimatesCost,
    Explains,
    Exported,
    Exports,
    Filter,
    FitsFirst,
    Loss,
    MergesAnswers,
    Metric,
    ReadsBatches,
    Reports,
    Saves,
    Scheduled,
    Student,
    Teacher,
    UsesCounts,
    UsesShares,
)
from deshi.api.params import Help, NoParams
from deshi.api.records import (
    Drop,
    Edit,
    Emojis,
    Env,
    Examples,
    Expected,
    FitReport,
    Item,
    Json,
    Keep,
    Part,
    Place,
    Prediction,
    Reply,
    Request,
    Task,
    Text,
    Usage,
    Verdict,
)
from deshi.api.specs import (
    KINDS,
    CorpusSpec,
    Direction,
    ExecutorSpec,
    FilterSpec,
    Kind,
    Layer,
    LossSpec,
    MetricSpec,
    Needs,
    Spec,
    StudentSpec,
    TeacherSpec,
    Terms,
)

if TYPE_CHECKING:
    from deshi.api.labelsets import (
        LabelSets,
        References,
        Selection,
        encode_predictions,
        encode_references,
        encode_sequences,
    )

__all__ = [
    "KINDS",
    "AnswersMany",
    "AttemptError",
    "Batches",
    "BudgetReached",
    "Combines",
    "Component",
    "ComponentError",
    "Corpus",
    "CorpusSpec",
    "DecidesBatches",
    "Decoding",
    "DecodingRule",
    "DeshiError",
    "Direction",
    "Drop",
    "Edit",
    "Emojis",
    "Env",
    "EstimatesCost",
    "Examples",
    "Executor",
    "ExecutorSpec",
    "Expected",
    "Explains",
    "Exported",
    "Exports",
    "Filter",
    "FilterSpec",
    "FitReport",
    "FitsFirst",
    "Help",
    "Item",
    "Json",
    "Keep",
    "Kind",
    "LabelSets",
    "Layer",
    "Loss",
    "LossSpec",
    "MergesAnswers",
    "Metric",
    "MetricSpec",
    "Needs",
    "NoParams",
    "NotReadyError",
    "Outcome",
    "Part",
    "Place",
    "Prediction",
    "RateLimit",
    "ReadsBatches",
    "References",
    "Reply",
    "Reports",
    "Request",
    "Resources",
    "RuleName",
    "Saves",
    "Scheduled",
    "Selection",
    "Spec",
    "StageTask",
    "Student",
    "StudentSpec",
    "Task",
    "Teacher",
    "TeacherSpec",
    "Terms",
    "Text",
    "Usage",
    "UsageError",
    "UsesCounts",
    "UsesShares",
    "Verdict",
    "WorkerLostError",
    "encode_predictions",
    "encode_references",
    "encode_sequences",
    "hookimpl",
    "install_command",
    "is_loopback",
    "nearest",
]

_LABELSETS = frozenset(
    {
        "LabelSets",
        "References",
        "Selection",
        "encode_predictions",
        "encode_references",
        "encode_sequences",
    }
)


def __getattr__(name: str) -> object:
    """Load the label sets on first use: they need numpy and scipy."""
    if name in _LABELSETS:
        from deshi.api import labelsets

        return getattr(labelsets, name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
