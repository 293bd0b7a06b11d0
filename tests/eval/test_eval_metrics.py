"""The metrics, against figures worked out by hand and slow references."""

import itertools
import random

import pytest

from eval.cases import is_hit, words
from eval.metrics import (
    AbstentionErrors,
    Bin,
    PrecisionRecall,
    abstention_errors,
    auroc,
    exact_match,
    expected_calibration_error,
    f1,
    mrr,
    normalise,
    percentile,
    precision_recall,
    recall_at_k,
    reliability,
    roc,
    squad_scores,
)


def test_normalising_drops_case_punctuation_articles_and_spaces_in_the_scripts_order():
    assert normalise("The  Denver Broncos!") == "denver broncos"
    assert normalise("an A-Team, and THE theatre") == "ateam and theatre"
    # Punctuation goes first, so what it leaves behind can be an article.
    assert normalise("a.") == ""
    assert normalise("U.S.A.") == "usa"
    assert normalise("“curly” quotes stay") == "“curly” quotes stay"


def test_exact_match_takes_the_best_of_several_gold_answers():
    assert exact_match("the Broncos.", ["Denver Broncos", "Broncos"]) == 1.0
    assert exact_match("Denver", ["Denver Broncos", "Broncos"]) == 0.0


def test_f1_counts_repeated_words_as_often_as_both_texts_hold_them():
    # 3 words against 2, both "new" shared once: 1 shared word, 2 * 1 / (3 + 2).
    assert f1("new new deal", ["new york"]) == pytest.approx(0.4)
    # "denver broncos" against "broncos": 2 * 1 / (2 + 1), better than the 0 of the other gold answer.
    assert f1("Denver Broncos", ["Carolina Panthers", "The Broncos"]) == pytest.approx(2 / 3)
    assert f1("Panthers", ["Broncos"]) == 0.0


def test_a_question_without_an_answer_is_right_only_when_nothing_is_said():
    assert (exact_match("", []), f1("", [])) == (1.0, 1.0)
    assert (exact_match("Denver", []), f1("Denver", [])) == (0.0, 0.0)
    assert (exact_match("", ["Denver"]), f1("", ["Denver"])) == (0.0, 0.0)


def test_the_two_versions_differ_where_normalising_leaves_nothing():
    assert f1("a", ["the"], version="2.0") == 1.0
    assert f1("a", ["the"], version="1.1") == 0.0
    assert exact_match("a", ["the"], version="1.1") == 1.0
    # 2.0 drops a gold answer that is empty once normalised, as long as another one stands.
    assert exact_match("", ["the", "Denver"], version="2.0") == 0.0
    assert exact_match("", ["the", "Denver"], version="1.1") == 1.0


def test_squad_11_scores_are_means_on_a_scale_of_100():
    scores = squad_scores(
        ["the Denver Broncos", "in Santa Clara", "gold"],
        [["Denver Broncos"], ["Santa Clara, California", "Santa Clara"], ["golden"]],
        version="1.1",
    )
    # Exact: 1, 0, 0. F1: 1, 2 * 2 / (3 + 2) = 0.8, 0.
    assert scores.exact_match == pytest.approx(100 / 3)
    assert scores.f1 == pytest.approx(60.0)
    assert scores.has_answer_f1 == pytest.approx(60.0)
    assert scores.no_answer_accuracy is None


def test_squad_20_scores_are_broken_down_by_whether_there_is_an_answer():
    scores = squad_scores(
        ["Normandy", "", "10th century", "Normandy", ""],
        [["France", "in France"], ["Rollo"], ["10th century", "the 10th"], [], []],
    )
    assert scores.exact_match == pytest.approx(40.0)
    assert scores.f1 == pytest.approx(40.0)
    assert scores.has_answer_exact_match == pytest.approx(100 / 3)
    assert scores.has_answer_f1 == pytest.approx(100 / 3)
    assert scores.no_answer_accuracy == pytest.approx(50.0)


def test_squad_scores_refuse_what_the_scripts_cannot_score():
    with pytest.raises(ValueError, match="no question to score"):
        squad_scores([], [])
    with pytest.raises(ValueError, match=r"1\.1 knows no question without an answer"):
        squad_scores([""], [[]], version="1.1")
    with pytest.raises(ValueError, match="zip"):
        squad_scores(["one", "two"], [["one"]])


def test_recall_and_reciprocal_rank_over_ranks():
    ranks = [1, 3, None, 10]
    assert recall_at_k(ranks, 1) == 0.25
    assert recall_at_k(ranks, 3) == 0.5
    assert recall_at_k(ranks, 10) == 0.75
    assert mrr(ranks) == pytest.approx((1 + 1 / 3 + 0 + 0.1) / 4)
    assert recall_at_k([], 5) is None
    assert mrr([]) is None


