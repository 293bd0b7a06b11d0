"""Rows of the judge's training: where the gold sentence and the answer's words lie, and what is not known."""

import pytest
from tokenizers import Tokenizer

from eval.training.judgements.judge_rows import JudgeRow, ReadExcerpt, excerpt_rows, statement_rows
from eval.training.judgements.judgement import ANSWER, RELATION, STANCE, Judgement
from index.models import WEIGHTS
from index.models import Tokenizer as BundledTokenizer
from qa.comparison.excerpt import EXCERPT_TOKENS, QUESTION_TOKENS, Excerpt
from qa.comparison.model import JUDGE_RELATIONS, KINDS, PAIR_TOKENS, RELATIONS, STANCES

SAID = (
    "The old bridge at Arden is open again.",
    "It was built by Ada Kellan-Lund and cost €20.5 million.",
    "Carts aren’t allowed on it.",
)
EXCERPT = Excerpt("Valley Post: The bridge at Arden", SAID, (0, 1, 4))
WHO, CARTS = "Who built the bridge at Arden?", "Are carts allowed on the bridge?"


@pytest.fixture
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(WEIGHTS / "tokenizer.json"))


def pieces(text: str) -> list[int]:
    told: list[int] = (
        Tokenizer.from_file(str(WEIGHTS / "tokenizer.json")).encode(text, add_special_tokens=False).ids
    )
    return told


def within(row: JudgeRow, number: int) -> list[int]:
    """The ids of the tokens of a sentence, by its number from 1; of 0 those of none."""
    assert row.sentence is not None
    told: list[int] = row.ids[row.sentence == number].tolist()
    return told


def answering(words: str, at: int = 1) -> ReadExcerpt:
    start = SAID[at].index(words)
    return ReadExcerpt(EXCERPT, WHO, "", 1, (at,), (start, start + len(words)), spans=True)


def test_each_sentence_is_told_by_its_tokens_and_title_gap_and_question_by_none(tokenizer: Tokenizer) -> None:
    (row,) = excerpt_rows(tokenizer, [ReadExcerpt(EXCERPT, WHO, "", 1, (1,))])
    for number, sentence in enumerate(SAID, 1):
        assert within(row, number) == pieces(sentence)
    before, gap = pieces("Valley Post: The bridge at Arden |"), pieces("…")
    assert within(row, 0) == [101, *before, *gap, 102, *pieces(WHO), 102]
    assert row.gold == (2,)


@pytest.mark.parametrize("words", ["Ada Kellan-Lund", "€20.5 million", "It", "million."])
def test_the_first_and_last_token_are_those_of_the_answer(tokenizer: Tokenizer, words: str) -> None:
    (row,) = excerpt_rows(tokenizer, [answering(words)])
    assert row.ids[row.first : row.last + 1].tolist() == pieces(words)
    assert row.sentence is not None
    assert {*row.sentence[row.first : row.last + 1].tolist()} == {2}
    assert row.spans


def test_an_answer_in_two_sentences_has_two_and_no_words(tokenizer: Tokenizer) -> None:
    (row,) = excerpt_rows(tokenizer, [ReadExcerpt(EXCERPT, WHO, "", 1, (1, 2), None, spans=False)])
    assert (row.gold, row.first, row.last, row.spans) == ((2, 3), 0, 0, False)


def test_of_what_answers_nothing_the_words_are_learnt_as_none(tokenizer: Tokenizer) -> None:
    (row,) = excerpt_rows(tokenizer, [ReadExcerpt(EXCERPT, WHO, "", 0, spans=True)])
    assert (row.answers, row.gold, row.first, row.last, row.spans) == (0, (), 0, 0, True)


def long_excerpt(at_the_end: str) -> Excerpt:
    sentences = (
        *(f"In {year} the bridge was painted in green once more." for year in range(1900, 1940)),
        at_the_end,
    )
    return Excerpt("Valley Post", sentences, tuple(range(41)))


def test_where_the_gold_sentence_was_cut_off_nothing_is_known(tokenizer: Tokenizer) -> None:
    excerpt = long_excerpt("It was built by Ada Kellan.")
    told = [
        ReadExcerpt(excerpt, WHO, "", 1, (40,), (16, 26), spans=True),
        ReadExcerpt(excerpt, CARTS, "yes", 1, (40,)),
        ReadExcerpt(excerpt, CARTS, "yes", 1, (0,)),
        ReadExcerpt(excerpt, CARTS, "other", 0),
    ]
    words, verdict, kept, silent = excerpt_rows(tokenizer, told)
    for row in (words, verdict):
        assert len(row) == EXCERPT_TOKENS
        assert (row.task, row.label, row.answers) == (ANSWER, -1, -1)
        assert (row.gold, row.first, row.last, row.spans) == ((), 0, 0, False)
    assert (kept.task, STANCES[kept.label], kept.answers, kept.gold) == (STANCE, "yes", 1, (1,))
    assert (silent.task, STANCES[silent.label], silent.answers) == (STANCE, "other", 0)


