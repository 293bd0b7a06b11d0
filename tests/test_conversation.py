"""Follow-ups made standalone: what is added, and what is left alone."""

import json
from pathlib import Path

import pytest

from eval.dialogue import Finding, Wording, finding, lexical_search, read, wording
from index.errors import GoldError
from qa.conversation import Standalone, complete, standalone
from qa.records import Turn
from qa.terms import terms


def _after(*questions: str) -> list[Turn]:
    return [Turn(question) for question in questions]


def test_the_first_question_stands_as_asked() -> None:
    assert standalone("  Who   made it? ", []) == "Who made it?"


@pytest.mark.parametrize(
    ("earlier", "question", "expected"),
    [
        ("Who is Clive Chan?", "Where did he work before?", "Where did Clive Chan work before?"),
        ("Is Meta working with Samsung?", "How large are its orders?", "How large are Meta's orders?"),
        ("When did OpenAI and Broadcom release Jalapeño?", "When will it be deployed?", "When will Jalapeño be deployed?"),
        ("What is OpenAI's chip called?", "Is it on sale?", "Is OpenAI's chip on sale?"),
        ("Where was Angela Moreno born?", "Who are her parents?", "Who are Angela Moreno's parents?"),
        ("Where was Angela Moreno born?", "Who taught her?", "Who taught Angela Moreno?"),
        ("What did Angela Moreno study?", "Did she meet Paul Okafor?", "Did Angela Moreno meet Paul Okafor?"),
        ("Which flights did Norwind Airlines cancel?", "When will they resume?", "When will Norwind Airlines resume?"),
        ("When did Norwind go bankrupt?", "Why did the airline fail?", "Why did the airline Norwind fail?"),
        ("Which countries signed the Lisbon treaty?", "When was it signed?", "When was the Lisbon treaty signed?"),
        ("How large is Samsung's order backlog?", "When did it say so?", "When did Samsung say so?"),
        ("Who will lead Brent Bank?", "What did the bank say?", "What did Brent Bank say?"),
        ("What did the city council of Leeds decide?", "How much did it cost?", "How much did it cost: What did the city council of Leeds decide?"),
    ],
)  # fmt: skip
def test_a_pronoun_or_description_stands_for_what_the_talk_has_named(
    earlier: str, question: str, expected: str
) -> None:
    assert standalone(question, _after(earlier)) == expected


@pytest.mark.parametrize(
    ("earlier", "question", "expected"),
    [
        ("What is Meta's plan?", "What about Anthropic?", "What is Anthropic's plan?"),
        ("How many people fled Sudan?", "And Chad?", "How many people fled Chad?"),
        ("How many cars did Tesla sell in France?", "And in Spain?", "How many cars did Tesla sell in Spain?"),
        ("What was inflation in March 2024?", "What about April 2024?", "What was inflation in April 2024?"),
        ("How many cars did Tesla sell in the first two quarters?", "And the third?", "How many cars did Tesla sell in the third quarter?"),
        ("How many cars did Tesla sell in the first quarter?", "And in the second quarter?", "How many cars did Tesla sell in the second quarter?"),
        ("Who made the first two generations of MTIA?", "And the third?", "Who made the third generation of MTIA?"),
        ("What will Meta's data centre cost?", "What about Google's?", "What will Google's data centre cost?"),
        ("When will Meta deploy MTIA 300?", "And MTIA 400?", "When will Meta deploy MTIA 400?"),
        ("Did the European Central Bank raise rates?", "What about the Fed?", "Did the Fed raise rates?"),
        ("How many cars did Tesla sell?", "And in Spain?", "How many cars did Tesla sell in Spain?"),
        ("How many cars did Tesla sell last year?", "And in 2024?", "How many cars did Tesla sell in 2024?"),
        ("How many cars did Tesla sell in the first quarter?", "And in the fourth quarter of 2025?", "How many cars did Tesla sell in the fourth quarter of 2025?"),
        ("How many people died in the Porto fire?", "And at the Ulm factory?", "How many people died at the Ulm factory?"),
        ("How many people were killed in Porto?", "And injured?", "How many people were injured in Porto?"),
        ("How fast do Norwind's planes fly?", "And the one in Ulm?", "How fast do Norwind's planes fly in Ulm?"),
        ("How old is the youngest patient?", "And the oldest?", "How old is the oldest patient?"),
        ("How many people watched the final?", "And the semi-final?", "How many people watched the semi-final?"),
        ("Will the strike end?", "What about the pilots?", "the pilots: Will the strike end?"),
        ("Is Meta working with Samsung?", "What about TSMC?", "TSMC: Is Meta working with Samsung?"),
    ],
)  # fmt: skip
def test_what_about_another_asks_the_earlier_question_of_it(
    earlier: str, question: str, expected: str
) -> None:
    assert standalone(question, _after(earlier)) == expected