def test_auroc_equals_counting_every_pair_with_ties_as_half():
    generator = random.Random(7)
    for _ in range(50):
        size = generator.randint(2, 30)
        scores = [generator.choice([0.1, 0.3, 0.3, 0.5, 0.9]) for _ in range(size)]
        positive = [generator.random() < 0.5 for _ in range(size)]
        pairs = [
            1.0 if high > low else 0.5 if high == low else 0.0
            for (high, is_high), (low, is_low) in itertools.product(
                zip(scores, positive, strict=True), repeat=2
            )
            if is_high and not is_low
        ]
        expected = sum(pairs) / len(pairs) if pairs else None
        assert auroc(scores, positive) == (None if expected is None else pytest.approx(expected))


def test_auroc_of_a_perfect_a_reversed_and_a_blind_score():
    assert auroc([0.9, 0.8, 0.2], [True, True, False]) == 1.0
    assert auroc([0.1, 0.8], [True, False]) == 0.0
    assert auroc([0.5, 0.5, 0.5], [True, False, True]) == 0.5
    assert auroc([0.5, 0.6], [True, True]) is None


def test_the_area_under_the_roc_points_is_the_auroc():
    scores, positive = [0.9, 0.8, 0.8, 0.4, 0.3], [True, True, False, True, False]
    points = roc(scores, positive)
    assert (points[0], points[-1]) == ((0.0, 0.0), (1.0, 1.0))
    area = sum((x2 - x1) * (y1 + y2) / 2 for (x1, y1), (x2, y2) in itertools.pairwise(points))
    assert area == pytest.approx(auroc(scores, positive))
    assert roc([0.1], [True]) == []


def test_abstention_errors_are_shares_of_the_questions_that_could_go_that_way():
    errors = abstention_errors(
        answered=[True, False, True, False, True], answerable=[True, True, True, False, False]
    )
    assert errors == AbstentionErrors(pytest.approx(1 / 2), pytest.approx(1 / 3))
    assert abstention_errors([True], [True]) == AbstentionErrors(None, 0.0)


def test_precision_and_recall_have_their_own_counts():
    scores = precision_recall(right=3, predicted=4, found=2, gold=5)
    assert scores == PrecisionRecall(0.75, 0.4, pytest.approx(2 * 0.75 * 0.4 / 1.15))


def test_precision_and_recall_where_one_side_is_empty():
    assert precision_recall(right=0, predicted=0, found=0, gold=0) == PrecisionRecall(None, None, None)
    assert precision_recall(right=0, predicted=0, found=0, gold=3) == PrecisionRecall(None, 0.0, 0.0)
    assert precision_recall(right=0, predicted=2, found=0, gold=0) == PrecisionRecall(0.0, None, 0.0)


def test_reliability_bins_are_tenths_closed_on_the_right():
    bins = reliability([0.0, 0.1, 0.11, 0.7, 1.0], [False, True, True, False, True])
    assert bins == [
        Bin(2, pytest.approx(0.05), 0.5),
        Bin(1, pytest.approx(0.11), 1.0),
        Bin(1, pytest.approx(0.7), 0.0),
        Bin(1, pytest.approx(1.0), 1.0),
    ]
    assert reliability([0.65, 0.7], [True, True]) == [Bin(2, pytest.approx(0.675), 1.0)]
    with pytest.raises(ValueError, match=r"lies in 0\.\.1, not at 1\.2"):
        reliability([1.2], [True])


def test_the_calibration_error_weighs_the_bins_by_their_answers():
    # Three at 0.9 of which two are right: |0.9 - 2/3|; one at 0.3, wrong: 0.3.
    error = expected_calibration_error([0.9, 0.9, 0.9, 0.3], [True, True, False, False])
    assert error == pytest.approx((3 * (0.9 - 2 / 3) + 0.3) / 4)
    assert expected_calibration_error([], []) is None


def test_percentiles_are_interpolated_between_neighbours():
    assert percentile([4.0, 1.0, 2.0, 3.0], 50) == 2.5
    assert percentile([1.0, 2.0], 95) == pytest.approx(1.95)
    assert percentile([], 50) is None


def test_words_are_those_a_reader_sees():
    assert words("𝗧𝗛𝗘 US$50 billion, the 5GW plan’s 1,000.5 km") == [
        "us", "50", "billion", "5", "gw", "plan", "s", "1,000.5", "km",
    ]  # fmt: skip


def test_a_gold_answer_counts_within_a_longer_sentence():
    sentence = "Its backlog is expected to approach 50 trillion won (about US$33 billion)."
    assert is_hit(sentence, ["50 trillion won"])
    assert is_hit(sentence, ["nothing of the sort", "$33 billion"])
    assert is_hit("The project will use 2nm chips.", ["2 nm"])


def test_a_gold_answer_does_not_count_inside_a_number_or_a_word():
    assert not is_hit("It rose by 1.5 percent.", ["5 percent"])
    assert not is_hit("It holds 150 units.", ["50 units"])
    assert not is_hit("Samsungs", ["Samsung"])


def test_nearly_the_same_words_count_only_with_the_same_numbers():
    assert is_hit("expected to approach 50 trillion", ["expected to nearly approach 50 trillion"])
    assert not is_hit("expected to approach some 12 trillion", ["expected to approach some 10 trillion"])


def test_for_an_unanswerable_question_only_silence_counts():
    assert is_hit("", [])
    assert not is_hit("50 trillion won", [])