def test_words_of_which_some_were_cut_off_are_not_learnt_and_the_sentence_is(tokenizer: Tokenizer) -> None:
    sentence = "It was built by " + " and ".join(f"Ada Kellan of Arden, number {at}," for at in range(90))
    start = len("It was built by ")
    both = [
        ReadExcerpt(Excerpt("", (sentence,), (0,)), WHO, "", 1, (0,), place, spans=True)
        for place in ((start, len(sentence)), (start, start + len("Ada Kellan")))
    ]
    cut, whole = excerpt_rows(tokenizer, both)
    assert (cut.first, cut.last, cut.spans, cut.gold) == (0, 0, False, (1,))
    assert whole.ids[whole.first : whole.last + 1].tolist() == pieces("Ada Kellan")


def test_the_question_is_kept_whole_and_the_excerpt_gives_way(tokenizer: Tokenizer) -> None:
    asked = "Who built the bridge at Arden, and who paid for the stones that the council had brought there?"
    (row,) = excerpt_rows(tokenizer, [ReadExcerpt(long_excerpt("It is green."), asked)])
    assert len(row) == EXCERPT_TOKENS
    assert row.ids[row.second_at :].tolist() == [*pieces(asked), 102]


def test_of_a_very_long_question_the_first_pieces_count(tokenizer: Tokenizer) -> None:
    asked = "Who built the bridges " + "at Arden and Belmore " * 40
    (row,) = excerpt_rows(tokenizer, [ReadExcerpt(EXCERPT, asked, "", 1, (2,))])
    kept = row.ids[row.second_at : -1].tolist()
    assert len(kept) == QUESTION_TOKENS - 2
    assert kept == pieces(asked)[: QUESTION_TOKENS - 2]
    assert row.gold == (3,)


def test_a_row_is_what_the_shipped_judge_makes_of_the_same(tokenizer: Tokenizer) -> None:
    for excerpt in (EXCERPT, long_excerpt("It is green.")):
        (row,) = excerpt_rows(tokenizer, [ReadExcerpt(excerpt, WHO)])
        (bundled,) = BundledTokenizer("tokenizer.json").encode(
            [(excerpt.text()[0], WHO)], max_tokens=EXCERPT_TOKENS, cut="only_first"
        )
        assert row.ids.tolist() == bundled.ids
        assert bundled.type_ids.index(1) == row.second_at


@pytest.mark.parametrize("verdict", STANCES)
def test_a_verdict_is_the_articles_stance(tokenizer: Tokenizer, verdict: str) -> None:
    answers = int(verdict != "other")
    (row,) = excerpt_rows(tokenizer, [ReadExcerpt(EXCERPT, CARTS, verdict, answers, (2,) if answers else ())])
    assert (row.task, STANCES[row.label], row.answers, row.spans) == (STANCE, verdict, answers, False)


def test_without_a_verdict_only_whether_it_answers_is_learnt(tokenizer: Tokenizer) -> None:
    (row,) = excerpt_rows(tokenizer, [answering("Ada Kellan-Lund")])
    assert (row.task, row.label, row.kind, row.answers) == (ANSWER, -1, -1, 1)


def test_what_stands_beside_the_question_is_a_relation_of_its_own(tokenizer: Tokenizer) -> None:
    both = "It is shut.", "Is it shut? | It rained."
    place, number = RELATIONS.index("both"), KINDS.index("number")
    made = statement_rows(
        tokenizer,
        [
            Judgement(*both, RELATION, place, beside=True),
            Judgement(*both, RELATION, place),
            Judgement(*both, RELATION, RELATIONS.index("conflict"), number),
            Judgement(*both, STANCE, 1, answers=1),
            Judgement(*both, ANSWER, -1, answers=0),
        ],
    )
    assert [JUDGE_RELATIONS[row.label] for row in made[:3]] == ["beside", "both", "conflict"]
    assert [(row.task, row.kind, row.answers) for row in made] == [
        (RELATION, -1, -1),
        (RELATION, -1, -1),
        (RELATION, number, -1),
        (STANCE, -1, 1),
        (ANSWER, -1, 0),
    ]
    assert [row.label for row in made[3:]] == [1, -1]
    assert {row.sentence for row in made} == {None}
    assert made[0].ids.tolist() == [101, *pieces(both[0]), 102, *pieces(both[1]), 102]
    assert made[0].ids[made[0].second_at :].tolist() == [*pieces(both[1]), 102]


def test_of_two_statements_the_longer_is_cut(tokenizer: Tokenizer) -> None:
    (row,) = statement_rows(tokenizer, [Judgement("stone " * 300, "It is shut.", RELATION, 0)])
    assert len(row) == PAIR_TOKENS
    assert row.ids[row.second_at :].tolist() == [*pieces("It is shut."), 102]


def test_what_one_call_cuts_does_not_reach_the_next(tokenizer: Tokenizer) -> None:
    told = [ReadExcerpt(long_excerpt("It is green."), WHO)]
    before = [row.ids.tolist() for row in excerpt_rows(tokenizer, told)]
    statement_rows(tokenizer, [Judgement("It is shut.", "It is open.", RELATION, 0)])
    assert [row.ids.tolist() for row in excerpt_rows(tokenizer, told)] == before
