"""What each command can be asked in a project whose benchmark has run: a new command belongs here."""

from __future__ import annotations

from dataclasses import dataclass

from project import Project

FILE = "ベンチ.toml"
ROW = "latest/counter/memory/less"

BENCH = """
[benchmark]
train = 60
valid = 20
test = 40
seeds = 2
samples = 2
metrics = ["jaccard"]
baselines = ["constant"]
resamples = 200

[matrix]
corpus = "numbers"
chain = "toy"
rewriter = "none"
teacher = ["counter", "counter-two"]
student = "memory"
loss = "less"

[migration]
from = "counter"
to = "counter-two"
"""
GOLD = '{"id": "1", "emoji": ["🐈"]}\n{"id": "2", "emoji": ["🍎", "☀️"]}\n'
RATED = '{"id": "1", "rating": "良い"}\n{"id": "2", "rating": "悪い"}\n'


@dataclass(frozen=True)
class Asked:
    """The words behind a command, and whether it answers people or, in data, programs."""

    words: tuple[str, ...]
    is_data: bool = False
    status: int = 0


def text(words: str = "", status: int = 0) -> Asked:
    return Asked(tuple(words.split()), status=status)


def data(words: str) -> Asked:
    return Asked(tuple(words.split()), is_data=True)


def formats(words: str = "", *forms: str) -> list[Asked]:
    wanted = forms or ("json", "csv", "markdown", "latex")
    return [text(words), *(data(f"{words} --format {form}") for form in wanted)]


INVOCATIONS: dict[str, list[Asked]] = {
    "run": formats(f"{FILE} --quiet", "json", "csv"),
    "plan": formats(FILE, "json"),
    "show": [*formats("--emoji"), *formats("", "markdown"), text("--dropped"), text("--runs")],
    "report": [text("-o 報告🐈.html")],
    "compare": [
        *formats("別 ベンチ", "json", "csv"),
        text(f"--claim {ROW[7:]}>counter/constant", status=2),
        *formats("--gold 金.jsonl 金.jsonl 銀.jsonl", "json"),
    ],
    "migrate": [*formats("", "json"), data("--part shift --format markdown")],
    "errors": formats("", "json", "csv"),
    "predict": [text(f"{ROW} 猫🐈と暮らしている家3"), data(f"{ROW} 猫🐈と暮らしている家3 --format json"), data(f"{ROW} --input in.txt")],
    "export": [text(f"{ROW} --to 速い🐈")],
    "publish": [text(f"{ROW} --to 出版🐈")],
    "score": formats("--gold 金.jsonl --predicted 金.jsonl", "json", "latex"),
    "agree": formats("金.評.jsonl 銀.評.jsonl", "csv"),
    "ledger": [*formats("", "json"), data("export -"), text("export 元帳🐈.jsonl")],
    "list": formats("", "csv"),
    "describe": formats("toy/counter", "json"),
    "explain": formats("prompt", "json"),
    "check": [text("jaccard"), data("jaccard --format json")],
    "schema": [data("registry"), data("benchmark")],
    "plugins": [*formats("", "json"), text("info toy"), text("info 🐈", status=2)],
    "new": [text("student 生徒", status=2), text("student pupil --into 新🐈")],
    "doctor": formats("", "json"),
    "completion": [data("bash")],
    "fake-server": [text("--help")],
    "gc": formats("--dry-run", "json"),
}  # fmt: skip


def finished(project: Project) -> Project:
    """Run the benchmark, and write the files that the invocations name."""
    files = {
        "金.jsonl": GOLD,
        "銀.jsonl": GOLD,
        "in.txt": "猫🐈と暮らしている家3\n",
        "金.評.jsonl": RATED,
        "銀.評.jsonl": RATED,
    }
    for name, content in files.items():
        (project.folder / name).write_text(content, encoding="utf-8")
    for name, seeds in (("別.toml", 1), (FILE, 2)):
        project.write(BENCH.replace("seeds = 2", f"seeds = {seeds}"), name)
        ran = project.deshi("run", name, "--quiet")
        assert ran.status == 0, ran.err
    return project
