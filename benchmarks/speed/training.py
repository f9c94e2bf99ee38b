"""How fast the neural students train, against the trainers of transformers with their defaults.

    python benchmarks/speed/training.py [--only t5] [--texts 512] [--epochs 2] [--posts FILE]

Same first weights, same texts, same number of epochs, the same size of batch and step, on one thread;
what differs is the loop: batches of like length under a budget of tokens, bf16 where the processor
has it, tables with what occurs, a last layer of the emoji alone, a fused AdamW. Both losses after
training are of the plain likelihood in 32 bits, over the emoji alone. Seconds are the CPU time of
this process, so that other work on the machine disturbs little; read the ratios.
"""

from __future__ import annotations

import argparse
import copy
import json
import logging
import platform
import random
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
import transformers
from torch import Tensor

from deshi.api import Env, Examples, Expected, NoParams, Text
from deshi.emoji import Alphabet, Mode, inventory, parse
from deshi_plugins.corpora.packaged import Sample
from deshi_plugins.losses.bce import BinaryCrossEntropy
from deshi_plugins.losses.ce import CrossEntropy
from deshi_plugins.losses.params import CrossEntropyParams
from deshi_plugins.students.neural.batching import inference_batches, pad
from deshi_plugins.students.neural.bert_models import set_output_bias
from deshi_plugins.students.neural.embedding_table import CompactTable
from deshi_plugins.students.neural.emoji_decoder import EmojiDecoder
from deshi_plugins.students.neural.emoji_tokens import add_emoji
from deshi_plugins.students.neural.multilabel import LabelExamples, LabelLearner, label_scores
from deshi_plugins.students.neural.params import BertParams, T5Params
from deshi_plugins.students.neural.precision import resolve_precision
from deshi_plugins.students.neural.restricted_model import RestrictedModel
from deshi_plugins.students.neural.sequence_learner import (
    SequenceExamples,
    SequenceLearner,
    plain_nll,
)
from deshi_plugins.students.neural.tokenizer import token_ids, train_tokenizer
from deshi_plugins.students.neural.training import Training
from deshi_plugins.students.priors import first_bias
from deshi_plugins.students.rules import Threshold
from deshi_plugins.students.targets import label_targets

EMOJI = 1000
VOCABULARY = 32_128
BATCH = 32
RATE = 3e-4
TARGETS = {"t5": 3.0, "bert": 2.2}
Model: TypeAlias = Any
Trained: TypeAlias = tuple[float, float]
"""CPU seconds, and the loss on the validation texts afterwards."""


@dataclass(frozen=True)
class Material:
    """Texts for training and validation, as token ids and with labels of 1,000 emoji."""

    tokenizer: Any
    train: Examples
    valid: Examples
    ids: tuple[list[list[int]], list[list[int]]]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--only", choices=["t5", "bert"])
    parser.add_argument("--texts", type=int, default=512)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--posts", type=Path, help="JSON Lines with `text`, instead of the sample")
    options = parser.parse_args()
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    print(f"{platform.machine()}, {resolve_precision('auto', 'cpu')}, one thread")
    worst = 1.0
    for name in [options.only] if options.only else TARGETS:
        ours, theirs = {"t5": t5, "bert": bert}[name](options)
        ratio = theirs[0] / ours[0]
        speeds = [options.texts * options.epochs / seconds for seconds, _ in (ours, theirs)]
        print(
            f"{name}: {speeds[0]:.0f} texts a CPU second against {speeds[1]:.0f} with the trainer "
            f"of transformers,\n  {ratio:.2f} times as many (target {TARGETS[name]}); "
            f"loss on other texts {ours[1]:.3f} against {theirs[1]:.3f}",
            flush=True,
        )
        worst = min(worst, ratio / TARGETS[name])
    return 0 if worst >= 1 else 1


def t5(options: argparse.Namespace) -> tuple[Trained, Trained]:
    """Train one T5 of 256 × (4 + 4) in both ways."""
    material = texts(options, ("<pad>", "</s>", "<unk>"), ("$A", "</s>"), eos_token="</s>")
    torch.manual_seed(0)
    config = transformers.T5Config(
        vocab_size=VOCABULARY,
        d_model=256,
        d_kv=32,
        d_ff=1024,
        num_layers=4,
        num_heads=8,
        decoder_start_token_id=0,
    )
    model = transformers.T5ForConditionalGeneration(config)
    emoji = add_emoji(model, material.tokenizer, material.train.alphabet.symbols, "names")
    outputs = [material.tokenizer.eos_token_id, *emoji]
    other = copy.deepcopy(model)
    ours = our_t5(model, outputs, material, options.epochs)
    theirs = their_t5(other, outputs, material, options.epochs)
    return (ours, t5_loss(model, outputs, material)), (theirs, t5_loss(other, outputs, material))