@pytest.mark.parametrize(
    ("earlier", "question", "expected"),
    [
        ("How much will Anthropic spend?", "Over what period?", "Over what period will Anthropic spend?"),
        ("How much will Anthropic spend?", "Why?", "Why will Anthropic spend?"),
        ("Did Norwind cancel its order?", "Why?", "Why did Norwind cancel its order?"),
        ("When did the Fed cut rates?", "By how much?", "By how much did the Fed cut rates?"),
        ("Who won the order?", "Who else?", "Who else won the order?"),
        ("Which banks closed branches in Leeds?", "Any others?", "Any others: Which banks closed branches in Leeds?"),
        ("Who won the order?", "What did Meta say to that?", "What did Meta say to that: Who won the order?"),
        ("Which countries signed the Lisbon treaty?", "Did France?", "Did France: Which countries signed the Lisbon treaty?"),
        ("Which banks lend to Norwind?", "Which of them is the largest?", "Which of the banks is the largest (lend to Norwind)?"),
        ("When will Meta deploy MTIA 300?", "How fast is it?", "How fast is it: When will Meta deploy MTIA 300?"),
        ("When did the ferry sink off Lesbos?", "Was it overloaded?", "Was it overloaded: When did the ferry sink off Lesbos?"),
        ("Who bought the port of Riga?", "What happened then?", "What happened then: Who bought the port of Riga?"),
    ],
)  # fmt: skip
def test_a_fragment_is_asked_with_the_earlier_question(earlier: str, question: str, expected: str) -> None:
    assert standalone(question, _after(earlier)) == expected


@pytest.mark.parametrize(
    ("earlier", "answer", "question", "expected"),
    [
        ("Who won the order?", "Norwind", "And when?", "When did Norwind win the order?"),
        ("Who won the order?", "Norwind", "By how much?", "By how much did Norwind win the order?"),
        ("Who released the chip?", "OpenAI and Broadcom released it in June.", "When?", "When did OpenAI and Broadcom release the chip?"),
        ("Who makes the chip?", "OpenAI and Broadcom", "Why?", "Why do OpenAI and Broadcom make the chip?"),
        ("Who is buying Brent Bank?", "Norwind", "For how much?", "For how much is Norwind buying Brent Bank?"),
        ("Who will supply the engines?", "Norwind", "From which plant?", "From which plant will Norwind supply the engines?"),
        ("Who was head of security?", "Ana Lima", "Since when?", "Since when was Ana Lima head of security?"),
        ("Who drafted the bill?", "Ana Lima", "Of which party?", "Of which party is Ana Lima?"),
        ("Who skippered the ferry?", "Ana Lima", "When?", "When was it that Ana Lima skippered the ferry?"),
        ("Which outlet reported the talks?", "The Daily Herald", "When?", "When did The Daily Herald report the talks?"),
        ("How many people fell ill in Leeds?", "63", "When?", "When did people fall ill in Leeds?"),
        ("How much has Norwind committed to Brent Bank?", "over $100 billion", "Over what period?", "Over what period has Norwind committed over $100 billion to Brent Bank?"),
        ("What will Norwind build?", "a hangar", "What for?", "What will Norwind build a hangar for?"),
        ("How many hotels does Norwind run?", "212 hotels", "How many in Spain?", "How many hotels does Norwind run in Spain?"),
    ],
)  # fmt: skip
def test_words_without_a_verb_open_the_earlier_question_with_its_answer_in_it(
    earlier: str, answer: str, question: str, expected: str
) -> None:
    assert standalone(question, [Turn(earlier, answer)]) == expected


@pytest.mark.parametrize(
    ("earlier", "answer"),
    [
        ("Who won the order?", ""),
        (
            "Who won the order?",
            "It was the second order that the yard had won within a year, the paper said.",
        ),
        ("Who is Clive Chan?", "An early member of the team that was hired last year."),
        ("What happened in Leeds?", "a fire"),
    ],
)
def test_where_no_clause_can_be_made_the_earlier_question_is_kept_whole(earlier: str, answer: str) -> None:
    assert standalone("Why?", [Turn(earlier, answer)]) == f"Why: {earlier}"


@pytest.mark.parametrize(
    ("earlier", "answer", "expected"),
    [
        ("Has Norwind paid a ransom?", "Norwind has not paid a ransom", "Who said that Norwind has not paid a ransom?"),
        ("Who scored the goal?", "Ana Lima", "Who said that Ana Lima scored the goal?"),
        ("Why did Norwind choose Brent?", "its cells charge faster in the cold", "Who said that its cells charge faster in the cold (Norwind, Brent)?"),
        ("How much will Norwind pay?", "$4 million", "Who said so: How much will Norwind pay?"),
    ],
)  # fmt: skip
def test_who_said_so_is_asked_with_what_was_said(earlier: str, answer: str, expected: str) -> None:
    made = standalone("Who said so?", [Turn(earlier, answer)])
    assert made == expected


