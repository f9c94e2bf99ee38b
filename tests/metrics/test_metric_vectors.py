"""The test vectors of the domain report, sections 5.1 to 5.4, as claims."""

import math
from itertools import pairwise

import numpy as np
import pytest
from metric_kit import FULL, LETTERS, SMALL, build, gold, one, pred, random_pairs, score

from deshi.api import Env
from deshi.emoji import Alphabet
from deshi_plugins.metrics.diversity import NonTop5
from deshi_plugins.metrics.similarity import embedding_similarity, keyword_similarity
from deshi_plugins.metrics.soft import SoftJaccard, SoftJaccardParams


def close(value, wanted, digits=4):
    return value == pytest.approx(wanted, abs=0.5 * 10**-digits)


# 5.1 Overlap


def test_jaccard_of_two_sets_that_share_one_of_three():
    assert close(one("jaccard", "A B", "B C"), 0.3333)


def test_jaccard_empty_rules():
    assert one("jaccard", "", "") == 1
    assert one("jaccard", "", "A") == 0
    assert one("jaccard", "A", "") == 0


def test_jaccard_published_example_without_repeats():
    assert close(one("jaccard", "📖 😊 🇯🇵 📚 👏", "🤔 📚 📖 🇯🇵 🔍", alphabet=FULL), 0.4286)


def test_jaccard_published_example_with_repeats():
    assert one("jaccard", "📚 😊 😊 📚 📚", "😊 🤔 💬", alphabet=FULL) == 0.25


@pytest.mark.parametrize(
    ("answer", "reference", "wanted"),
    [
        ("A A B", "A B", 2 / 3),
        ("A A A A A", "A", 0.2),
        ("A B", "A B", 1),
        ("", "", 1),
        ("", "A", 0),
    ],
)
def test_multiset_jaccard(answer, reference, wanted):
    assert one("multiset-jaccard", answer, reference) == pytest.approx(wanted)


POOLED = [pred("A"), pred("C D")], [gold("A B"), gold("C")]


@pytest.mark.parametrize("name", ["micro-precision", "micro-recall", "micro-f1", "sample-f1"])
def test_pooled_and_sample_figures(name):
    assert score(name, *POOLED) == pytest.approx(2 / 3)


def test_sample_precision_and_recall():
    assert score("sample-precision", *POOLED) == pytest.approx((1 + 1 / 2) / 2)
    assert score("sample-recall", *POOLED) == pytest.approx((1 / 2 + 1) / 2)


def test_macro_f1_over_gold_labels():
    assert score("macro-f1", *POOLED, labels="gold") == pytest.approx(2 / 3)
    assert score("macro-f1", *POOLED) == pytest.approx(2 / 3)


def test_macro_f1_over_gold_and_predicted_labels():
    assert score("macro-f1", *POOLED, labels="gold-and-predicted") == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("answer", "reference", "as_set", "as_list"),
    [
        ("B A", "A B", 1, 0),
        ("A", "A A", 1, 0),
        ("", "", 1, 1),
        ("A B", "A B", 1, 1),
        ("A", "B", 0, 0),
    ],
)
def test_exact_match_as_set_and_as_sequence(answer, reference, as_set, as_list):
    assert one("exact-match", answer, reference) == as_set
    assert one("exact-sequence", answer, reference) == as_list


def test_exact_sequence_takes_any_reference():
    assert one("exact-sequence", "A B", "B A", "A B") == 1


@pytest.mark.parametrize(
    ("name", "params", "wanted"),
    [
        ("hit-at-k", {"k": 1}, 0),
        ("hit-at-k", {"k": 2}, 1),
        ("precision-at-k", {"k": 3}, 1 / 3),
        ("recall-at-k", {"k": 3}, 0.5),
        ("mrr", {}, 0.5),
        ("ndcg", {"k": 3}, 0.3869),
    ],
)
@pytest.mark.parametrize("answer", [pred("X A Y"), pred("A", ranked="X A Y")])
def test_ranks_of_the_answer_or_of_the_ranking(name, params, wanted, answer):
    assert close(one(name, answer, "A B", **params), wanted)


