"""`answer`: a teacher's own answers to the test texts, for a row without a student."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from deshi.api import Prediction
from deshi.benchmark.stage_params import AnswerParams
from deshi.emoji import Mode, parse
from deshi.labelling.ensemble import open_client
from deshi.labelling.joint_prompt import Tasks
from deshi.labelling.ledger import Ledger
from deshi.stages.dataset import evaluation
from deshi.stages.predict import write_predictions
from deshi.workspace.manifest import AnswerFigures

if TYPE_CHECKING:
    from deshi.api import Reply
    from deshi.workspace.job import Job


def answer(job: Job[AnswerParams]) -> AnswerFigures:
    """Write `predictions.parquet`, one row a test text in the order of the evaluation.

    A text that the teacher does not answer has an empty answer.
    """
    texts = evaluation(job.inputs["evaluation"], job.params.gold).texts
    with Ledger(job.workspace) as ledger, ExitStack() as stack:
        client = open_client(job.params.teacher, job, ledger, stack)
        replies = client.replies(client.label_requests(texts))
        cost = client.cost()
    tasks = Tasks(None, client)
    write_predictions(job.out, texts, [_prediction(tasks.labels(reply)) for reply in replies])
    return AnswerFigures(
        texts=len(texts), asked=client.asked, reused=client.reused, cost_nano_usd=cost
    )


def _prediction(reply: Reply) -> Prediction:
    if reply.finish != "stop":
        return Prediction(emojis=())
    parsed = parse(reply.content, mode=Mode.LABELS)
    return Prediction(emojis=parsed.emojis, unknown=parsed.unknown)
