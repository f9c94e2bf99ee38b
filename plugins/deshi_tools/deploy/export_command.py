"""Export a fitted student to a faster format.

`deshi export RUN/ROW --to FOLDER`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from deshi.cli.options import PathType, public_text, workspace_option

if TYPE_CHECKING:
    from deshi.workspace.workspace import Workspace


@click.command("export")
@click.argument("place", metavar="RUN/ROW")
@click.option(
    "--to",
    "folder",
    type=PathType(file_okay=False),
    required=True,
    help="A new or empty folder.",
)
@click.option(
    "--as", "form", metavar="FORM", help="ctranslate2, onnx, …; by default the student's usual one."
)
@click.option(
    "--allow",
    type=click.FloatRange(0, 1),
    metavar="SHARE",
    help="Share of first emoji that must equal the original's; 0.98 by default.",
)
@click.option("--seed", type=int, help="Which training run; by default the first.")
@click.option(
    "--permit",
    default="",
    callback=public_text,
    metavar="NOTE",
    help="Why texts in the student may be given to others.",
)
@workspace_option
def command(
    *,
    place: str,
    folder: Path,
    form: str | None,
    allow: float | None,
    seed: int | None,
    permit: str,
    workspace: Path | None,
) -> None:
    """Write a fitted student of a row in a form made for fast answers on a CPU.

    A T5 goes to CTranslate2, an encoder to ONNX, both with 8-bit weights; other students have the forms
    that their class names. The export answers the test texts, and fewer first answers than --allow that
    equal the original's are an error. `deshi predict FOLDER` answers with it.
    """
    from deshi.api import UsageError
    from deshi.workspace.workspace import Workspace

    if folder.exists() and any(folder.iterdir()):
        raise UsageError("is not empty", where=str(folder), fix="name another folder with --to")
    space = Workspace.at(workspace)
    click.echo(_exported(space, place, folder, seed, form, allow, permit.strip()))


def _exported(
    space: Workspace,
    place: str,
    folder: Path,
    seed: int | None,
    form: str | None,
    allow: float | None,
    permit: str,
) -> str:
    """Export and return what there is to tell of it."""
    from deshi.registry import Registry
    from deshi.runs.finished_run import FinishedRun
    from deshi.runs.fitted_student import of_run
    from deshi.runs.saved_run import SavedRun
    from deshi.workspace.store import folder_size, write_json
    from deshi_tools.deploy.cards.folder import manifest
    from deshi_tools.deploy.cards.terms import WITHOUT_TEXTS, check_terms
    from deshi_tools.deploy.export import LEAST, export, refuse_without_form
    from deshi_tools.deploy.find_student import FOLDER_MANIFEST
    from deshi_tools.deploy.kept_texts import keeps_texts

    name, _, row = place.partition("/")
    run = SavedRun(space, name, Registry(Path()))
    saved = FinishedRun(run).saved_row(row)
    fitted = of_run(run, saved, seed)
    refuse_without_form(fitted)
    if keeps_texts(run, saved, fitted):
        check_terms(run.results, saved.result, "redistribute", permit, WITHOUT_TEXTS)
    folder.mkdir(parents=True, exist_ok=True)
    texts = run.test_set(saved).texts
    made, check = export(fitted, form, folder, texts, least=LEAST if allow is None else allow)
    write_json(folder / FOLDER_MANIFEST, {**manifest(run, saved, made), "check": check.to_json()})
    return (
        f"{folder}: {fitted.name} as {made.form}, {folder_size(folder) / 1e6:.1f} MB; of "
        f"{check.texts} "
        f"test texts {check.first:.1%} have the same first emoji and {check.whole:.1%} the same "
        f"emoji in all; {check.speed:.1f} times as fast here"
    )
