"""The stages of an answer: told as they begin, and an end to the work wherever they are told."""

from dataclasses import replace

import pytest

from qa.answer import READING
from qa.ask import ask
from qa.records import STAGES, Timings

QUESTION = "Is Anthropic using Samsung's 2nm process for its chips?"


class EnoughError(Exception):
    pass


@pytest.fixture(scope="module")
def told(seeds_library):
    """All that was told of one answer, and the answer."""
    stages = []
    answer = ask(QUESTION, library=seeds_library, on_stage=stages.append)
    return stages, answer


def test_each_stage_is_told_in_order_and_reading_and_comparing_between_their_steps_too(told):
    stages, _ = told
    assert stages == sorted(stages, key=STAGES.index)
    assert stages.count("searching") == 1
    assert stages.count("reading") > 1
    assert stages.count("comparing") > 1


def test_an_answer_is_the_same_whether_or_not_anyone_watches(told, seeds_library):
    alone = ask(QUESTION, library=seeds_library)
    assert replace(told[1], timings_ms=Timings()) == replace(alone, timings_ms=Timings())


def test_what_is_raised_at_any_of_them_ends_the_work_there(told, seeds_library):
    for last in range(len(told[0])):
        stages = []

        def stop(stage, stages=stages, last=last):
            stages.append(stage)
            if len(stages) > last:
                raise EnoughError

        with pytest.raises(EnoughError):
            ask(QUESTION, library=seeds_library, on_stage=stop)
        assert stages == told[0][: last + 1]


def test_the_first_answer_is_given_before_other_sources_are_compared_and_stays_the_first(seeds_library):
    told = []
    whole = ask(QUESTION, library=seeds_library, on_stage=told.append, on_first=told.append)
    early, first = [one for one in told if not isinstance(one, str)]
    assert told[: told.index(early)].count("comparing") == 0
    assert told[: told.index(first)].count("comparing") == 1
    assert early.conflict_check.reason == "other articles are still being read"
    assert replace(early, conflict_check=first.conflict_check, timings_ms=first.timings_ms) == first
    assert told[told.index(first) + 1 :] == ["comparing"]
    assert (first.status, first.text, first.citations) == ("answered", whole.text, whole.citations[:1])
    assert [one.citations for one in first.positions] == [first.citations]
    assert first.conflicts == ()
    assert first.conflict_check.status == "not_checked"
    assert first.conflict_check.reason == "the sources are still being compared"
    assert whole.conflict_check.status == "checked"
    alone = ask(QUESTION, library=seeds_library)
    assert replace(whole, timings_ms=alone.timings_ms) == alone


def test_an_answer_that_is_not_sure_is_not_told_before_all_is_read(seeds_library):
    told = []
    unsure = ask(
        "Where did Clive Chan work before he went to Anthropic?", library=seeds_library, on_first=told.append
    )
    assert unsure.status == "answered"
    assert READING not in [one.conflict_check.reason for one in told]


def test_an_answer_that_nothing_is_compared_with_comes_whole_at_once(seeds_library):
    told = []
    answer = ask("Who owns TSMC?", library=seeds_library, on_first=told.append)
    assert (answer.status, told) == ("closest", [])


def test_of_two_questions_in_one_no_first_answer_is_told(seeds_library):
    told = []
    answer = ask(f"{QUESTION} Who is the CEO of Samsung?", library=seeds_library, on_first=told.append)
    assert len(answer.further) == 1
    assert told == []
