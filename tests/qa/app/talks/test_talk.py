"""One visitor's conversation, without a browser: its turns, stages, follow-ups, asking again, stopping."""

import json
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from copy import deepcopy
from dataclasses import replace
from threading import Event, Semaphore

import pytest

from index.errors import ArticleNotFound, QuestionError
from index.records import Article
from index.scope import EVERYTHING
from qa.answer import COMPARING, READING
from qa.app.serve.server import Change, parse_about, responder, start_over, stop_asking
from qa.app.shelf.background import Stopped
from qa.app.shelf.catalogue import Given, Shelved, Summary, catalogue
from qa.app.talks import conversation as talks
from qa.app.talks.answer_job import BUSY_FROM, Crowd, Line, Seeking
from qa.app.talks.conversation import Exchange, Talk, answer_turn, named_articles
from qa.question.conversation import turn_of, understand
from qa.records import (
    STAGES,
    Answer,
    Citation,
    ConflictCheck,
    Coverage,
    Passage,
    Position,
    Turn,
    ignore_stage,
)
from tests.waits import LONGEST_S, until

MILL = Article(
    "m", "mill.txt", "The mill in Aarup employs 120 people.", "The mill", "Mill Post", None, "2026"
)
BAKERY = Article("b", "bakery.txt", "The bakery was closed.")
FIRST = "How many people does the mill in Aarup employ?"


CITED = Citation("m", MILL.title, "Mill Post", "2026", "mill.txt", 26, 29, "120", MILL.text, 0, 37, 0.9)
BAKERY_TOO = "What about the bakery?"


class Words:
    """A chooser: a question that begins with "What about" or "And" needs these words of the talk."""

    def score_words(self, question, talk):
        return [(word, 0.9) for word in ("mill", "Aarup") if question.startswith(("What about", "And"))]


class Asked:
    """Answers from one article, and remembers what it was asked with which history and words."""

    def __init__(self):
        self.calls = []
        self.histories = []

    def __call__(
        self, question, history, *, about=None, on_stage=ignore_stage, scope=EVERYTHING, on_first=None
    ):
        self.calls.append((question, [turn.question for turn in history], about))
        self.histories.append(list(history))
        if question == "eh":
            raise QuestionError("'eh' is no question")
        understood = understand(question, history, Words(), about)
        found = question != "Nothing?"
        return Answer(
            question, understood.standalone, "answered" if found else "unanswered", "120" if found else "",
            0.9, (CITED,) if found else (), (), (), ConflictCheck("checked"),
            (Passage("gone", 0, 1, "x", 1, 0.1),), scope=Coverage(2, 1, 1), about=understood.about,
        )  # fmt: skip


class Stepwise:
    """Comes to its next stage when the test lets it; `reached` holds those that it came to."""

    def __init__(self):
        self.on, self.reached, self.ended = Semaphore(0), [], Event()

    def __call__(self, question, history, *, about, on_stage, scope, on_first=None):
        try:
            for stage in STAGES:
                on_stage(stage)
                self.reached.append(stage)
                assert self.on.acquire(timeout=LONGEST_S)
        finally:
            self.ended.set()
        return Asked()(question, history)


@pytest.fixture
def asked():
    return Asked()


@pytest.fixture
def respond(asked):
    return responder(asked, Given(lambda: [MILL, BAKERY]))


def ask(respond, question, talk, **more):
    """Ask, and wait for the end; the last change of the page."""
    return list(respond(question, talk, **more))[-1]


def test_a_question_is_shown_as_sought_then_answered(respond):
    talk = Talk()
    first, last = respond(f" {FIRST} ", talk)
    assert 'aria-busy="true"' in first.conversation
    assert first.question is None  # the page empties the box of what it sent
    assert "aria-busy" not in last.conversation
    assert "<mark>120</mark>" in last.conversation
    assert last.question is None  # what is being typed by now stays
    assert last.progress == ""


def test_each_stage_is_told_as_it_begins_and_leaves_the_conversation_as_it_stands():
    steps = Stepwise()
    running = responder(steps, Given(lambda: [MILL, BAKERY]))(FIRST, Talk())
    first = next(running)
    assert all(f'<li data-stage="{stage}">' in first.conversation for stage in STAGES)
    for count, stage in enumerate(STAGES, 1):
        assert next(running) == Change(progress=f'<p data-turn="turn-1" data-reached="{stage}"></p>')
        until(lambda: len(steps.reached) == count)  # noqa: B023  # told before it is noted
        assert steps.reached == list(STAGES[:count])
        steps.on.release()
    (last,) = running
    assert "<mark>120</mark>" in last.conversation
    assert last.progress == ""


