"""How fast exported students answer, against the plain way with transformers.

    python benchmarks/speed/answering.py [--texts 512] [--single 48] [--epochs 6]

A T5 and an encoder (width 256, four layers) learn a task that can be learned in minutes: each text
names some things, and the answer is the emoji of those that are meant. The T5 has
the vocabulary of a Japanese one, 32,128. Then the same fitted weights answer texts that they
have not seen:

* T5, plainly: `generate` with four beams over the whole vocabulary, 64 texts a batch as they come,
  or one text at a time. Exported: CTranslate2, the decoder cut to the emoji, in each of its forms.
* Encoder, plainly: the model in float32, 64 texts a batch as they come, or one at a time. Exported:
  ONNX with 8-bit weights, texts of like length together.

Seconds are of the processor, of all threads, with one thread for each way, so that other work on the
machine counts little. Beside the ratios stand the shares of texts on which the export's first emoji,
and the set of its emoji, are those of the student that was exported.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch

from deshi.api import Env, Examples, Expected, FitReport, Text
from deshi.emoji import Alphabet, inventory
from deshi.registry import Registry
from deshi_plugins.students.neural.bert import Bert
from deshi_plugins.students.neural.params import BertParams, T5Params
from deshi_plugins.students.neural.t5 import T5
from deshi_plugins.students.neural.t5_models import from_scratch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

THINGS = 200
FILLER = (
    "今日はなんとなく昨日の夜からずっと考えていたのだけれどやっぱりこれが一番だと思うんだよね本当に"
)
BATCH = 64
BEAMS = 4
STEPS = 6
WIDTH, LAYERS, VOCABULARY = 256, 4, 32_128


def examples(n: int, seed: int) -> Examples:
    """Return texts that name three to five things each, with the emoji of some of these.

    Each thing has a chance of its own to be meant where it is named, so that scores differ: were all
    sure, which emoji comes first would be left to rounding.
    """
    chance = random.Random(seed)
    named = [(one.name, emoji) for emoji, one in inventory().items() if 1 < len(one.name) < 7]
    known = random.Random(0).sample(named, THINGS)
    certainty = random.Random(1)
    sure = {emoji: certainty.uniform(0.2, 1) for _, emoji in known}
    texts, expected = [], []
    for at in range(n):
        chosen = chance.sample(known, chance.randint(3, 5))
        start = chance.randrange(len(FILLER) - 12)
        filler = FILLER[start : start + chance.randint(4, 30)]
        texts.append(Text(str(at), str(at), filler + "、".join(name for name, _ in chosen)))
        meant = [emoji for _, emoji in chosen if chance.random() < sure[emoji]]
        expected.append(Expected((tuple(meant or [chosen[0][1]]),)))
    alphabet = Alphabet.of(emoji for _, emoji in known)
    counts = np.zeros(len(alphabet))
    for one in expected:
        for emoji in one.references[0]:
            counts[alphabet.index(emoji)] += 1
    return Examples(texts, expected, alphabet, counts)


def loss(name: str) -> Any:  # noqa: ANN401
    """Return a loss with its default parameters."""
    return Registry(Path()).create("loss", name, {}, Env())


def checkpoint(path: Path, texts: Sequence[Text]) -> None:
    """Save a T5 with random weights: a small one, but with the vocabulary of a Japanese T5."""
    import transformers

    _, tokenizer = from_scratch(T5Params(vocabulary=8000), texts)
    config = transformers.T5Config(
        vocab_size=VOCABULARY,
        d_model=WIDTH,
        d_kv=WIDTH // 4,
        d_ff=2 * WIDTH,
        num_layers=LAYERS,
        num_decoder_layers=LAYERS,
        num_heads=4,
        decoder_start_token_id=0,
    )
    torch.manual_seed(0)
    transformers.T5ForConditionalGeneration(config).save_pretrained(path)
    tokenizer.save_pretrained(path)


def told(report: FitReport, seconds: float) -> str:
    """Return what a training came to."""
    last = report.history[-1]
    return (
        f"trained in {seconds:.0f} CPU-seconds, {report.epochs} epochs, validation Jaccard "
        f"{last['valid-jaccard']:.3f}"
    )


def spent(act: Callable[[], Any]) -> tuple[float, Any]:
    """Return the processor's seconds that something takes, and what it returns."""
    began = time.process_time()
    found = act()
    return time.process_time() - began, found


