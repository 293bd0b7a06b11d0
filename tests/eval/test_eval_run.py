"""A run over a gold set: hand-made answers from two small articles, and exactly what is counted of them."""

import json
from dataclasses import replace

import pytest

from eval.cases import QuestionStages
from eval.errors import GoldError
from eval.gold.questions import Evidence, GoldConflict, GoldQuestion
from eval.judge import Judge, Place
from eval.provenance import Machine, Run, this_run
from eval.run import evaluate, summarise_judgements, write_rows
from index.records import Article, Chunk, Hit, Span
from qa.comparison.reranking import ScoredCitation
from qa.question.conversation import Understood
from qa.records import Answer, Citation, Conflict, ConflictCheck, Passage, Position, Timings, Turn
from qa.stages import Examined
from tests.paths import ROOT

HIGH = "The dam is 80 metres high."
COST = "It cost 2 billion dollars."
OPEN = "It opened in 1931."
RISES = "The dam rises 85 metres."
LAKE = "The lake is called Mirror."
A = Article("a", "folder/a.txt", f"{HIGH} {COST} {OPEN}")
B = Article("b", "https://news.example/dam", f"{RISES} {LAKE}")
RUN = Run(
    "whosays eval gold.jsonl",
    "abc",
    Machine("a CPU", 2, "Linux 6", "3.11"),
    "2026-07-01",
    "0.1.0",
    {"m": "5a"},
)


def citation(article, quote, sentence=None, score=0.9):
    sentence = sentence or quote
    start, sentence_start = article.text.index(quote), article.text.index(sentence)
    return Citation(
        article.id, article.title, None, None, article.uri, start, start + len(quote), quote,
        sentence, sentence_start, sentence_start + len(sentence), score,
    )  # fmt: skip


def passage(article, text, rank):
    start = article.text.index(text)
    return Passage(article.id, start, start + len(text), text, rank, 1 / rank)


def answer(question, *citations, passages=(), conflicts=(), confidence=0.9, total=10.0):
    text = citations[0].quote if citations else ""
    return Answer(
        question=question,
        standalone_question=question,
        status="answered" if citations else "unanswered",
        text=text,
        confidence=confidence,
        citations=citations,
        positions=(Position(text, citations, 1),) if citations else (),
        conflicts=conflicts,
        conflict_check=ConflictCheck("checked", 2, 2, 1)
        if citations
        else ConflictCheck("not_checked", reason="no"),
        passages=passages,
        timings_ms=Timings(retrieve=total / 2, read=total / 2, total=total),
    )


def examined(*, read, found):
    """What was read, a sentence a passage, and what was judged."""
    hits = []
    for article, sentence in read:
        start = article.text.index(sentence)
        place = start, start + len(sentence)
        chunk = Chunk(f"{article.id}:{start}", article.id, 0, *place, sentence, 9, (Span(*place),))
        hits.append(Hit(article, chunk, 1, 1.0, None, None))
    judged = tuple(ScoredCitation(citation(*one)) for one in found)
    return Examined(Understood("?"), tuple(hits), tuple(hits), judged)


HIGH_GOLD, RISES_GOLD = Evidence("a.txt", HIGH), Evidence("b.txt", RISES)
QUESTIONS = (
    GoldQuestion(
        "q1", "number", "How high is it?", (), ("80 metres", "85 metres"), (HIGH_GOLD, RISES_GOLD),
        (GoldConflict("number", ((HIGH_GOLD,), (RISES_GOLD,))),),
    ),
    GoldQuestion("q2", "number", "What did it cost?", (Turn("How high is it?", "80 metres"),), ("2 billion dollars",), (Evidence("a.txt", COST),)),
    GoldQuestion("q3", "date", "When did it open?", (), ("1931",), (Evidence("a.txt", OPEN),)),
    GoldQuestion("q4", "unanswerable", "Who built it?"),
    GoldQuestion("q5", "unanswerable", "Who paid for it?"),
)  # fmt: skip
ANSWERS = {
    # Right, a conflict found and rightly typed, both sides cited; b's passage comes second.
    "How high is it?": answer(
        "How high is it?",
        citation(A, "80 metres", HIGH),
        citation(B, RISES),
        passages=(passage(A, f"{HIGH} {COST}", 1), passage(B, RISES, 2)),
        conflicts=(
            Conflict("number", "80 against 85", (citation(A, "80 metres", HIGH), citation(B, RISES)), 0.8),
        ),
    ),
    # The right words from the wrong place, with a false conflict; the evidence comes third.
    "What did it cost?": replace(
        answer(
            "What did it cost?",
            citation(B, LAKE),
            passages=(passage(B, LAKE, 1), passage(B, RISES, 2), passage(A, COST, 3)),
            conflicts=(Conflict("name", "?", (citation(A, OPEN), citation(B, LAKE)), 0.6),),
            confidence=0.7,
            total=20.0,
        ),
    ),
    # Refused though answerable, with nothing retrieved.
    "When did it open?": answer("When did it open?", confidence=0.2, total=30.0),
    # Answered though unanswerable.
    "Who built it?": answer("Who built it?", citation(A, OPEN), confidence=0.6, total=40.0),
    "Who paid for it?": answer("Who paid for it?", confidence=0.1, total=50.0),
}


