"""The filters that act on training alone: `balance`, `self-agreement`, and `top-emoji` in the flow."""

import json
from collections import Counter

import pyarrow.parquet as pq
import pytest
from filter_kit import ENV, decide, item
from hypothesis import given
from hypothesis import strategies as st

from deshi.api import ComponentError, Drop, Keep, UsageError
from deshi.stages.filter_chain import Candidates, ChainFilter
from deshi_plugins.filters.balance import Balance, hash_position
from deshi_plugins.filters.params import BalanceParams, SelfAgreementParams, TopEmojiParams
from deshi_plugins.filters.self_agreement import SelfAgreement
from deshi_plugins.filters.top_emoji import TopEmoji

KINDS = [chr(0x1F400 + n) for n in range(40)]


def balance(share=0.1):
    return Balance(BalanceParams(max_share=share), ENV)


def labelled(*golds, document="a", part="train"):
    return [
        item(samples=(gold,), id=f"{document}/{at}", part=part) for at, gold in enumerate(golds)
    ]


def kept(filter_, items):
    filter_.learn(items)
    return [i for i, v in zip(items, filter_.decide(items), strict=True) if v == Keep()]


def carrying(items):
    return Counter(emoji for one in items for emoji in set(one.samples[0]))


def crowd(n=400):
    """Every other text carries 📚, the rest is spread over many kinds."""
    return labelled(*((["📚"] if at % 2 else []) + [KINDS[at // 2 % 40]] for at in range(n)))


def test_no_emoji_is_left_on_more_than_its_share():
    items = crowd()
    left = kept(balance(), items)
    counts = carrying(left)
    assert max(counts.values()) <= 0.1 * len(left)
    assert counts["📚"] >= 0.1 * len(left) - 1, "thinned no further than needed"
    assert len(left) > 200


def test_what_is_thinned_out_says_which_emoji_was_too_many():
    items, filter_ = crowd(), balance()
    filter_.learn(items)
    drops = [v for v in filter_.decide(items) if isinstance(v, Drop)]
    assert {v.reason for v in drops} == {"over-frequent"}
    assert all("📚" in v.detail for v in drops)


def test_labels_within_their_share_are_left_alone():
    items = labelled(*([kind] for kind in KINDS))
    assert kept(balance(), items) == items


def test_the_choice_is_by_id_and_not_by_order():
    items = crowd()
    ids = {i.text.id for i in kept(balance(), items)}
    assert {i.text.id for i in kept(balance(), items[::-1])} == ids
    there = [i for i in items if "📚" in i.samples[0]]
    limit = max(hash_position(i.text.id) for i in there if i.text.id in ids)
    assert ids >= {i.text.id for i in there if hash_position(i.text.id) < limit}


def test_places_never_change():
    assert [round(hash_position(name), 6) for name in ("a/0", "12-3")] == [0.673926, 0.246052]


def test_what_balance_learned_survives_json():
    items, learned, restored = crowd(), balance(), balance()
    restored.restore(json.loads(json.dumps(learned.learn(items))))
    assert restored.decide(items) == learned.decide(items)


def test_a_share_that_no_choice_can_keep_to_is_refused():
    items = labelled(*(["📚", "🎵"][at % 2] for at in range(30)))
    with pytest.raises(UsageError, match=r"30 training texts have 2 emoji.* 50%.*0\.5 or more"):
        balance().learn(items)
    assert balance().learn([]) == {"limits": {}}


def test_balance_decides_nothing_before_it_learned():
    with pytest.raises(ComponentError, match="not fitted"):
        decide(balance(), samples=("📚",))


@given(st.lists(st.lists(st.sampled_from(KINDS[:12]), max_size=4), max_size=80), st.floats(0.1, 1))
def test_balance_keeps_to_the_share_whatever_the_labels(golds, share):
    items = labelled(*golds)
    try:
        left = kept(balance(share), items)
    except UsageError:
        return
    assert all(count <= max(1, share * len(left)) for count in carrying(left).values())


def built(name, filter_):
    fits = hasattr(filter_, "learn")
    return ChainFilter(
        name=name, filter=filter_, training_only=True, fits_first=fits, decides_batches=False
    )


@pytest.mark.parametrize("part", ["valid", "test"])
def test_the_top_is_learned_on_training_alone(part):
    training = labelled("😀", "😀", "😢")
    others = labelled(*["🎉"] * 9, document="b", part=part)
    top = built("top-emoji", TopEmoji(TopEmojiParams(n=1), ENV))
    candidates = Candidates.of([*others, *training], "labelled")
    candidates.decide([top])
    left = candidates.items()
    # Had the others been counted, 🎉 would be the top and no training text would be left.
    assert [i.text.id for i in left if i.part == "train"] == ["a/0", "a/1"]
    assert [i for i in left if i.part == part] == others


@pytest.mark.parametrize("part", ["valid", "test"])
def test_balance_neither_counts_nor_touches_other_parts(part):
    training = labelled(*([KINDS[at % 20]] for at in range(40)))
    others = labelled(*[KINDS[0]] * 60, document="b", part=part)
    candidates = Candidates.of([*others, *training], "labelled")
    candidates.decide([built("balance", balance())])
    assert candidates.items() == [*others, *training]
    assert candidates.decisions().num_rows == 0


AGREE = SelfAgreement(SelfAgreementParams(at_least=0.5), ENV)


def test_samples_that_disagree_drop_the_text_and_are_shown():
    assert decide(AGREE, samples=("😀🎉", "😀🎉")) == Keep()
    assert decide(AGREE, samples=("😀🎉", "🎉")) == Keep()
    assert decide(AGREE, samples=("😀🎉", "😢")) == Drop("disagreement", "0.00: 😀 🎉 | 😢")


def test_agreement_is_the_mean_over_all_pairs_of_samples():
    assert decide(AGREE, samples=("😀", "😀", "🎉")) == Drop("disagreement", "0.33: 😀 | 😀 | 🎉")
    assert decide(AGREE, samples=("", "")) == Keep()


def test_one_sample_cannot_disagree_with_itself():
    with pytest.raises(UsageError, match="samples = 2 or more"):
        decide(AGREE, samples=("😀",))


def test_a_benchmark_with_one_sample_is_refused_before_anything_is_asked(project):
    (project.folder / "registry.toml").write_text(
        '[filter.sure]\nuse = "self-agreement"\n[chain.toy]\nlabelled = ["sure"]\n',
        encoding="utf-8",
    )
    ran = project.deshi("run", "bench.toml", "--quiet")
    assert ran.status == 2
    assert "filter 'sure' of chain 'toy' needs samples = 2 or more, and samples = 1" in ran.err
    assert project.work_done() == []
    assert project.deshi("plan", "bench.toml", "--set", "benchmark.samples=2").status == 0


def test_texts_on_which_a_teacher_disagrees_with_itself_leave_training_and_no_other_part(project):
    (project.folder / "registry.toml").write_text(
        '[filter.sure]\nuse = "self-agreement"\nparams = { at-least = 0.3 }\n'
        '[chain.toy]\nlabelled = ["sure"]\n',
        encoding="utf-8",
    )
    sizes = ("benchmark.samples=2", "benchmark.pull-limit=600", "corpus.numbers.params.n=1200")
    results = project.results(*(word for size in sizes for word in ("--set", size)))
    assert {row["n_train"] for row in results["rows"]} == {120}
    assert {row["n_test"] for row in results["rows"]} == {40}
    counts = [c for figures in results["data"] for c in figures["decisions"]]
    assert [c for c in counts if c["filter"] == "sure"] != []
    shown = project.deshi("show", "--dropped", "--filter", "sure", "--export", "sure.parquet")
    assert shown.status == 0
    rows = pq.read_table(project.folder / "sure.parquet").to_pylist()
    assert {row["part"] for row in rows} == {"train"}
    assert {row["reason"] for row in rows} == {"disagreement"}