class Comparing(Stepwise):
    """Tells its first answer before it compares, and goes on when the test lets it."""

    def __init__(self, reason=COMPARING):
        super().__init__()
        self.reason = reason

    def __call__(self, question, history, *, about, on_stage, scope, on_first=None):
        answer = Asked()(question, history)
        checked = ConflictCheck("not_checked", reason=self.reason)
        position = Position(CITED.quote, (CITED,), 1)
        on_stage("comparing")
        on_first(replace(answer, positions=(position,), conflict_check=checked))
        assert self.on.acquire(timeout=LONGEST_S)
        on_stage("comparing")
        return answer


@pytest.mark.parametrize(
    ("reason", "still"),
    [
        (READING, "Still reading… Another article may answer better, or differ."),
        (COMPARING, "Comparing… What other sources say comes next; it may differ."),
    ],
)
def test_the_first_answer_stands_while_others_are_read_or_compared_and_nothing_is_said_of_these(
    reason, still
):
    steps, talk = Comparing(reason), Talk()
    running = responder(steps, Given(lambda: [MILL, BAKERY]))(FIRST, talk)
    sketched = next(one for one in running if one.conversation and "<mark>120</mark>" in one.conversation)
    assert 'aria-busy="true"' in sketched.conversation
    assert still in sketched.conversation
    assert "data-again" not in sketched.conversation
    assert not any(word in sketched.conversation.lower() for word in ("none of", "no conflict", "one source"))
    assert talk.newest() is None  # it is no answer yet
    assert talk.html() in sketched.conversation.replace("Looking for the answer.", "")
    steps.on.release()
    *_, last = running
    assert "aria-busy" not in last.conversation
    assert still not in last.conversation


def test_a_first_answer_goes_with_what_is_stopped():
    steps, talk = Comparing(), Talk()
    running = responder(steps, Given(lambda: [MILL, BAKERY]))(FIRST, talk)
    next(one for one in running if one.conversation and "<mark>120</mark>" in one.conversation)
    stop_asking(talk, "")
    steps.on.release()
    assert "120" not in list(running)[-1].conversation
    talk.sketch(talk.begin("Another?"), "<p>new</p>")
    assert talk.html().count("<p>new</p>") == 1


def test_a_crowd_is_busy_while_so_many_wait_in_all_its_lines_together():
    held, line, crowd = Event(), Line(1, "held"), Crowd()
    elsewhere = [BUSY_FROM - 2]
    crowd.watch(line.count_waiting)
    crowd.watch(lambda: elsewhere[0])
    begun = [line.submit(held.wait, LONGEST_S) for _ in range(2)]
    until(lambda: line.count_waiting() == 1)  # the other is being worked on
    assert not crowd.is_busy()
    elsewhere[0] += 1
    assert crowd.is_busy()
    held.set()
    assert all(one.result() for one in begun)
    assert not crowd.is_busy()


@pytest.mark.parametrize("stages", [0, 1])
def test_what_is_stopped_ends_at_its_next_stage(stages):
    steps, talk = Stepwise(), Talk()
    running = responder(steps, Given(lambda: [MILL]))(FIRST, talk)
    next(running)
    next(running)
    for _ in range(stages):
        steps.on.release()
        next(running)
    stop_asking(talk, "")
    steps.on.release()
    assert steps.ended.wait(LONGEST_S)
    assert steps.reached == list(STAGES[: 1 + stages])
    assert FIRST not in list(running)[-1].conversation


def test_a_turn_asked_again_ends_the_work_on_its_first_answer():
    steps, talk = Stepwise(), Talk()
    respond = responder(steps, Given(lambda: [MILL]))
    first = respond(FIRST, talk)
    next(first)
    next(first)
    again = respond(FIRST, talk, number=1)
    next(again)
    steps.on.release()
    assert steps.ended.wait(LONGEST_S)
    assert steps.reached == ["searching"]
    for _ in STAGES:
        steps.on.release()
    assert "<mark>120</mark>" in list(again)[-1].conversation