# Of two questions what the stages held: q1's evidence all the way, q2's but for the likeliest sentence.
EXAMINED = {
    "How high is it?": examined(read=[(A, HIGH), (B, LAKE)], found=[(A, HIGH), (B, LAKE)]),
    "What did it cost?": examined(read=[(B, LAKE), (A, COST)], found=[(B, LAKE), (A, COST)]),
    "Who built it?": examined(read=[(A, OPEN)], found=[(A, OPEN)]),
}


def ask(question, *, history, on_examined):
    assert (question == "What did it cost?") == (history == (Turn("How high is it?", "80 metres"),))
    if question in EXAMINED:
        on_examined(EXAMINED[question])
    return ANSWERS[question]


@pytest.fixture(scope="module")
def judgements():
    return evaluate(QUESTIONS, ask, [A, B])


def judged(question, given, articles=(A, B)):
    return Judge(articles).judge(question, given)


def test_every_figure_of_a_run_is_as_counted_by_hand(judgements):
    metrics = summarise_judgements(judgements)
    kinds = metrics.pop("kinds")
    stages = metrics.pop("stages_ms_p50")
    assert metrics == {
        "questions": 5,
        "exact_match": pytest.approx(40.0),  # q1 and q5
        "f1": pytest.approx(40.0),
        "has_answer_exact_match": pytest.approx(100 / 3),
        "has_answer_f1": pytest.approx(100 / 3),
        "no_answer_accuracy": pytest.approx(50.0),
        "answer_hit": pytest.approx(1 / 3),
        "answer_accuracy": pytest.approx(2 / 5),
        "auroc": pytest.approx(5 / 6),  # only q3 (0.2) against q4 (0.6) is the wrong way round
        "answered_though_unanswerable": 0.5,
        "refused_though_answerable": pytest.approx(1 / 3),
        "calibration_error": pytest.approx((0.1 + 0.7 + 0.6) / 3),
        "answer_words": 4.0,  # 2, 5 and 4 words
        "ms_per_question": 30.0,
        "ms_p50": 30.0,
        "ms_p95": pytest.approx(48.0),
        "ms_p99": pytest.approx(49.6),
        "evidence_hit": pytest.approx(1 / 3),
        "citation_precision": pytest.approx(2 / 4),
        "misquotes": 0,
        "recall@1": pytest.approx((1 / 2 + 0 + 0) / 3),
        "recall@5": pytest.approx((1 + 1 + 0) / 3),
        "recall@10": pytest.approx((1 + 1 + 0) / 3),
        "mrr": pytest.approx((1 + 1 / 3 + 0) / 3),
        "conflict_precision": 0.5,
        "conflict_recall": 1.0,
        "conflict_f1": pytest.approx(2 / 3),
        "statement_precision": 0.5,
        "statement_recall": 1.0,
        "statement_f1": pytest.approx(2 / 3),
        "conflict_kind_accuracy": 1.0,
        "every_side_shown": 1.0,
        "false_alarms": 0.5,  # q2 of q2 and q3
        "conflicts_checked": 1.0,
        # q1, q2 and q3, the last of which went through no stage.
        "funnel_question_read": pytest.approx(2 / 3),
        "funnel_question_read_of": 3,
        "funnel_question_read_interval": pytest.approx((0.208, 0.939), abs=5e-4),
        "funnel_question_proposed": pytest.approx(2 / 3),
        "funnel_question_proposed_of": 3,
        "funnel_question_proposed_interval": pytest.approx((0.208, 0.939), abs=5e-4),
        "funnel_question_first": pytest.approx(1 / 3),
        "funnel_question_first_of": 3,
        "funnel_question_first_interval": pytest.approx((0.061, 0.792), abs=5e-4),
        "funnel_question_shown": pytest.approx(1 / 3),
        "funnel_question_shown_of": 3,
        "funnel_question_shown_interval": pytest.approx((0.061, 0.792), abs=5e-4),
    }
    assert kinds == {
        "date": {"questions": 1, "answer_accuracy": 0.0, "answered": 0.0},
        "number": {"questions": 2, "answer_accuracy": 0.5, "answered": 1.0},
        "unanswerable": {"questions": 2, "answer_accuracy": 0.5, "answered": 0.5},
    }
    assert stages == {"standalone": 0.0, "retrieve": 15.0, "read": 15.0, "conflict": 0.0, "total": 30.0}


