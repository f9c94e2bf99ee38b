"""Checkpoints in the layout of the hub, read from a folder: SentencePiece T5 and MeCab BERT."""

import json
import shutil

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("fugashi")

import torch
from checkpoint_kit import bert_checkpoint, t5_checkpoint
from neural_kit import ENV, STUDENTS, cut
from student_kit import LOSSES, assert_proper, sample_parts

from deshi.api import Text, UsageError
from deshi_plugins.students.neural.checkpoints import Checkpoint
from deshi_plugins.students.neural.emoji_tokens import add_emoji
from deshi_plugins.students.neural.params import BertParams, T5Params
from deshi_plugins.students.neural.t5_models import from_checkpoint

LOSS = {"bert": "bce", "t5": "ce"}
PARAMS = {"bert": BertParams, "t5": T5Params}
ANY = pytest.mark.parametrize("name", ["bert", "t5"])


@pytest.fixture(scope="module")
def few():
    train, valid, test = sample_parts()
    return cut(train, 40), cut(valid, 20), cut(test, 20)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoints")
    return {"t5": t5_checkpoint(folder / "t5"), "bert": bert_checkpoint(folder / "bert")}


def trained(name, folder, few, **changed):
    params = PARAMS[name](path=folder, epochs=1, max_length=48, **changed)
    student = STUDENTS[name](params, ENV)
    student.fit(few[0], few[1], LOSSES[LOSS[name]])
    return student, params


@ANY
def test_a_checkpoint_is_trained_on_and_saved_with_its_tokenizer(name, folders, few, tmp_path):
    student, params = trained(name, folders[name], few)
    assert_proper(student, few[2].texts, few[0].alphabet)
    student.save(tmp_path)
    loaded = STUDENTS[name].load(tmp_path, params, ENV)
    assert loaded.predict(few[2].texts) == student.predict(few[2].texts)


def test_training_moves_the_rows_that_occur_and_leaves_the_others(folders, few):
    student, _ = trained("t5", folders["t5"], few)
    old = torch.load(folders["t5"] / "pytorch_model.bin")["shared.weight"]
    new = student._model.shared.weight.detach()[: len(old)]
    used = {
        token for text in (*few[0].texts, *few[1].texts) for token in student.token_ids([text])[0]
    }
    moved = set(torch.nonzero((old != new).any(-1)).flatten().tolist()) - set(student._outputs)
    assert moved
    assert moved <= used | {0}
    assert student._model.lm_head.weight is student._model.shared.weight


def test_emoji_get_the_spare_rows_behind_the_sentinels(folders, few):
    model, tokenizer = from_checkpoint(Checkpoint(folders["t5"], "t5", "mine"))
    size, known = len(model.shared.weight), len(tokenizer)
    assert tokenizer.convert_tokens_to_ids("<extra_id_0>") == known - 1
    ids = add_emoji(model, tokenizer, few[0].alphabet.symbols, "names")
    assert ids == list(range(known, known + len(ids)))
    assert len(model.shared.weight) == max(size, len(tokenizer))
    text = tokenizer("猫だよ🐱☔", add_special_tokens=False)["input_ids"]
    assert text[-2:] == tokenizer.convert_tokens_to_ids(["🐱", "☔"])


def test_emoji_begin_near_the_words_of_their_names_and_apart_from_each_other(folders):
    model, tokenizer = from_checkpoint(Checkpoint(folders["t5"], "t5", "mine"))
    old = model.shared.weight.detach().clone()
    ids = add_emoji(model, tokenizer, ["🐱", "🎵"], "names")
    rows = model.shared.weight.detach()[ids]
    words = tokenizer(["ネコ", "猫"], add_special_tokens=False)["input_ids"]
    silent = [tokenizer.unk_token_id, tokenizer.convert_tokens_to_ids("▁")]
    name = old[[i for word in words for i in word if i not in silent]].mean(0)
    like = torch.cosine_similarity(rows, name[None], dim=-1)
    assert like[0] > 2 * abs(like[1])
    assert float(torch.cosine_similarity(rows[0], rows[1], dim=0)) < 0.5
    known = len(tokenizer) - 2
    assert torch.allclose(rows.norm(dim=-1), old[:known].norm(dim=-1).mean(), rtol=0.1)


def test_the_full_head_and_the_mean_rows_of_the_seed_can_be_had(folders, few):
    student, _ = trained(
        "t5", folders["t5"], few, head="full", emoji_rows="mean", stop_on="loss", order="teacher"
    )
    assert_proper(student, few[2].texts, few[0].alphabet)


def test_words_are_cut_by_mecab(folders, few):
    student, _ = trained("bert", folders["bert"], few)
    ids = student.token_ids([Text("x", "x", "今日は猫です")])[0]
    pieces = student._tokenizer.convert_ids_to_tokens(ids)
    assert pieces == ["[CLS]", "今日", "は", "猫", "です", "[SEP]"]


@pytest.mark.parametrize(
    ("name", "file", "content", "message"),
    [
        ("t5", "config.json", None, "config.json is missing"),
        ("t5", "config.json", "{", "config.json is not JSON"),
        ("t5", "config.json", "{}", "config.json has no 'model_type'"),
        ("t5", "config.json", '{"model_type": "bert"}', "has model_type 'bert', which is not a T5"),
        ("t5", "pytorch_model.bin", None, "model.safetensors (or *.safetensors, pytorch_model*"),
        ("t5", "pytorch_model.bin", "x", "its weights cannot be read"),
        (
            "t5",
            "spiece.model",
            None,
            "tokenizer.json (or *.model, vocab.txt, vocab.json) is missing",
        ),
        ("t5", "spiece.model", "x", "its tokenizer cannot be read"),
        ("bert", "model.safetensors", "x", "its weights cannot be read"),
        (
            "bert",
            "vocab.txt",
            None,
            "tokenizer.json (or *.model, vocab.txt, vocab.json) is missing",
        ),
        ("bert", "config.json", '{"model_type": "t6"}', "cannot be read: ValueError: "),
    ],
)
def test_a_missing_or_wrong_file_is_told_with_the_entry_and_the_path(
    name, file, content, message, folders, few, tmp_path
):
    folder = shutil.copytree(folders[name], tmp_path / "copy")
    (folder / file).unlink()
    if content is not None:
        (folder / file).write_text(content)
    with pytest.raises(UsageError) as caught:
        trained(name, folder, few)
    assert str(caught.value).startswith(f"student mine: {folder}: ")
    assert message in str(caught.value)
    assert "save_pretrained" in str(caught.value)


@ANY
def test_weights_of_another_model_are_not_filled_up_with_random_ones(name, folders, few, tmp_path):
    folder = shutil.copytree(folders[name], tmp_path / "copy")
    config = json.loads((folder / "config.json").read_text())
    layers = "num_layers" if name == "t5" else "num_hidden_layers"
    (folder / "config.json").write_text(json.dumps({**config, layers: 3, "num_decoder_layers": 3}))
    with pytest.raises(UsageError, match=r"the weights lack \d+ tensors, such as "):
        trained(name, folder, few)