def test_of_stages_that_passed_unseen_only_the_newest_is_shown():
    all_told, seen = Event(), Event()

    def work(on_stage):
        for stage in STAGES:
            on_stage(stage)
        all_told.set()
        assert seen.wait(LONGEST_S)
        return "done"

    with ThreadPoolExecutor(1) as pool:
        seeking = Seeking(pool, work, wanted=lambda: True)
        assert all_told.wait(LONGEST_S)
        stages = seeking.stages()
        assert next(stages) == "comparing"
        seen.set()
        assert list(stages) == []
        assert seeking.result() == "done"


def test_a_stage_is_shown_once_however_often_it_is_told_and_an_error_reaches_who_asked():
    def work(on_stage):
        for _ in range(3):
            on_stage("reading")
        raise ZeroDivisionError

    with ThreadPoolExecutor(1) as pool:
        seeking = Seeking(pool, work, wanted=lambda: True)
        assert list(seeking.stages()) in (["reading"], [])  # it may have ended before anyone looked
        with pytest.raises(ZeroDivisionError):
            seeking.result()


def test_in_a_line_each_knows_what_comes_before_it_and_who_leaves_makes_room(monkeypatch):
    monkeypatch.setattr("qa.app.talks.answer_job.UNTOLD_S", 0.0)
    monkeypatch.setattr("qa.app.talks.answer_job.TOLD_EVERY_S", 0.0)
    begun, free = [], Event()

    def work(name):
        def done(on_stage):
            begun.append(name)
            on_stage("reading")
            assert free.wait(LONGEST_S)
            return name

        return done

    with Line(1, "test") as line:
        first, second, third = (Seeking(line, work(name), wanted=lambda: True) for name in "abc")
        at_second, at_third = second.stages(), third.stages()
        until(lambda: begun)
        assert next(first.stages()) == "reading"
        assert (next(at_second), next(at_third), line.count_waiting()) == (0, 1, 2)
        at_second.close()
        assert (next(at_third), line.count_waiting()) == (0, 1)
        free.set()
        assert [one for one in at_third if isinstance(one, str)] in (["reading"], [])
        assert third.result() == "c"
    assert begun == ["a", "c"]


def test_when_too_many_wait_it_is_said_at_once_and_the_question_stays(asked, monkeypatch):
    monkeypatch.setattr("qa.app.serve.server.MOST_WAITING", 0)
    talk = Talk()
    respond = responder(asked, Given(lambda: [MILL, BAKERY]))
    (change,) = respond(FIRST, talk)
    assert "Too many people are asking" in change.conversation
    assert change.question == FIRST
    assert talk.exchanges() == []


def test_nobody_waits_for_work_that_is_not_wanted():
    begun, left = Event(), Event()

    def work(on_stage):
        begun.set()
        assert left.wait(LONGEST_S)
        on_stage("searching")

    with ThreadPoolExecutor(1) as pool:
        seeking = Seeking(pool, work, wanted=lambda: False)
        assert begun.wait(LONGEST_S)
        assert list(seeking.stages()) == []
        left.set()
        with pytest.raises(Stopped):
            seeking.result()


def test_a_follow_up_shows_which_words_it_takes_each_with_a_cross(respond):
    talk = Talk()
    ask(respond, FIRST, talk)
    shown = ask(respond, BAKERY_TOO, talk).conversation
    assert "<bdi>mill</bdi>" in shown
    assert 'data-again="2" data-about="[&quot;Aarup&quot;]" aria-label="Ask without “mill”"' in shown
    assert "Use all the words again" not in shown


def test_a_follow_up_is_told_the_words_that_earlier_turns_took_their_answers_and_citations(asked, respond):
    talk = Talk()
    for question in (FIRST, BAKERY_TOO, "Nothing?", "And the school?"):
        ask(respond, question, talk)
    assert [turn_of(one) for one in asked.histories[-1]] == [
        Turn(FIRST, "120", (CITED,), FIRST),
        Turn(f"{BAKERY_TOO} (mill, Aarup)", "120", (CITED,), BAKERY_TOO, ("mill", "Aarup")),
        Turn("Nothing?", "", (), "Nothing?"),
    ]


def test_two_questions_in_one_are_two_turns_the_second_knowing_the_first(asked, respond):
    talk = Talk()
    ask(respond, "How many died and who was blamed?", talk)
    assert [one.question for one in talk.exchanges()] == ["How many died?", "Who was blamed?"]
    assert [one.question for one in asked.histories[-1]] == ["How many died?"]


