"""What a command that was given a broken file may do: accept it, or refuse it and say where."""

from __future__ import annotations

import json
import random
import re
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from project import Project, Ran

LIMIT = 60.0
"""Seconds that a command may take, on a machine with other work."""
_CODE = re.compile(r"\b[A-Z]\w+(Error|Exception)\b")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

MARKS = ["猫", "犬", "海", "山", "雨", "空", "花", "本", "夜", "朝"]
EMOJI = ["🐈", "🐕", "🌊", "🗻", "☔", "☁️", "🌸", "📖", "🌙", "🌅"]

BENCHMARK = """
[benchmark]
train = 40
valid = 8
test = 16
seeds = 1
metrics = ["jaccard", "exact-match"]
baselines = ["constant"]
resamples = 100

[matrix]
corpus = "mine"
chain = "few"
rewriter = "none"
teacher = "said"
student = "knn"

[permit]
said = "own answers"
"""
REGISTRY = """
[corpus.mine]
use = "texts"
about = "Mine."

[corpus.mine.params]
path = "texts.jsonl"
document = "thread"
licence = "CC0-1.0"

[teacher.said]
use = "replay"
prompt = "mine"
params = { path = "answers.jsonl" }

[student.near]
use = "knn"
params = { k = 3 }

[chain.few]
source = ["length"]
labelled = ["emoji-count"]

[prompt.mine]
label = "絵文字だけを返す。"
ban = ["✨"]
"""


def texts(count: int = 110) -> list[dict[str, str]]:
    """Return rows of a corpus that are labelled: id, text, thread, emoji."""
    chance = random.Random(5)
    rows = []
    for number in range(count):
        one, two = chance.sample(range(len(MARKS)), 2)
        text = f"今日は{MARKS[one]}と{MARKS[two]}を見て{number}回も楽しかったです。"
        row = {"id": f"t{number}", "text": text, "thread": f"d{number // 2}"}
        rows.append({**row, "emoji": EMOJI[one] + EMOJI[two]})
    return rows


def lines(rows: list[dict[str, str]], *keys: str) -> bytes:
    """Return rows as JSON Lines."""
    kept = [{key: row[key] for key in keys} for row in rows]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in kept).encode()


def write_project(project: Project) -> Project:
    """Write a benchmark of a file of texts and a file of answers."""
    rows = texts()
    project.write(BENCHMARK)
    (project.folder / "registry.toml").write_text(REGISTRY, encoding="utf-8")
    (project.folder / "texts.jsonl").write_bytes(lines(rows, "id", "text", "thread"))
    (project.folder / "answers.jsonl").write_bytes(lines(rows, "text", "emoji"))
    return project


def run_limited(project: Project, *words: str) -> Ran | None:
    """Run a command; None where it did not end in time."""
    try:
        return project.deshi(*words)
    except subprocess.TimeoutExpired:
        return None


@dataclass
class Tally:
    """What was tried, and what came of it; `faults` are one line each."""

    log: Path
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def add(self, name: str, ran: Ran | None, *places: str) -> bool:
        """Count how a command ended; say whether it accepted. One of `places` names what is wrong."""
        self.counts["tried"] += 1
        if (why := _fault(ran, places)) is not None:
            self.fault(f"{name}: {why}")
        accepted = ran is not None and ran.status == 0
        self.counts["accepted" if accepted else "refused"] += 1
        return accepted

    def fault(self, what: str) -> None:
        """Count what no command may do."""
        self.counts["faults"] += 1
        self.faults.append(what)
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"{what}\n")


def _fault(ran: Ran | None, places: tuple[str, ...]) -> str | None:
    if ran is None:
        return "did not end"
    failed = [row["reason"] for row in ran.json["rows"] if row["reason"]] if ran.status == 1 else []
    said = f"status {ran.status}: {ran.err[-600:]} {failed}"
    if ran.status not in (0, 1, 2, 3) or "Traceback" in ran.err or "deshi: unexpected" in ran.err:
        return said
    if _CODE.search(" ".join(failed)):
        return f"a cell ends with an error of the code: {failed}"
    if ran.status in (2, 3) and not any(place in ran.err for place in places):
        return f"names no place: {said}"
    if _CONTROL.search(ran.err.replace("\r", "")):
        return f"control characters: {said!r}"
    return None
