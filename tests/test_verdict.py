"""What a statement says to a yes/no question: only what it clearly says."""

import pytest

from qa.verdict import verdict

SOLD = "Has Nokia sold its factory?"
WILL = "Will Nokia sell its factory?"

YES = [
    (SOLD, "Nokia has sold its factory in Oulu.", "fact"),
    (SOLD, "Nokia said it has sold its factory.", "fact"),
    ("Hasn't Nokia sold its factory?", "Nokia has sold its factory.", "fact"),
    ("Nokia has sold its factory?", "Nokia has reportedly sold its factory.", "fact"),
    ("Is it true that Nokia has not sold its factory?", "Nokia has not sold its factory.", "fact"),
    (WILL, "Nokia will sell its factory next year.", "future"),
    (WILL, "Nokia plans to sell its factory.", "planned"),
    ("Did the court approve the merger?", "The court approved the merger on Friday.", "fact"),
    ("Is the vaccine safe?", "The vaccine is safe, the agency said.", "fact"),
    ("Can the vaccine be stored at home?", "The vaccine can be stored at home.", "fact"),
    ("Is Anthropic in talks with Samsung?", "Anthropic is in talks with Samsung, people said.", "fact"),
    ("Is Chen considering retirement?", "Chen is considering retirement.", "fact"),
    ("Has Maria Lopez signed for Liverpool?", "Lopez has signed for Liverpool.", "fact"),
    ("Was Maria Lopez born before 1990?", "Maria Elena Lopez (born 4 May 1985) is a striker.", "fact"),
    ("Was the tunnel opened in June 2024?", "The tunnel was opened on 3 June 2024.", "fact"),
    ("Did the fire kill more than 20 people?", "The fire killed 31 people.", "fact"),
]
NO = [
    (SOLD, "Nokia has not sold its factory.", "fact"),
    (SOLD, "Nokia has yet to sell its factory.", "fact"),
    (SOLD, "Nokia denied it had sold its factory.", "denied"),
    (SOLD, "The spokesman denied reports that Nokia had sold its factory.", "denied"),
    ("Hasn't Nokia sold its factory?", "Nokia has not sold its factory.", "fact"),
    ("Is it true that Nokia has not sold its factory?", "Nokia has sold its factory.", "fact"),
    ("According to the reports, has Nokia sold its factory?", "Nokia hasn't sold its factory.", "fact"),
    (WILL, "Nokia has ruled out selling its factory.", "denied"),
    (WILL, "Nokia has no plans to sell its factory.", "denied"),
    (WILL, "Nokia is not expected to sell its factory.", "planned"),
    ("Does Ryanair use the new terminal?", "Ryanair no longer uses the new terminal.", "fact"),
    ("Did the court approve the merger?", "The court stopped short of approving the merger.", "fact"),
    ("Did the court approve the merger?", "The court failed to approve the merger.", "fact"),
    ("Did the court approve the merger?", "The court rejected the merger on Friday.", "fact"),
    ("Did Labour win the election?", "Labour lost the election.", "fact"),
    ("Has Samsung received an order from Tesla?", "Samsung has received no order from Tesla.", "fact"),
    ("Has the deal been confirmed?", "The deal has not been confirmed.", "unconfirmed"),
    ("Is the vaccine safe?", "The vaccine is unsafe.", "fact"),
    ("Can the vaccine be stored at home?", "The vaccine cannot be stored at home.", "fact"),
    ("Is Chen considering retirement?", "Chen is not considering retirement.", "fact"),
    ("Was the tunnel opened in June 2024?", "The tunnel was opened on 3 July 2024.", "fact"),
    ("Did the fire kill more than 20 people?", "The fire killed 12 people.", "fact"),
]
# Each holds a negation that is not of what is asked.
NEGATION_ELSEWHERE = [
    (SOLD, "Nokia has sold its factory, but not its patents, officials said."),
    (SOLD, "Nokia has sold shares, though not its factory."),
    (SOLD, "Nokia, which has not paid its debts, has sold its factory."),
    (SOLD, "Nokia has not only sold its factory, it has closed its office."),
    (SOLD, "Nokia has not just sold its factory."),
    (SOLD, "Ericsson has not sold its factory."),
    (SOLD, "Nokia has not said whether it has sold its factory."),
    (SOLD, "Nokia has not confirmed that it has sold its factory."),
    (SOLD, "No one knows why Nokia has sold its factory."),
    ("Did the court approve the merger?", "The court approved the merger, not the payout."),
    ("Did the court approve the merger?", "The court did not hear the case but did approve the merger."),
    ("Have the workers returned?", "Not all workers have returned."),
    ("Has Chen retired?", "Chen has not retired from coaching."),
    (WILL, "Nokia will not sell its factory this year."),
    ("Was the tunnel opened in June 2024?", "The tunnel was not opened on 3 July 2024."),
]
UNCLEAR = [
    (SOLD, "Nokia declined to comment on whether it has sold its factory."),
    (SOLD, "Reports that Nokia has sold its factory are false."),
    (SOLD, "If Nokia has sold its factory, the union will strike."),
    (SOLD, "Has Nokia sold its factory?"),
    (SOLD, "Nokia has no plans to sell its factory."),
    (SOLD, ""),
    (WILL, "Nokia sold its factory."),
    ("When did Nokia sell its factory?", "Nokia sold its factory."),
    ("", "Nokia has sold its factory."),
    ("Has it?", "It has."),
    ("Does Nokia own its factory?", "Nokia has its factory."),
    ("Has Nokia signed?", "Nokia has signed nothing."),
    ("Did Samsung buy Apple?", "Samsung was bought by Apple."),
    ("Did Samsung buy Apple?", "Apple bought Samsung."),
    ("Did Labour win the election?", "Labour almost won the election."),
    ("Did Labour win the election?", "Labour would win the election if it were held today."),
    ("Did Labour win the election?", "Labour was accused of trying to win the election."),
    ("Did Ryanair use the new terminal?", "Ryanair no longer uses the new terminal."),
    ("Is the strike legal?", "The strike was illegal."),
    ("Is the vaccine safe for children?", "The vaccine is safe."),
    ("Has Lopez signed for Liverpool?", "Lopez's brother has signed for Liverpool."),
    ("Has Lopez signed for Liverpool?", "The coach of Lopez has signed for Liverpool."),
    ("Has Maria Lopez signed for Liverpool?", "Carlos Lopez has signed for Liverpool."),
    ("Has Korea tested the missile?", "North Korea has tested the missile."),
    ("Have all workers returned?", "Some workers have returned."),
    ("Did Nokia open a plant in June 2024?", "Nokia opened a plant in July 2024."),
    ("Was the tunnel opened before 2024?", "The tunnel was opened in 2024."),
    ("Was the tunnel opened last week?", "The tunnel was opened last week."),
    ("Did the fire kill more than 20 people?", "The fire killed more than 10 people."),
]


