"""Which kind of answer a question wants."""

from collections import Counter

import pytest

from eval.gold.sets import STORIES
from eval.stories import read_stories
from qa.question.kinds import Kind, kind_of

SPAN = """
Who won the women's marathon in Chicago?
When will the tunnel under the strait open?
Where did the ferry sink?
How many hospitals have run out of beds?
How much did Arsenal pay for the striker?
How long did the strike at the port last?
How old is the new chancellor?
What percentage of voters backed the referendum?
Which bank bought the failed lender?
Which architect designed the museum?
Which firm supplies the glass for the dome?
Which Rovers player scored first?
What company released its results first?
What company makes the turbines for the wind farm?
What is the population of Nairobi?
By what date must the minister reply?
According to the filing, how large is the loss?
When the deal closed, which firm held the patent?
So who is the new head coach?
Can you tell me who signed the treaty?
The cup final is held in which city?
What limits the supply of battery metals?
What cause of death did the coroner give?
who plays the detective in the new series
"""
EXPLANATION = """
Why did the central bank raise its rate?
How does the new offside rule work?
How have farmers responded to the ban?
How venomous is the spider found in the school?
What makes the new battery cheaper?
What is the reason for the delay?
What led to the collapse of the bridge?
For what purpose was the fund set up?
What is the new documentary about?
Tell me about the pension reform.
Describe the ceasefire plan
Can you explain how the price cap works?
Could you tell me why the match was abandoned?
chipmaker export licence status
flood damage northern provinces insurance
"""
YES_NO = """
Is the airline cutting jobs?
Are interest rates going to fall?
Did the senator resign?
Has Lopez signed for Liverpool?
Have the rebels accepted the ceasefire?
Will the festival go ahead?
Can the vaccine be stored at room temperature?
Hasn't the court ruled yet?
Isn’t the minister a former banker?
Is it true that the mayor has been arrested?
According to the reports, has Nokia sold its factory?
So did they reach an agreement?
And is it safe to drink the water?
In 2023, was the stadium sold?
If the vote fails, will the prime minister step down?
Nokia has sold its factory?
The strike is over?
The keeper has been dropped, hasn't he?
Was anyone killed or injured?
Does the app collect or use my location?
Has any bank or insurer failed?
do we know whether the vaccine works
has the strike ended
"""
LIST = """
Which chips will remain under export control?
Which countries have signed the treaty?
What countries border the lake?
What types of cancer does the screening find?
Which semiconductor companies are affected?
"""
LABELLED: list[tuple[str, Kind]] = [
    *((line, "span") for line in SPAN.strip().splitlines()),
    *((line, "explanation") for line in EXPLANATION.strip().splitlines()),
    *((line, "yes_no") for line in YES_NO.strip().splitlines()),
    *((line, "list") for line in LIST.strip().splitlines()),
]


@pytest.mark.parametrize(("question", "kind"), LABELLED)
def test_a_question_is_of_the_kind_that_a_reader_takes_it_for(question, kind):
    assert kind_of(question) == kind


def test_the_questions_of_the_stories_are_of_the_kinds_that_their_writers_gave_them():
    """Floors: a model may take the place of the patterns."""
    told = {"span": "span", "list": "list", "why": "explanation", "how": "explanation", "yesno": "yes_no"}
    asked = [
        (told[one.kind], kind_of(one.standalone) == told[one.kind])
        for story in read_stories(STORIES["sealed"].file)
        for one in story.questions
        if one.kind in told
    ]
    right = Counter(kind for kind, same in asked if same)
    asked_for = Counter(kind for kind, _ in asked)
    assert sum(right.values()) >= 0.92 * len(asked)
    for kind, least in (("yes_no", 0.98), ("explanation", 0.88), ("span", 0.87)):
        assert right[kind] >= least * asked_for[kind]


def test_marks_spaces_and_capitals_do_not_change_the_kind():
    assert kind_of("  HAS the   STRIKE ended ??") == "yes_no"
    assert kind_of("which COUNTRIES signed") == "list"


def test_a_question_without_words_is_answered_with_a_statement():
    assert [kind_of(text) for text in ("", "   ", "?!", "…")] == ["explanation"] * 4


def test_an_auxiliary_that_is_a_month_asks_nothing():
    assert kind_of("May 12 inflation figures") == "explanation"
    assert kind_of("May I take the train?") == "yes_no"
