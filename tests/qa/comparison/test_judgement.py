"""What the judge makes of what was read: each article's best sentences, its stand, the words, and the order."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from qa.comparison.evidence import log_odds, probability
from qa.comparison.excerpt import Excerpt
from qa.comparison.judgement import KEPT, judge_articles, stand_of
from qa.comparison.model import ModelStatement, ReadExcerpt, RelationShares, StanceShares
from qa.comparison.reranking import ScoredCitation
from qa.question.conversation import Understood
from qa.reader.spans import Window
from qa.records import Citation
from qa.weights.fitted import load_fitted

WHEN = Understood("When did the mill at Aarup burn down?")
WHETHER = Understood("Did the mill at Aarup burn down?")
NO_OPINION = StanceShares(0.25, 0.25, 0.25, 0.25)
UNSURE = StanceShares(0.1, 0.1, 0.1, 0.7, 0.5)

FIRE = (
    "The mill at Aarup burned down on Saturday. Three firemen were hurt. The mayor wept. "
    "A cable had started it. Nobody lives there. It had been built in 1890."
)


@dataclass
class Judge:
    """Knows how surely sentences answer by a word in them, points at given words, and takes stands by title."""

    logits: Mapping[str, float | None] = field(default_factory=dict)
    words: Sequence[str] = ()
    stances: Mapping[str, StanceShares] = field(default_factory=dict)
    name: str = "judge"
    asked: list[tuple[str, list[Excerpt]]] = field(default_factory=list)

    def read(self, question: str, excerpts: Sequence[Excerpt]) -> list[ReadExcerpt]:
        self.asked.append((question, list(excerpts)))
        return [self._read(one) for one in excerpts]

    def _read(self, excerpt: Excerpt) -> ReadExcerpt:
        logits = tuple(
            next((logit for word, logit in self.logits.items() if word in sentence), -3.0)
            for sentence in excerpt.sentences
        )
        text = " ".join(excerpt.sentences)
        lows = [sum(len(one) + 1 for one in excerpt.sentences[:at]) for at in range(len(logits))]
        cut = [low for low, logit in zip(lows, logits, strict=True) if logit is None]
        spans = [found.span() for found in re.finditer(r"\w+|[^\w\s]", text)]
        spans = [one for one in spans if not cut or one[0] < min(cut)]
        start, end = np.full((2, len(spans)), -4.0, dtype=np.float32)
        for words in self.words:
            for found in re.finditer(re.escape(words), text):
                start[[one[0] for one in spans].index(found.start())] = 4.0
                end[[one[1] for one in spans].index(found.end())] = 4.0
        window = Window(np.array(spans, dtype=np.int64).reshape(-1, 2), start, end, 0.0)
        return ReadExcerpt(self.stances.get(excerpt.title, UNSURE), logits, window)

    def relations(
        self, question: str, pairs: Sequence[tuple[ModelStatement, ModelStatement]]
    ) -> list[RelationShares]:
        raise AssertionError("nothing is compared")

    def lengths(self, texts: Sequence[str]) -> list[int]:
        return [len(one.split()) for one in texts]


@dataclass
class Small:
    """The comparison model beside the judge: one share for all sentences, and by default no opinion."""

    judge: Judge
    answers: float | None = 0.5
    stand: StanceShares = NO_OPINION
    name: str = "small"

    def stances(self, question: str, statements: Sequence[ModelStatement]) -> list[StanceShares]:
        return [replace(self.stand, answers=self.answers)] * len(statements)

    def relations(
        self, question: str, pairs: Sequence[tuple[ModelStatement, ModelStatement]]
    ) -> list[RelationShares]:
        raise AssertionError("nothing is compared")


def citations(
    texts: Mapping[str, str],
    scores: Mapping[str, float] | None = None,
    *,
    title: str = "Mill burns",
    publisher: str | None = None,
) -> list[Citation]:
    """Each sentence of each article as the reader cites it, best first; scored by a word in it, else 0.1."""
    found: list[Citation] = []
    for article, text in texts.items():
        for part in re.finditer(r"\S[^.]*\.", text):
            score = next((value for word, value in (scores or {}).items() if word in part[0]), 0.1)
            place = (part.start(), part.end(), part[0], part[0], part.start(), part.end())
            paper = publisher or f"Paper {article}"
            found.append(Citation(article, title, paper, None, f"{article}.txt", *place, score))
    return sorted(found, key=lambda one: (-one.score, one.article_id, one.start))


def told(found: Sequence[ScoredCitation]) -> list[tuple[str, str]]:
    return [(one.citation.article_id, one.citation.sentence) for one in found]


def test_the_sentence_that_the_judge_takes_for_the_answer_comes_first_whatever_the_reader_says() -> None:
    texts = {"a": FIRE}
    judge = Judge({"Saturday": 5.0, "1890": 1.0})
    found = judge_articles(WHEN, citations(texts, {"1890": 0.9, "Saturday": 0.2}), texts, Small(judge))
    assert [sentence.split()[-1] for _, sentence in told(found)] == ["Saturday.", "1890."]
    assert found[0].citation.score > found[1].citation.score


def test_of_each_article_the_two_likeliest_sentences_are_kept() -> None:
    texts = {"a": FIRE, "b": FIRE.replace("Saturday", "Sunday")}
    judge = Judge({"Saturday": 5.0, "Sunday": 4.0, "firemen": 3.0, "mayor": 2.0})
    found = judge_articles(WHEN, citations(texts), texts, Small(judge))
    articles = [article for article, _ in told(found)]
    assert {article: articles.count(article) for article in articles} == {"a": KEPT, "b": KEPT}
    assert {sentence for _, sentence in told(found)} == {
        "The mill at Aarup burned down on Saturday.",
        "The mill at Aarup burned down on Sunday.",
        "Three firemen were hurt.",
    }


def test_no_article_is_cut_before_the_judge_has_read_it_nor_after() -> None:
    texts = {f"{number:02}": f"It burned on day {number}. Rain fell." for number in range(30)}
    scores = {"It burned": 0.0001, "day 0.": 0.9}
    judge = Judge({"day 29": 6.0, "It burned": -8.0})
    found = judge_articles(WHEN, citations(texts, scores), texts, Small(judge))
    ((asked, excerpts),) = judge.asked
    assert (asked, len(excerpts)) == (WHEN.question, 30)
    assert {one.citation.article_id for one in found} == {*texts}
    assert found[0].citation.sentence == "It burned on day 29."


def test_copies_that_hold_the_same_words_are_judged_once_and_each_is_told_for_itself() -> None:
    texts = {"a": FIRE, "b": f"From our wires. {FIRE}", "c": FIRE}
    judge = Judge({"Saturday": 5.0})
    cited = [one for one in citations(texts, publisher="Wire") if "wires" not in one.sentence]
    found = judge_articles(WHEN, cited, texts, Small(judge))
    ((_, excerpts),) = judge.asked
    assert [one.sentences[0] for one in excerpts] == ["The mill at Aarup burned down on Saturday."]
    first = [one.citation for one in found if "Saturday" in one.citation.sentence]
    assert [one.article_id for one in first] == ["a", "b", "c"]
    assert len({one.score for one in first}) == 1
    for one in first:
        assert texts[one.article_id][one.start : one.end] == one.quote


def test_who_tells_it_is_a_part_of_what_the_judge_reads() -> None:
    texts = {"a": FIRE, "b": FIRE}
    judge = Judge()
    judge_articles(WHEN, citations(texts), texts, Small(judge))
    ((_, excerpts),) = judge.asked
    assert [one.title for one in excerpts] == ["Paper a: Mill burns", "Paper b: Mill burns"]


def test_sentences_stand_in_the_articles_order_and_what_was_not_read_leaves_a_gap() -> None:
    texts = {"a": FIRE}
    judge = Judge()
    cited = [
        one for one in citations(texts, {"1890": 0.9}) if not one.sentence.startswith(("The mayor", "A c"))
    ]
    judge_articles(WHEN, cited, texts, Small(judge))
    ((_, (excerpt,)),) = judge.asked
    assert excerpt.text()[0] == (
        "Paper a: Mill burns | The mill at Aarup burned down on Saturday. Three firemen were hurt."
        " … Nobody lives there. It had been built in 1890."
    )


def test_of_a_long_article_the_likeliest_sentences_are_read_and_those_beside_the_first() -> None:
    words = " ".join(["word"] * 60)
    text = " ".join(f"Number {number} {words}." for number in range(12))
    judge = Judge()
    judge_articles(WHEN, citations({"a": text}, {"Number 6 ": 0.9}), {"a": text}, Small(judge))
    ((_, (excerpt,)),) = judge.asked
    assert [" ".join(one.split()[:2]) for one in excerpt.sentences] == ["Number 5", "Number 6", "Number 7"]


def test_a_yes_that_the_judge_hardly_finds_in_the_sentence_alone_is_marked_as_said_elsewhere() -> None:
    texts = {"a": FIRE}
    holds, other = StanceShares(0.9, 0.0, 0.1, 0.0, 0.9), StanceShares(0.1, 0.0, 0.1, 0.8, 0.1)
    unsure = StanceShares(0.3, 0.0, 0.1, 0.6, 0.5)
    denies = replace(holds, yes=0.0, no=0.9)
    for alone, marked in ((holds, False), (unsure, False), (other, True), (denies, True)):
        judge = Judge({"burned down": 5.0}, stances={"Paper a: Mill burns": holds, "": alone})
        found = judge_articles(WHETHER, citations(texts), texts, Small(judge))
        assert {one.citation.elsewhere for one in found} == {marked}
        ((_, (whole,)), (_, short)) = judge.asked
        assert len(whole.sentences) > 1
        assert [one.sentences for one in short] == [(one.citation.sentence,) for one in found]
    silent = Judge({"burned down": 5.0}, stances={"Paper a: Mill burns": other, "": other})
    found = judge_articles(WHETHER, citations(texts), texts, Small(silent))
    assert len(silent.asked) == 1  # what the article leaves open needs no look at its sentences
    assert {one.citation.elsewhere for one in found} == {False}


def test_to_a_yes_no_question_stands_what_the_article_holds_not_what_a_sentence_repeats() -> None:
    denied = "Some say that the mill at Aarup burned down. That is not so. The mill stands."
    texts = {"a": FIRE, "b": denied}
    holds, denies = StanceShares(0.9, 0.0, 0.1, 0.0, 0.9), StanceShares(0.05, 0.9, 0.05, 0.0, 0.8)
    stances = {"Paper a: Mill burns": holds, "Paper b: Mill burns": denies}
    judge = Judge({"burned down": 5.0, "not so": 2.0}, stances=stances)
    found = judge_articles(WHETHER, citations(texts), texts, Small(judge))
    of_b = [one for one in found if one.citation.article_id == "b"]
    assert "Some say that the mill at Aarup burned down." in [one.citation.sentence for one in of_b]
    assert {leaning(one.stance) for one in of_b} == {"no"}
    assert len({one.stance for one in of_b}) == 1
    assert {one.stance.answers for one in of_b if one.stance} == {0.8}
    assert {one.looks for one in of_b} == {(denies, replace(NO_OPINION, answers=0.5))}
    assert {leaning(one.stance) for one in found if one not in of_b} == {"yes"}
    assert [one.citation.quote for one in found] == [one.citation.sentence for one in found]
    when = judge_articles(WHEN, citations(texts), texts, Small(judge))
    assert {(one.stance, one.looks) for one in when} == {(None, None)}


def leaning(stance: StanceShares | None) -> str:
    assert stance is not None
    return max(("yes", "no", "open", "other"), key=lambda name: getattr(stance, name))


def shares(stance: StanceShares) -> list[float]:
    return [stance.yes, stance.no, stance.open, stance.other]


def test_a_stand_is_made_of_both_looks_by_their_weights() -> None:
    judge, small = StanceShares(0.6, 0.3, 0.1, 0.0, 0.9), StanceShares(0.1, 0.2, 0.1, 0.6, 0.2)
    assert shares(stand_of(judge, small, (1.0, 0.0))) == pytest.approx(shares(judge), abs=1e-3)
    assert shares(stand_of(judge, small, (0.0, 1.0))) == pytest.approx(shares(small), abs=1e-3)
    both = stand_of(judge, small, (1.0, 1.0))
    assert shares(both) == pytest.approx([0.06 / 0.13, 0.06 / 0.13, 0.01 / 0.13, 0.0], abs=1e-2)
    assert sum(shares(both)) == pytest.approx(1)
    assert both.answers == 0.9  # whether the article answers the judge alone says
    assert shares(stand_of(judge, NO_OPINION, (0.5, 0.5))) == shares(stand_of(judge, NO_OPINION, (0.5, 3.0)))
    assert stand_of(judge, small) == stand_of(judge, small, load_fitted().stand)


def test_no_share_is_so_small_that_nothing_could_outweigh_it() -> None:
    never, surely = StanceShares(0.0, 1.0, 0.0, 0.0), StanceShares(1.0, 0.0, 0.0, 0.0)
    told = stand_of(never, surely, (1.0, 1.0))
    assert (told.yes, told.no) == (pytest.approx(0.5, abs=1e-3), pytest.approx(0.5, abs=1e-3))
    assert leaning(stand_of(never, surely, (1.0, 1.1))) == "yes"


@pytest.mark.parametrize(
    ("text", "pointed_at", "quote"),
    [
        ("The mill burned down on Saturday night. Rain fell.", "Saturday", "Saturday"),
        ("The fire cost 40 million euros. Rain fell.", "40 million", "40 million euros"),
        ("Rain fell.\n\nThe  mill burned\ndown on   3 May 2026. It was old.", "3 May 2026", "3 May 2026"),
        ("𝗧𝗵𝗲 𝗺𝗶𝗹𝗹 𝗯𝘂𝗿𝗻𝗲𝗱 𝗼𝗻 𝗦𝗮𝘁𝘂𝗿𝗱𝗮𝘆. It was old.", "Saturday", "𝗦𝗮𝘁𝘂𝗿𝗱𝗮𝘆"),
        ("The café’s fire burned on Saturday. It was old.", "Saturday", "Saturday"),
    ],
)
def test_the_words_that_the_judge_points_at_are_quoted_as_published_and_inside_their_sentence(
    text: str, pointed_at: str, quote: str
) -> None:
    texts = {"a": text}
    judge = Judge({pointed_at: 5.0}, [pointed_at])
    found = judge_articles(WHEN, citations(texts), texts, Small(judge))[0].citation
    assert found.quote == quote == text[found.start : found.end]
    assert found.sentence_start <= found.start < found.end <= found.sentence_end
    assert found.sentence == text[found.sentence_start : found.sentence_end]


def test_of_several_sentences_each_is_quoted_with_its_own_words() -> None:
    text = "The mill burned on Saturday. The barn burned on Sunday. Rain fell."
    judge = Judge({"Saturday": 5.0, "Sunday": 4.0}, ["Saturday", "Sunday"])
    found = judge_articles(WHEN, citations({"a": text}), {"a": text}, Small(judge))
    assert [one.citation.quote for one in found] == ["Saturday", "Sunday"]


def test_a_list_is_quoted_from_its_first_to_its_last_part() -> None:
    text = "The mill makes flour, oil and paper for the town."
    judge = Judge({"flour": 5.0}, ["flour", "oil", "paper"])
    asked = Understood("Which goods does the mill make?")
    (found,) = judge_articles(asked, citations({"a": text}), {"a": text}, Small(judge))
    assert found.citation.quote == "flour, oil and paper"


def test_to_a_question_that_few_words_cannot_answer_the_whole_sentence_is_quoted() -> None:
    judge = Judge({"cable": 5.0}, ["cable"])
    found = judge_articles(
        Understood("Why did the mill burn?"), citations({"a": FIRE}), {"a": FIRE}, Small(judge)
    )
    assert found[0].citation.quote == found[0].citation.sentence == "A cable had started it."


def test_a_sentence_that_was_cut_off_is_not_cited() -> None:
    judge = Judge({"built in": None, "Saturday": 5.0})
    found = judge_articles(WHEN, citations({"a": FIRE}, {"built in": 0.9}), {"a": FIRE}, Small(judge))
    assert len(found) == KEPT
    assert not any("1890" in sentence for _, sentence in told(found))


def test_a_score_is_made_of_four_looks() -> None:
    stances = {"Paper a: Mill burns": replace(UNSURE, answers=0.8)}
    judge = Judge({"Saturday": 2.5}, stances=stances)
    cited = citations({"a": FIRE}, {"Saturday": 0.4})
    found = judge_articles(WHEN, cited, {"a": FIRE}, Small(judge, answers=0.9))[0]
    assert found.features == (log_odds(0.4), 2.5, pytest.approx(math.log(4)), pytest.approx(math.log(9)), 1.0)
    assert found.citation.score == probability(load_fitted().judgement["span"], found.features)
    unknown = Judge({"Saturday": 2.5}, stances={"Paper a: Mill burns": replace(UNSURE, answers=None)})
    without = judge_articles(WHEN, cited, {"a": FIRE}, Small(unknown, answers=None))[0]
    assert without.features == (log_odds(0.4), 2.5, 0.0, 0.0, 1.0)


def test_the_likeliest_comes_first_and_equals_by_article_and_offset_whatever_the_order_read() -> None:
    texts = dict.fromkeys(("b", "c", "a"), "The mill burned. The mill burned. Rain fell.")
    judge = Judge({"burned": 2.0})
    cited = citations(texts)
    places = [
        [
            (one.citation.article_id, one.citation.start)
            for one in judge_articles(WHEN, order, texts, Small(judge))
        ]
        for order in (cited, cited[::-1])
    ]
    assert places[0] == [("a", 0), ("a", 17), ("b", 0), ("b", 17), ("c", 0), ("c", 17)]
    assert places[1] == places[0]


def test_where_nothing_was_read_the_judge_is_not_asked() -> None:
    judge = Judge()
    assert judge_articles(WHEN, [], {}, Small(judge)) == []
    assert judge.asked == []