def test_ranked_metrics_where_the_gold_is_empty():
    for name in ("hit-at-k", "precision-at-k", "recall-at-k", "mrr", "ndcg"):
        assert one(name, "", "") == 1
        assert one(name, "A", "") == 0
        assert one(name, "", "A") == 0
        assert one(name, pred("", ranked="A B"), "") == 1


def test_a_repeated_emoji_takes_up_a_rank_and_gains_nothing():
    assert one("precision-at-k", "A A B", "A B", k=2) == 0.5
    assert one("recall-at-k", "A A B", "A B", k=3) == 1


def test_an_emoji_outside_the_alphabet_takes_up_a_rank():
    assert one("mrr", "Q A", "A") == 0.5


def test_mrr_forgets_what_is_too_deep():
    assert one("mrr", "X Y A", "A", depth=2) == 0


def test_best_of_references_and_mean_of_references():
    assert one("jaccard", "A", "A B", "C") == 0.5
    assert one("jaccard", "A", "A B", "C", references="mean") == 0.25


def test_the_best_reference_is_the_first_on_ties():
    # Both references share half of the union with the answer; their counts tell them apart.
    assert one("multiset-jaccard", "A", "A B B", "A C") == pytest.approx(1 / 3)
    assert one("multiset-jaccard", "A", "A C", "A B B") == pytest.approx(1 / 2)


def test_unknown_pieces_are_wrong_predictions():
    answer = pred("A", unknown=1)
    assert one("jaccard", answer, "A") == 0.5
    assert one("multiset-jaccard", answer, "A") == 0.5
    assert one("sample-precision", answer, "A") == 0.5
    assert one("sample-recall", answer, "A") == 1
    assert one("micro-precision", answer, "A") == 0.5
    assert one("sample-f1", answer, "A") == pytest.approx(2 / 3)
    assert one("exact-match", answer, "A") == 0
    assert one("exact-sequence", answer, "A") == 0
    assert one("jaccard", pred(unknown=1), "") == 0
    assert one("category-jaccard", answer, "A") == 0.5
    assert one("soft-jaccard", answer, "A") == 0.5


def test_macro_f1_has_one_label_for_all_that_is_unknown():
    answer = pred("A", unknown=3)
    assert one("macro-f1", answer, "A") == 1
    assert one("macro-f1", answer, "A", labels="gold-and-predicted") == 0.5
    assert one("macro-f1", "A", "A Q") == 0.5


@pytest.mark.parametrize("name", ["micro-precision", "micro-recall", "micro-f1"])
def test_pooled_figures_of_empty_sets_follow_the_rules_of_one_item(name):
    assert one(name, "", "") == 1
    assert one(name, "", "A") == 0
    assert one(name, "A", "") == 0


# 5.2 Length


def of_length(lengths):
    return [" ".join("ABCDE"[:length]) for length in lengths]


def length_score(name, predicted, expected, **params):
    answers = [pred(text) for text in of_length(predicted)]
    return score(name, answers, [gold(text) for text in of_length(expected)], **params)


@pytest.mark.parametrize(
    ("expected", "predicted", "wanted"),
    [([5, 5, 5, 3], [5, 5, 4, 2], 0.5), ([5], [1], 4), ([3, 1], [1, 3], 0)],
)
def test_earth_movers_distance_of_lengths(expected, predicted, wanted):
    assert length_score("length-emd", predicted, expected) == pytest.approx(wanted)


def test_lengths_beyond_the_longest_count_as_the_longest():
    assert length_score("length-emd", [1], [5], longest=3) == 2


def test_length_error_is_signed_and_mae_is_not():
    assert length_score("length-error", [5, 5, 4, 2], [5, 5, 5, 3]) == -0.5
    assert length_score("length-error", [1, 3], [2, 2]) == 0
    assert length_score("length-mae", [1, 3], [2, 2]) == 1


