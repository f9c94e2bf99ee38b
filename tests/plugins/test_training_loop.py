"""The loop that trains the neural students."""

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from neural_kit import ENV, LOSS, PARAMS, STUDENTS, cut, fitted
from student_kit import LOSSES, nothing, sample_parts, simple

from deshi.api import ComponentError, UsageError
from deshi_plugins.students.neural.batching import inference_batches, pad, training_batches
from deshi_plugins.students.neural.learner import Validation
from deshi_plugins.students.neural.precision import resolve_precision
from deshi_plugins.students.neural.schedule import rate_factor
from deshi_plugins.students.neural.stopping import Stopping
from deshi_plugins.students.neural.validation import effective_emoji, plateau, share_nll


@pytest.fixture(scope="module")
def few():
    train, valid, _ = sample_parts()
    return cut(train, 60), cut(valid, 30)


@given(
    st.lists(st.integers(1, 60), min_size=1, max_size=400), st.integers(1, 40), st.integers(0, 9)
)
@settings(max_examples=100, deadline=None)
def test_batches_hold_every_text_once_within_the_budget_of_tokens(lengths, size, seed):
    batches = training_batches(lengths, size, torch.Generator().manual_seed(seed))
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    budget = size * np.mean(lengths)
    for batch in batches:
        assert len(batch) <= 2 * size
        assert len(batch) == 1 or len(batch) * max(lengths[row] for row in batch) <= budget
    assert batches == training_batches(lengths, size, torch.Generator().manual_seed(seed))


def test_little_of_a_batch_is_padding():
    lengths = np.random.default_rng(0).integers(5, 60, 4000).tolist()
    batches = training_batches(lengths, 32, torch.Generator().manual_seed(0))
    padded_tokens = sum(len(b) * max(lengths[row] for row in b) for b in batches)
    assert sum(lengths) / padded_tokens > 0.95
    assert 4000 / len(batches) == pytest.approx(32, rel=0.1)


def test_padding_is_masked():
    ids, mask = pad([[5, 6, 7], [8]], 9)
    assert ids.tolist() == [[5, 6, 7], [8, 9, 9]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]
    assert list(inference_batches([1, 3, 2], 2)) == [[1, 2], [0]]


def test_the_step_size_rises_and_falls():
    def factors(schedule, warmup=4):
        return [rate_factor(s, s / 100, warmup=warmup, schedule=schedule) for s in (0, 3, 50, 100)]

    assert factors("linear") == pytest.approx([0.25, 0.97, 0.5, 0.0])
    assert factors("cosine")[2:] == pytest.approx([0.5, 0.0])
    assert factors("constant") == pytest.approx([0.25, 1, 1, 1])
    assert factors("constant", warmup=0) == [1, 1, 1, 1]


def ends_after(stopping, judged):
    """Return after which of these epochs it ends."""
    for epoch, one in enumerate(judged, start=1):
        stopping.takes(epoch, one)
        if stopping.ends(epoch):
            return epoch
    return None


def seen(*jaccards):
    return [Validation(nll=1.0, loss=-j, jaccard=j, effective=1.0) for j in jaccards]


def test_it_stops_after_patience_and_knows_the_best_epoch():
    stopping = Stopping("jaccard", patience=2, plateau_patience=9, floor=0.1)
    assert ends_after(stopping, seen(0.2, 0.3, 0.25, 0.3, 0.9)) == 4
    assert stopping.best == 2


def test_on_the_plateau_it_waits_longer():
    """An early stop at the constant answer is what the seed research took for a bad learning rate."""
    plateau = seen(0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.3)
    assert (
        ends_after(Stopping("jaccard", patience=2, plateau_patience=9, floor=0.1), plateau) is None
    )
    assert ends_after(Stopping("jaccard", patience=2, plateau_patience=3, floor=0.1), plateau) == 4
    assert ends_after(Stopping("jaccard", patience=2, plateau_patience=9, floor=0.05), plateau) == 3


def test_the_seeds_early_stop_looks_at_the_loss_alone():
    judged = [
        Validation(nll=0, loss=x, jaccard=j, effective=1)
        for x, j in ((3, 0), (2, 0), (2, 1), (2, 1))
    ]
    stopping = Stopping("loss", patience=2, plateau_patience=9, floor=0.5)
    assert ends_after(stopping, judged) == 4
    assert stopping.best == 2


def test_of_equal_epochs_the_likelier_is_the_best():
    stopping = Stopping("jaccard", patience=5, plateau_patience=5, floor=0)
    for epoch, nll in enumerate((3.0, 2.0, 2.5), start=1):
        stopping.takes(epoch, Validation(nll=nll, loss=0, jaccard=0.5, effective=1))
    assert stopping.best == 2


