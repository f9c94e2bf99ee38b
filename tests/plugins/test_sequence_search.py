"""How `t5` decodes: whatever the model says, an answer is a set of emoji of the alphabet."""

from dataclasses import replace

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import torch
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st
from neural_kit import ENV, PARAMS, cut, fitted
from student_kit import sample_parts

from deshi_plugins.students.neural.emoji_decoder import EmojiDecoder
from deshi_plugins.students.neural.sequence_search import (
    beam,
    expected_counts,
    first_shares,
    greedy,
)
from deshi_plugins.students.neural.t5 import T5

VOCABULARY = 30


def random_decoder(seed, emoji, loud):
    """A T5 with random weights that knows so many emoji among 30 tokens."""
    torch.manual_seed(seed)
    config = transformers.T5Config(
        vocab_size=VOCABULARY,
        d_model=8,
        d_kv=4,
        d_ff=8,
        num_layers=1,
        num_heads=2,
        decoder_start_token_id=0,
    )
    model = transformers.T5ForConditionalGeneration(config).eval()
    with torch.no_grad():
        model.shared.weight *= loud
    tokens = (torch.randperm(VOCABULARY - 2)[:emoji] + 2).tolist()
    return EmojiDecoder.of(model, [1, *tokens])


def beginning(decoder, texts):
    ids = torch.randint(0, VOCABULARY, (texts, 7))
    return decoder.start_generation(ids, torch.ones_like(ids))


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    emoji=st.integers(1, 12),
    texts=st.integers(1, 4),
    most=st.integers(1, 5),
    beams=st.integers(1, 5),
    loud=st.sampled_from([0.0, 1.0, 30.0]),
)
@torch.no_grad()
def test_no_answer_leaves_the_alphabet_or_repeats(seed, emoji, texts, most, beams, loud):
    decoder = random_decoder(seed, emoji, loud)
    answers = greedy(beginning(decoder, texts), most) + beam(beginning(decoder, texts), most, beams)
    assert len(answers) == 2 * texts
    for answer in answers:
        assert 1 <= len(answer) <= most
        assert len(set(answer)) == len(answer)
        assert set(answer) <= set(range(emoji))
    for chances in (
        expected_counts(beginning(decoder, texts), most),
        first_shares(beginning(decoder, texts)),
    ):
        assert chances.shape == (texts, emoji)
        assert bool(((chances >= 0) & (chances <= 1)).all())


@torch.no_grad()
def test_greedy_takes_the_likeliest_and_one_beam_does_the_same():
    for seed in range(30):
        decoder = random_decoder(seed, 8, 3.0)
        torch.manual_seed(seed)
        ids = torch.randint(0, VOCABULARY, (3, 7))
        mask = torch.ones_like(ids)
        one = greedy(decoder.start_generation(ids, mask), 4)
        assert one == beam(decoder.start_generation(ids, mask), 4, 1)
        first = decoder.start_generation(ids, mask).next()[:, 1:].argmax(-1).tolist()
        assert [answer[0] for answer in one] == first


@torch.no_grad()
def test_a_wide_beam_finds_the_best_of_all_answers():
    """Against every sequence of at most two of four emoji, by mean log-chance a token."""
    for seed in range(10):
        decoder = random_decoder(seed, 4, 3.0)
        ids = torch.randint(0, VOCABULARY, (1, 7))
        mask = torch.ones_like(ids)
        paths = [[a, b] for a in range(4) for b in range(4) if a != b] + [[a] for a in range(4)]
        scores = {}
        for path in paths:
            numbers = [emoji + 1 for emoji in path] + ([0] if len(path) == 1 else [])
            steps = decoder.forced(ids, mask, torch.tensor([numbers]))[0]
            steps[0, 0] = float("-inf")
            steps[1, numbers[0]] = float("-inf")
            chances = torch.log_softmax(steps, -1)
            scores[tuple(path)] = float(sum(chances[i, n] for i, n in enumerate(numbers))) / 2
        best = max(scores, key=scores.__getitem__)
        assert beam(decoder.start_generation(ids, mask), 2, 4) == [list(best)]


@torch.no_grad()
def test_expected_counts_are_the_sums_of_the_chances_of_each_step():
    decoder = random_decoder(3, 3, 1.0)
    ids = torch.randint(0, VOCABULARY, (1, 7))
    mask = torch.ones_like(ids)
    first = torch.softmax(decoder.start_generation(ids, mask).next()[0, 1:], -1)
    said = int(first.argmax())
    steps = decoder.forced(ids, mask, torch.tensor([[said + 1, 0]]))[0, 1]
    steps[said + 1] = float("-inf")
    second = torch.softmax(steps, -1)  # with the end: its chance is taken from all others
    expected = (first + second[1:]).clamp(max=1)
    found = expected_counts(decoder.start_generation(ids, mask), 2)[0]
    assert torch.allclose(found, expected, atol=1e-5)


@pytest.fixture(scope="module")
def t5():
    train, valid, test = sample_parts()
    return fitted("t5", cut(train, 60), cut(valid, 20)), cut(test, 40)


@pytest.mark.parametrize("decode", ["expected", "set", "greedy", "beam"])
def test_every_rule_but_the_seeds_answers_with_sets(t5, decode):
    student, test = t5
    student.params = replace(PARAMS["t5"], decode=decode, max_emoji=3)
    answers = student.predict(test.texts)
    assert all(1 <= len(set(a.emojis)) == len(a.emojis) <= 3 for a in answers)
    assert all(set(a.emojis) <= set(test.alphabet) and a.unknown == 0 for a in answers)
    assert student.predict(test.texts) == answers


def test_the_seeds_decoding_repeats_and_leaves_the_alphabet(t5, tmp_path):
    student, test = t5
    student.save(tmp_path)
    params = replace(PARAMS["t5"], decode="sample", beams=1, top_k=0, top_p=1.0, temperature=2.0)
    drawing = T5.load(tmp_path, params, ENV)
    answers = drawing.predict(test.texts)
    assert any(a.unknown for a in answers), "nothing but emoji was drawn"
    assert drawing.predict(test.texts) == answers, "the seed decides what is drawn"
    drawing.params = replace(params, top_k=3, temperature=1.0)
    repeats = [len(set(a.emojis)) < len(a.emojis) for a in drawing.predict(test.texts)]
    assert any(repeats)
    drawing.params = replace(params, top_k=3, temperature=1.0, repetition_penalty=1e6)
    assert not any(len(set(a.emojis)) < len(a.emojis) for a in drawing.predict(test.texts))


def test_what_the_seeds_decoding_draws_is_no_matter_of_machine_settings(t5):
    student, test = t5
    student.params = replace(PARAMS["t5"], decode="sample", beams=1, top_k=0, top_p=1.0)
    answers = student.predict(test.texts)
    student.env = replace(ENV, settings={"inference-batch": 7})
    assert student.predict(test.texts) == answers
    student.env = ENV