def in_batches(answer: Callable[[Sequence[Text]], Any], texts: Sequence[Text]) -> None:
    """Answer texts as they come, some at a time."""
    for start in range(0, len(texts), BATCH):
        answer(texts[start : start + BATCH])


def singly(answer: Callable[[Sequence[Text]], Any], texts: Sequence[Text]) -> None:
    """Answer one text after the other."""
    for text in texts:
        answer([text])


def plain_t5(student: T5) -> Callable[[Sequence[Text]], Any]:
    """Return transformers' own way to answer: beams over the whole vocabulary."""
    model, tokenizer = student._model, student._tokenizer  # noqa: SLF001

    @torch.no_grad()
    def answer(texts: Sequence[Text]) -> Any:  # noqa: ANN401
        batch = tokenizer([text.text for text in texts], return_tensors="pt", padding=True)
        batch.pop("token_type_ids", None)
        said = model.generate(**batch, num_beams=BEAMS, max_new_tokens=STEPS)
        return tokenizer.batch_decode(said, skip_special_tokens=True)

    return answer


def plain_encoder(student: Bert) -> Callable[[Sequence[Text]], Any]:
    """Return transformers' own way to score."""
    model: Any = student._model  # noqa: SLF001
    tokenizer = student._tokenizer  # noqa: SLF001

    @torch.no_grad()
    def answer(texts: Sequence[Text]) -> Any:  # noqa: ANN401
        batch = tokenizer([text.text for text in texts], return_tensors="pt", padding=True)
        batch.pop("token_type_ids", None)
        return torch.sigmoid(model(**batch).logits).numpy()

    return answer


def measure(
    form: str,
    student: Any,  # noqa: ANN401
    plain: Callable[[Sequence[Text]], Any],
    texts: Sequence[Text],
    single: int,
) -> None:
    """Export a student, compare its answers, and print how much faster it answers."""
    with tempfile.TemporaryDirectory() as folder:
        before = student.predict(texts)
        student.export(form, Path(folder))
        fast = type(student).load_export(form, Path(folder), student.params, Env(threads=1))
        after = fast.predict(texts)
        plain(texts[:2])
        few = texts[:single]
        slow = spent(lambda: in_batches(plain, texts))[0]
        quick = spent(lambda: fast.predict(texts))[0]
        slow_one = spent(lambda: singly(plain, few))[0]
        quick_one = spent(lambda: singly(fast.predict, few))[0]
    first = np.mean([a.emojis[:1] == b.emojis[:1] for a, b in zip(before, after, strict=True)])
    whole = np.mean([set(a.emojis) == set(b.emojis) for a, b in zip(before, after, strict=True)])
    n = len(texts)
    print(
        f"{form}: in batches {n / slow:.0f} -> {n / quick:.0f} texts a CPU-second, "
        f"{slow / quick:.1f} times as fast; singly {1e3 * slow_one / single:.1f} -> "
        f"{1e3 * quick_one / single:.1f} ms, {slow_one / quick_one:.1f} times; first emoji "
        f"unchanged on {first:.1%} of {n} texts, the set of emoji on {whole:.1%}",
        flush=True,
    )


def main() -> None:
    """Train, export and measure both."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=int, default=512)
    parser.add_argument("--single", type=int, default=48)
    parser.add_argument("--train", type=int, default=6000)
    parser.add_argument("--epochs", type=int, default=6)
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(f"{platform.machine()}, {os.cpu_count()} cores, torch {torch.__version__}", flush=True)
    train, valid, test = (
        examples(options.train, 1), examples(200, 2), examples(options.texts, 3)
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        env = Env(seed=0, threads=1, folder=Path(folder))
        shape = {"width": WIDTH, "layers": LAYERS, "heads": 4, "epochs": options.epochs}
        encoder = Bert(BertParams(**shape, vocabulary=8000, learning_rate=1e-3), env)
        took, report = spent(lambda: encoder.fit(train, valid, loss("bce")))
        print(f"encoder: {told(report, took)}", flush=True)
        measure("onnx", encoder, plain_encoder(encoder), test.texts, options.single)
        path = Path(folder) / "checkpoint"
        checkpoint(path, train.texts)
        params = T5Params(path=path, epochs=2 * options.epochs, learning_rate=1e-3)
        sequence = T5(params, env)
        took, report = spent(lambda: sequence.fit(train, valid, loss("ce")))
        print(f"T5: {told(report, took)}", flush=True)
        for form in sequence.forms:
            measure(form, sequence, plain_t5(sequence), test.texts, options.single)


if __name__ == "__main__":
    main()