def our_t5(model: Model, outputs: list[int], material: Material, epochs: int) -> float:
    alphabet = material.train.alphabet
    train = SequenceExamples(material.ids[0], labels(material.train), material.train.expected)
    valid = SequenceExamples([], [], [])
    used = {token for part in material.ids for row in part for token in row} | {0}
    restricted = RestrictedModel(model, outputs, used, "emoji")
    params = T5Params(
        epochs=epochs,
        batch_size=BATCH,
        learning_rate=RATE,
        weight_decay=0.0,
        warmup_steps=0,
        embedding_rate=1.0,
    )
    loss = CrossEntropy(CrossEntropyParams(), Env())
    learner = SequenceLearner(
        restricted.decoder(),
        restricted.validation_decoder(),
        restricted.numbers,
        0,
        train,
        valid,
        loss,
        params,
        symbols=alphabet.symbols,
        counts=material.train.counts.tolist(),
        seed=0,
    )
    training = Training(learner, loss, params, Env(), floor=0.0, fingerprint="")
    seconds = timed(training.run)
    restricted.put_back()
    return seconds


def their_t5(model: Model, outputs: list[int], material: Material, epochs: int) -> float:
    said = [[*(outputs[label + 1] for label in row), outputs[0]] for row in labels(material.train)]
    rows = [
        {"input_ids": ids, "attention_mask": [1] * len(ids), "labels": one}
        for ids, one in zip(material.ids[0], said, strict=True)
    ]
    collator = transformers.DataCollatorForSeq2Seq(material.tokenizer, model=model)
    with tempfile.TemporaryDirectory() as folder:
        arguments = transformers.Seq2SeqTrainingArguments(folder, **defaults(epochs))
        trainer = transformers.Seq2SeqTrainer(
            model=model, args=arguments, train_dataset=rows, data_collator=collator
        )
        return timed(trainer.train)


@torch.no_grad()
def t5_loss(model: Model, outputs: list[int], material: Material) -> float:
    """Return the mean negative log-likelihood a step, over the emoji alone."""
    decoder = EmojiDecoder.of(model.eval(), outputs)
    said = labels(material.valid)
    total = 0.0
    for batch in inference_batches([len(row) for row in material.ids[1]], 64):
        ids, mask = pad([material.ids[1][row] for row in batch], 0)
        numbers, counted = pad([[*(n + 1 for n in said[row]), 0] for row in batch], 0)
        scores = decoder.forced(ids, mask, numbers)
        total += float(plain_nll(scores, numbers, counted).sum())
    return total / len(said)


def bert(options: argparse.Namespace) -> tuple[Trained, Trained]:
    """Train one BERT of 256 × 4 in both ways."""
    special = ("<pad>", "<unk>", "<cls>", "<sep>")
    material = texts(
        options, special, ("<cls>", "$A", "<sep>"), cls_token="<cls>", sep_token="<sep>"
    )
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=VOCABULARY,
        hidden_size=256,
        num_hidden_layers=4,
        num_attention_heads=8,
        intermediate_size=1024,
        num_labels=EMOJI,
        problem_type="multi_label_classification",
    )
    model = transformers.BertForSequenceClassification(config)
    set_output_bias(model, first_bias(label_targets(material.train, shares=False), Threshold()))
    other = copy.deepcopy(model)
    ours = our_bert(model, material, options.epochs)
    theirs = their_bert(other, material, options.epochs)
    return (ours, bert_loss(model, material)), (theirs, bert_loss(other, material))


