"""Turn cells into stages: what has to be made, from what, under which key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from deshi.api import Json, Resources
from deshi.benchmark import stage_params
from deshi.benchmark.axes import SIZES, Cell, Choice
from deshi.benchmark.part import Part, code_key
from deshi.benchmark.permits import permit_notes
from deshi.benchmark.plan import STAGE_REVISION, Plan, PlannedRow, Run, Stage, row_id
from deshi.benchmark.stage_params import Gold, StageParams
from deshi.emoji import inventory_hash
from deshi.keys import key_of

if TYPE_CHECKING:
    from deshi.benchmark.file import Benchmark
    from deshi.benchmark.parts import Parts


def make_plan(benchmark: Benchmark, parts: Parts, cells: Sequence[Cell]) -> Plan:
    """Plan the stages of every cell that can run; equal stages are shared."""
    planner = _Planner(benchmark, parts)
    rows = tuple(planner.row(cell) for cell in cells)
    return Plan(benchmark, planner.stages, rows, planner.metrics)


class _Planner:
    def __init__(self, benchmark: Benchmark, parts: Parts) -> None:
        self.benchmark = benchmark
        self.settings = benchmark.settings
        self.parts = parts
        self.stages: dict[str, Stage] = {}
        self._shared: dict[tuple[str | Choice, ...], str] = {}
        self.metrics = tuple(parts.metric(name) for name in self.settings.shown)

    def row(self, cell: Cell) -> PlannedRow:
        identifier = row_id(self.benchmark, cell)
        if cell.reason:
            return PlannedRow(id=identifier, cell=cell)
        splitting = ("split", cell.corpus, cell.chain)
        split = self._once(splitting, lambda: self._planned_split(cell))
        label = self._label(cell, cell.teacher, split)
        own = cell.gold.use in ("own", "reference")
        evaluation = label if own else self._label(cell, cell.gold, split)
        gold: Gold = "references" if cell.gold.use == "reference" else "labels"
        if cell.is_teacher:
            planned = [(self._answering(cell, identifier, evaluation, gold), "")]
        else:
            seeds = (
                (None,) if self.parts.is_deterministic(cell.student) else range(self.settings.seeds)
            )
            planned = [self._run(cell, identifier, s, label, evaluation, gold) for s in seeds]
        return PlannedRow(
            id=identifier,
            cell=cell,
            group=self._group(cell, split, evaluation),
            gold=cell.teacher.label if cell.gold.use == "own" else cell.gold.label,
            split=split,
            label=label,
            evaluation=evaluation,
            runs=tuple(run for run, _ in planned),
            validations=tuple(validation for _, validation in planned),
        )

    def _group(self, cell: Cell, split: str, evaluation: str) -> str:
        """Rows of one group are evaluated on the same inputs against the same gold."""
        if cell.gold.use != "reference":
            return key_of({"evaluation": evaluation, "gold": "labels"})
        _, rewriter = self.parts.teachers(cell, cell.teacher)
        filters = self.parts.filters(cell.chain.use, "rewritten")
        rewriting = {
            "rewriter": [rewriter.identity, rewriter.prompt] if rewriter else None,
            "filters": _keyed(filters),
            **code_key([*filters, *([rewriter] if rewriter else [])]),
        }
        return key_of({"split": split, "rewriting": rewriting, "gold": "references"})

    def _once(self, key: tuple[str | Choice, ...], plan: Callable[[], str]) -> str:
        """Plan what cells share once: of splits and labels there are few, and cells by thousands."""
        if key not in self._shared:
            self._shared[key] = plan()
        return self._shared[key]

    def _planned_split(self, cell: Cell) -> str:
        s = self.settings
        sizes = tuple(choice.texts for choice in self.benchmark.axes[SIZES])
        params = stage_params.SplitParams(
            corpus=self.parts.part("corpus", cell.corpus),
            filters=self.parts.filters(cell.chain.use, "source"),
            file=str(self.benchmark.path),
            train=stage_params.TrainingSizes(self.benchmark.sizes_key, sizes),
            pull=s.pull,
            valid=s.valid,
            test=s.test,
            test_share=s.test_share,
            valid_share=s.valid_share,
            max_per_document=s.max_per_document,
            split_by=s.split_by,
            near_test=s.near_test,
        )
        identity = _identity(params, "file", "train")
        return self._stage("split", f"split {cell.corpus.label}", params, identity, {})

    def _label(self, cell: Cell, teacher: Choice, split: str) -> str:
        key = ("label", teacher, cell.rewriter, cell.chain, cell.train, split)
        return self._once(key, lambda: self._planned_label(cell, teacher, split))

    def _planned_label(self, cell: Cell, teacher_choice: Choice, split: str) -> str:
        s = self.settings
        teacher, rewriter = self.parts.teachers(cell, teacher_choice)
        self.parts.check_samples(cell.chain.use, s.samples)
        params = stage_params.LabelParams(
            teacher=teacher,
            rewriter=rewriter,
            rewritten=self.parts.filters(cell.chain.use, "rewritten"),
            labelled=self.parts.filters(cell.chain.use, "labelled"),
            train=cell.train.texts,
            samples=s.samples,
            near_test=s.near_test,
        )
        prompts = [teacher.prompt, rewriter.prompt if rewriter else None]
        identity = _identity(params) | {"prompts": prompts}
        calls = (s.pull + s.valid + s.test) * (s.samples + (rewriter is not None))
        title = f"label {self._among(cell)}{teacher.label}"
        return self._stage("label", title, params, identity, {"split": split}, requests=calls)

    def _among(self, cell: Cell) -> str:
        """Name what distinguishes a labelling stage from others of its teacher."""
        axes, labels = self.benchmark.axes, cell.labels()
        among = ("corpus", "chain", "rewriter", "train")
        return "".join(f"{labels[axis]}/" for axis in among if len(axes[axis]) > 1)

    def _run(
        self, cell: Cell, row: str, seed: int | None, label: str, evaluation: str, gold: Gold
    ) -> tuple[Run, str]:
        """Plan a training run; return it and its validation, where its row may be abandoned."""
        params, fitting, inputs = self._fitting(cell, seed, label, evaluation)
        _, predict_identity = self.parts.student_identities(cell.student)
        title = row if seed is None else f"{row} seed {seed}"
        saves = "saves" in self.parts.spec("student", cell.student).capabilities
        fit = self._fit(cell, row, seed, label, evaluation) if saves else []
        predict = self._stage(
            "predict",
            f"predict {title}",
            stage_params.PredictParams(**msgspec.structs.asdict(params), gold=gold),
            {"student": predict_identity, "gold": gold, **({} if saves else {"fit": fitting})},
            {"evaluation": evaluation, **({"fit": fit[-1]} if saves else inputs)},
        )
        fitted = {"fit": fit[-1] if saves else predict}
        score = self._score(title, gold, {"predict": predict, **fitted, "evaluation": evaluation})
        validate = self._validation(cell, title, seed, label, fit[-1]) if saves else ""
        return Run(seed, (*fit, predict, score)), validate

    def _validation(self, cell: Cell, title: str, seed: int | None, label: str, fit: str) -> str:
        rule = self.benchmark.abandon
        if rule is None or cell.baseline or (seed or 0) >= rule.after:
            return ""
        metric = self.metrics[0]
        student = self.parts.part("student", cell.student)
        _, answering = self.parts.student_identities(cell.student)
        params = stage_params.ValidateParams(student=student, seed=seed, metric=metric)
        identity = {"student": answering, "metric": metric.identity}
        inputs = {"label": label, "fit": fit}
        return self._stage("validate", f"validate {title}", params, identity, inputs)

    def _fit(
        self, cell: Cell, row: str, seed: int | None, label: str, evaluation: str
    ) -> list[str]:
        """Return the stage that fits a cell's student, after those that fit what it combines."""
        stages: list[str] = []
        members: dict[str, str] = {}
        for member in self.parts.members(cell.student):
            loss = cell.loss if self.parts.trains_on(member) else None
            alone = None if self.parts.is_deterministic(member) else seed
            part = replace(cell, student=member, loss=loss)
            stages += self._fit(part, f"{row}: {member.label}", alone, label, evaluation)
            members[f"member:{member.label}"] = stages[-1]
        params, fitting, inputs = self._fitting(cell, seed, label, evaluation)
        title = f"fit {row}" if seed is None else f"fit {row} seed {seed}"
        return [*stages, self._stage("fit", title, params, fitting, {**inputs, **members})]

    def _answering(self, cell: Cell, row: str, evaluation: str, gold: Gold) -> Run:
        """Return the one run of a row whose answers are a teacher's."""
        teacher = self.parts.teacher_part(cell.student)
        params = stage_params.AnswerParams(teacher=teacher, gold=gold)
        answer = self._stage(
            "answer",
            f"answer {row}",
            params,
            _identity(params) | {"prompt": teacher.prompt},
            {"evaluation": evaluation},
            requests=self.settings.test,
        )
        score = self._score(row, gold, {"predict": answer, "evaluation": evaluation})
        return Run(None, (answer, score))

    def _score(self, title: str, gold: Gold, inputs: Mapping[str, str]) -> str:
        params = stage_params.ScoreParams(metrics=self.metrics, gold=gold)
        return self._stage("score", f"score {title}", params, _identity(params), inputs)

    def _fitting(
        self, cell: Cell, seed: int | None, label: str, evaluation: str
    ) -> tuple[stage_params.FitParams, dict[str, Json], dict[str, str]]:
        """Return parameters, identity and inputs of fitting.

        Where the test texts were rewritten by another teacher, fitting keeps away from them.
        """
        foreign = cell.rewriter.use == "own" and evaluation != label
        near = self.settings.near_test if foreign else None
        fit_identity, _ = self.parts.student_identities(cell.student)
        params = stage_params.FitParams(
            student=self.parts.part("student", cell.student),
            loss=self.parts.part("loss", cell.loss) if cell.loss else None,
            seed=seed,
            near_test=near,
            permits=permit_notes(self.benchmark, self.parts, cell),
        )
        identity = _identity(params, "permits") | {"student": fit_identity}
        return params, identity, {"label": label, **({"judged": evaluation} if foreign else {})}

    def _stage(
        self,
        name: str,
        title: str,
        params: StageParams,
        identity: Json,
        inputs: Mapping[str, str],
        requests: int = 0,
    ) -> str:
        key = key_of(
            {
                "stage": name,
                "revision": STAGE_REVISION[name],
                "emoji": inventory_hash(),
                "identity": identity,
                "inputs": dict(inputs),
                **code_key(params.parts()),
            }
        )
        address = f"{name}/{key}"
        if address not in self.stages:
            resources = _resources(params, asks=requests > 0)
            self.stages[address] = Stage(address, title, params, inputs, requests, resources)
        return address


def _resources(params: StageParams, *, asks: bool) -> Resources:
    """Return what a stage takes: the most threads and the first device of its components.

    Filters and metrics in a row count for nothing: there are many of them, and they are light.
    """
    values = (getattr(params, name) for name in params.__struct_fields__)
    settings = [one.env for part in values if isinstance(part, Part) for one in part.whole()]
    devices = [str(env["device"]) for env in settings if env.get("device", "cpu") != "cpu"]
    threads = max([1, *(int(env.get("threads", 1)) for env in settings)])
    return Resources(threads, devices[0] if devices else "cpu", driver=asks)


def _identity(params: StageParams, *without: str) -> dict[str, Json]:
    """Return what of parameters goes into keys: all, without some, and parts by their identity."""
    names = (name for name in params.__struct_fields__ if name not in without)
    return {name.replace("_", "-"): _keyed(getattr(params, name)) for name in names}


def _keyed(value: object) -> Json:
    if isinstance(value, tuple):
        return [[part.label, part.identity] for part in value]
    return value.identity if isinstance(value, Part) else value
