"""What each stage of an answer still holds, on a story of a few sentences and stages made by hand."""

from dataclasses import replace

import pytest

from eval.cases import QuestionStages
from eval.report.metric_help import figures
from eval.report.report import pictures_of
from eval.report.table import funnels, sections, text
from eval.stories import read_stories, summarise_stories
from eval.stories.funnel import FUNNEL, PairStages, SourceStages, funnel_of, sum_funnels
from eval.stories.judgement import judge_story_question
from eval.stories.run import ask_story
from eval.stories.scoring import Source
from index.records import Article, Chunk, Hit, Span
from qa.comparison.model import RelationShares
from qa.comparison.reranking import ScoredCitation
from qa.conflicts.differences import UNKNOWN
from qa.conflicts.engine import ComparedPair
from qa.question.conversation import Understood
from qa.records import Answer, Citation, Conflict, ConflictCheck, Position
from qa.stages import Examined

STORY = """\
=== dam
--- A | Wire | 2024-05-02 | One
The dam is 80 metres high. A road runs over it.
--- B | Courier | 2024-05-03 | Two
The dam is 95 metres high. Anglers like the lake.
--- C | Blog | 2024-05-04 | Three
Ducks live there. The dam is 81 metres high. So 81 metres it is.
? span How high is the dam?
A: 80 metres
B: 95 metres
C: 81 metres
~ A B conflict number
~ A C compatible
~ B C update number
? none Who built the dam?
? span What runs over it?
A: A road
"""
OTHER = "Elsewhere a dam is 80 metres high."
SOURCES = {key.lower(): Source("dam", key) for key in "ABC"} | {"x": Source("other", "A")}
ALL_HELD = {"read": True, "proposed": True, "best": True, "shown": True}


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    file = tmp_path_factory.mktemp("stories") / "dam.txt"
    file.write_text(STORY, encoding="utf-8")
    return read_stories(file)[0]


class Told:
    """A story's sentences by their source and number, as citations, hits and what was judged."""

    def __init__(self, story):
        texts = {one.key: one.text for one in story.accounts} | {"X": OTHER}
        self._articles = {key: Article(key.lower(), f"{key}.txt", one) for key, one in texts.items()}

    def spans(self, key):
        text, spans, start = self._articles[key].text, [], 0
        for sentence in text.split(". "):
            end = min(len(text), start + len(sentence) + 1)
            spans.append(Span(start, end))
            start = end + 1
        return spans

    def cite(self, place, score=0.5):
        key, number = place[0], int(place[1])
        span, told = self.spans(key)[number], self._articles[key].text
        sentence = told[span.start : span.end]
        place = span.start, span.end
        return Citation(key.lower(), "", "", "", "", *place, sentence, sentence, *place, score)

    def hit(self, place):
        """A passage of one sentence."""
        key, span = place[0], self.spans(place[0])[int(place[1])]
        article = self._articles[key]
        chunk = Chunk(
            place, article.id, 0, span.start, span.end, article.text[span.start : span.end], 9, (span,)
        )
        return Hit(article, chunk, 1, 1.0, None, None)

    def examined(self, *, read=(), found=(), statements=(), compared=()):
        hits = tuple(map(self.hit, read))
        pairs = tuple(
            ComparedPair(one, other, RelationShares(0, 0, 1, 0, (0.2,) * 5), UNKNOWN, 0.5)
            for one, other in compared
        )
        judged = (tuple(ScoredCitation(self.cite(one)) for one in several) for several in (found, statements))
        return Examined(Understood("?"), hits, hits, *judged, compared=pairs)

    def answer(self, *positions, conflicts=()):
        """Positions are places; conflicts a tier with the places of either side."""
        made = [Position("", tuple(map(self.cite, one)), 1) for one in positions]
        first = made[0].citations if made else ()
        shown = [
            Conflict("number", "", tuple(map(self.cite, places)), 0.9, False, (0, 1), tier)
            for tier, *places in conflicts
        ]
        return Answer(
            question="",
            standalone_question="",
            status="answered" if first else "unanswered",
            text=first[0].quote if first else "",
            confidence=0.5,
            citations=first,
            positions=tuple(made),
            conflicts=tuple(shown),
            conflict_check=ConflictCheck("checked"),
            passages=(),
        )


