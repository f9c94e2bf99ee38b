"""Mistakes that authors of plugins make, a few lines each, and what deshi says of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from textwrap import dedent, indent

from project import Project, Ran

EMOJI = "🍎"


@dataclass(frozen=True)
class Mistake:
    """A method that is wrong, what is said of it, and how often lines may be off its first one."""

    name: str
    code: str
    says: tuple[str, ...]
    line: int = 0
    """The line that is named, counted from that of the method."""


STUDENT = """
    def fit(self, train, valid, loss):
        return FitReport()
    def predict(self, texts):
        return [Prediction((EMOJI,)) for _ in texts]
"""
LOSS = """
    decoding = "threshold"
    def __call__(self, scores, targets, mask=None):
        return torch.nn.functional.binary_cross_entropy_with_logits(
            scores, targets, reduction="none").sum(-1)
"""
METRIC = """
    def statistics(self, predicted, expected, alphabet):
        return np.array([[float(bool(set(p.emojis) & set(e.references[0])))]
                         for p, e in zip(predicted, expected)])
    def value(self, sums, n):
        return sums[..., 0] / n
"""
FILTER = """
    def decide(self, items):
        return [Keep() for _ in items]
"""
CORPUS = """
    def texts(self):
        for i in range(400):
            yield Text(f"t{i}", f"d{i // 4}", f"これは文の{chr(0x3042 + i % 80) * 4}です。{i * 7919}")
"""
TEACHER = """
    async def answer(self, request):
        return Reply(EMOJI)
"""
BASES = {
    "student": STUDENT, "loss": LOSS, "metric": METRIC,
    "filter": FILTER, "corpus": CORPUS, "teacher": TEACHER,
}  # fmt: skip
SPECS = {
    "student": 'StudentSpec(name=N, target="bad:" + C, summary="S.", trains_on=None)',
    "loss": 'LossSpec(name=N, target="bad:" + C, summary="S.", takes=frozenset({"labels"}))',
    "metric": 'MetricSpec(name=N, target="bad:" + C, summary="S.", direction="higher", '
    'bounds=(0.0, 1.0), signature="any")',
    "filter": 'FilterSpec(name=N, target="bad:" + C, summary="S.", '
    'places=frozenset({"source", "rewritten", "labelled"}))',
    "corpus": 'CorpusSpec(name=N, target="bad:" + C, summary="S.", terms=Terms(licence="CC0-1.0"))',
    "teacher": 'TeacherSpec(name=N, target="bad:" + C, summary="S.", '
    'tasks=frozenset({"label"}), terms=Terms(licence="CC0-1.0"))',
}
HEAD = """
import sys
from deshi.api import *
EMOJI = "🍎"

class Base:
    def __init__(self, params, env):
        self.env = env