def our_bert(model: Model, material: Material, epochs: int) -> float:
    matrix = label_targets(material.train, shares=False)
    train = LabelExamples(material.ids[0], matrix, material.train.expected)
    valid = LabelExamples([], matrix[:0], [])
    whole = model.get_input_embeddings()
    used = {token for part in material.ids for row in part for token in row} | {0}
    table = CompactTable(whole.weight.detach(), used)
    model.set_input_embeddings(table)
    params = BertParams(
        epochs=epochs, batch_size=BATCH, learning_rate=RATE, weight_decay=0.0, warmup_steps=0
    )
    loss = BinaryCrossEntropy(NoParams(), Env())
    learner = LabelLearner(
        model,
        0,
        train,
        valid,
        loss,
        symbols=material.train.alphabet.symbols,
        device="cpu",
    )
    training = Training(learner, loss, params, Env(), floor=0.0, fingerprint="")
    seconds = timed(training.run)
    table.put_back(whole.weight.data)
    model.set_input_embeddings(whole)
    return seconds


def their_bert(model: Model, material: Material, epochs: int) -> float:
    matrix = label_targets(material.train, shares=False)
    rows = [
        {"input_ids": ids, "attention_mask": [1] * len(ids), "labels": row.tolist()}
        for ids, row in zip(material.ids[0], matrix, strict=True)
    ]
    # The loss of both is summed over the labels, so that the same gradients are cut.
    loss = BinaryCrossEntropy(NoParams(), Env())

    def compute(outputs: Model, wanted: Tensor, **_: object) -> Tensor:
        return loss(outputs.logits, wanted).mean()

    with tempfile.TemporaryDirectory() as folder:
        trainer = transformers.Trainer(
            model=model,
            args=transformers.TrainingArguments(folder, **defaults(epochs)),
            train_dataset=rows,
            data_collator=transformers.DataCollatorWithPadding(material.tokenizer),
            compute_loss_func=compute,
        )
        return timed(trainer.train)


def bert_loss(model: Model, material: Material) -> float:
    scores = label_scores(model.eval(), material.ids[1], 0, "cpu")
    wanted = torch.from_numpy(label_targets(material.valid, shares=False))
    return float(BinaryCrossEntropy(NoParams(), Env())(scores, wanted).mean())


def defaults(epochs: int) -> dict[str, Any]:
    """Return the arguments that make both runs the same; all else is the trainers' default."""
    return {
        "num_train_epochs": epochs,
        "per_device_train_batch_size": BATCH,
        "learning_rate": RATE,
        "use_cpu": True,
        "report_to": [],
        "save_strategy": "no",
        "logging_strategy": "no",
        "disable_tqdm": True,
    }


def timed(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def texts(
    options: argparse.Namespace, special: Sequence[str], frame: Sequence[str], **names: str
) -> Material:
    """Return texts with the emoji whose Japanese names they hold, and a tokenizer made of them."""
    if options.posts is None:
        found = [text.text for text in Sample(NoParams(), Env()).texts()]
    else:
        lines = options.posts.read_text(encoding="utf-8").splitlines()
        found = [json.loads(line)["text"] for line in lines]
    random.Random(0).shuffle(found)
    pieces = train_tokenizer(found, 16_000, special, frame)
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=pieces, pad_token="<pad>", unk_token="<unk>", **names
    )
    alphabet = Alphabet.of(list(inventory())[:EMOJI])
    chosen = found[: options.texts + options.texts // 4]
    parts = chosen[: options.texts], chosen[options.texts :]
    train, valid = (examples(part, alphabet) for part in parts)
    ids = token_ids(tokenizer, parts[0], 128), token_ids(tokenizer, parts[1], 128)
    return Material(tokenizer, train, valid, ids)


def examples(part: Sequence[str], alphabet: Alphabet) -> Examples:
    """Label each text with the emoji of which its characters remind: any rule will do here."""
    expected = [Expected((_emoji(text, alphabet),)) for text in part]
    counts = Counter(emoji for one in expected for emoji in set(one.references[0]))
    numbers = np.array([counts[emoji] for emoji in alphabet], dtype=np.float64)
    rows = [Text(f"{n}", f"{n}", text) for n, text in enumerate(part)]
    return Examples(rows, expected, alphabet, numbers)


def _emoji(text: str, alphabet: Alphabet) -> tuple[str, ...]:
    kanji = [character for character in text if "一" <= character <= "龥"] or list(text)
    found = [alphabet.symbols[ord(character) % 97] for character in kanji[:5]]
    assert parse("".join(found), mode=Mode.LABELS).emojis
    return tuple(dict.fromkeys(found))


def labels(part: Examples) -> list[list[int]]:
    return [[part.alphabet.index(e) for e in one.references[0]] for one in part.expected]


if __name__ == "__main__":
    sys.exit(main())
