"""Predict emoji for texts with a fitted student.

`deshi predict RUN/ROW [TEXT]...`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from deshi.cli.options import PathType, format_option, workspace_option
from deshi_tools.tables.file_output import open_output
from deshi_tools.tables.output import data_stream, print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deshi.api import Json, Text
    from deshi.runs.fitted_student import ExplainedPrediction

_SHOWN = 5


@click.command("predict")
@click.argument("place", metavar="RUN/ROW")
@click.argument("texts", nargs=-1, metavar="[TEXT]...")
@click.option(
    "--input",
    "source",
    type=PathType(dash=True),
    metavar="FILE",
    help="Texts: JSON Lines with `text` and `id`, or one text per line; - is stdin.",
)
@click.option(
    "--output",
    type=PathType(dir_okay=False),
    metavar="FILE",
    help="Write predictions as JSON Lines.",
)
@click.option("--seed", type=int, help="Which training run; by default the first.")
@click.option(
    "--scores", type=click.IntRange(0), default=_SHOWN, show_default=True, help="Scores per text."
)
@click.option("--reasons/--no-reasons", default=True, help="Show what each prediction is based on.")
@workspace_option
@format_option
def command(
    *,
    place: str,
    texts: tuple[str, ...],
    source: Path | None,
    form: str,
    **options: Any,  # noqa: ANN401
) -> None:
    """Predict emoji for texts with a fitted student, with scores, and reasons where it gives any.

    RUN/ROW is a run (a name, a prefix or `latest`) and a row of it: its id, its name in
    the table, or a part of its id (`latest/knn`);
    it may also be a folder that `deshi publish` or `deshi export` wrote. Without texts they are read
    from stdin. Predictions for a file or for stdin come as JSON Lines, which `deshi score` reads.
    """
    from deshi.registry import Registry
    from deshi.runs.fitted_student import texts_of
    from deshi.workspace.workspace import Workspace
    from deshi_tools.deploy.find_student import find_student
    from deshi_tools.deploy.read_texts import Lengths, read_texts

    if texts and source is not None:
        raise click.UsageError("give texts or --input, not both")
    given = list(texts_of(texts))
    workspace = options["workspace"]
    space = Workspace.at(workspace)
    fitted = find_student(place, space, Registry(Path()), options["seed"])
    from_file = None if source is None or str(source) == "-" else source
    lengths = Lengths()
    asked = lengths.counted(given or read_texts(from_file))
    found = _answers(fitted, asked, reasons=options["reasons"])
    if given and options["output"] is None:
        _show(list(found), fitted.name, form, options["scores"])
    else:
        _write(found, options["output"], options["scores"])
    if note := lengths.note():
        click.echo(f"deshi: {note}", err=True)


def _answers(fitted: Any, asked: Iterable[Text], *, reasons: bool) -> Iterator[ExplainedPrediction]:  # noqa: ANN401
    from deshi.runs.fitted_student import batched, predict_texts

    with fitted.open() as student:
        for some in batched(asked):
            yield from predict_texts(fitted, student, some, reasons=reasons)


def _record(answer: ExplainedPrediction, scores: int) -> dict[str, Json]:
    ranked = (answer.prediction.ranked or ())[:scores]
    return {
        "id": answer.text.id,
        "text": answer.text.text,
        "emoji": list(answer.prediction.emojis),
        **({"unknown": answer.prediction.unknown} if answer.prediction.unknown else {}),
        "scores": {emoji: round(float(score), 6) for emoji, score in ranked},
        "reasons": list(answer.reasons),
    }


def _write(found: Iterable[ExplainedPrediction], output: Path | None, scores: int) -> None:
    """Write one JSON object a line, each as soon as its batch is there."""

    def lines(file: IO[str]) -> int:
        count = 0
        for count, answer in enumerate(found, 1):  # noqa: B007
            file.write(json.dumps(_record(answer, scores), ensure_ascii=False) + "\n")
        return count

    if output is None:
        lines(data_stream())
        return
    with open_output(output) as file:
        count = lines(file)
    click.echo(f"deshi: {count} predictions written to {output}", err=True)


def _show(found: list[ExplainedPrediction], name: str, form: str, scores: int) -> None:
    if form == "json":
        records = [_record(answer, scores) for answer in found]
        print_json(records)
        return
    from deshi_tools.deploy.predictions_table import predictions_list, predictions_table

    if form in ("table", "ascii"):
        print_table(predictions_table(name, found, scores), form)
    else:
        print_table(predictions_list(name, found, scores, whole=form != "csv"), form)