@pytest.fixture(scope="module")
def told(story):
    return Told(story)


def stages_of(funnel):
    return {one.source: (one.read, one.proposed, one.best, one.shown) for one in funnel.sources}


def test_what_all_stages_hold_is_held_of_the_question_each_source_and_each_disputed_pair(story, told):
    examined = told.examined(
        read=("A0", "B0", "C1"),
        found=("A0", "B0", "C1"),
        statements=("A0", "B0", "C1"),
        compared=[(0, 1), (1, 2)],
    )
    given = told.answer(
        ["A0"], ["B0"], ["C1"], conflicts=[("disagree", "A0", "B0"), ("may_disagree", "C1", "B0")]
    )
    found = funnel_of(story, 0, examined, given, SOURCES)
    assert found.question == QuestionStages(read=True, proposed=True, first=True, shown=True)
    assert found.sources == tuple(SourceStages(key, **ALL_HELD) for key in "ABC")
    held = {**ALL_HELD, "compared": True, "disputed": True}
    assert found.pairs == (
        PairStages("A", "B", "conflict", **held, disagree=True),
        PairStages("B", "C", "update", **held, disagree=False),
    )
    assert found.to_dict()["pairs"][1] == {
        "one": "B", "other": "C", "label": "update", **held, "disagree": False,
    }  # fmt: skip


def test_a_source_is_lost_at_the_first_stage_that_does_not_hold_its_answer(story, told):
    """B's right sentence is its second likeliest, and none of C's that answers was proposed."""
    examined = told.examined(read=("A0", "B0", "B1", "C1"), found=("B1", "A0", "B0", "C0"))
    found = funnel_of(story, 0, examined, told.answer(["B1"], ["A0", "B0"]), SOURCES)
    assert stages_of(found) == {
        "A": (True, True, True, True),
        "B": (True, True, False, True),
        "C": (True, False, False, False),
    }
    # The likeliest of all and what is cited first are B's other sentence.
    assert found.question == QuestionStages(read=True, proposed=True, first=False, shown=False)


def test_a_passage_holds_an_answer_that_lies_in_it_even_in_part(story, told):
    def read(places):
        found = funnel_of(story, 0, told.examined(read=places), told.answer(), SOURCES)
        return {key for key, (held, *_) in stages_of(found).items() if held}

    assert read(()) == set()
    assert read(("A1", "B1", "C0")) == set()
    assert read(("A1", "B0", "C0", "C1")) == {"B", "C"}
    gold = story.questions[0].answers["A"]
    longer = replace(gold, text=story.accounts[0].text[gold.start :])
    question = replace(story.questions[0], answers={"A": longer}, relations=())
    partly = replace(story, questions=(question,))
    assert stages_of(funnel_of(partly, 0, told.examined(read=("A1",)), told.answer(), SOURCES))["A"][0]


def test_a_sentence_that_gives_the_answer_elsewhere_than_where_it_is_labelled_counts(story, told):
    found = funnel_of(story, 0, told.examined(read=("C2",), found=("C2",)), told.answer(["C2"]), SOURCES)
    assert stages_of(found)["C"] == (True, True, True, True)
    assert found.question == QuestionStages(read=True, proposed=True, first=True, shown=True)


def test_the_same_words_of_another_story_are_not_held(story, told):
    examined = told.examined(read=("X0",), found=("X0",), statements=("X0", "B0"), compared=[(0, 1)])
    found = funnel_of(story, 0, examined, told.answer(["X0"]), SOURCES)
    assert found.question == QuestionStages(read=False, proposed=False, first=False, shown=False)
    assert set(stages_of(found).values()) == {(False,) * 4}
    assert not found.pairs[0].compared