def test_length_correlation_is_undefined_where_a_length_never_varies():
    assert math.isnan(length_score("length-correlation", [5, 5, 5], [1, 2, 3]))
    assert math.isnan(length_score("length-correlation", [1, 2, 3], [4, 4, 4]))
    assert length_score("length-correlation", [1, 2, 3], [2, 3, 4]) == pytest.approx(1)
    assert length_score("length-correlation", [1, 2, 3], [3, 2, 1]) == pytest.approx(-1)


def test_kolmogorov_smirnov_distance_of_lengths():
    assert length_score("length-ks", [5, 5, 4, 2], [5, 5, 5, 3]) == 0.25


def test_length_counts_repeats_and_no_unknown_pieces():
    assert one("emoji-per-text", pred("A A B", unknown=4), "A") == 3
    assert one("length-error", pred("A A B", unknown=4), "A") == 2


# 5.3 Semantic


def test_category_jaccard_over_groups_where_jaccard_is_0():
    assert one("jaccard", "😊 📚", "🤔 📖 🇯🇵", alphabet=FULL) == 0
    assert one("category-jaccard", "😊 📚", "🤔 📖 🇯🇵", alphabet=FULL) == pytest.approx(2 / 3)


def test_category_jaccard_of_two_activities():
    assert one("category-jaccard", "⚾", "🏆", alphabet=FULL) == 1
    assert one("category-jaccard", "⚾", "🏆", alphabet=FULL, level="subgroup") == 0


def test_category_jaccard_empty_rules():
    assert one("category-jaccard", "", "") == 1
    assert one("category-jaccard", "", "A") == 0


def given_similarity(pairs):
    matrix = np.eye(len(SMALL))
    for (left, right), value in pairs.items():
        ends = SMALL.index(LETTERS[left]), SMALL.index(LETTERS[right])
        matrix[ends] = matrix[ends[::-1]] = value
    return SoftJaccard(SoftJaccardParams(), Env(), lambda _: matrix)


def test_soft_jaccard_by_optimal_matching():
    metric = given_similarity({"AC": 0.8, "BD": 0.5})
    assert close(score(metric, [pred("A B")], [gold("C D")]), 0.4815)


def test_soft_jaccard_does_not_match_greedily():
    # The best pair first would give .9 + 0; the best matching is .8 + .7.
    metric = given_similarity({"AC": 0.9, "AD": 0.8, "BC": 0.7})
    assert score(metric, [pred("A B")], [gold("C D")]) == pytest.approx(1.5 / 2.5)


def test_soft_jaccard_of_identical_and_of_empty_sets():
    metric = given_similarity({})
    assert score(metric, [pred("A B")], [gold("B A")]) == 1
    assert score(metric, [pred("")], [gold("B A")]) == 0
    assert score(metric, [pred("")], [gold("")]) == 1


def test_soft_jaccard_takes_the_best_reference():
    metric = given_similarity({"AC": 0.5})
    assert score(metric, [pred("A")], [gold("B", "C", "D")]) == pytest.approx(0.5 / 1.5)


def test_unweighted_keyword_similarity():
    plain = keyword_similarity(FULL, idf=False)
    assert close(plain[FULL.index("😊"), FULL.index("🤔")], 0.0833)
    assert plain[FULL.index("📚"), FULL.index("🎉")] == 0
    assert np.allclose(np.diagonal(plain), 1)
    assert np.allclose(plain, plain.T)


def test_idf_and_stop_keywords_lower_what_a_common_keyword_says():
    ends = FULL.index("😊"), FULL.index("🤔")
    plain, weighted = keyword_similarity(FULL, idf=False)[ends], keyword_similarity(FULL)[ends]
    stopped = keyword_similarity(FULL, stop=("顔",))[ends]
    assert 0 < stopped < weighted < plain


