"""Scores of stories, on a story of a few sentences and answers made by hand: exact numbers."""

from dataclasses import replace
from pathlib import Path

import pytest

from eval.metrics import bootstrap_interval
from eval.report.table import story_grids, text
from eval.stories import read_stories, summarise_stories
from eval.stories.judgement import judge_story_question
from eval.stories.scoring import Source, holds, word_f1
from eval.stories.survey import judge_survey, summarise_survey
from qa.records import Answer, Citation, Conflict, ConflictCheck, Passage, Position
from qa.survey.disagreement import Account, Disagreement

STORY = """\
=== mill
--- A | Wire | 2024-05-02 | One
Nine people were hurt. The mill will not reopen.
--- B | Courier | 2024-05-03 | Two
Eleven people were treated. It may reopen.
--- C | Blog | 2024-05-04 | Three
Some 9 were hurt. The sky was blue.
? span How many were hurt?
A: Nine people
B: Eleven people
C: 9
~ A B conflict number
~ A C agree
~ B C update number
?> yesno Will it reopen? => Will the mill reopen?
A: no: The mill will not reopen.
B: open: It may reopen.
~ A B conflict certainty
? none Who owns the mill?
"""
SENTENCES = {
    "A": ("Nine people were hurt.", "The mill will not reopen."),
    "B": ("Eleven people were treated.", "It may reopen."),
    "C": ("Some 9 were hurt.", "The sky was blue."),
    "X": ("Elsewhere nine people were hurt.",),
}
SOURCES = {key.lower(): Source("mill", key) for key in "ABC"} | {"x": Source("other", "A")}


def cite(key, number, quote=""):
    sentence = SENTENCES[key][number]
    quote = quote or sentence
    start = 100 * number + sentence.index(quote)
    end, whole = start + len(quote), (100 * number, 100 * number + len(sentence))
    return Citation(key.lower(), "", "", "", "", start, end, quote, sentence, *whole, 0.5)


def answer(*positions, status="answered", conflicts=(), tier="disagree", passages=(), closest=()):
    """Positions are of citations, perhaps after what they say; the first is cited as the answer."""
    made = [
        Position("", tuple(one for one in position if isinstance(one, Citation)), 1, position[0])
        if not isinstance(position[0], Citation)
        else Position("", tuple(position), 1)
        for position in positions
    ]
    first = made[0].citations if made else ()
    shown = [Conflict(kind, "", tuple(statements), 0.9, tier=tier) for kind, *statements in conflicts]
    return Answer(
        question="",
        standalone_question="",
        status=status,
        text=first[0].quote if first else "",
        confidence=0.5,
        citations=first,
        positions=tuple(made),
        conflicts=tuple(shown),
        conflict_check=ConflictCheck("checked"),
        passages=tuple(passages),
        closest=tuple(closest),
    )


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    file = tmp_path_factory.mktemp("stories") / "mill.txt"
    Path(file).write_text(STORY, encoding="utf-8")
    return read_stories(file)[0]


def judge(story, number, given):
    return judge_story_question(story, number, given, SOURCES, examined=None, milliseconds=10.0)


def test_a_sentence_holds_an_answer_whole_in_part_or_nearly():
    nine = cite("A", 0)
    assert holds(nine, "nine PEOPLE")
    assert not holds(nine, "Eleven people")
    assert not holds(nine, "ine peop")  # no whole words
    # The sentence is a part of an answer of five words or more.
    assert holds(nine, "He said that nine people were hurt on Monday")
    # 4 shared words of 4 and 5: F1 8 / 9.
    assert holds(nine, "Nine people there were hurt")
    # 2 of 4 and 4: F1 0.5.
    assert not holds(nine, "Nine people saw it")


def test_word_f1_ignores_case_and_punctuation():
    assert word_f1("Nine people", "nine-people!") == 1.0
    assert word_f1("Nine people", "some nine") == pytest.approx(0.5)
    assert word_f1("", "nine") == 0.0


