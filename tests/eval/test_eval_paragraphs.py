"""Runs over questions with a paragraph each: reading, ranking by each leg, and both, on five paragraphs."""

import pytest

from eval.cases import summarise
from eval.errors import GoldError
from eval.gold.questions import AnswerSpan, Question
from eval.paragraphs import Ranked, all_paragraphs, leg_metrics, rank_legs, read_open, read_own, version_of
from index.embed import open_embedder
from index.records import Chunk, Span
from qa.records import Reading

DAM = "The dam on the Ilse is 80 metres high. It was finished in 1931."
BRIDGE = "The bridge over the Ilse carries two railway tracks and a footpath."
MINE = "The copper mine closed after the flood. Four hundred people lost their work."
FERRY = "A ferry crosses the lake every twenty minutes in summer."
SCHOOL = "The school teaches weaving, and keeps Zwirnerey looms from the last century."


def question(number, text, context, *answers):
    return Question(
        f"q{number}", "", context, text, tuple(AnswerSpan(one, context.index(one)) for one in answers)
    )


HIGH = question(1, "How high is the dam?", DAM, "80 metres")
TRACKS = question(2, "How many railway tracks does the bridge carry?", BRIDGE, "two")
CLOSED = question(3, "Why did the mine close?", MINE, "the flood")
NOBODY = question(4, "Who designed the ferry?", FERRY)
LOOMS = question(5, "Which looms are kept?", SCHOOL, "Zwirnerey")


class Scripted:
    """A reader that knows where each answer stands, and how sure it is of it."""

    def __init__(self, answers):
        self.answers = answers

    def read(self, asked, hits):
        text, score = self.answers[asked.question]
        return [
            Reading(hit, start, start + len(text), start, start + len(text), score)
            for hit in hits
            if (start := hit.article.text.find(text)) >= 0
        ]


def whole(article):
    end = len(article.text)
    return [Chunk(f"{article.id}:000000", article.id, 0, 0, end, article.text, 10, (Span(0, end),))]


def test_with_an_answer_to_every_question_the_best_reading_counts_however_unsure():
    questions = [HIGH, TRACKS, CLOSED]
    reader = Scripted(
        {
            HIGH.question: ("80 metres", 0.1),
            TRACKS.question: ("two railway", 0.9),
            CLOSED.question: ("nowhere", 0.9),
        }
    )
    assert version_of(questions) == "1.1"
    cases = read_own(questions, reader, whole, version="1.1", min_confidence=0.5)
    assert [(one.text, one.answered, one.right) for one in cases] == [
        ("80 metres", True, True),
        ("two railway", True, True),
        ("", False, False),
    ]
    metrics = summarise(cases, version="1.1")
    assert metrics["exact_match"] == pytest.approx(100 / 3)
    assert metrics["f1"] == pytest.approx((100 + 200 / 3 + 0) / 3)
    assert metrics["has_answer_f1"] == metrics["f1"]
    assert metrics["no_answer_accuracy"] is None
    assert metrics["auroc"] is None
    assert metrics["ms_per_question"] > 0


def test_with_unanswerable_questions_an_unsure_reading_is_a_refusal():
    questions = [HIGH, TRACKS, NOBODY]
    reader = Scripted(
        {HIGH.question: ("80 metres", 0.8), TRACKS.question: ("two", 0.4), NOBODY.question: ("A ferry", 0.3)}
    )
    assert version_of(questions) == "2.0"
    cases = read_own(questions, reader, whole, version="2.0", min_confidence=0.5)
    assert [(one.kind, one.text, one.right) for one in cases] == [
        ("answerable", "80 metres", True),
        ("answerable", "", False),
        ("unanswerable", "", True),
    ]
    metrics = summarise(cases, version="2.0")
    assert (metrics["exact_match"], metrics["f1"]) == (pytest.approx(200 / 3), pytest.approx(200 / 3))
    assert (metrics["has_answer_f1"], metrics["no_answer_accuracy"], metrics["auroc"]) == (50.0, 100.0, 1.0)


def test_the_reader_sees_only_the_questions_own_paragraph():
    reader = Scripted({HIGH.question: ("two railway", 0.9)})
    (case,) = read_own([HIGH], reader, whole, version="1.1", min_confidence=0.5)
    assert case.text == ""


def test_the_figures_of_a_leg_are_recall_and_reciprocal_rank():
    ranked = [Ranked("q1", "?", 1, 2, 1), Ranked("q2", "?", None, 10, 4)]
    assert leg_metrics(ranked) == {
        "bm25": {"recall@1": 0.5, "recall@5": 0.5, "recall@10": 0.5, "recall@20": 0.5, "mrr": 0.5},
        "dense": {
            "recall@1": 0.0,
            "recall@5": 0.5,
            "recall@10": 1.0,
            "recall@20": 1.0,
            "mrr": pytest.approx(0.3),
        },
        "fused": {
            "recall@1": 0.5,
            "recall@5": 1.0,
            "recall@10": 1.0,
            "recall@20": 1.0,
            "mrr": pytest.approx(0.625),
        },
    }


@pytest.fixture(scope="module")
def paragraphs():
    # Two questions share a paragraph, which is added once.
    with all_paragraphs([HIGH, TRACKS, CLOSED, NOBODY, LOOMS, HIGH], open_embedder()) as made:
        yield made


def test_each_paragraph_is_an_article_of_its_own(paragraphs):
    assert len(paragraphs.library) == len(paragraphs.ids) == 5
    assert {article.id: article.text for article in paragraphs.library.articles()} == {
        article_id: text for text, article_id in paragraphs.ids.items()
    }


def test_the_legs_rank_each_answerable_questions_paragraph(paragraphs):
    asked = [
        HIGH,
        NOBODY,
        question(6, "Zwirnerey", SCHOOL, "Zwirnerey"),
        question(7, "Zwirnerey", DAM, "1931"),
    ]
    first, word, wrong = rank_legs(asked, paragraphs)
    assert first == Ranked("q1", HIGH.question, 1, 1, 1)
    assert (word.id, word.bm25, word.fused) == ("q6", 1, 1)
    # The word stands in another paragraph only: by words this one is not found, by meaning it comes somewhere.
    assert wrong.bm25 is None
    assert wrong.dense is not None
    assert wrong.dense > 1


def test_open_reading_is_right_only_in_the_questions_own_paragraph(paragraphs):
    elsewhere = question(8, "What is over the Ilse?", DAM, "The dam")
    reader = Scripted(
        {
            HIGH.question: ("80 metres", 0.9),
            elsewhere.question: ("The bridge", 0.9),
            NOBODY.question: ("A ferry", 0.2),
        }
    )
    cases, metrics = read_open(
        [HIGH, elsewhere, NOBODY], paragraphs, reader, passages=5, version="2.0", min_confidence=0.5
    )
    assert [(one.text, one.answer_hit, one.right) for one in cases] == [
        ("80 metres", True, True),
        ("The bridge", False, False),
        ("", True, True),
    ]
    assert metrics["exact_match"] == pytest.approx(200 / 3)
    assert metrics["recall@5"] == 1.0
    assert "recall@10" not in metrics


def test_a_paragraph_that_cannot_be_an_article_is_refused(tmp_path):
    blank = Question("q9", "", "***", "What?", ())
    with (
        pytest.raises(
            GoldError, match=r"1 of 2 paragraphs cannot be articles, the first because it .*; take them out"
        ),
        all_paragraphs([HIGH, blank], open_embedder()),
    ):
        pass