def test_the_stages_of_a_question_are_told_where_the_set_says_what_answers(judgements):
    assert [one.case.stages for one in judgements] == [
        QuestionStages(read=True, proposed=True, first=True, shown=True),
        QuestionStages(read=True, proposed=True, first=False, shown=False),
        QuestionStages(read=False, proposed=False, first=False, shown=False),
        None,
        None,
    ]
    unnamed = replace(QUESTIONS[0], evidence=(), conflicts=())
    (without,) = evaluate([unnamed], ask, [A, B])
    assert without.case.stages is None
    assert summarise_judgements([without])["funnel_question_read"] is None


def test_a_sentence_is_right_where_the_evidence_stands_whichever_words_of_it_are_cited():
    question = replace(QUESTIONS[0], evidence=(Evidence("a.txt", "80 metres high"),), conflicts=())
    held = examined(read=[(A, HIGH)], found=[(A, "The dam", HIGH)])

    def ask(question, *, history, on_examined):
        on_examined(held)
        return answer(question, citation(A, "The dam", HIGH))

    (found,) = evaluate([question], ask, [A, B])
    assert found.case.stages == QuestionStages(read=True, proposed=True, first=True, shown=True)


def test_progress_watches_each_question_and_the_order_is_kept():
    seen = []

    def watch(questions):
        for question in questions:
            seen.append(question.id)
            yield question

    assert [one.case.id for one in evaluate(QUESTIONS, ask, [A, B], watch=watch)] == seen == [
        "q1", "q2", "q3", "q4", "q5",
    ]  # fmt: skip


def test_the_right_words_without_the_evidence_are_a_hit_but_not_right():
    elsewhere = Article("c", "c.txt", f"Some say it is 80 metres. {HIGH}")
    question = GoldQuestion("q", "number", "How high?", (), ("80 metres",), (Evidence("a.txt", HIGH),))
    found = judged(question, answer("How high?", citation(elsewhere, "80 metres")), [A, elsewhere])
    assert (found.case.answer_hit, found.evidence_hit, found.case.right) == (True, False, False)


def test_places_match_from_half_of_the_shorter_one():
    gold = Place("a", 10, 20)
    assert gold.matches(Place("a", 15, 100))
    assert not gold.matches(Place("a", 16, 100))
    assert gold.matches(Place("a", 18, 19))
    assert not gold.matches(Place("b", 10, 20))
    assert not gold.matches(Place("a", 20, 30))


@pytest.mark.parametrize(
    "given",
    [
        # Another word in the quote, the sentence, a passage, a conflict, a position; an article that is not there.
        answer("?", replace(citation(A, HIGH), quote="The dam is 81 metres high.")),
        answer("?", replace(citation(A, HIGH), sentence="The dam is 80 metres tall.")),
        answer("?", citation(A, HIGH), passages=(replace(passage(A, COST, 1), text="It cost nothing."),)),
        answer(
            "?",
            citation(A, HIGH),
            conflicts=(Conflict("number", "", (replace(citation(A, HIGH), start=1),), 1),),
        ),
        replace(
            answer("?", citation(A, HIGH)), positions=(Position("", (replace(citation(A, COST), end=4),), 1),)
        ),
        answer("?", citation(A, HIGH), citation(Article("z", "z.txt", HIGH), HIGH)),
        replace(answer("?", citation(A, HIGH)), text="About 80 metres."),
    ],
)
def test_whatever_is_not_verbatim_is_counted(given):
    question = GoldQuestion("q", "number", "?", (), ("80 metres",), (HIGH_GOLD,))
    assert judged(question, given).misquotes > 0


def test_a_yes_or_no_question_is_right_when_the_deciding_statement_is_cited_first():
    question = GoldQuestion("q", "yes/no", "Is it high?", (), ("Yes",), (HIGH_GOLD,))
    assert judged(question, answer("?", citation(A, HIGH), citation(A, COST))).case.right
    assert not judged(question, answer("?", citation(A, COST), citation(A, HIGH))).case.right
    assert not judged(question, answer("?")).case.right


def test_a_conflict_of_one_side_with_something_else_is_not_right():
    shown = Conflict("number", "", (citation(A, HIGH), citation(A, COST)), 0.9)
    found = judged(QUESTIONS[0], answer("?", citation(A, HIGH), conflicts=(shown,)))
    assert (found.conflicts_shown, found.conflicts_right, found.conflicts_found) == (1, 0, 0)
    assert (found.statements_shown, found.statements_right, found.statements_found) == (2, 1, 1)
    assert not found.every_side_shown


