"""Compare two runs or two files, or check a claim.

`deshi compare OLD NEW`, `deshi compare [RUN] --claim "…"`, `deshi compare --gold G A B`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import click

from deshi.cli.options import PathType, format_option, set_options, wide_option, workspace_option
from deshi_tools.tables.output import print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deshi.api import MetricSpec
    from deshi.registry import Registry
    from deshi.results import Question
    from deshi.runs.saved_run import SavedRun
    from deshi_tools.claims.claim import Claim
    from deshi_tools.claims.evidence import ClaimVerdict, GroupEvidence
    from deshi_tools.results_view.results_view import ResultsView
    from deshi_tools.scoring.answer_files import PredictionFiles

_METRICS = "jaccard,micro-f1,exact-match"
_RESAMPLES = 10_000

_Form: TypeAlias = Literal["runs", "claims", "files"]
_FORMS: Mapping[_Form, str] = {
    "runs": "two runs (deshi compare OLD NEW)",
    "claims": "a claim (deshi compare [RUN] --claim …)",
    "files": "two files (deshi compare --gold GOLD FILE FILE)",
}
_FORMS_OF: Mapping[str, tuple[_Form, ...]] = {
    "question": ("claims", "files"),
    "row": ("runs",),
    "texts": ("runs",),
    "metrics": ("files",),
    "allow_missing": ("files",),
    "workspace": ("runs", "claims"),
    "wide": ("runs", "files"),
}
"""The options that not every form has."""


@dataclass(frozen=True)
class _Options:
    """The options of the command."""

    names: tuple[str, ...]
    claims: tuple[str, ...]
    question: Question | None
    row: str | None
    texts: int
    gold: Path | None
    metrics: str
    allow_missing: bool
    workspace: Path | None
    wide: bool
    form: str


@click.command("compare")
@click.argument("names", nargs=-1, metavar="[RUN [RUN] | FILE FILE]")
@click.option("--claim", "claims", multiple=True, help='"A > B on METRIC"; may be repeated.')
@click.option(
    "--question",
    type=click.Choice(["retrained-models", "fixed-models"]),
    help="What a claim is about: retrained models (the default) or these fixed models.",
)
@click.option("--row", help="Show the changed texts of this row.")
@click.option(
    "--texts", type=click.IntRange(0), default=10, show_default=True, help="Texts per row."
)
@click.option("--gold", type=PathType(), help="Compare two files: JSON Lines.")
@click.option("--metrics", default=_METRICS, show_default=True, help="For two files.")
@click.option("--allow-missing", is_flag=True, help="Compare the ids that all files have.")
@workspace_option
@set_options
@wide_option
@format_option
def command(*, sets: tuple[str, ...], registries: tuple[Path, ...], **options: Any) -> int:  # noqa: ANN401
    """Compare two runs, two files of predictions, or check a claim.

    RUN RUN, the old one first: what differs between them, which rows moved beyond chance, which texts
    flipped. The texts are those of the rows that moved, or of the one that --row names.

    [RUN] --claim "A > B on jaccard": leaves with 0 if the evidence carries every claim, 1 if not, 2
    for a claim that cannot be read. A > B means that A is the better one, whichever way the metric
    runs. "A > B by 0.01 on jaccard" asks for more than a margin. A and B are row ids, names in the
    table, or parts of an id that only one row has. Holm's correction counts all pairs of the
    comparison group.

    --gold GOLD FILE FILE: two files as `deshi score` reads them. A gold line may have a `document`:
    texts of one document are not independent.
    """
    from deshi.registry import Registry

    given = _Options(**options)
    form: _Form = "files" if given.gold is not None else "claims" if given.claims else "runs"
    _refuse_others(form)
    registry = Registry(Path(), sets=sets, files=registries)
    if given.gold is not None:
        return _files(given, given.gold, registry)
    return _claims(given, registry) if form == "claims" else _runs(given, registry)


def _refuse_others(form: _Form) -> None:
    """Raise UsageError for an option that was given and says nothing in this form."""
    from deshi.api import UsageError

    context = click.get_current_context()
    for name, forms in _FORMS_OF.items():
        given = context.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT
        if given and form not in forms:
            raise UsageError(
                f"is not for {_FORMS[form]}",
                where=f"--{name.replace('_', '-')}",
                fix=f"it belongs to {' and '.join(_FORMS[one] for one in forms)}",
            )


def _runs(options: _Options, registry: Registry) -> int:
    """Show what differs, which rows moved and which texts flipped."""
    import msgspec

    from deshi.runs.finished_run import FinishedRun
    from deshi_tools.run_diff.diff import contrast
    from deshi_tools.run_diff.tables import differs_table, rows_table, texts_table

    _expect(options, 2, "two runs, the old one first; or --claim; or --gold")
    old, new = (_saved(options, name, registry) for name in options.names)
    row = options.row
    if row:
        row = FinishedRun(new).saved_row(row, where="--row").result.id
    found = contrast(old, new, row=row, texts=options.texts)
    if options.form == "json":
        print_json(msgspec.to_builtins(found))
    elif options.form in ("table", "ascii"):
        for table in (differs_table(found), rows_table(found), texts_table(found)):
            print_table(table, options.form, wide=options.wide)
            click.echo()
    else:
        print_table(rows_table(found), options.form)
    return 0


def _claims(options: _Options, registry: Registry) -> int:
    """Judge claims about one run."""
    from deshi_tools.claims.check_claims import check_claims
    from deshi_tools.claims.claim import parse_claim
    from deshi_tools.claims.tables import claims_table, sentence
    from deshi_tools.results_view.results_view import ResultsView

    _expect(options, 1, "one run, or none for the latest: a claim is about one run")
    run = _saved(options, options.names[0] if options.names else "latest", registry)
    view = ResultsView(run.results)
    rows = {*view.rows, *view.names.values()}
    claims = [_with_ids(parse_claim(text, rows), run, view) for text in options.claims]
    found = check_claims(run, claims, options.question or "retrained-models")
    if options.form == "json":
        print_json({"run": run.name, "claims": _plain(found)})
    elif options.form in ("table", "ascii"):
        for one in found:
            click.echo(sentence(one))
    else:
        print_table(claims_table(found), options.form)
    return 0 if all(one.carried for one in found) else 1


def _with_ids(claim: Claim, run: SavedRun, view: ResultsView) -> Claim:
    """Return a claim with the ids of the rows that it names."""
    run.metric_info(claim.metric)  # a wrong metric is said first
    where = f"--claim '{claim.text}'"
    better, worse = (view.row(name, where=where).id for name in (claim.better, claim.worse))
    return replace(claim, better=better, worse=worse)


def _files(options: _Options, gold: Path, registry: Registry) -> int:
    """Compare two files of predictions, and check claims about them."""
    import msgspec

    from deshi.api import UsageError
    from deshi_tools.claims.claim import parse_claim
    from deshi_tools.claims.evidence import evidence_on
    from deshi_tools.claims.tables import claims_table, sentence
    from deshi_tools.scoring.answer_files import read_answers
    from deshi_tools.scoring.tables import files_table

    _expect(options, 2, "two files of predictions")
    if options.question == "retrained-models":
        raise UsageError(
            "two files hold fixed models: nothing was retrained",
            where="--question",
            fix="leave it out",
        )
    paths = [Path(name) for name in options.names]
    names = _row_names(paths)
    claims = [parse_claim(text, names) for text in options.claims]
    answers = read_answers(gold, paths, allow_missing=options.allow_missing)
    groups = _evidence_per_metric(options, claims, names, answers, registry)
    rows = [evidence_on(*names, group, "fixed-models") for group in groups.values()]
    verdicts = [_check_claim(claim, names, groups[claim.metric]) for claim in claims]
    if options.form == "json":
        print_json({"rows": msgspec.to_builtins(rows), "claims": _plain(verdicts)})
    elif verdicts and options.form == "csv":  # a table's summary has no place there
        print_table(claims_table(verdicts), options.form)
    else:
        table = files_table(rows, answers, *map(sentence, verdicts))
        print_table(table, options.form, wide=options.wide)
    return 0 if all(one.carried for one in verdicts) else 1


def _evidence_per_metric(
    options: _Options,
    claims: Sequence[Claim],
    names: Sequence[str],
    answers: PredictionFiles,
    registry: Registry,
) -> Mapping[str, GroupEvidence]:
    """Return both files on each metric that is asked for or claimed."""
    from deshi.emoji import Alphabet
    from deshi.statistics.replicates import RowScores
    from deshi.statistics.resampling import Resamples
    from deshi_tools.claims.evidence import GroupEvidence
    from deshi_tools.scoring.score_command import build_metrics

    wanted = [name.strip() for name in options.metrics.split(",") if name.strip()]
    wanted += [claim.metric for claim in claims]
    resamples = Resamples.draw(answers.documents, _RESAMPLES, 0)
    groups = {}
    for name, metric in build_metrics(registry, list(dict.fromkeys(wanted))).items():
        counts = (
            metric.statistics(predicted, answers.expected, Alphabet.full())
            for predicted in answers.predicted
        )
        rows = {
            row: RowScores([run], deterministic=True)
            for row, run in zip(names, counts, strict=True)
        }
        spec = cast("MetricSpec", registry.offer(registry.entry("metric", name)).spec)
        groups[name] = GroupEvidence(name, metric, spec.direction, rows, resamples, spec.bounds)
    return groups


def _check_claim(claim: Claim, names: Sequence[str], group: GroupEvidence) -> ClaimVerdict:
    from deshi.api import UsageError
    from deshi.runs.row_names import find_row
    from deshi_tools.claims.claim import better_side
    from deshi_tools.claims.evidence import check_claim

    where = f"--claim '{claim.text}'"
    better_side(group.name, group.direction, where)
    a, b = (find_row(name, names, where) for name in (claim.better, claim.worse))
    if a == b:
        raise UsageError(f"both sides are {a}", where=where, fix="name both files")
    return check_claim(claim, a, b, group, "fixed-models")


def _row_names(paths: Sequence[Path]) -> tuple[str, str]:
    """Return what the two files are called: their stems, or whole where these are the same."""
    from deshi.api import UsageError

    stems = [path.stem for path in paths]
    a, b = stems if len(set(stems)) > 1 else map(str, paths)
    if a == b:
        raise UsageError(f"{a} is named twice", where="deshi compare", fix="name two files")
    return a, b


def _saved(options: _Options, name: str, registry: Registry) -> SavedRun:
    from deshi.runs.saved_run import SavedRun
    from deshi.workspace.workspace import Workspace

    space = Workspace.at(options.workspace)
    return SavedRun(space, name, registry)


def _expect(options: _Options, most: int, what: str) -> None:
    from deshi.api import UsageError

    if len(options.names) > most or (most == 2 and len(options.names) < 2):
        raise UsageError(
            f"{len(options.names)} names given", where="deshi compare", fix=f"name {what}"
        )


def _plain(found: Sequence[ClaimVerdict]) -> list[dict[str, Any]]:
    import msgspec

    from deshi_tools.claims.tables import sentence

    return [{**msgspec.to_builtins(one), "sentence": sentence(one)} for one in found]
