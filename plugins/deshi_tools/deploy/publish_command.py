"""Publish a student and its data with model and data cards.

`deshi publish RUN/ROW`.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deshi.cli.options import PathType, public_text, workspace_option

if TYPE_CHECKING:
    from deshi_tools.deploy.cards.folder import Publication


@click.command("publish")
@click.argument("place", metavar="RUN/ROW")
@click.option("--to", "folder", type=PathType(file_okay=False), help="A new or empty folder.")
@click.option(
    "--hub", "repository", metavar="OWNER/NAME", help="A repository on the Hugging Face Hub."
)
@click.option("--public", is_flag=True, help="Make new repositories public; private if left out.")
@click.option("--seed", type=int, help="Which training run; by default the first.")
@click.option(
    "--permit",
    default="",
    callback=public_text,
    metavar="NOTE",
    help="Why the terms allow it; goes into the cards.",
)
@click.option("--data/--no-data", default=True, help="With or without the labelled pairs.")
@click.option(
    "--pairs",
    "form",
    type=click.Choice(["parquet", "jsonl"]),
    default="parquet",
    show_default=True,
    help="Format of the pairs.",
)
@workspace_option
def command(*, folder: Path | None, repository: str | None, public: bool, **options: Any) -> None:  # noqa: ANN401
    """Publish a fitted student of a row with its data, each with a card that says how it came to be.

    --to writes `model/` and `data/` into a folder; --hub pushes them to OWNER/NAME and to the data set
    OWNER/NAME-data. The terms of teacher, rewriter and corpus must allow it, or --permit says why it
    is allowed all the same. `deshi predict` answers from the folder `model/`.
    """
    if (folder is None) == (repository is None):
        raise click.UsageError("give a target: --to FOLDER or --hub OWNER/NAME")
    if repository is None:
        assert folder is not None
        found = _publication(
            {**options, "on_hub": False}, str(folder / "model"), str(folder / "data")
        )
        found.write(folder)
        _warn(found)
        _told(str(folder / "model"), str(folder / "data"), found)
        return
    from deshi_tools.deploy.cards.hub import push

    found = _publication({**options, "on_hub": True}, repository, f"{repository}-data")
    message = f"Publish {found.fitted.name}"
    with tempfile.TemporaryDirectory(prefix="deshi-") as scratch:
        found.write(Path(scratch))
        _warn(found)
        data = ""
        if found.data:  # first, since the model's card names it
            data = push(
                Path(scratch, "data"), found.data, "dataset", public=public, message=message
            )
        model = push(Path(scratch, "model"), repository, "model", public=public, message=message)
    _told(model, data, found)


def _publication(options: dict[str, Any], model: str, data: str) -> Publication:
    from deshi.registry import Registry
    from deshi.runs.finished_run import FinishedRun
    from deshi.runs.fitted_student import of_run
    from deshi.runs.saved_run import SavedRun
    from deshi.workspace.workspace import Workspace
    from deshi_tools.deploy.cards.folder import Publication

    space = Workspace.at(options["workspace"])
    name, _, row = options["place"].partition("/")
    run = SavedRun(space, name, Registry(Path()))
    saved = FinishedRun(run).saved_row(row)
    return Publication(
        run=run,
        row=saved,
        fitted=of_run(run, saved, options["seed"]),
        model=model,
        data=data if options["data"] else "",
        note=options["permit"].strip(),
        form=options["form"],
        on_hub=options["on_hub"],
    )


def _warn(found: Publication) -> None:
    """Say what the card says against the row."""
    from deshi_tools.deploy.cards.doubts import doubts
    from deshi_tools.results_view.results_view import ResultsView

    for doubt in doubts(ResultsView(found.run.results), found.row.result):
        click.echo(f"deshi: warning: {found.row.result.id}: {doubt}", err=True)


def _told(model: str, data: str, found: Publication) -> None:
    click.echo(f"{model}: {found.fitted.name}, seed {found.fitted.seed}")
    if found.data:
        click.echo(f"{data}: its training pairs")
