"""The pairs of statements that the comparison model is trained on: made by rule, or read from public sets."""

import random
import re
import shutil
from pathlib import Path

import pytest
import torch

from eval.training.data.examples import to_example
from eval.training.models.precision import fast_precision
from eval.training.pairs.asking import as_question
from eval.training.pairs.declarative import declarative
from eval.training.pairs.figures import bound, coarser, figures, other_figure, other_year, respelt
from eval.training.pairs.made_pairs import MadePairs
from eval.training.pairs.pair import CONTRADICTION, ENTAILMENT, NEUTRAL
from eval.training.pairs.reworded import deny, doubt, opposite, plan, shorten
from eval.training.pairs.statements import (
    MADE_FROM,
    MADE_SHARE,
    SHARES,
    PairMixture,
    ask_hypothesis,
    plain,
    read_data,
)
from index.models import WEIGHTS
from tests.tiny import pair, town_question, write_lines, write_pair_sets

SEEDS = range(40)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pair_sets(tmp_path_factory.mktemp("data"))


def test_what_is_held_out_is_never_trained_on_in_any_set(data: Path, tmp_path: Path):
    shutil.copytree(data, tmp_path, dirs_exist_ok=True)
    held_out = [
        *(300 + number for number in range(8)),
        1100,
        1200,
    ]  # of `cad-test`, `feversym` and `vitaminc`
    trained = [pair(number, "entailment") for number in (*held_out, 5000)]
    write_lines(tmp_path / "nli" / "med.jsonl.gz", trained)
    kept = read_data(tmp_path).trained
    assert set(kept) == set(SHARES)
    assert [one.premise for one in kept["med"]] == [plain(trained[-1]["premise"])]
    assert kept["cad-test"] == []
    assert 40 < len(kept["snli-dev"]) < 60
    assert all(kept[name] for name in set(SHARES) - {"cad-test"})


@pytest.mark.parametrize(
    ("claim", "question"),
    [
        ("The bridge was closed in 1990 .", "Was the bridge closed in 1990?"),
        ("Ada Kellan won the cup.", "Did Ada Kellan win the cup?"),
        ("Arden has more than 68,000 inhabitants.", "Does Arden have more than 68,000 inhabitants?"),
        ("They have left.", "Have they left?"),
        ("The sold tickets.", None),
        ("Has Ada won?", None),
        ("After the war, Arden was rebuilt.", None),
    ],
)
def test_a_claim_is_put_as_a_question(claim: str, question: str | None):
    assert as_question(claim) == question


def test_a_share_of_the_hypotheses_are_questions_with_the_label_of_their_statement(data: Path):
    read = read_data(data)
    labels = {(one.premise, one.hypothesis): one.label for found in read.trained.values() for one in found}
    drawn = PairMixture(read, 1).round(0)
    questions = [one for one in drawn if one.hypothesis.endswith("?")]
    assert 0.05 < len(questions) / len(drawn) < 0.45
    made = [one for one in questions if one.source not in SHARES]
    assert made
    known = {premise for premise, _ in labels}
    plain_ones = [one for one in questions if one.source in SHARES and one.premise in known]
    assert len(plain_ones) > len(questions) / 4  # to the others it was added who said so
    for one in plain_ones:
        told = {label for (premise, claim), label in labels.items()
                if premise == one.premise and as_question(claim) == one.hypothesis}  # fmt: skip
        assert one.label in told


def test_what_is_denied_is_asked_about_and_not_asked_in_the_negative(data: Path):
    made = read_data(data).made.draw(2_000, random.Random(1))
    told = [ask_hypothesis(one) for one in made if one.source == "denied" and one.label == CONTRADICTION]
    questions = [one for one in told if one.hypothesis.endswith("?")]
    assert questions
    for one in questions:
        assert one.label == CONTRADICTION
        assert not re.search(r"\b(?:not|never)\b|n't\b", one.hypothesis)


def test_the_model_card_names_every_set_that_is_trained_on():
    card = (WEIGHTS.parent.parent / "qa/weights/COMPARISON_CARD.md").read_text(encoding="utf-8")
    assert [name for name in (*SHARES, *MADE_FROM) if f"`{name}`" not in card] == []


def test_a_network_runs_in_half_precision_only_where_that_is_faster_and_wanted():
    device = torch.device("cpu")
    one = torch.ones(4, 4)
    with fast_precision(device, half=False):
        assert torch.mm(one, one).dtype == torch.float32
    with fast_precision(device):
        assert torch.mm(one, one).dtype in (torch.float32, torch.bfloat16)


def test_marks_of_treebanks_are_written_as_people_write_them():
    assert plain("Ann -LRB- a `` star '' -RRB- won .") == 'Ann ( a " star " ) won .'


def test_a_round_has_the_same_pairs_whichever_rounds_came_before(data: Path):
    through = PairMixture(read_data(data), 1)
    first, second = through.round(0), through.round(1)
    assert PairMixture(read_data(data), 1).round(1) == second
    assert through.round(0) == first != second
    assert PairMixture(read_data(data), 2).round(0) != first


def test_a_round_has_its_share_of_made_pairs_and_a_one_sided_set_is_balanced(data: Path):
    made = PairMixture(read_data(data), 1).round(0)
    others = [one for one in made if one.source in SHARES]
    assert 1 - len(others) / len(made) == pytest.approx(MADE_SHARE, abs=0.1)
    labels = [one.label for one in made if one.source == "breakingnli"]
    assert labels.count(CONTRADICTION) == labels.count(ENTAILMENT) == 2


