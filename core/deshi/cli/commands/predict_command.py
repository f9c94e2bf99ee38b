"""`deshi predict RUN/ROW [TEXT]...`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from deshi.cli.options import PathType, workspace_option
from deshi.cli.output import format_option, print_json, print_table
from deshi.cli.streams import data_stream, open_output

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deshi.api import Json, Text
    from deshi.execute.fitted import Answer

_SHOWN = 5


@click.command("predict")
@click.argument("place", metavar="RUN/ROW")
@click.argument("texts", nargs=-1, metavar="[TEXT]...")
@click.option(
    "--input",
    "source",
    type=PathType(dash=True),
    metavar="FILE",
    help="Texts: JSON Lines with `text` and `id`, or one a line; - is stdin.",
)
@click.option(
    "--output",
    type=PathType(dir_okay=False),
    metavar="FILE",
    help="Write answers as JSON Lines.",
)
@click.option("--seed", type=int, help="Which training run; the first if left out.")
@click.option(
    "--scores", type=click.IntRange(0), default=_SHOWN, show_default=True, help="How many."
)
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
    """Answer texts with a fitted student: emoji, scores, and reasons where it gives any.

    RUN/ROW is a run (a name, a prefix or `latest`) and a row of it, or a part of one (`latest/knn`);
    it may also be a folder that `deshi publish` or `deshi export` wrote. Without texts they are read
    from stdin. Answers to a file or to stdin come as JSON Lines, which `deshi score` reads.
    """
    from deshi.execute.asked import read_texts, texts_of
    from deshi.execute.fitted import find_fitted
    from deshi.execute.workspace import Workspace
    from deshi.registry import Registry

    if texts and source is not None:
        raise click.UsageError("give texts or --input, not both")
    workspace = options["workspace"]
    space = Workspace.at(workspace)
    fitted = find_fitted(place, space, Registry(Path()), options["seed"])
    from_file = None if source is None or str(source) == "-" else source
    asked = texts_of(texts) if texts else read_texts(from_file)
    found = _answers(fitted, asked)
    if texts and options["output"] is None:
        _show(list(found), fitted.name, form, options["scores"])
    else:
        _write(found, options["output"], options["scores"])


def _answers(fitted: Any, asked: Iterable[Text]) -> Iterator[Answer]:  # noqa: ANN401
    from deshi.execute.asked import batched
    from deshi.execute.fitted import answers

    with fitted.opened() as student:
        for some in batched(asked):
            yield from answers(fitted, student, some)


def _record(answer: Answer, scores: int) -> dict[str, Json]:
    ranked = (answer.prediction.ranked or ())[:scores]
    return {
        "id": answer.text.id,
        "text": answer.text.text,
        "emoji": list(answer.prediction.emojis),
        **({"unknown": answer.prediction.unknown} if answer.prediction.unknown else {}),
        "scores": {emoji: round(float(score), 6) for emoji, score in ranked},
        "reasons": list(answer.reasons),
    }


def _write(found: Iterable[Answer], output: Path | None, scores: int) -> None:
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
    click.echo(f"deshi: {count} answers written to {output}", err=True)


def _show(found: list[Answer], name: str, form: str, scores: int) -> None:
    if form == "json":
        records = [_record(answer, scores) for answer in found]
        print_json(records)
        return
    from deshi.report.table import table_of

    lines = []
    for answer in found:
        ranked = (answer.prediction.ranked or ())[:scores]
        told = " ".join(f"{emoji} {score:.2f}" for emoji, score in ranked)
        lines.append(("".join(answer.prediction.emojis), answer.text.text, told))
    notes = [
        f"{''.join(answer.prediction.emojis) or 'nothing'}: {reason}"
        for answer in found
        for reason in answer.reasons
    ]
    print_table(table_of(name, ("emoji", "text", "scores"), lines, *notes), form)