def test_who_says_what_counts_each_source_of_a_question_once(story):
    shown = answer(
        [cite("A", 0, "Nine"), cite("A", 1), cite("C", 1)], [cite("B", 1)], [cite("X", 0, "nine people")]
    )
    judged = judge(story, 0, shown)
    assert judged.case.right
    # "Nine" against "Nine people": 2 * 1 / 3.
    assert judged.span_f1 == pytest.approx(2 / 3)
    assert [
        (one.source.within("mill"), one.gold is not None, len(one.quotes), one.right)
        for one in judged.sources
    ] == [
        ("A", True, 2, True),
        ("B", True, 1, False),
        ("C", True, 1, False),
        ("other/A", False, 1, False),
    ]
    found = summarise_stories([judged])
    assert (found["who_recall"], found["who_recall_of"]) == (pytest.approx(1 / 3), 3)
    assert (found["who_precision"], found["who_precision_of"]) == (0.25, 4)
    assert found["silent_quoted"] == 0.25
    assert found["span_right"] == 1.0


def test_an_answer_from_another_story_is_not_right_though_the_words_are(story):
    judged = judge(story, 0, answer([cite("X", 0, "nine people")]))
    assert (judged.case.right, judged.span_f1) == (False, 0.0)


def test_the_closest_statements_count_only_where_nothing_was_answered(story):
    near = judge(story, 0, answer(status="closest", closest=[cite("A", 1), cite("B", 0)]))
    assert (near.case.answered, near.case.right, near.closest_right) == (False, False, True)
    far = judge(story, 0, answer(status="unanswered", closest=[cite("A", 1), cite("X", 0)]))
    assert far.closest_right is False
    assert judge(story, 0, answer([cite("A", 0)])).closest_right is None
    none = judge(story, 2, answer(status="closest", closest=[cite("A", 0)]))
    assert (none.case.right, none.closest_right) == (True, None)
    found = summarise_stories([near, far, none])
    assert (found["closest_right"], found["closest_right_of"]) == (0.5, 2)
    assert (found["wrongly_refused"], found["unanswerable_refused"]) == (1.0, 1.0)
    assert found["answer_accuracy"] == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("polarity", "name"), [("no", "verdict_right"), ("open", "verdict_wrong"), (None, "verdict_withheld")]
)
def test_a_verdict_is_right_wrong_or_withheld(story, polarity, name):
    found = summarise_stories([judge(story, 1, answer((polarity, cite("A", 1))))])
    told = {key: found[key] for key in ("verdict_right", "verdict_wrong", "verdict_withheld")}
    assert told == {"verdict_right": 0.0, "verdict_wrong": 0.0, "verdict_withheld": 0.0, name: 1.0}
    assert found["verdicts"]["no"][polarity or "withheld"] == 1
    assert found["follow_up_right"] == 1.0


def test_verdicts_of_every_source_quoted_count_silent_ones_as_wrong(story):
    shown = answer(("no", cite("A", 1)), ("open", cite("B", 1)), ("yes", cite("C", 1)))
    found = summarise_stories([judge(story, 1, shown)])
    assert found["source_verdict_right"] == pytest.approx(2 / 3)
    assert found["source_verdict_wrong"] == pytest.approx(1 / 3)
    assert (found["verdict_right"], found["verdict_right_of"]) == (1.0, 1)


def test_no_verdict_is_judged_of_a_wrong_answer(story):
    found = summarise_stories([judge(story, 1, answer(("no", cite("A", 0))))])
    assert (found["right"], found["verdict_right"], found["verdict_right_of"]) == (0.0, None, 0)
    assert found["source_verdict_right"] == 1.0


