"""Sentences judged once more: which are, how both scores become one, and what becomes of the stances."""

from collections.abc import Sequence

import pytest

from index.records import Article, Chunk, Hit, Span
from qa.comparison.model import ModelStatement, RelationShares, StanceShares
from qa.comparison.reranking import MAX_OF_ARTICLE, MAX_SENTENCES, likeliest, rerank, score_of
from qa.question.conversation import Understood
from qa.records import Citation, Reading

TEXT = "Rain fell. The mill at Aarup burned down on Saturday. Three firemen were hurt. The mayor wept."
WHEN = Understood("When did the mill at Aarup burn down?")


class Judge:
    """A comparison model that knows which sentences answer."""

    name = "judge"
    judge = None

    def __init__(self, answers: dict[str, float | None]) -> None:
        self._answers = answers
        self.heard: list[ModelStatement] = []

    def stances(self, question: str, statements: Sequence[ModelStatement]) -> list[StanceShares]:
        self.heard += statements
        return [
            StanceShares(0.7, 0.1, 0.1, 0.1, next((v for k, v in self._answers.items() if k in one.sentence)))
            for one in statements
        ]

    def relations(
        self, question: str, pairs: Sequence[tuple[ModelStatement, ModelStatement]]
    ) -> list[RelationShares]:
        raise AssertionError("nothing is compared")


def reading(article: str, score: float, words: str = "Saturday", place: int = 0) -> Reading:
    sentence = next(one for one in TEXT.split(". ") if words in one)
    start = TEXT.index(sentence)
    chunk = Chunk(f"{article}:0", article, 0, 0, len(TEXT), TEXT, 20, (Span(0, len(TEXT)),))
    told = Article(article, TEXT, "Mill burns", None, "Valley Post", "2025-03-02")
    at = TEXT.index(words)
    return Reading(
        Hit(told, chunk, 1, 1.0, None, None), at, at + len(words), start, start + len(sentence), score
    )


def citation(score: float, words: str, article: str = "a") -> Citation:
    one = reading(article, score, words)
    quote, sentence = TEXT[one.start : one.end], TEXT[one.sentence_start : one.sentence_end]
    places = (one.start, one.end, quote, sentence, one.sentence_start, one.sentence_end)
    return Citation(article, "Mill burns", "Valley Post", "2025-03-02", None, *places, score)


def test_of_each_article_the_best_sentences_are_judged_once_more_up_to_a_number_in_all() -> None:
    many = [
        reading(f"{at:02}", 0.9 - at / 100, words)
        for at in range(20)
        for words in ("Saturday", "firemen", "mayor")
    ]
    chosen = likeliest(many)
    assert len(chosen) == MAX_SENTENCES
    articles = [one.hit.article.id for one in chosen]
    assert max(map(articles.count, articles)) == MAX_OF_ARTICLE
    assert [one.score for one in chosen] == sorted((one.score for one in chosen), reverse=True)


def test_what_the_reader_thinks_hopeless_is_not_judged_but_for_the_first() -> None:
    hopeless = [reading("a", 0.004), reading("b", 0.003)]
    assert likeliest(hopeless) == hopeless[:1]
    assert likeliest([]) == []


def test_the_sentence_that_both_find_likely_comes_first_and_none_is_lost() -> None:
    cited = [citation(0.6, "firemen"), citation(0.5, "Saturday")]
    judge = Judge({"firemen": 0.02, "Saturday": 0.97})
    found = rerank(WHEN, cited, {"a": TEXT}, judge)
    assert [one.citation.quote for one in found] == ["Saturday", "firemen"]
    assert found[0].citation.score > 0.5 > found[1].citation.score
    assert {one.stance for one in found} == {None}  # it is no yes/no question


def test_the_model_hears_who_tells_it_and_the_sentence_before() -> None:
    judge = Judge({"Saturday": 0.9})
    rerank(WHEN, [citation(0.5, "Saturday")], {"a": TEXT}, judge)
    (heard,) = judge.heard
    assert heard.sentence == "The mill at Aarup burned down on Saturday"
    assert (heard.before.strip(), heard.title, heard.quote) == (
        "Rain fell.",
        "Valley Post: Mill burns",
        "Saturday",
    )


def test_a_yes_no_question_keeps_what_each_sentence_says_to_it() -> None:
    judge = Judge({"Saturday": 0.9})
    (found,) = rerank(Understood("Did the mill burn down?"), [citation(0.5, "Saturday")], {"a": TEXT}, judge)
    assert found.stance is not None
    assert found.stance.yes == 0.7


def test_where_the_model_cannot_tell_what_answers_the_readers_score_stands() -> None:
    cited = [citation(0.6, "firemen"), citation(0.5, "Saturday")]
    found = rerank(WHEN, cited, {"a": TEXT}, Judge({"firemen": None, "Saturday": None}))
    assert [one.citation for one in found] == cited


@pytest.mark.parametrize("kind", ["span", "list", "explanation", "yes_no"])
def test_a_score_is_a_probability_and_rises_with_both(kind: str) -> None:
    scores = [score_of(kind, reader, told) for reader in (0.0, 0.3, 1.0) for told in (0.0, 0.6, 1.0)]  # type: ignore[arg-type]
    assert all(0 < one < 1 for one in scores)
    rising = [(0.1, 0.1), (0.1, 0.8), (0.7, 0.8)]
    told = [score_of(kind, *pair) for pair in rising]  # type: ignore[arg-type]
    assert told == sorted(told)
    assert told[0] < told[-1]