"""
HOOKS = {
    "student": "students", "loss": "losses", "metric": "metrics",
    "filter": "filters", "corpus": "corpora", "teacher": "teachers",
}  # fmt: skip


def class_of(name: str) -> str:
    return name.title().replace("-", "")


def plugin(kind: str, mistakes: list[Mistake], head: str = "") -> tuple[str, dict[str, int]]:
    """Return a plugin with a right component, `right`, and wrong ones; and the lines of these."""
    parts = [HEAD + head, f"class Right(Base):{BASES[kind]}"]
    lines: dict[str, int] = {}
    for mistake in mistakes:
        before = "\n".join([*parts, f"class {class_of(mistake.name)}(Right):", ""])
        lines[mistake.name] = before.count("\n") + 1 + mistake.line
        parts.append(
            before.rsplit("\n", 2)[1] + "\n" + indent(dedent(mistake.code).strip(), "    ")
        )
    spec = SPECS[kind]
    names = [("right", "Right"), *((one.name, class_of(one.name)) for one in mistakes)]
    hook = f"@hookimpl\ndef deshi_{HOOKS[kind]}():\n    return [{spec} for N, C in {names!r}]\n"
    return "\n".join([*parts, hook]), lines


def run(project: Project, kind: str, source: str, bench: str, registry: str = "") -> Ran:
    """Run a benchmark with the plugin as a local one."""
    (project.folder / "bad.py").write_text(source, encoding="utf-8")
    local = '[plugins]\nlocal = ["bad.py"]\n'
    (project.folder / "registry.toml").write_text(local + registry, encoding="utf-8")
    project.write(bench)
    return project.deshi("run", "bench.toml")


def results(project: Project) -> dict[str, object]:
    (found,) = (project.workspace / "runs").glob("*/results.json")
    return json.loads(found.read_text(encoding="utf-8"))


STUDENTS = [
    Mistake("ranked-upside", "def predict(self, texts):\n"
            "    return [Prediction((EMOJI,), 0, ((EMOJI, 0.1), ('🐈', 0.9))) for _ in texts]",
            ("a ranking that is not best first",)),
    Mistake("ranked-twice", "def predict(self, texts):\n"
            "    return [Prediction((EMOJI,), 0, ((EMOJI, 0.9), (EMOJI, 0.1))) for _ in texts]",
            ("a ranking that names an emoji twice",)),
    Mistake("huge-unknown", "def predict(self, texts):\n"
            "    return [Prediction((EMOJI,), 10**30) for _ in texts]", ("unknown = an int",)),
    Mistake("mute-error", "def fit(self, train, valid, loss):\n"
            "    raise type('Mute', (Exception,), {'__str__': lambda self: 1 / 0})()",
            ("its message cannot be read",), 1),
    Mistake("bare-string", 'def predict(self, texts):\n    return [Prediction("❤️") for _ in texts]',
            ("predict returned for text 0 emojis that are a str ('❤️')", "give a tuple of strings")),
    Mistake("list-of-emoji",
            "def predict(self, texts):\n    return [Prediction([EMOJI]) for _ in texts]",
            ("emojis that are a list", "give a tuple of strings")),
    Mistake("strings", "def predict(self, texts):\n    return [EMOJI for _ in texts]",
            ("returned a str", "return a list with one Prediction per text")),
    Mistake("int-emoji", "def predict(self, texts):\n    return [Prediction((1,)) for _ in texts]",
            ("emojis that are a tuple ((1,))", "give a tuple of strings")),
    Mistake("many", "def predict(self, texts):\n    return [Prediction((EMOJI,) * 198) for _ in texts]",
            ("198 emoji", "at most 5")),
    Mistake("short", "def predict(self, texts):\n    return [Prediction((EMOJI,))]",
            ("returned 1 for 20 texts", "one Prediction per text, in order")),
    Mistake("generator", "def predict(self, texts):\n    for _ in texts:\n        yield Prediction(())",
            ("returned a generator", "return a list")),
    Mistake("coroutine", "async def predict(self, texts):\n    return []",
            ("returned a coroutine", "write `def`, not `async def`")),
    Mistake("nothing", "def predict(self, texts):\n    pass", ("None (is a `return` missing?)",)),
    Mistake("minus-unknown",
            "def predict(self, texts):\n    return [Prediction((EMOJI,), -1) for _ in texts]",
            ("unknown = an int (-1)", "an int from 0")),
    Mistake("bad-ranked", "def predict(self, texts):\n"
            "    return [Prediction((EMOJI,), 0, ((EMOJI, float('nan')),)) for _ in texts]",
            ("in ranked the score nan", "finite")),
    Mistake("flat-ranked",
            "def predict(self, texts):\n    return [Prediction((EMOJI,), 0, (EMOJI,)) for _ in texts]",
            ("in ranked a str", "(emoji, finite score) pairs")),
    Mistake("no-report", "def fit(self, train, valid, loss):\n    pass",
            ("fit returned None (is a `return` missing?)", "return FitReport()")),
    Mistake("numpy-note", "def fit(self, train, valid, loss):\n    import numpy as np\n"
            '    return FitReport(notes={"a": np.float32(1)})',
            ("notes['a'] is a numpy.float32", "convert it: float(x)")),
    Mistake("nan-history", "def fit(self, train, valid, loss):\n"
            '    return FitReport(history=({"loss": float("nan")},))',
            ("history[0]['loss'] is a float (nan)", "write None")),
    Mistake("no-loss", "def fit(self, train, valid):\n    return FitReport()",
            ("fit: TypeError", "write `def fit(self, train, valid, loss)`")),
    Mistake("no-texts", "def predict(self):\n    return []", ("write `def predict(self, texts)`",)),
    Mistake("key", "def fit(self, train, valid, loss):\n    return {}['kaputt']",
            ("fit: KeyError: 'kaputt' is not there", "use .get()"), 1),
    Mistake("division", "def fit(self, train, valid, loss):\n    x = 0\n    return 1 / x",
            ("fit: ZeroDivisionError: division by zero",), 2),
    Mistake("leaves", "def fit(self, train, valid, loss):\n    sys.exit(0)",
            ("fit: SystemExit: 0", "raise deshi.api.ComponentError"), 1),
    Mistake("stops", "def fit(self, train, valid, loss):\n    raise GeneratorExit",
            ("fit: GeneratorExit",), 1),
    Mistake("own-exit", "def fit(self, train, valid, loss):\n"
            "    class Out(BaseException): pass\n    raise Out('now')", ("fit: Out: now",), 2),
    Mistake("says-itself", "def fit(self, train, valid, loss):\n"
            "    raise ComponentError('the library is too old', fix='install a newer one')",
            ("the library is too old; install a newer one",), 1),
    Mistake("builds-not", "def __init__(self, params):\n    pass",
            ("could not be built: TypeError", "write `def __init__(self, params, env)`")),
    Mistake("builds-out", "def __init__(self, params, env):\n    sys.exit(0)",
            ("could not be built: SystemExit: 0",), 1),
]  # fmt: skip
LOSSES = [
    Mistake("scalar", "def __call__(self, scores, targets, mask=None):\n    return (scores * 0).sum()",
            ("returned the shape ()", "no mean or sum over the batch")),
    Mistake("matrix", "def __call__(self, scores, targets, mask=None):\n    return scores * 0",
            ("returned the shape (", "one value per text, shape (batch,)")),
    Mistake("not-a-number", "def __call__(self, scores, targets, mask=None):\n"
            "    return scores.sum(-1) * float('nan')", ("returned nan for text 0", "are finite")),
    Mistake("detached", "def __call__(self, scores, targets, mask=None):\n"
            "    return scores.detach().sum(-1)", ("without a gradient", "without detach")),
    Mistake("array", "def __call__(self, scores, targets, mask=None):\n"
            "    return scores.detach().numpy().sum(-1)", ("a numpy.ndarray", "a torch tensor")),
    Mistake("float-back", "def __call__(self, scores, targets, mask=None):\n    return 0.0",
            ("returned a float (0.0)", "a torch tensor")),
    Mistake("no-mask", "def __call__(self, scores):\n    return scores.sum(-1)",
            ("__call__: TypeError", "write `def __call__(self, scores, targets, mask=None)`")),
    Mistake("raises", "def __call__(self, scores, targets, mask=None):\n    raise RuntimeError('no')",
            ("__call__: RuntimeError: no",), 1),
]  # fmt: skip
METRICS = [
    Mistake("matrix", "def statistics(self, predicted, expected, alphabet):\n"
            "    return np.matrix([[1.0] for _ in predicted])", ("use numpy.asarray",)),
    Mistake("flat", "def statistics(self, predicted, expected, alphabet):\n"
            "    return np.zeros(len(predicted))",
            ("returned the shape (20,) for 20 texts", "shape (texts, k)")),
    Mistake("rows", "def statistics(self, predicted, expected, alphabet):\n    return np.zeros((1, 1))",
            ("returned the shape (1, 1) for 20 texts",)),
    Mistake("lists", "def statistics(self, predicted, expected, alphabet):\n"
            "    return [[1.0] for _ in predicted]", ("returned a list", "a 2-D array")),
    Mistake("nan-count", "def statistics(self, predicted, expected, alphabet):\n"
            "    return np.full((len(predicted), 1), np.nan)",
            ("a count that is NaN or infinite", "let `value` return NaN")),
    Mistake("too-high", "def value(self, sums, n):\n    return 5 + sums[..., 0]",
            ("above the bound 1 of its spec", "correct the value, or `bounds`")),
    Mistake("too-low", "def value(self, sums, n):\n    return -1 - sums[..., 0]",
            ("below the bound 0 of its spec",)),
    Mistake("over-all", "def value(self, sums, n):\n    return np.sum(sums) / np.sum(n) / 1e9",
            ("returned the shape ()", "sum over the last axis alone")),
    Mistake("if-on-arrays", "def value(self, sums, n):\n    return 0.0 if n == 0 else sums[..., 0] / n",
            ("value: ValueError: The truth value of an array",), 1),
    Mistake("infinite", "def value(self, sums, n):\n    return sums[..., 0] + np.inf",
            ("returned an infinite value", "return NaN where it is undefined")),
    Mistake("changing-k", "def statistics(self, predicted, expected, alphabet):\n"
            "    return np.zeros((len(predicted), 1 + len({p.emojis for p in predicted})))",
            ("returned k = ", "let k depend on the parameters and the alphabet alone")),
    Mistake("wide", "def statistics(self, predicted, expected, alphabet):\n"
            "    from scipy.sparse import csr_array\n"
            "    return csr_array((len(predicted), 3_800**2))",
            ("returned k = 14,440,000 counts per text", "minutes", "benchmark.resamples")),
    Mistake("enormous", "def statistics(self, predicted, expected, alphabet):\n"
            "    from scipy.sparse import csr_array\n"
            "    return csr_array((len(predicted), 5_000_000_000))",
            ("returned k = 5,000,000,000 counts per text", "return fewer counts")),
    Mistake("leaves", "def value(self, sums, n):\n    raise SystemExit", ("value: SystemExit",), 1),
]  # fmt: skip
FILTERS = [
    Mistake("surrogate", "def decide(self, items):\n"
            "    return [Drop('bad \\ud800') for _ in items]", ("hold strings",)),
    Mistake("bools", "def decide(self, items):\n    return [True for _ in items]",
            ("returned a bool (True) for item 0", "one Keep, Drop or Edit per item")),
    Mistake("no-verdicts", "def decide(self, items):\n    pass", ("None (is a `return` missing?)",)),
    Mistake("few", "def decide(self, items):\n    return [Keep()]", ("returned 1 for ",)),
    Mistake("lazily", "def decide(self, items):\n    for _ in items:\n        yield Keep()",
            ("returned a generator",)),
    Mistake("number-reason", "def decide(self, items):\n    return [Drop(3) for _ in items]",
            ("returned Drop(reason=3", "hold strings")),
    Mistake("number-detail", "def decide(self, items):\n    return [Drop('a', 3) for _ in items]",
            ("detail=3", "hold strings")),
    Mistake("number-text", "def decide(self, items):\n    return [Edit('a', text=3) for _ in items]",
            ("text=3", "hold strings")),
    Mistake("flat-samples", "def decide(self, items):\n"
            "    return [Edit('a', samples=('🍎',)) for _ in items]", ("tuples of tuples",)),
    Mistake("index", "def decide(self, items):\n    return [items[len(items)]]",
            ("decide: IndexError: ",), 1),
]  # fmt: skip
CORPORA = [
    Mistake("number-id", 'def texts(self):\n    yield Text(1, "d", "あいう")',
            ("gave as id of a text an int (1)", "id is a string")),
    Mistake("empty-id", 'def texts(self):\n    yield Text("", "d", "あいう")', ("whose id is empty",)),
    Mistake("no-text", 'def texts(self):\n    yield Text("a", "d", None)',
            ("gave as text of text 'a' None", "text is a string")),
    Mistake("dicts", 'def texts(self):\n    yield {"id": "a"}',
            ("gave a dict", "yield Text(id, document, text)")),
    Mistake("flat-references", 'def texts(self):\n    yield Text("a", "d", "あ", references=("🍎",))',
            ("gave as references of text 'a'", "tuples of tuples of strings")),
    Mistake("number-meta", 'def texts(self):\n    yield Text("a", "d", "あ", meta={"n": 1})',
            ("gave as meta of text 'a'", "strings to strings")),
    Mistake("raises", 'def texts(self):\n    yield Text("a", "d", "あ")\n    raise KeyError("row")',
            ("texts: KeyError: 'row' is not there",), 2),
    Mistake("leaves", 'def texts(self):\n    yield Text("a", "d", "あ")\n    sys.exit(0)',
            ("texts: SystemExit: 0",), 2),
    Mistake("nothing", "def texts(self):\n    pass", ("texts: TypeError",)),
]  # fmt: skip
TEACHERS = [
    Mistake("surrogate", "async def answer(self, request):\n    return Reply('🍎\\ud800')",
            ("a string without surrogates",)),
    Mistake("endless", "async def answer(self, request):\n    return Reply(EMOJI * 1_000_000)",
            ("a content of 1,000,000 characters",)),
    Mistake("odd-outcome", "async def answer(self, request):\n"
            "    raise AttemptError('x', outcome='nonsense')", ("the outcome 'nonsense'",), 1),
    Mistake("string", "async def answer(self, request):\n    return EMOJI",
            ("answer returned a str ('🍎')", "return Reply(")),
    Mistake("sync", "def answer(self, request):\n    return Reply(EMOJI)",
            ("returned a Reply", "write `async def answer`")),
    Mistake("nothing", "async def answer(self, request):\n    pass", ("None (is a `return` missing?)",)),
    Mistake("bytes", "async def answer(self, request):\n    return Reply(b'x')",
            ("content = a bytes", "a string")),
    Mistake("finish", "async def answer(self, request):\n    return Reply(EMOJI, finish='done')",
            ("finish = 'done'", "one of stop, length")),
    Mistake("float-cost", "async def answer(self, request):\n    return Reply(EMOJI, cost=0.001)",
            ("cost = a float (0.001)", "whole nano-USD")),
    Mistake("float-usage", "async def answer(self, request):\n"
            "    return Reply(EMOJI, usage=Usage(1.5, 2))", ("ints from 0",)),
    Mistake("raises", "async def answer(self, request):\n    return {}['choices']",
            ("answer: KeyError: 'choices' is not there",), 1),
    Mistake("leaves", "async def answer(self, request):\n    sys.exit(0)",
            ("answer: SystemExit: 0",), 1),
    Mistake("signature", "async def answer(self):\n    return Reply(EMOJI)",
            ("write `async def answer(self, request)`",)),
]  # fmt: skip