def test_asked_with_the_words_that_are_left_it_stands_in_its_place(asked, respond):
    talk = Talk()
    ask(respond, FIRST, talk)
    ask(respond, BAKERY_TOO, talk)
    shown = ask(respond, BAKERY_TOO, talk, number=2, about=("Aarup",)).conversation
    assert asked.calls[-1] == (BAKERY_TOO, [FIRST], ("Aarup",))
    assert shown.count('<article class="turn"') == 2
    assert "<bdi>mill</bdi>" not in shown
    assert 'data-about="[]" aria-label="Ask on its own, without “Aarup”"' in shown
    assert 'data-about="null">Use all the words again' in shown


def test_without_its_last_word_it_stands_alone_and_can_be_part_of_the_conversation_again(asked, respond):
    talk = Talk()
    ask(respond, FIRST, talk)
    ask(respond, BAKERY_TOO, talk)
    shown = ask(respond, BAKERY_TOO, talk, number=2, about=()).conversation
    assert talk.exchange(2).answer.standalone_question == BAKERY_TOO
    assert "Asked on its own." in shown
    assert 'data-about="null">Ask as part of the conversation' in shown
    shown = ask(respond, BAKERY_TOO, talk, number=2).conversation
    assert talk.exchange(2).answer.about == ("mill", "Aarup")


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ('["mill"]', ("mill",)), ("[]", ()), ("null", None),
        # "Ask again" tells nothing; the rest is not what our buttons tell.
        ("", ("as", "before")), ('["other"]', ("as", "before")), ("[1]", ("as", "before")), ("{}", ("as", "before")),
        ('"mill"', ("as", "before")), ("[" * 100_000, ("as", "before")), (None, ("as", "before")), (7, ("as", "before")),
    ],
)  # fmt: skip
def test_only_words_that_a_turn_took_can_be_left_to_it(asked, told, words):
    answer = asked(BAKERY_TOO, [Turn(FIRST, "120")])
    assert parse_about(told, Exchange(2, BAKERY_TOO, "", answer, ("as", "before"))) == words


def test_a_turn_asked_again_knows_only_the_turns_before_it(asked, respond):
    talk = Talk()
    for question in (FIRST, BAKERY_TOO, "And the school?"):
        ask(respond, question, talk)
    ask(respond, BAKERY_TOO, talk, number=2)
    assert asked.calls[-1] == (BAKERY_TOO, [FIRST], None)


def test_an_unusable_question_becomes_a_turn_and_goes_back_into_the_box(respond):
    talk = Talk()
    change = ask(respond, "eh", talk)
    assert '<p class="failure">' in change.conversation
    assert "Ask again" in change.conversation
    assert change.question == "eh"
    assert talk.turns_before(talk.begin("And?")) == []


def test_an_empty_question_asks_for_one_and_keeps_the_conversation(respond):
    talk = Talk()
    ask(respond, FIRST, talk)
    shown = ask(respond, "  ", talk).conversation
    assert "Type a question first" in shown
    assert FIRST in shown


def test_a_stopped_question_leaves_no_turn_and_goes_back_into_the_empty_box(respond):
    talk = Talk()
    running = respond(FIRST, talk)
    next(running)
    change = stop_asking(talk, "")
    assert FIRST not in change.conversation
    assert change.question == FIRST
    (last,) = running  # its answer comes too late
    assert FIRST not in last.conversation
    assert FIRST not in talk.html()


def test_stopping_keeps_what_is_being_typed_and_a_turn_that_was_asked_again(respond):
    talk = Talk()
    ask(respond, FIRST, talk)
    next(respond(FIRST, talk, number=1))
    change = stop_asking(talk, "something else")
    assert change.question is None
    assert "<mark>120</mark>" in change.conversation


def test_two_questions_at_once_both_keep_their_turns(respond):
    talk = Talk()
    one, other = respond(FIRST, talk), respond("Is the bakery closed?", talk)
    next(one)
    shown = next(other).conversation
    assert shown.count('aria-busy="true"') == 2
    list(other)
    list(one)
    assert talk.html().count("<mark>120</mark>") >= 2
    assert talk.html().index(FIRST) < talk.html().index("Is the bakery closed?")


def test_starting_over_forgets_all_turns_and_what_is_sought(respond):
    talk = Talk()
    ask(respond, FIRST, talk)
    running = respond("And now?", talk)
    next(running)
    assert start_over(talk) == Change(conversation=Talk().html(), question="")
    assert list(running)[-1].conversation.count("</article>") == 0


