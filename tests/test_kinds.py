"""Which kind of answer a question wants."""

import pytest

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
Is the vaccine made by Pfizer or Moderna?
Did shares rise or fall?
Will the final be played in Rome or in Madrid?
Can you tell me who signed the treaty?
Do we know when the trial starts?
The cup final is held in which city?
What limits the supply of battery metals?
What cause of death did the coroner give?
who plays the detective in the new series
the central bank of japan is called
"""
EXPLANATION = """
Why did the central bank raise its rate?
How does the new offside rule work?
How have farmers responded to the ban?
How venomous is the spider found in the school?
What happened at the airport on Tuesday?
What is known about the missing climber?
What does the regulator say about the merger?
What makes the new battery cheaper?
What is the reason for the delay?
What led to the collapse of the bridge?
What will the company do about the recall?
For what purpose was the fund set up?
What is a stablecoin?
What are index funds?
What is the new documentary about?
Tell me about the pension reform.
Describe the ceasefire plan
Can you explain how the price cap works?
And what about the second witness?
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
What are the terms of the settlement?
What are some side effects of the drug?
What types of cancer does the screening find?
Which semiconductor companies are affected?
Who are the finalists?
Who were the witnesses at the inquiry?
Name the cities that bid for the games.
Name three players who were injured
List the party's demands
Can you list the sponsors that left?
Who else was arrested?
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


def test_marks_spaces_and_capitals_do_not_change_the_kind():
    assert kind_of("  HAS the   STRIKE ended ??") == "yes_no"
    assert kind_of("which COUNTRIES signed") == "list"


def test_a_question_without_words_is_answered_with_a_statement():
    assert [kind_of(text) for text in ("", "   ", "?!", "…")] == ["explanation"] * 4


def test_an_auxiliary_that_is_a_month_asks_nothing():
    assert kind_of("May 12 inflation figures") == "explanation"
    assert kind_of("May I take the train?") == "yes_no"