def test_similarity_does_not_depend_on_the_alphabet():
    ends = SMALL.index(LETTERS["A"]), SMALL.index(LETTERS["G"])
    wide = FULL.index(LETTERS["A"]), FULL.index(LETTERS["G"])
    assert keyword_similarity(SMALL)[ends] == pytest.approx(keyword_similarity(FULL)[wide])


def test_a_similar_emoji_is_worth_more_than_an_unrelated_one():
    near, far = (
        one("soft-jaccard", "⚾", "🏏", alphabet=FULL),
        one("soft-jaccard", "⚾", "📚", alphabet=FULL),
    )
    assert near > far == 0


def test_embeddings_liken_what_is_alike_and_little_else():
    similarity = embedding_similarity(FULL)

    def alike(one_emoji, other):
        return similarity[FULL.index(one_emoji), FULL.index(other)]

    assert alike("⚾", "🏀") > 0.5
    assert alike("📚", "📖") > alike("📚", "🎉") == 0
    assert alike("😢", "😭") > alike("😢", "😊") > 0
    assert np.allclose(similarity, similarity.T)
    assert np.all(np.diagonal(similarity) == 1)
    assert 0 <= similarity.min() <= similarity.max() == 1
    off = similarity[np.triu_indices(len(FULL), 1)]
    assert np.mean(off > 0) == pytest.approx(0.05, abs=1e-3)


def test_embeddings_do_not_depend_on_the_alphabet():
    few = Alphabet.of("⚾🏀📚📖😢")
    places = [FULL.index(emoji) for emoji in few.symbols]
    similarity = embedding_similarity(few)
    assert np.array_equal(similarity, embedding_similarity(FULL)[np.ix_(places, places)])
    assert np.count_nonzero(similarity) > len(few)


def test_soft_jaccard_by_embeddings_is_a_parameter():
    near, far = (
        one("soft-jaccard", "⚾", other, alphabet=FULL, similarity="embedding")
        for other in ("🏀", "🎉")
    )
    assert near > far == 0
    assert one("soft-jaccard", "😢 ⚾", "⚾ 😢", alphabet=FULL, similarity="embedding") == 1


# 5.4 Diversity and collapse

SKEWED = [pred("A A A A A"), pred("A B B"), pred("C C")]


def among(name, gold_texts, predicted=SKEWED, **params):
    texts = [gold_texts, *[""] * (len(predicted) - 1)]
    return score(name, predicted, [gold(text) for text in texts], **params)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("entropy", 0.9503),
        ("effective-emoji", 2.586),
        ("inverse-simpson", 2.273),
        ("distinct-1", 0.3),
    ],
)
def test_variety_of_six_two_two(name, wanted):
    assert close(among(name, "A"), wanted, 3 if wanted > 2 else 4)


def test_share_outside_the_most_frequent_one():
    metric = build("non-top5")
    assert isinstance(metric, NonTop5)
    metric.top = 1
    assert score(metric, SKEWED, [gold("A A A A A"), gold("A B B"), gold("C C")]) == pytest.approx(
        0.4
    )


def test_non_top5_looks_at_the_golds_five_and_top5_share_at_the_answers_own():
    answers = [pred("A A A A F G")]
    reference = [gold("A B C D E E D C B A F")]
    assert score("non-top5", answers, reference) == pytest.approx(2 / 6)
    assert score("top5-share", [pred("A A A A B C D E F G")], reference) == pytest.approx(0.8)
    assert score("non-top5", [pred("B")], [gold("A")]) == 1


@pytest.mark.parametrize(
    ("answers", "wanted"), [(SKEWED, 0.3534), ([pred("A A")], 0.75), ([pred("A B C D")], 0)]
)
def test_collapse_index_against_four_equal_emoji(answers, wanted):
    assert close(among("collapse-index", "A B C D", answers), wanted)


def test_more_varied_than_the_gold_is_no_collapse():
    assert among("collapse-index", "A") == 0


def test_coverage_of_the_golds_types():
    assert among("coverage", "A D E B B") == 0.5
    assert math.isnan(among("coverage", ""))


