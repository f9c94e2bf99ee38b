"""`label`: rewrite, filter, label, filter, until enough training pairs survive.

Its memory is the ledger: run again after a kill, a better filter or a larger size, it requests only
what was never answered.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace

from deshi.api import Drop, Emojis, Item, Json, Part, Reply
from deshi.benchmark.stage_params import Gold, LabelParams
from deshi.emoji import Mode, parse
from deshi.labelling.ensemble import open_client
from deshi.labelling.joint_prompt import Tasks
from deshi.labelling.ledger import Ledger
from deshi.labelling.prompt_compliance import Compliance
from deshi.labelling.teacher_client import TeacherClient, unusable
from deshi.stages.comparison_groups import judged_digests
from deshi.stages.dataset import text_of
from deshi.stages.decision_log import DecisionLog
from deshi.stages.filter_chain import Candidates
from deshi.stages.near_duplicates import near_copies
from deshi.stages.parquet_tables import PAIRS, read_table, write_table
from deshi.stages.split import build_filters, text_row
from deshi.workspace.job import Job
from deshi.workspace.manifest import LabelFigures


def label(job: Job[LabelParams]) -> LabelFigures:
    """Write `pairs.parquet` (labelled texts, also those a filter dropped) and `decisions.parquet`."""
    rows = read_table(job.inputs["split"] / "texts.parquet")
    items = [Item(text=text_of(row), part=row["part"], source=row["source"]) for row in rows]
    with ExitStack() as stack:
        ledger = stack.enter_context(Ledger(job.workspace))
        log = stack.enter_context(DecisionLog(job.out))
        labelling = _Labelling(job, ledger, log, stack)
        done = labelling.run(items)
        cost = labelling.cost()
    pairs = labelling.rows(done)
    write_table(job.out / "pairs.parquet", PAIRS, pairs)
    return labelling.figures(done, cost, judged_digests(pairs))


class _Labelling:
    """The state of one labelling stage: the teachers, the filters, the log."""

    def __init__(
        self, job: Job[LabelParams], ledger: Ledger, log: DecisionLog, stack: ExitStack
    ) -> None:
        self.job = job
        self.log = log
        self.labelled: list[Item] = []
        self.unlabelled: list[Item] = []
        self.teacher = open_client(job.params.teacher, job, ledger, stack)
        self.rewriter = self._rewriter_client(ledger, stack)
        self.tasks = Tasks(self.rewriter, self.teacher)
        self.compliance = Compliance(self.teacher.part.banned)
        self.after_rewrite = build_filters(job, job.params.rewritten)
        self.after_label = build_filters(job, job.params.labelled)
        self.pulled = 0
        self.surplus = 0
        self._test: list[str] = []
        self._order: dict[str, int] = {}

    def _rewriter_client(self, ledger: Ledger, stack: ExitStack) -> TeacherClient | None:
        """Return the client that rewrites: the labelling one if it is the same teacher."""
        rewriter = self.job.params.rewriter
        if rewriter == self.job.params.teacher:
            return self.teacher
        return open_client(rewriter, self.job, ledger, stack) if rewriter else None

    @property
    def clients(self) -> list[TeacherClient]:
        """All clients, each once."""
        if self.rewriter is None or self.rewriter is self.teacher:
            return [self.teacher]
        return [self.rewriter, self.teacher]

    def run(self, items: Sequence[Item]) -> list[Item]:
        """Label test and validation whole, and training in rounds until enough survive.

        The first round goes with test and validation, rewritten first, then labelled: a server that
        is far away, or answers in batches, is waited for twice and not six times.
        """
        self._order = {item.text.id: at for at, item in enumerate(items)}
        candidates = [i for i in items if i.part == "train"]
        wanted = self.job.params.train
        self.pulled = min(len(candidates), next_pull(wanted, 0, 0))
        first = candidates[: self.pulled]
        test, valid = ([i for i in items if i.part == part] for part in ("test", "valid"))
        if self.rewriter is not None:
            self.rewriter.prefetch(self.tasks.to_rewrite([*test, *valid, *first]))
        test = self._rewrite(test)
        # Refused ones too: other gold may be scored on them.
        self._test = [i.text.text for i in test]
        valid = self._away_from_test(valid)
        self._label([*test, *valid, *self._away_from_test(first)])
        while True:
            texts = Candidates.of(self.labelled, "labelled")
            texts.decide(self.after_label)
            kept = texts.items()
            survived = sum(item.part == "train" for item in kept)
            if survived >= wanted or self.pulled == len(candidates):
                break
            step = next_pull(wanted - survived, survived, self.pulled)
            self._label(self._away_from_test(candidates[self.pulled : self.pulled + step]))
            self.pulled = min(len(candidates), self.pulled + step)
        self.log.write(texts.decisions())  # of the last round alone: each begins anew
        self.surplus = max(0, survived - wanted)
        return self._cut(kept, wanted)

    def _cut(self, kept: Sequence[Item], wanted: int) -> list[Item]:
        """Keep the first `wanted` training items, so that a size is what it says."""
        training = [item for item in kept if item.part == "train"][:wanted]
        return [item for item in kept if item.part != "train"] + training

    def _label(self, items: Sequence[Item]) -> None:
        """Have rewritten items labelled; append what comes out, before the last filters."""
        samples = self.job.params.samples
        raw = self.teacher.replies(self.tasks.to_label(items, samples))
        replies = [self.tasks.labels(reply) for reply in raw]
        for reply in replies:
            self.compliance.count("label", reply)
        drops: list[tuple[Item, Drop]] = []
        for at, item in enumerate(items):
            item_replies = replies[at * samples : (at + 1) * samples]
            verdict = next((v for r in item_replies if (v := unusable(r))), None)
            if verdict:
                drops.append((item, verdict))
            else:
                self.labelled.append(_with_labels(item, item_replies))
        self.log.drop(drops, "labelled", "teacher")
        self.unlabelled += [item for item, _ in drops]

    def _rewrite(self, items: Sequence[Item]) -> list[Item]:
        if self.rewriter is None:
            return self._filter(items)
        rewritten: list[Item] = []
        drops: list[tuple[Item, Drop]] = []
        raw = self.rewriter.replies(self.tasks.to_rewrite(items))
        for item, answer in zip(items, raw, strict=True):
            reply = self.tasks.rewritten(answer, item.text.text)
            self.compliance.count("rewrite", reply)
            text = reply.content.strip()
            verdict = unusable(reply) or (None if text else Drop("empty", reply.content))
            if verdict:
                drops.append((item, verdict))
            else:
                rewritten.append(replace(item, text=replace(item.text, text=text)))
        self.log.drop(drops, "rewritten", "rewriter")
        return self._filter(rewritten)

    def _filter(self, rewritten: Sequence[Item]) -> list[Item]:
        texts = Candidates.of(rewritten, "rewritten")
        texts.decide(self.after_rewrite)
        self.log.write(texts.decisions())
        return texts.items()

    def _away_from_test(self, items: Sequence[Item]) -> list[Item]:
        """Rewrite items and drop what then nearly equals a test text."""
        items = self._rewrite(items)
        threshold = self.job.params.near_test
        copies = near_copies([i.text.text for i in items], self._test, threshold=threshold)
        found = list(zip(items, copies, strict=True))
        near = [(i, Drop("near-test", self._test[c])) for i, c in found if c is not None]
        self.log.drop(near, "rewritten", "label")
        return [item for item, copy in found if copy is None]

    def rows(self, done: Sequence[Item]) -> list[dict[str, Json]]:
        """Return the rows of `PAIRS`: kept items, then test items without a usable label.

        The latter are there for gold that is not this teacher's.
        """
        kept = {item.text.id for item in done}
        others = [
            item
            for item in (*self.labelled, *self.unlabelled)
            if item.part == "test" and item.text.id not in kept
        ]
        rows = [_pair_row(i, kept=True) for i in done] + [_pair_row(i, kept=False) for i in others]
        # The split's order, whatever was dropped: texts of several teachers are compared in pairs.
        return sorted(rows, key=lambda row: self._order[row["id"]])

    def cost(self) -> int:
        """Return what the answers cost, rewriting and labelling, in nano-USD, whenever it was paid."""
        return sum(client.cost() for client in self.clients)

    def figures(self, done: Sequence[Item], cost: int, judged: Mapping[Gold, str]) -> LabelFigures:
        """Return what the table shows of this labelling stage."""
        parts: Counter[Part] = Counter(item.part for item in done)
        return LabelFigures(
            asked=sum(a.asked for a in self.clients),
            reused=sum(a.reused for a in self.clients),
            pulled=self.pulled,
            surplus=self.surplus,
            dropped=self.log.dropped(),
            parts={"train": parts["train"], "valid": parts["valid"], "test": parts["test"]},
            wanted=self.job.params.train,
            compliance=self.compliance.figures(),
            cost_nano_usd=cost,
            judged=judged,
        )


def next_pull(missing: int, survived: int, pulled: int) -> int:
    """Return how many texts the next round takes.

    The first takes what is missing; the others as many more as the share that survived so far
    leads one to expect, but never more than were taken before or are missing. So an unlucky first
    round does not empty the corpus, and a chain that lets few through needs few rounds.
    """
    if not pulled:
        return missing
    expected = math.ceil(missing * pulled / survived) if survived else 2 * pulled
    return min(expected, max(pulled, missing))


def _with_labels(item: Item, replies: Sequence[Reply]) -> Item:
    parsed = [parse(reply.content, mode=Mode.LABELS) for reply in replies]
    samples: list[Emojis] = [tuple(dict.fromkeys(p.emojis)) for p in parsed]
    return replace(item, samples=tuple(samples), unknown=tuple(p.unknown for p in parsed))


def _pair_row(item: Item, *, kept: bool) -> dict[str, Json]:
    return {**text_row(item), "samples": item.samples, "unknown": item.unknown, "kept": kept}