def test_a_pair_is_held_only_with_the_right_sentences_of_both(story, told):
    """A and B are compared, and shown in conflict, by B's sentence on something else."""
    examined = told.examined(
        read=("A0", "B0", "B1"), found=("A0", "B1", "B0"), statements=("A0", "B1"), compared=[(0, 1)]
    )
    given = told.answer(["A0"], ["B1"], conflicts=[("disagree", "A0", "B1")])
    first, second = funnel_of(story, 0, examined, given, SOURCES).pairs
    assert first == PairStages(
        "A", "B", "conflict", read=True, proposed=True, best=False, shown=False,
        compared=False, disputed=False, disagree=False,
    )  # fmt: skip
    assert not second.read


def test_a_pair_may_be_compared_and_shown_though_no_position_quotes_both(story, told):
    examined = told.examined(
        read=("A0", "B0"), found=("A0", "B0"), statements=("A0", "A1", "B0"), compared=[(0, 2), (1, 2)]
    )
    given = told.answer(["A0"], conflicts=[("may_disagree", "B0", "A0")])
    pair = funnel_of(story, 0, examined, given, SOURCES).pairs[0]
    assert (pair.best, pair.shown, pair.compared, pair.disputed, pair.disagree) == (
        True, False, True, True, False,
    )  # fmt: skip


def test_statements_on_one_side_of_a_conflict_are_not_shown_against_each_other(story, told):
    given = told.answer(["A0"])
    statements = tuple(map(told.cite, ("A0", "B0", "C1")))
    conflict = Conflict("number", "", statements, 0.9, sides=(0, 0, 1))
    found = funnel_of(story, 0, told.examined(), replace(given, conflicts=(conflict,)), SOURCES)
    assert [one.disputed for one in found.pairs] == [False, True]


def test_a_conflict_of_the_upper_tier_counts_beside_one_of_the_lower(story, told):
    shown = [("disagree", "B0", "C1"), ("may_disagree", "B0", "C2")]
    found = funnel_of(story, 0, told.examined(), told.answer(["A0"], conflicts=shown), SOURCES)
    assert [(one.disputed, one.disagree) for one in found.pairs] == [(False, False), (True, True)]


def test_an_unanswerable_question_has_no_funnel_and_an_overview_goes_through_no_stage(story, told):
    none = funnel_of(story, 1, told.examined(read=("A0",), found=("A0",)), told.answer(["A0"]), SOURCES)
    assert (none.question, none.sources, none.pairs) == (None, (), ())
    assert sum_funnels([none]) == {}
    overview = funnel_of(story, 0, None, told.answer(), SOURCES)
    assert overview.question == QuestionStages(read=False, proposed=False, first=False, shown=False)
    assert set(stages_of(overview).values()) == {(False,) * 4}


def test_funnels_are_summed_over_questions_sources_and_pairs(story, told):
    examined = told.examined(
        read=("A0", "B0"), found=("A0", "B0"), statements=("A0", "B0"), compared=[(0, 1)]
    )
    given = told.answer(["A0"], conflicts=[("may_disagree", "A0", "B0")])
    several = [
        funnel_of(story, 0, examined, given, SOURCES),
        funnel_of(story, 2, told.examined(read=("A1",)), told.answer(), SOURCES),
    ]
    counted = sum_funnels(several)
    assert counted == {
        "funnel_question_read": (2, 2),
        "funnel_question_proposed": (1, 2),
        "funnel_question_first": (1, 2),
        "funnel_question_shown": (1, 2),
        "funnel_source_read": (3, 4),
        "funnel_source_proposed": (2, 4),
        "funnel_source_best": (2, 4),
        "funnel_source_shown": (1, 4),
        "funnel_pair_read": (1, 2),
        "funnel_pair_proposed": (1, 2),
        "funnel_pair_best": (1, 2),
        "funnel_pair_shown": (0, 2),
        "funnel_pair_compared": (1, 2),
        "funnel_pair_disputed": (1, 2),
        "funnel_pair_disagree": (0, 2),
    }
    assert tuple(counted) == FUNNEL


