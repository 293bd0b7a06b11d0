"""Where many wait, the small model stands in for the judge, and the answer says so."""

from dataclasses import replace

from qa.ask import ask
from qa.export.text import limits
from qa.records import Timings
from qa.settings import Settings

QUESTION = "Is Anthropic using Samsung's 2nm process for its chips?"


def test_a_busy_machine_answers_as_the_small_model_does_and_says_so(seeds_library):
    full, alone = Settings(max_pairs=100), Settings(max_pairs=100, judge="small")
    hurried = ask(QUESTION, library=seeds_library, settings=replace(full, judge="bundled"), busy=True)
    small = ask(QUESTION, library=seeds_library, settings=alone)
    check = small.conflict_check
    assert check.status == "checked"
    assert check.pairs > 0
    told = replace(check, reason="the small model compared them: the machine is busy")
    assert replace(hurried, timings_ms=Timings()) == replace(small, timings_ms=Timings(), conflict_check=told)
    assert limits(hurried.conflict_check) == "Only the small model compared them: the machine is busy."


def test_what_was_not_compared_is_told_to_be_the_small_models_reading(seeds_library):
    hurried = ask("Who owns TSMC?", library=seeds_library, settings=Settings(judge="bundled"), busy=True)
    assert hurried.conflict_check.reason == (
        "nothing answers surely enough to be compared, as the small model reads it: the machine is busy"
    )


def test_where_the_small_model_decides_anyway_nothing_is_said_of_it(seeds_library):
    small = Settings(judge="small")
    asked = [ask(QUESTION, library=seeds_library, settings=small, busy=busy) for busy in (False, True)]
    assert replace(asked[0], timings_ms=Timings()) == replace(asked[1], timings_ms=Timings())


def test_an_overview_needs_no_judge_and_says_nothing_of_it(seeds_library):
    told = ask("What is this about?", library=seeds_library, settings=Settings(judge="bundled"), busy=True)
    assert told.status == "overview"
    assert "busy" not in told.conflict_check.reason