def test_how_many_without_a_noun_counts_what_was_counted_before() -> None:
    turns = _after("How many cars did Norwind sell in 2025?")
    assert (
        standalone("How many does it expect to sell?", turns) == "How many cars does Norwind expect to sell?"
    )


def test_how_many_of_them_says_of_whom() -> None:
    turns = _after("How many people were killed in the Porto fire?")
    expected = "How many of the people came from Ulm (killed in the Porto fire)?"
    assert standalone("How many of them came from Ulm?", turns) == expected


@pytest.mark.parametrize(
    ("earlier", "question", "expected"),
    [
        ("When does the rent cap take effect?", "Who does it exempt?", "Who does the rent cap exempt?"),
        ("Did the ferry sink?", "Was it overloaded?", "Was the ferry overloaded?"),
        ("How did the assembly vote on the rent cap?", "How many abstained?", "How many abstained (the assembly, the rent cap)?"),
    ],
)  # fmt: skip
def test_where_nobody_is_named_a_thing_of_the_earlier_question_stands_in(
    earlier: str, question: str, expected: str
) -> None:
    assert standalone(question, _after(earlier)) == expected


@pytest.mark.parametrize(
    ("earlier", "answer", "question", "expected"),
    [
        ("Who released Jalapeño?", "OpenAI and Broadcom", "What is it for?", "What is Jalapeño for?"),
        ("Who released Jalapeño?", "Broadcom", "Why did it say so?", "Why did Broadcom say so?"),
        ("What is the driver called?", "Pau Serrat", "Has he been charged?", "Has Pau Serrat been charged?"),
        ("Which team did Ana Lima join?", "Porto Rovers", "Did she score?", "Did Ana Lima score?"),
        ("When will the Kestrel Gap line reopen?", "", "Why was it closed?", "Why was the Kestrel Gap line closed?"),
        ("When was William H. Seward born?", "", "Where did he live?", "Where did William H. Seward live?"),
    ],
)  # fmt: skip
def test_a_pronoun_stands_for_what_the_question_or_its_answer_names(
    earlier: str, answer: str, question: str, expected: str
) -> None:
    assert standalone(question, [Turn(earlier, answer)]) == expected


@pytest.mark.parametrize(
    ("earlier", "question", "expected"),
    [
        ("Who leads Norwind?", "How many employees are there?", "How many employees are there (Norwind)?"),
        ("Who leads Norwind?", "Were there other candidates?", "Were there other candidates (Norwind)?"),
        (
            "What caused the fire in Porto?",
            "Who reported the fire first?",
            "Who reported the fire first (Porto)?",
        ),
    ],
)
def test_a_question_that_names_nobody_gets_the_name_that_the_talk_is_about(
    earlier: str, question: str, expected: str
) -> None:
    assert standalone(question, _after(earlier)) == expected


@pytest.mark.parametrize(
    "question",
    [
        "Which process does Anthropic consider for its chips?",
        "Did Meta say it would buy more chips?",
        "How many people live in Nairobi?",
        "Why did Norwind's shares fall this week?",
        "What does clive chan do at Tesla?",
        "Has any European country banned short-term holiday rentals?",
        "Is it true that Norwind is for sale?",
        "Which vaccines against malaria have passed clinical trials?",
        "When will Germany vote?",
        "What is 'quantitative easing' in plain words for Britons?",
    ],
)
def test_a_question_with_its_own_subject_is_left_alone(question: str) -> None:
    assert complete(question, _after("Who is Clive Chan?")) == Standalone(question)


def test_a_name_typed_in_small_letters_is_a_subject_too() -> None:
    assert standalone("what did norwind pay?", _after("Who owns Norwind?")) == "what did norwind pay?"


def test_a_pronoun_reaches_back_through_another_follow_up() -> None:
    turns = _after("Who is Clive Chan?", "Where did he work before?")
    assert standalone("What did he do there?", turns) == "What did Clive Chan do there?"


def test_he_and_she_stand_for_whom_the_answer_to_who_names() -> None:
    turn = Turn("Who left OpenAI's chip team?", "Clive Chan, an early member of OpenAI's team, has left.")
    assert standalone("Where did he go?", [turn]) == "Where did Clive Chan go?"


def test_someones_parents_do_not_become_he() -> None:
    turns = [Turn("Where was Paul Okafor born?"), Turn("Who were his parents?", "Ada Obi and John Okafor")]
    assert standalone("Where did he study?", turns) == "Where did Paul Okafor study?"