@pytest.mark.parametrize(
    ("answer", "rate", "run"),
    [("📚 😊 😊 📚 📚", 0.6, 2), ("😊 😊 😊 😊 😊", 0.8, 5), ("A B C", 0, 1)],
)
def test_repetition_rate_and_longest_run(answer, rate, run):
    assert one("repetition", answer, "", alphabet=FULL) == pytest.approx(rate)
    assert one("longest-run", answer, "", alphabet=FULL) == run


def test_repetition_leaves_empty_answers_out_and_runs_end_with_the_answer():
    answers = [pred("A A"), pred(""), pred("A"), pred("A A A")]
    assert score("repetition", answers, [gold("")] * 4) == pytest.approx((1 / 2 + 0 + 2 / 3) / 3)
    assert score("longest-run", answers, [gold("")] * 4) == pytest.approx((2 + 1 + 3) / 3)
    assert math.isnan(one("longest-run", "Q Q", "A"))  # Q is no emoji: nothing was answered


@pytest.mark.parametrize(
    ("answers", "reference", "wanted"),
    [
        ("A B", "A C", 0.5),
        ("A A A B C", "A B C C C", 0.1510),
        ("A", "B", 1),
        ("A B", "B A", 0),
    ],
)
def test_jensen_shannon_divergence_in_bits(answers, reference, wanted):
    assert close(one("js-divergence", answers, reference), wanted)


def test_the_frontier_of_equal_shares_has_the_area_one_and_of_disjoint_ones_next_to_none():
    assert close(one("mauve", "A B", "B A"), 1)
    # Without common emoji the frontier is ((1-λ)^c, λ^c), and its area (c!)² / (2c)!.
    assert close(one("mauve", "A", "B", points=999), 1 / math.comb(10, 5), 5)
    assert one("mauve", "A", "B", scaling=1.0, points=999) == pytest.approx(1 / 2)
    assert one("mauve", "A", "B") < 0.005


def test_the_frontiers_area_falls_as_the_shares_move_apart_and_the_scaling_rises():
    near, far = one("mauve", "A A B", "A B B"), one("mauve", "A A A B", "A B B B")
    assert 0.005 < far < near < 1
    assert one("mauve", "A A B", "A B B", scaling=10.0) < near


@pytest.mark.parametrize(
    ("answers", "n", "wanted"),
    [
        (["A B A B"], 2, 2 / 3),  # AB BA AB
        (["A B C", "A B C"], 2, 2 / 4),
        (["A B C", "A B C"], 3, 1 / 2),
        (["A B", "B A"], 2, 1),
        (["A", "B", "A B"], 2, 1),  # no run goes from one answer to the next
        (["A Q B", "A B"], 2, 1),  # nor over what is no emoji
    ],
)
def test_different_runs_of_n_emoji(answers, n, wanted):
    predicted = [pred(answer) for answer in answers]
    found = score("distinct-n", predicted, [gold("A")] * len(answers), n=n)
    assert close(found, wanted)


def test_runs_longer_than_any_answer_are_undefined():
    assert math.isnan(one("distinct-n", "A", "A"))
    assert math.isnan(one("distinct-n", "A B", "A", n=3))


def test_thousands_of_different_runs_are_counted_within_a_percent():
    predicted, expected = random_pairs(3, 2000, labels=FULL.symbols, longest=5)
    runs = [pair for one in predicted for pair in pairwise(one.emojis)]
    found = score("distinct-n", predicted, expected, alphabet=FULL)
    assert found == pytest.approx(len(set(runs)) / len(runs), rel=0.01)


@pytest.mark.parametrize(
    "name",
    [
        "entropy", "effective-emoji", "inverse-simpson", "distinct-1", "top5-share", "non-top5",
        "collapse-index", "js-divergence", "mauve", "repetition",
    ],
)  # fmt: skip
def test_what_nothing_was_answered_for_is_undefined(name):
    assert math.isnan(one(name, pred(unknown=3), "A"))