def test_of_held_out_contexts_no_pairs_are_made():
    examples = [to_example(town_question(number) | {"title": ""}, "qed-dev") for number in range(200)]
    made = MadePairs([one for one in examples if one is not None])
    drawn = [made.draw(3_000, random.Random(seed)) for seed in range(2)]
    towns, others = ({re.search(r"Cor[a-j]+", one.premise)[0] for one in pairs} for pairs in drawn)
    assert towns == others
    assert 180 < len(towns) < 198
    (trained, _) = drawn
    assert {one.label for one in trained} == {ENTAILMENT, NEUTRAL, CONTRADICTION}
    assert {"answer", "day", "bounded", "shortened", "doubted"} <= {one.source for one in trained}


def _all(make, *arguments: object) -> set:
    """What a rule makes with each of several seeds."""
    return {make(*arguments, random.Random(seed)) for seed in SEEDS} - {None}


def test_a_figure_is_exchanged_for_one_of_its_context_or_one_like_it():
    made = _all(other_figure, "The mill employs 4,512 people.", ("It had 980 people then.",))
    assert "The mill employs 980 people." in made
    assert len(made) > 5
    assert all(one != "The mill employs 4,512 people." for one in made)


@pytest.mark.parametrize(
    "sentence",
    [
        "It employs about 4,512 people.",
        "It employs between 40 and 60 people.",
        "It was opened in 356 by monks.",
        "Windows 8 was released then.",
        "It was opened on 3 July 1931.",
        "It lies on Route 66 in the north.",
    ],
)
def test_a_figure_that_bounds_names_or_dates_is_left_alone(sentence: str):
    assert figures(sentence) == []


def test_a_bound_follows_from_a_figure_or_cannot_hold():
    made = _all(bound, "The mill employs 4,512 people.")
    assert {right for right, _ in made} <= {
        f"The mill employs {words} people."
        for words in "more than 4,000/over 4,000/less than 5,000/under 5,000"
        "/about 4,500/around 4,500/roughly 4,500".split("/")
    }
    wrong = {wrong for _, wrong in made}
    assert "The mill employs more than 5,000 people." in wrong
    assert not {right for right, _ in made} & wrong


def test_a_figure_with_its_unit_in_words_says_the_same():
    assert _all(respelt, "It cost $5 billion in all.") == {
        "It cost 5 billion dollars in all.",
        "It cost $5,000,000,000 in all.",
    }
    assert _all(respelt, "It grew to a share, 5% of all.") == {"It grew to a share, 5 percent of all."}


def test_a_day_follows_as_its_month_and_another_month_cannot_hold():
    made = _all(coarser, "She left on 3 July 2026 by ship.")
    assert {right for right, _ in made} == {"She left in July 2026 by ship.", "She left in 2026 by ship."}
    wrong = {wrong for _, wrong in made}
    assert len(wrong) > 5
    assert all("July 2026" not in one and " in 2026" not in one for one in wrong)
    assert _all(coarser, "She worked there since 3 July 2026.") == set()


def test_another_year_contradicts_only_what_happens_once():
    assert len(_all(other_year, "The inn was founded in 1850 by monks.", ())) > 5
    assert _all(other_year, "The team won the cup in 1950.", ()) == set()


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The inn was founded by monks.", "The inn was not founded by monks."),
        ("Ada won the cup twice.", "Ada did not win the cup twice."),
        ("Ada has won the cup.", "Ada has not won the cup."),
        ("Some inns are old.", None),
        ("The inn that was sold is old.", None),
    ],
)
def test_the_main_verb_is_denied_where_it_is_found_surely(sentence: str, expected: str | None):
    made = _all(deny, sentence)
    assert made == set() if expected is None else expected in made


def test_a_doubt_or_a_plan_is_put_on_the_verb_or_around_the_sentence():
    doubts = {one for both in _all(doubt, "The firm is using the mill.") for one in both}
    assert {"The firm may be using the mill.", "It is unclear whether the firm is using the mill."} <= doubts
    assert "The firm is considering using the mill." in _all(plan, "The firm is using the mill.")
    assert "Ada planned to win the cup." in _all(plan, "Ada won the cup.")
    assert _all(plan, "The firm may be using the mill.") == set()


def test_a_part_is_left_out_where_the_rest_still_follows():
    sentence = "In 1901, the council widened the bridge for carts, which were many."
    assert _all(shorten, sentence) == {
        "The council widened the bridge for carts, which were many.",
        "In 1901, the council widened the bridge for carts.",
    }
    assert _all(shorten, "In 1901, the council never widened the bridge for carts.") == set()
    assert _all(shorten, "In China, Japan, and Korea, the name was placed first.") == set()


def test_a_word_is_exchanged_for_its_opposite():
    assert _all(opposite, "It is the largest mill.") == {"It is the smallest mill."}
    assert _all(opposite, "It is the largest mill, not the smallest mill.") == set()


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        ("Who won the cup?", "Ann Lee", "Ann Lee won the cup."),
        ("What is the capital of Corvia?", "Arden", "The capital of Corvia is Arden."),
        ("When was the YMCA founded?", "6 June 1844", "The YMCA was founded on 6 June 1844."),
        ("In what year was the YMCA founded?", "1844", "The YMCA was founded in 1844."),
        ("Where was Ann Lee born?", "Corvia", "Ann Lee was born in Corvia."),
        ("How many mills does Arden have?", "312", "Arden has 312 mills."),
        ("Who was the bridge opened by?", "Ann Lee", "The bridge was opened by Ann Lee."),
        ("Why did she leave?", "Ann Lee", None),
        ("What did Ann Lee win?", "Cup", None),
    ],
)
def test_a_question_and_its_answer_become_a_statement(question: str, answer: str, expected: str | None):
    made = declarative(question, answer)
    assert (made and made.of(answer)) == expected