@pytest.mark.parametrize(("question", "statement", "certainty"), YES)
def test_a_statement_of_what_is_asked_says_yes(question, statement, certainty):
    found = verdict(question, statement, published="2025-03-01")
    assert (found.polarity, found.certainty) == ("yes", certainty)


@pytest.mark.parametrize(("question", "statement", "certainty"), NO)
def test_a_statement_that_denies_what_is_asked_says_no(question, statement, certainty):
    found = verdict(question, statement, published="2025-03-01")
    assert (found.polarity, found.certainty) == ("no", certainty)


@pytest.mark.parametrize(("question", "statement"), NEGATION_ELSEWHERE)
def test_a_negation_of_something_else_is_no_no(question, statement):
    assert verdict(question, statement, published="2025-03-01").polarity != "no"


@pytest.mark.parametrize(("question", "statement"), UNCLEAR)
def test_what_a_statement_does_not_clearly_say_stays_open(question, statement):
    assert verdict(question, statement, published="2025-03-01").polarity == "open"


@pytest.mark.parametrize(
    ("statement", "certainty"),
    [
        ("Chen is considering retiring from tennis.", "considered"),
        ("Chen may have retired from tennis.", "considered"),
        ("Chen plans to retire from tennis.", "planned"),
        ("Chen's club has moved.", "none"),
    ],
)
def test_an_open_verdict_says_what_keeps_it_open(statement, certainty):
    found = verdict("Has Chen retired from tennis?", statement, published=None)
    assert (found.polarity, found.certainty) == ("open", certainty)


def test_a_statement_and_its_negation_never_say_the_same():
    for question, verb, negated in [
        (SOLD, "has sold", "has not sold"),
        (SOLD, "has sold", "has never sold"),
        (WILL, "will sell", "won't sell"),
        ("Does Nokia use its factory?", "uses", "doesn't use"),
        ("Does Nokia own its factory?", "owns", "doesn't own"),
        ("Did Nokia sell its factory?", "sold", "didn't sell"),
    ]:
        told = [
            verdict(question, f"Nokia {words} its factory.", published=None).polarity
            for words in (verb, negated)
        ]
        assert told == ["yes", "no"], (question, negated)