def test_without_validation_the_last_epoch_is_kept():
    stopping = Stopping("jaccard", patience=1, plateau_patience=1, floor=0)
    assert ends_after(stopping, [None] * 5) is None
    assert stopping.best == 5


def test_figures_of_validation():
    assert effective_emoji([["a"] * 6, ["b", "b"], ["c", "c"]]) == pytest.approx(2.586, abs=1e-3)
    assert effective_emoji([]) == 0
    # -ln of 1/2 for the first text, -(ln 3/4 + ln 1/4) / 2 for the second.
    nll = share_nll(np.array([[0.2, 0.2], [0.9, 0.3]]), np.array([[1.0, 0], [1, 1]]))
    assert nll == pytest.approx((0.6931 + 0.8370) / 2, abs=1e-4)
    # The best constant, 🐱, scores 1, 0, 1 and 0: 0.5, and its standard error is 0.25.
    train = simple(("あ", "🐱"), ("い", "🐱"), ("う", "☔"))
    valid = simple(("え", "🐱"), ("お", "🌸"), ("か", "🐱"), ("き", "🌸"), counted=train)
    assert plateau(train, valid) == pytest.approx(1.0)
    assert plateau(train, nothing(train)) == 0.0


@pytest.mark.parametrize("name", STUDENTS)
def test_each_epoch_tells_loss_likelihood_jaccard_and_variety(name, few):
    seen = []
    env = replace(ENV, progress=lambda done, total: seen.append((done, total)))
    params = replace(PARAMS[name], epochs=3, learning_rate=0.003)
    report = STUDENTS[name](params, env).fit(*few, LOSSES[LOSS[name]])
    assert [one["epoch"] for one in report.history] == [1, 2, 3]
    losses = [one["train-loss"] for one in report.history]
    assert losses[-1] < losses[0]
    for key in ("valid-nll", "valid-loss", "valid-jaccard", "valid-effective-emoji"):
        assert all(isinstance(one[key], float) and np.isfinite(one[key]) for one in report.history)
    assert report.notes["best-epoch"] in (1, 2, 3)
    assert report.notes["precision"] in ("bf16", "fp32")
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_the_likelihood_is_on_one_scale_whatever_the_loss(few):
    """Untrained models of all losses begin alike: at the training frequencies."""
    nlls = []
    for loss in LOSSES:
        params = replace(PARAMS["bert"], epochs=1, learning_rate=1e-9, precision="fp32")
        report = STUDENTS["bert"](params, ENV).fit(*few, LOSSES[loss])
        nlls.append(report.history[0]["valid-nll"])
    assert max(nlls) - min(nlls) < 0.1


@pytest.mark.parametrize("name", STUDENTS)
def test_several_batches_a_step_are_one_large_batch(name):
    train = simple(*(("猫がいる", emoji) for emoji in "🐱☔🐱🌸🐱☔🌸🐱"))

    def trained(**changed):
        student = fitted(name, train, nothing(train), epochs=4, dropout=0.0, **changed)
        return torch.cat([p.detach().flatten() for p in student._model.parameters()])

    fixed = {"precision": "fp32", "schedule": "constant", "warmup_steps": 0, "learning_rate": 0.01}
    whole = trained(batch_size=8, **fixed)
    assert torch.allclose(trained(batch_size=4, accumulate=2, **fixed), whole, atol=1e-3)
    assert not torch.allclose(trained(batch_size=4, **fixed), whole, atol=1e-2)


@pytest.mark.parametrize("name", STUDENTS)
def test_a_loss_that_is_not_finite_is_told_with_the_place_and_what_to_try(name, few):
    class Breaking:
        decoding = "zero"
        calls = 0

        def __call__(self, scores, targets, mask=None):
            Breaking.calls += 1
            return scores.flatten(1).sum(-1) * (float("nan") if self.calls > 3 else 0.0)

    params = replace(PARAMS[name], batch_size=30, precision="bf16", learning_rate=0.5)
    with pytest.raises(ComponentError) as caught:
        STUDENTS[name](params, ENV).fit(few[0], nothing(few[0]), Breaking())
    message = str(caught.value)
    assert message.startswith("student mine: the loss is not finite in epoch 2, step ")
    assert 'set precision = "fp32"' in message
    assert "learning-rate (now 0.5)" in message


@pytest.mark.parametrize("value", ["often", -1, True])
def test_a_wrong_time_between_snapshots_is_told(value, few):
    env = replace(ENV, settings={"snapshot-seconds": value})
    with pytest.raises(UsageError, match="student mine: env: snapshot-seconds is"):
        STUDENTS["bert"](PARAMS["bert"], env).fit(*few, LOSSES["bce"])


def test_precision_is_bf16_where_the_hardware_has_it():
    assert resolve_precision("fp32", "cpu") == "fp32"
    assert resolve_precision("bf16", "cpu") == "bf16"
    flags = Path("/proc/cpuinfo")
    if not flags.exists():
        pytest.skip("no list of the processor's flags")
    has = any(flag in flags.read_text() for flag in ("avx512_bf16", "amx_tile"))
    assert resolve_precision("auto", "cpu") == ("bf16" if has else "fp32")