def test_she_is_another_than_he() -> None:
    turns = _after("Who is Ana Lima?", "Where does she live?", "Who is Paul Okafor?", "Where does he live?")
    assert standalone("What does she do?", turns) == "What does Ana Lima do?"


def test_where_something_was_is_not_what_the_talk_is_about() -> None:
    turns = _after("Who is Ana Lima?", "What did she record for Monday Records?")
    assert standalone("Did she win prizes?", turns) == "Did Ana Lima win prizes?"


def test_what_about_replaces_the_name_that_the_talk_has_not_kept_to() -> None:
    turns = _after("Who supplies Meta?", "Is Meta working with Samsung?")
    assert standalone("What about TSMC?", turns) == "Is Meta working with TSMC?"


def test_it_stands_for_what_a_short_answer_names() -> None:
    turn = Turn("What is the chip called?", "Jalapeño")
    assert standalone("Is it on sale?", [turn]) == "Is Jalapeño on sale?"


def test_without_a_name_in_the_question_the_answer_gives_it() -> None:
    turn = Turn("Who released the chip?", "It was released by Broadcom.")
    assert standalone("When did it say so?", [turn]) == "When did Broadcom say so?"


def test_where_nothing_has_a_name_the_earlier_question_is_kept_whole() -> None:
    turns = _after("how many ferries sank?")
    assert standalone("Who owned them?", turns) == "Who owned them: how many ferries sank?"


def test_what_was_made_standalone_is_not_made_so_again() -> None:
    turns = _after("How much will Anthropic spend?", "Over what period?")
    once = complete("Over what period?", turns[:1]).question
    assert standalone(once, turns[:1]) == once
    assert standalone("Why?", [turns[0], Turn(once)]) == "Why will Anthropic spend?"


@pytest.mark.parametrize(
    ("earlier", "question", "added"),
    [
        ("Who is Clive Chan?", "Where did he work before?", ("Clive Chan",)),
        ("What is Meta's plan?", "What about Anthropic?", ("is", "'s plan")),
        ("Did Norwind cancel its order?", "Why?", ("did Norwind cancel its order",)),
        ("Who leads Norwind?", "How many employees are there?", ("(Norwind)",)),
    ],
)
def test_the_words_that_were_added_are_told_so_that_a_page_can_mark_them(
    earlier: str, question: str, added: tuple[str, ...]
) -> None:
    made = complete(question, _after(earlier))
    assert made.added == added
    assert tuple(text for text, is_added in made.pieces if is_added) == added
    assert "".join(text for text, _ in made.pieces) == made.question


def test_every_added_word_of_content_was_said_before() -> None:
    turns = [Turn("Who made the first two generations of MTIA?", "Broadcom did."), Turn("And the third?")]
    said = terms(" ".join(f"{turn.question} {turn.answer}" for turn in turns)).keys() | {"make"}
    for question in ("Why?", "When did they say so?", "What about Google?", "How large are its orders?"):
        added = complete(question, turns).added
        assert added
        assert terms(" ".join(added)).keys() - {"s"} <= said


def test_a_colon_of_the_persons_own_does_not_make_a_question_complete() -> None:
    made = standalone("One more thing: when will it open?", _after("What will Norwind's hangar cost?"))
    assert made == "One more thing: when will Norwind's hangar open?"


def test_a_long_talk_of_fragments_does_not_pile_up() -> None:
    turns = _after("Who bought Norwind?", *["What did the buyer say to that?", "Why?"] * 6)
    assert len(standalone("And then?", turns)) < 100


def test_follow_ups_are_scored_against_rewrites_and_by_what_is_found(tmp_path: Path) -> None:
    talk = ["Ana Lima", "Career", "Where did she study?", "She studied music in Porto."]
    rows = [
        {"history": talk[:2], "question": talk[2], "standalone": "Where did Ana Lima study?"},
        {"history": talk, "question": "Who taught Ana Lima?", "standalone": "Who taught Ana Lima?"},
    ]
    file = tmp_path / "talks.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)))
    follow_ups, answers = read(file)
    assert answers == ["She studied music in Porto."]
    assert wording(follow_ups) == Wording(2, 1, 1.0, 1.0, (2 / 3 + 1) / 2, 2 / 3, 1.0, 1.0)
    names_found = lambda questions: [[0] if "Lima" in one else [] for one in questions]  # noqa: E731
    assert finding(follow_ups, answers, names_found) == Finding(1, 1, 0.0, 1.0, 1.0)
    found = lexical_search(["no word of it", "Ana Lima sang"])(["Where is Lima?"])
    assert found == [[1]]


def test_a_line_without_title_and_section_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "talks.jsonl"
    file.write_text('{"history": ["Ana Lima"]}')
    with pytest.raises(GoldError, match=r"talks\.jsonl, line 1: needs 'history'"):
        read(file)