@pytest.fixture(scope="module")
def metrics(story, told):
    examined = told.examined(
        read=("A0", "B0"), found=("A0", "B0"), statements=("A0", "B0"), compared=[(0, 1)]
    )
    given = told.answer(["A0"], conflicts=[("may_disagree", "A0", "B0")])
    judged = [
        judge_story_question(story, 0, given, SOURCES, examined=examined, milliseconds=10.0),
        judge_story_question(story, 1, told.answer(), SOURCES, examined=None, milliseconds=10.0),
    ]
    return summarise_stories(judged)


def test_the_funnel_ends_where_the_figures_of_answers_and_sources_stand(metrics):
    assert metrics["funnel_question_shown"] == metrics["right"] == 1.0
    assert metrics["funnel_source_shown"] == metrics["who_recall"] == pytest.approx(1 / 3)
    assert (metrics["funnel_pair_compared"], metrics["funnel_pair_compared_of"]) == (0.5, 2)
    assert metrics["funnel_pair_compared_interval"] == (0.5, 0.5)
    assert metrics["kinds"]["span"]["funnel_source_read_of"] == 3
    assert metrics["kinds"]["none"]["funnel_question_read"] is None


def test_the_funnel_is_printed_stage_by_stage_with_what_it_is_of(metrics):
    printed = text(metrics).splitlines()
    at = printed.index("Funnel: pairs that conflict or update")
    assert [line.split("  ")[1] for line in printed[at + 1 : at + 8]] == [
        "in passages read",
        "among the sentences judged",
        "each the likeliest of its source",
        "both quoted in positions",
        "held against each other",
        "shown as a conflict, either tier",
        "shown as disagreeing",
    ]
    assert printed[at + 5].split() == ["held", "against", "each", "other", "50.0", "%", "(50.0–50.0", "%,", "of", "2)"]  # fmt: skip
    titles = [one.title for one in sections(metrics) if one.title.startswith("Funnel")]
    assert list(figures(metrics))[-4:-1] == titles


def test_the_funnel_is_drawn_with_a_bar_for_each_stage(metrics):
    held = funnels(metrics)
    assert {name: len(stages) for name, stages in held.items()} == {
        "questions that have an answer": 4,
        "sources that answer": 4,
        "pairs that conflict or update": 7,
    }
    assert held["sources that answer"][0] == ("in a passage read", pytest.approx(2 / 3))
    drawn = dict(pictures_of(metrics, []))["What each stage of an answer still holds"]
    assert "both quoted in positions" in drawn
    assert ">67 %<" in drawn
    assert funnels({"right": 1.0, "funnel_pair_read": None}) == {}


def test_stories_are_asked_with_an_eye_on_the_stages(story, told):
    """What is examined while a question is asked makes its funnel; an overview examines nothing."""
    examined = told.examined(read=("A0",), found=("A0",))

    def ask(question, *, history, on_examined):
        if question == "How high is the dam?":
            on_examined(examined)
            return told.answer(["A0"])
        return told.answer()

    first, second, third = ask_story(story, ask, SOURCES)
    assert stages_of(first.funnel)["A"] == (True, True, True, True)
    assert second.funnel.question is None
    assert third.funnel.question == QuestionStages(read=False, proposed=False, first=False, shown=False)
    row = first.to_dict(texts=False)["funnel"]
    assert row["question"] == {"read": True, "proposed": True, "first": True, "shown": True}
    assert [one["source"] for one in row["sources"]] == ["A", "B", "C"]