@pytest.mark.parametrize("name", STUDENTS)
def test_a_training_that_is_broken_off_goes_on_with_the_same_weights(name, few, tmp_path):
    class BrokenOffError(Exception):
        pass

    def breaking(calls, loss):
        class Breaking:
            decoding = loss.decoding

            def __call__(self, scores, targets, mask=None):
                calls.append(1)
                if len(calls) == 21:
                    raise BrokenOffError
                return loss(scores, targets, mask)

        return Breaking()

    params = replace(PARAMS[name], epochs=4, batch_size=8)
    loss, folder = LOSSES[LOSS[name]], tmp_path / "scratch"
    folder.mkdir()
    env = replace(ENV, folder=folder, settings={"snapshot-seconds": 0}, log=logging.getLogger("x"))
    calm = STUDENTS[name](params, ENV)
    report = calm.fit(*few, loss)
    calls = []
    with pytest.raises(BrokenOffError):
        STUDENTS[name](params, env).fit(*few, breaking(calls, loss))
    again = STUDENTS[name](params, env)
    assert again.fit(*few, breaking(calls, loss)) == report
    weights = calm._model.state_dict()
    assert all(torch.equal(weights[k], v) for k, v in again._model.state_dict().items())
    # Another training does not take up what this one left.
    other = STUDENTS[name](replace(params, learning_rate=0.01), env).fit(*few, loss)
    assert other.history[0]["train-loss"] != report.history[0]["train-loss"]
    assert len(other.history) == 4


@pytest.mark.parametrize("name", STUDENTS)
def test_a_loss_that_changes_on_the_way_gets_all_epochs(name, few):
    """An early stop would leave out what it does at the end, as the late weights of ldam-drw."""
    params = replace(PARAMS[name], epochs=4, patience=1, plateau_patience=1, learning_rate=1e-30)

    def epochs(loss):
        return len(STUDENTS[name](params, ENV).fit(cut(few[0], 10), cut(few[1], 4), loss).history)

    told = []

    class Changing:
        decoding = LOSSES[LOSS[name]].decoding

        def at(self, progress):
            told.append(progress)

        def __call__(self, *given):
            return LOSSES[LOSS[name]](*given)

    assert epochs(LOSSES[LOSS[name]]) < 4
    assert epochs(Changing()) == 4
    assert told == [0, 0.25, 0.5, 0.75]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("name", STUDENTS)
def test_a_gpu_trains_and_answers(name, few):
    env = replace(ENV, device="cuda")
    student = fitted(name, *few, env=env)
    assert len(student.predict(few[1].texts)) == len(few[1].texts)


def test_training_the_rows_that_occur_is_training_them_all(few):
    """The table of embeddings cut down and put back, against the whole table: the same weights."""
    import copy

    from deshi_plugins.students.neural.bert_models import from_scratch
    from deshi_plugins.students.neural.embedding_table import CompactTable
    from deshi_plugins.students.neural.multilabel import LabelExamples, LabelLearner
    from deshi_plugins.students.neural.tokenizer import token_ids
    from deshi_plugins.students.neural.training import Training
    from deshi_plugins.students.targets import label_targets

    train = cut(few[0], 20)
    params = replace(PARAMS["bert"], precision="fp32", dropout=0.0, weight_decay=0.1)
    torch.manual_seed(3)
    model, tokenizer = from_scratch(params, few[0].texts, train.alphabet.symbols)
    ids = token_ids(tokenizer, [text.text for text in train.texts], 32)
    right = label_targets(train, shares=False)
    labelled = LabelExamples(ids, right, train.expected)
    nobody = LabelExamples([], right[:0], [])
    loss = LOSSES["bce"]

    def trained(one):
        symbols = train.alphabet.symbols
        learner = LabelLearner(one, 0, labelled, nobody, loss, symbols=symbols, device="cpu")
        Training(learner, loss, params, ENV, floor=0.0, fingerprint="").run()

    whole, cut_down = copy.deepcopy(model), copy.deepcopy(model)
    trained(whole)
    table = cut_down.get_input_embeddings()
    compact = CompactTable(table.weight.detach(), {0, *(i for row in ids for i in row)})
    assert len(compact.order) < len(table.weight)
    cut_down.set_input_embeddings(compact)
    trained(cut_down)
    compact.put_back(table.weight.data)
    cut_down.set_input_embeddings(table)
    expected, found = whole.state_dict(), cut_down.state_dict()
    assert all(torch.allclose(found[name], value, atol=1e-6) for name, value in expected.items())
    assert not torch.allclose(model.state_dict()["classifier.weight"], found["classifier.weight"])