def test_disputes_count_pairs_of_sources_with_their_kinds(story):
    shown = answer(
        [cite("A", 0)],
        conflicts=[
            ("number", cite("A", 0), cite("B", 0)),
            ("date", cite("A", 0), cite("C", 0), cite("X", 0)),
        ],
    )
    found = summarise_stories([judge(story, 0, shown)])
    # Shown: A B, A C, A X, C X. Labelled as conflict or update: A B and B C.
    assert (found["dispute_precision"], found["dispute_precision_of"]) == (0.25, 4)
    assert (found["dispute_recall"], found["dispute_recall_of"]) == (0.5, 2)
    assert (found["dispute_conflict_recall"], found["dispute_update_recall"]) == (1.0, 0.0)
    assert found["dispute_kind_accuracy"] == 1.0
    assert (found["dispute_false_alarms"], found["dispute_false_alarms_of"]) == (None, 0)
    assert found["disputes"]["conflict"]["number"] == {"labelled": 1, "shown": 1}
    assert found["disputes"]["update"]["number"] == {"labelled": 1, "shown": 0}
    assert found["wrong_pairs"] == {"agree": 1, "unlabelled": 2}


def test_each_tier_has_its_own_precision_and_the_upper_one_its_own_recall(story):
    """Each says of A and B, and of A and C, that they conflict; A and B alone do."""
    shown = [("number", cite("A", 0), cite("B", 0)), ("number", cite("A", 0), cite("C", 0))]
    upper = answer([cite("A", 0)], conflicts=shown)
    lower = answer([cite("A", 0)], conflicts=shown[:1], tier="may_disagree")
    found = summarise_stories([judge(story, 0, upper), judge(story, 0, lower)])
    assert (found["dispute_precision"], found["dispute_precision_of"]) == (pytest.approx(2 / 3), 3)
    assert (found["dispute_recall"], found["dispute_recall_of"]) == (0.5, 4)
    assert (found["disagree_precision"], found["disagree_precision_of"]) == (0.5, 2)
    assert (found["disagree_recall"], found["disagree_recall_of"]) == (0.25, 4)
    assert (found["may_disagree_precision"], found["may_disagree_precision_of"]) == (1.0, 1)


def test_a_pair_that_conflicts_of_both_tiers_show_is_of_the_upper_one(story):
    both = answer([cite("A", 0)], conflicts=[("number", cite("A", 0), cite("B", 0))], tier="may_disagree")
    surer = Conflict("number", "", (cite("A", 1), cite("B", 1)), 0.9)
    judged = judge(story, 0, replace(both, conflicts=(*both.conflicts, surer)))
    assert [(one.label, one.tier) for one in judged.pairs] == [
        ("conflict", "disagree"), ("agree", None), ("update", None),
    ]  # fmt: skip


def test_a_conflict_of_one_source_with_itself_is_no_pair(story):
    shown = answer([cite("A", 0)], conflicts=[("number", cite("A", 0), cite("A", 1))])
    found = summarise_stories([judge(story, 0, shown)])
    assert (found["dispute_precision"], found["dispute_precision_of"]) == (None, 0)


def test_a_conflict_shown_where_none_is_labelled_is_a_false_alarm(story):
    alarm = judge(story, 2, answer([cite("A", 0)], conflicts=[("name", cite("A", 0), cite("B", 0))]))
    quiet = judge(story, 2, answer(status="unanswered"))
    found = summarise_stories([alarm, quiet])
    assert (found["dispute_false_alarms"], found["dispute_false_alarms_of"]) == (0.5, 2)
    assert found["unanswerable_refused"] == 0.5


def test_a_passage_found_has_the_rank_of_the_first_with_the_answer(story):
    passages = [
        Passage("c", 0, 9, "Some 9 were hurt.", 1, 1.0),
        Passage("a", 0, 9, "Nine people were", 2, 1.0),
    ]
    judged = judge(story, 0, answer([cite("A", 0)], passages=passages))
    assert [one.rank for one in judged.sources] == [2, None, 1]
    assert summarise_stories([judged])["passage_recall"] == pytest.approx(2 / 3)