def test_only_the_newest_turns_are_kept_and_numbers_go_on(respond, monkeypatch):
    monkeypatch.setattr(talks, "TURNS_KEPT", 2)
    talk = Talk()
    for number in range(4):
        ask(respond, f"Is this number {number}?", talk)
    assert talk.exchange(2) is None
    assert talk.exchange(4).question == "Is this number 3?"
    assert [answer.question for answer in talk.answers()] == ["Is this number 2?", "Is this number 3?"]


def test_each_visitors_conversation_is_a_copy_of_an_empty_one(respond):
    empty = Talk()
    ask(respond, FIRST, deepcopy(empty))
    assert empty.html() == Talk().html()


def test_an_article_removed_in_the_meantime_is_left_out(asked):
    named = named_articles(asked(FIRST, ()), Given(lambda: [MILL]))
    assert list(named) == ["m"]


def test_only_the_articles_of_an_answer_are_read(asked):
    class Watched(Given):
        def article(self, article_id):
            read.append(article_id)
            return super().article(article_id)

    read: list[str] = []
    answer_turn(asked, Watched(lambda: [MILL, BAKERY]), Talk().begin(FIRST), [])
    assert read == ["gone", "m"]


def test_plain_articles_become_a_catalogue_and_a_catalogue_stays_one():
    given = catalogue(lambda: [MILL, BAKERY])
    assert [one.name for one in given.summary().entries] == ["Mill Post", "bakery"]
    assert given.article("b") is BAKERY
    with pytest.raises(ArticleNotFound, match="none"):
        given.article("none")
    assert catalogue(given) is given


def test_a_library_is_listed_without_its_texts_and_again_once_it_has_changed(tmp_path, seeds_library):
    from qa.library import Library

    (tmp_path / "one.txt").write_text("The mill in Aarup employs 120 people. It was built in 1912.")
    with Library.open(tmp_path / "library", embedder=seeds_library.embedder) as library:
        shelved = Shelved(lambda: library)
        assert shelved.summary() == Summary(0)
        library.add(tmp_path / "one.txt")
        (only,) = shelved.summary().entries
        assert only.headline.startswith("“The mill in Aarup")
        assert shelved.summary() is shelved.summary()
        assert "1912" in shelved.article(only.id).text


def test_what_is_known_of_a_library_is_not_taken_for_a_copy_s_that_went_another_way(tmp_path, seeds_library):
    from qa.library import Library

    def opened(name):
        return Library.open(tmp_path / name, embedder=seeds_library.embedder)

    for number in range(3):
        text = f"The mill number {number} employs 120 people. It was built in 1912."
        (tmp_path / f"{number}.txt").write_text(text)
    with opened("here") as library:
        library.add(tmp_path / "0.txt")
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    with opened("here") as library, opened("there") as copy:
        library.add(tmp_path / "1.txt")
        copy.add(tmp_path / "2.txt")
        asked = [library]
        shelved = Shelved(lambda: asked[0])
        before = {one.id for one in shelved.summary().entries}
        assert (library.generation, library.token != copy.token) == (copy.generation, True)
        source, target = (sqlite3.connect(tmp_path / one / "library.sqlite") for one in ("there", "here"))
        with closing(source), closing(target):
            source.backup(target)
        assert library.token == copy.token
        assert {one.id for one in shelved.summary().entries} == {one.id for one in copy.articles()} != before


def test_of_many_articles_the_page_knows_what_the_library_counts(tmp_path, seeds_library, monkeypatch):
    from qa.library import Library

    for number, (publisher, day) in enumerate(
        [("A", "2026-01-02"), ("B", "2025-03"), ("B", "2026-07"), ("", "")]
    ):
        stated = {"publisher": publisher, "published": day} if publisher else {}
        told = {"text": f"Mill {number} employs 120 people.", **stated}
        (tmp_path / f"{number}.json").write_text(json.dumps(told), encoding="utf-8")
    with Library.open(tmp_path / "library", embedder=seeds_library.embedder) as library:
        library.add(*sorted(tmp_path.glob("*.json")))
        few = Shelved(lambda: library).summary()
        monkeypatch.setattr("qa.app.shelf.catalogue.FEW", 3)
        many = Shelved(lambda: library).summary()
    assert len(few.entries) == 4
    assert many == Summary(4, ("B", "A"), 1, "2025-03", "2026-07")
    assert replace(few, entries=(), publishers=("B", "A")) == many