def test_a_right_conflict_of_another_kind_is_right_but_not_its_kind():
    shown = Conflict("certainty", "", (citation(A, HIGH), citation(B, RISES)), 0.9)
    found = judged(QUESTIONS[0], answer("?", citation(A, HIGH), conflicts=(shown, shown)))
    assert (found.conflicts_right, found.conflict_kinds_right, found.conflicts_found) == (2, 0, 1)
    assert (found.statements_shown, found.statements_right) == (2, 2)


def test_every_side_of_a_conflict_of_three_must_be_shown():
    third = Evidence("a.txt", OPEN)
    gold = GoldConflict("number", ((HIGH_GOLD,), (RISES_GOLD,), (third,)))
    question = replace(QUESTIONS[0], conflicts=(gold,))
    two = Conflict("number", "", (citation(A, HIGH), citation(B, RISES)), 0.9)
    assert not judged(question, answer("?", citation(A, HIGH), conflicts=(two,))).every_side_shown
    three = replace(two, statements=(*two.statements, citation(A, OPEN)))
    assert judged(question, answer("?", citation(A, HIGH), conflicts=(three,))).every_side_shown


def test_a_quote_that_occurs_twice_may_be_cited_at_either_place():
    twice = Article("t", "t.txt", f"{HIGH} Again: {HIGH}")
    question = GoldQuestion("q", "number", "?", (), ("80 metres",), (Evidence("t.txt", HIGH),))
    start = twice.text.rindex(HIGH)
    second = replace(citation(twice, HIGH), start=start, end=start + len(HIGH))
    assert judged(question, answer("?", second), [twice]).evidence_hit


def test_an_article_known_by_its_web_address_is_found_by_the_quote():
    located = Judge([A, B]).locate(QUESTIONS[0])
    assert located.evidence == ((Place("a", 0, len(HIGH)),), (Place("b", 0, len(RISES)),))


def test_a_quote_that_no_article_holds_stops_the_run_before_the_first_question():
    lost = replace(QUESTIONS[1], evidence=(Evidence("gone.txt", "Nobody says this."),))
    with pytest.raises(
        GoldError, match=r"question q2: no article of this library holds the quote 'Nobody says this\.'"
    ):
        evaluate([QUESTIONS[0], lost], lambda *_, **__: pytest.fail("asked"), [A, B])
    misplaced = replace(QUESTIONS[1], evidence=(Evidence("a.txt", RISES),))
    with pytest.raises(GoldError, match=r"question q2: the article a\.txt does not hold the quote"):
        evaluate([misplaced], ask, [A, B])


def test_each_row_carries_the_question_its_scores_and_the_run(judgements, tmp_path):
    file = tmp_path / "new" / "rows.jsonl"
    write_rows(file, [one.to_dict() for one in judgements], RUN)
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in rows] == ["q1", "q2", "q3", "q4", "q5"]
    first = rows[0]
    assert first["question"] == "How high is it?"
    assert (first["kind"], first["text"], first["answered"], first["right"]) == (
        "number",
        "80 metres",
        True,
        True,
    )
    assert (first["exact_match"], first["f1"], first["recall@1"], first["reciprocal_rank"]) == (
        1.0,
        1.0,
        0.5,
        1.0,
    )
    assert (first["conflicts_right"], first["misquotes"]) == (1, 0)
    assert first["funnel"] == {"question": {"read": True, "proposed": True, "first": True, "shown": True}}
    assert ["funnel" in row for row in rows] == [True, True, True, False, False]
    for row in rows:
        assert (row["command"], row["commit"], row["date"]) == (
            "whosays eval gold.jsonl",
            "abc",
            "2026-07-01",
        )
        assert row["machine"] == {"cpu": "a CPU", "cores": 2, "system": "Linux 6", "python": "3.11"}
        assert (row["version"], row["models"]) == ("0.1.0", {"m": "5a"})


def test_rows_that_cannot_be_written_say_where_and_what_to_do(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(GoldError, match=r"cannot be written to .*name another place with --out"):
        write_rows(tmp_path / "file" / "rows.jsonl", [], RUN)


def test_this_run_names_commit_machine_and_date_but_no_folder():
    run = this_run("whosays eval seeds", {"model.onnx": "00ff"})
    assert run.commit == "unknown" or len(run.commit.removesuffix("+changes")) == 40
    assert run.machine.cores >= 1
    assert run.machine.cpu
    assert run.date.endswith("+00:00")
    assert run.models == {"model.onnx": "00ff"}
    assert str(ROOT) not in json.dumps(run.to_dict())