def test_figures_are_given_for_each_kind_of_question_and_printed(story):
    judged = [
        judge(story, 0, answer([cite("A", 0)])),
        judge(story, 1, answer(("open", cite("B", 1)))),
        judge(story, 2, answer(status="unanswered")),
    ]
    found = summarise_stories(judged)
    assert (found["stories"], found["questions"], found["ms_p50"]) == (1, 3, 10.0)
    assert {kind: one["answer_accuracy"] for kind, one in found["kinds"].items()} == {
        "none": 1.0,
        "span": 1.0,
        "yesno>": 1.0,
    }
    assert found["kinds"]["span"]["dispute_recall_of"] == 2
    assert found["kinds"]["none"]["who_recall"] is None
    printed = text(found).splitlines()
    assert "  answerable: right source and answer              100.0 % (100.0–100.0 %, of 2)" in printed
    assert [grid.title for grid in story_grids(found)] == [
        "Stories: by kind of question",
        "Stories: shown, by kind",
        "Stories: verdicts shown",
    ]
    at = printed.index("Stories: shown, by kind")
    assert printed[at + 2].split() == ["number", "0", "of", "1", "0", "of", "1"]


def test_a_row_of_a_sealed_set_holds_no_text(story):
    given = answer([cite("A", 0)], conflicts=[("number", cite("A", 0), cite("B", 0))], closest=[cite("C", 0)])
    judged = judge(story, 0, given)
    row = judged.to_dict()
    assert row["sources"][0]["gold"] == "Nine people"
    assert row["conflicts"][0]["tier"] == "disagree"
    assert row["conflicts"][0]["statements"][1]["quote"] == "Eleven people were treated."
    assert row["closest"][0]["sentence"] == "Some 9 were hurt."
    sealed = judged.to_dict(texts=False)
    assert (sealed["id"], sealed["right"], sealed["line"]) == ("mill#1", True, 8)
    assert sealed["pairs"][0] == {
        "one": "A", "other": "B", "label": "conflict", "kind": "number", "shown": ["number"], "tier": "disagree",
    }  # fmt: skip
    assert not [word for word in ("Nine", "hurt", "treated", "How many") if word in str(sealed)]


def test_intervals_are_drawn_over_groups_the_same_way_every_time():
    assert bootstrap_interval([], []) is None
    assert bootstrap_interval([0, 0], [0, 0]) is None
    # Groups that are all alike leave no doubt, however many items they hold.
    assert bootstrap_interval([1, 2, 3], [2, 4, 6]) == (0.5, 0.5)
    # One of two groups drawn twice: all right or none.
    assert bootstrap_interval([5, 0], [5, 5]) == (0.0, 1.0)
    parts, wholes = [3, 1, 4, 1, 5, 2, 6, 5], [6] * 8
    low, high = bootstrap_interval(parts, wholes)
    assert (low, high) == bootstrap_interval(parts, wholes)
    # Standard error of the mean of 8 shares: 0.118; a normal interval of 0.563 is 0.352 to 0.773.
    assert low == pytest.approx(0.352, abs=0.04)
    assert high == pytest.approx(0.773, abs=0.04)


def test_a_survey_is_right_where_both_sides_give_labelled_answers_that_conflict(story):
    """A against C agree, and A's own two sentences are no dispute; of three labelled disputes two are shown."""

    def disagreement(*sides):
        one, other = (Account("", tuple(cite(*place) for place in side)) for side in sides)
        return Disagreement("number", one, other, 0.9, possible_update=False)

    shown = [
        disagreement([("B", 0)], [("A", 0), ("C", 0)]),
        disagreement([("A", 0)], [("C", 0)]),
        disagreement([("A", 1)], [("B", 0)]),
    ]
    judged = judge_survey(story, shown, SOURCES)
    assert [right for _, right in judged.shown] == [True, False, False]
    assert [(one.question, one.kind, found) for one, found in judged.disputes] == [
        (0, "number", True),
        (0, "number", True),
        (1, "certainty", False),
    ]
    found = summarise_survey([judged])
    assert (found["survey_precision"], found["survey_recall"]) == (1 / 3, 2 / 3)
    assert found["survey_kinds"]["certainty"] == {"found": 0, "labelled": 1}
    assert "explanation" not in judged.to_dict(texts=False)["shown"][0]
