"""A talk kept and brought back, without a browser: its record, its quotes held against the articles, links."""

import json
from dataclasses import replace
from itertools import count

import pytest

from index.errors import QuestionError
from index.records import Article
from index.scope import EVERYTHING, Scope
from qa.app.pages.save import exported_talk
from qa.app.serve.server import responder
from qa.app.shelf.catalogue import Given
from qa.app.talks.arrival import import_talk, open_talk
from qa.app.talks.conversation import Talk
from qa.app.talks.link import Link, link_query, read_link
from qa.app.talks.record import RecordError, read, resume, write
from qa.app.talks.scope_choice import read_scope
from qa.app.talks.user_files import TALKS_KEPT, TalksError, UserFiles
from qa.conflicts.timeline import timeline_of
from qa.export.conversation import to_json, to_markdown
from qa.records import (
    Answer,
    Citation,
    Conflict,
    ConflictCheck,
    Coverage,
    Overview,
    Passage,
    Position,
    Section,
    ignore_stage,
)
from qa.settings import Settings

FERRY = Article(
    "f", "ferry.txt", "The ferry came in late. It carried 40 people.", "The ferry", "Post", None, "2026-07"
)
POLICE = Article("p", "police.txt", "Police said it carried 45 people.", "The police", "News")
ARTICLES = (FERRY, POLICE)
QUESTION = "How many people?"


def cite(article, quote, sentence):
    start, first = article.text.index(quote), article.text.index(sentence)
    return Citation(
        article.id, article.title, article.publisher, article.published, article.uri, start, start + len(quote),
        quote, sentence, first, first + len(sentence), 0.8,
    )  # fmt: skip


FORTY = cite(FERRY, "40 people", "It carried 40 people.")
FORTY_FIVE = cite(POLICE, "45 people", POLICE.text)


def in_time(*parts, **named):
    """An answer as the real `ask` gives it, with its timeline."""
    answer = Answer(*parts, **named)
    return replace(answer, timeline=timeline_of(answer))


def ask(question, history, *, about=None, on_stage=ignore_stage, scope=EVERYTHING, on_first=None):
    conflict = Conflict("number", "“40 people” against “45 people”", (FORTY, FORTY_FIVE), 0.9, False, (0, 1))
    position, other = Position("40 people", (FORTY,), 1), Position("45 people", (FORTY_FIVE,), 1)
    fitting = 2 if scope == EVERYTHING else 1
    coverage = Coverage(fitting, 2, 2, 2, scope.publishers, scope.since, scope.until, scope.articles)
    passages = (Passage("f", 0, 23, FERRY.text[:23], 1, 0.5), Passage("p", 0, 6, "Police", 2, 0.4))
    if question == "break":
        raise QuestionError("that is no question")
    return in_time(
        question, question, "answered", "40 people", 0.8, (FORTY,), (position, other), (conflict,),
        ConflictCheck("checked", 2, 2, 1), passages, scope=coverage, about=tuple(about or ()),
    )  # fmt: skip


def talked(*questions, chosen=EVERYTHING, library="Ferries"):
    talk = Talk()
    talk.library, talk.scope = library, chosen
    respond = responder(ask, Given(lambda: ARTICLES))
    for question in questions:
        list(respond(question, talk))
    return talk


def brought_back(talk, articles=ARTICLES):
    other = Talk()
    other.library = talk.library
    resume(other, read(write(talk)), Given(lambda: articles))
    return other


def changed(talk, **turn):
    record = json.loads(write(talk))
    record["turns"][0].update(turn)
    return json.dumps(record)


def test_a_talk_that_is_brought_back_shows_what_it_showed_and_goes_on():
    talk = talked(QUESTION, "break", chosen=Scope(("Post",), "2026"))
    again = brought_back(talk)
    assert again.html() == talk.html()
    assert (again.id, again.scope) == (talk.id, talk.scope)
    # As browsers hold it from earlier versions.
    assert json.loads(write(talk))["limits"] == {
        "publishers": ["Post"], "since": "2026", "until": None, "articles": [],
    }  # fmt: skip
    assert again.answers() == talk.answers()
    assert again.begin("And now?").number == 3


def test_a_question_that_was_still_sought_comes_back_to_be_asked_again():
    talk = talked(QUESTION)
    talk.begin("And then?")
    again = brought_back(talk)
    assert [one.question for one in again.exchanges()] == [QUESTION, "And then?"]
    assert "You left the page before the answer came." in again.html()
    assert "Ask again" in again.html()


def test_no_html_and_no_passage_is_kept():
    record = write(talked(QUESTION))
    assert "<" not in record
    assert FERRY.text[:23] not in json.dumps(json.loads(record)["turns"][0]["answer"]["passages"])


def test_an_answer_whose_article_has_gone_is_said_so_and_kept_for_its_return():
    talk = talked(QUESTION)
    without = brought_back(talk, [POLICE])
    assert "This answer quoted “Post”" in without.html()
    assert "40 people" not in without.html()
    assert without.answers() == []
    assert brought_back(without).html() == talk.html()


def test_a_quote_whose_article_was_changed_is_left_out_of_the_rest():
    other = replace(POLICE, text=POLICE.text.replace("45", "46"))
    shown = brought_back(talked(QUESTION), [FERRY, other])
    assert "What “News” said is left out" in shown.html()
    assert "45 people" not in shown.html()
    (answer,) = shown.answers()
    assert answer.conflicts == ()
    assert [one.text for one in answer.positions] == ["40 people"]
    assert "none of those shown differ" not in shown.html()
    assert "Some of what was compared is no longer in this library." in shown.html()


def test_a_talk_that_was_kept_before_there_were_timelines_opens_with_one():
    record = json.loads(write(talked(QUESTION)))
    answer = record["turns"][0]["answer"]
    del answer["timeline"], answer["scope"]["undated"], answer["citations"][0]["updated"]
    other = Talk()
    resume(other, read(json.dumps(record)), Given(lambda: ARTICLES))
    (shown,) = other.answers()
    assert [one.day for one in shown.timeline.entries] == [FERRY.published]
    assert shown.timeline.undated == 1


def test_a_conflict_that_was_kept_without_a_tier_is_shown_as_one_that_disagrees():
    record = json.loads(write(talked(QUESTION)))
    del record["turns"][0]["answer"]["conflicts"][0]["tier"]
    other = Talk()
    resume(other, read(json.dumps(record)), Given(lambda: ARTICLES))
    assert ">They disagree</span>" in other.html()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("citations", 0, "quote"), "99 people"),
        (("citations", 0, "sentence"), "It carried 99 people!"),
        (("citations", 0, "start"), 0),
        (("text",), "99 people"),
    ],
)
def test_words_that_an_article_does_not_say_are_never_shown(path, value):
    talk = talked(QUESTION)
    record = json.loads(write(talk))
    place = record["turns"][0]["answer"]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    other = Talk()
    resume(other, read(json.dumps(record)), Given(lambda: ARTICLES))
    assert "99" not in other.html()
    assert "are no longer in this library" in other.html()


def test_names_passages_and_explanations_are_the_librarys_own_again():
    record = json.loads(write(talked(QUESTION)))
    answer = record["turns"][0]["answer"]
    answer["citations"][0]["publisher"] = "<b>Forged</b>"
    answer["citations"][0]["updated"] = "2099"
    answer["conflicts"][0]["explanation"] = "Forged against forged"
    answer["timeline"]["entries"] = [{"day": "2099", "citation": answer["citations"][0], "mark": "latest"}]
    answer["passages"][0]["text"] = "Forged"
    other = Talk()
    resume(other, read(json.dumps(record)), Given(lambda: ARTICLES))
    assert "Forged" not in other.html()
    assert "2099" not in other.html()
    (shown,) = other.answers()
    assert shown.conflicts[0].explanation == "“40 people” against “45 people”"
    assert shown.passages[0].text == FERRY.text[:23]


CARRIED = cite(FERRY, "It carried 40 people.", "It carried 40 people.")
SAID = cite(POLICE, POLICE.text, POLICE.text)
COUNTS = Conflict("number", "“40 people” against “45 people”", (FORTY, FORTY_FIVE), 0.9, False, (0, 1))


def overviews(question, history, *, about=None, on_stage=ignore_stage, scope=EVERYTHING, on_first=None):
    """Two sentences of two articles; or, of what is disputed, their conflict."""
    disputed = question == "What is disputed?"
    cited = () if disputed else (CARRIED, SAID)
    told = Overview("disagreements" if disputed else "topic", (Section("ferry", cited),))
    check = ConflictCheck("checked", 2, 2, 1) if disputed else ConflictCheck("not_checked", reason="unasked")
    return in_time(
        question, question, "overview", "", 0.0, cited, (), (COUNTS,) if disputed else (), check, (),
        scope=Coverage(2, 2, 2, 2), overview=told,
    )  # fmt: skip


def surveyed(question):
    talk = Talk()
    talk.library = "Ferries"
    list(responder(overviews, Given(lambda: ARTICLES))(question, talk))
    return talk


@pytest.mark.parametrize("question", ["What do they say of the ferry?", "What is disputed?"])
def test_an_overview_is_brought_back_as_it_was_and_without_any_of_its_articles_is_gone(question):
    talk = surveyed(question)
    assert "45 people" in talk.html()
    again = brought_back(talk)
    assert again.html() == talk.html()
    assert again.answers() == talk.answers()
    without = brought_back(talk, [])
    assert "are no longer in this library" in without.html()
    assert "45 people" not in without.html()
    assert without.answers() == []


def test_of_an_overview_the_sentences_that_an_article_does_not_say_are_left_out():
    record = json.loads(write(surveyed("What do they say of the ferry?")))
    section = record["turns"][0]["answer"]["overview"]["sections"][0]
    section["citations"][1] |= {"quote": "Police said it carried 99 people.", "sentence": "Police said 99."}
    other = Talk()
    resume(other, read(json.dumps(record)), Given(lambda: ARTICLES))
    assert "99" not in other.html()
    assert "What “News” said is left out" in other.html()
    (shown,) = other.answers()
    assert shown.citations == shown.overview.sections[0].citations == (CARRIED,)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ("[]", "another version"),
        ('{"version": 1}', "id is missing"),
        ("[" * 100_000, "not JSON"),
        ("x" * 5_000_000, "longer than"),
        (changed(talked(QUESTION), number=0), "not in order"),
        (changed(talked(QUESTION), question="x" * 2001), "values that no answer has"),
        (changed(talked(QUESTION), question="Another?"), "values that no answer has"),
        (changed(talked(QUESTION), about=["x"] * 41), "values that no answer has"),
        (
            write(talked(QUESTION)).replace('"confidence":0.8', '"confidence":NaN'),
            "values that no answer has",
        ),
        (
            write(talked(QUESTION)).replace('"confidence":0.8', '"confidence":1e999'),
            "values that no answer has",
        ),
        (write(talked(QUESTION)).replace('"pairs":1', '"pairs":-1'), "values that no answer has"),
        (write(talked(QUESTION)).replace('"score":0.9', '"score":"<b>"'), "not a number"),
    ],
)
def test_what_no_app_kept_is_refused_with_its_reason(text, said):
    with pytest.raises(RecordError, match=said):
        read(text)


def test_an_id_that_is_a_path_is_refused():
    record = json.loads(write(talked(QUESTION)))
    for other in ("../x", "", "ä", "x" * 33):
        with pytest.raises(RecordError, match="its id is not valid"):
            read(json.dumps({**record, "id": other}))


def test_an_export_is_imported_and_a_foreign_file_changes_nothing():
    talk = talked(QUESTION, "And how many more?", chosen=Scope(articles=("f",)))
    text = to_json(exported_talk(talk, Given(lambda: ARTICLES), Settings(), "Ferries"))
    assert json.loads(text)["library"] == "Ferries"
    assert "Asked of the library Ferries." in to_markdown(
        exported_talk(talk, Given(lambda: ARTICLES), Settings(), "Ferries")
    )
    other = talked("Who came?")
    before = other.html()
    for foreign in ("", "{}", '{"format": "whosays conversation"}', text.replace("40 people", "9 people")):
        assert import_talk(other, foreign, Given(lambda: ARTICLES)).startswith("Nothing was imported. ")
        assert other.html() == before
    assert (
        import_talk(other, text, Given(lambda: ARTICLES))
        == "Your conversation continues where the file ended."
    )
    assert [one.question for one in other.exchanges()] == [QUESTION, "And how many more?"]
    assert other.exchanges()[0].scope == Scope(articles=("f",))
    assert other.id not in ("", talk.id)
    assert "2 of its 2 answers quote words" in import_talk(other, text, Given(lambda: [POLICE]))


def test_a_page_opens_with_what_was_left_or_what_a_link_asks_but_not_over_another_library():
    talk = talked(QUESTION)
    told, known = json.dumps({"record": write(talk)}), Given(lambda: ARTICLES)
    here, elsewhere = Talk(), Talk()
    open_talk(here, told, "Ferries", known)
    open_talk(elsewhere, told, "Harbour", known)
    assert here.html() == talk.html()
    assert elsewhere.exchanges() == []
    link = Link("Who?", "Ferries", Scope(("Post",), "2026-07", None, ("f",)), ("ferry", "people"))
    linked, refused = Talk(), Talk()
    open_talk(linked, json.dumps({"query": f"?{link_query(link)}"}), "Ferries", known)
    assert linked.linked == link
    assert linked.scope == link.scope
    opened = open_talk(refused, json.dumps({"query": link_query(link)}), "Harbour", known)
    assert refused.linked is None
    assert opened.typed == "Who?"
    for nothing in (None, "", "{", "[]", '{"query": 7, "record": {}}', '{"record": ""}', "[" * 100_000):
        empty = Talk()
        assert open_talk(empty, nothing, "Ferries", known).notice == ""
        assert empty.exchanges() == []


def test_a_link_is_read_as_it_was_written_and_a_huge_one_refused():
    link = Link("A & B = ü?", "Ferries, new", Scope(("A & B", "C"), None, "2026", ("1", "2")), ("x y",))
    assert read_link(f"?{link_query(link)}") == link
    assert read_link("?theme=x") is None
    assert read_link("") is None
    with pytest.raises(QuestionError, match="names more than"):
        read_link("ask=x" + "&article=1" * 1000)
    with pytest.raises(QuestionError, match="longer than"):
        read_link("ask=" + "x" * 100_000)


def test_what_the_scopes_fields_hold_is_read_whatever_it_is():
    assert read_scope(["Post", 7], " 2026-07 ", "", ("f",)) == Scope(("Post",), "2026-07", None, ("f",))
    assert read_scope(None, None, 7, "f") == EVERYTHING


def test_each_user_has_files_of_their_own_and_the_oldest_go_first(tmp_path, monkeypatch):
    monkeypatch.setattr("qa.app.talks.user_files.time_ns", count(10**18, 10**9).__next__)
    files, other_app = UserFiles(tmp_path, app="a"), UserFiles(tmp_path, app="b")
    talk = talked(QUESTION)
    first = write(talk)
    kept = files.put("ida", read(first), first)
    assert (kept.name, kept.questions) == (QUESTION, (QUESTION,))
    assert files.get("ida", talk.id) == first
    assert files.listing("ben") == other_app.listing("ida") == []
    with pytest.raises(TalksError, match="no such conversation"):
        files.get("ben", talk.id)
    assert files.put("ida", read(first), first, seen=None) is None  # another window was quicker
    again = files.put("ida", read(first), first, seen=kept.updated)
    assert again.updated > kept.updated
    assert files.rename("ida", talk.id, "  A   ferry ").name == "A ferry"
    assert files.put("ida", read(first), first, seen=again.updated).name == "A ferry"
    for number in range(TALKS_KEPT):
        text = first.replace(talk.id, f"{number:x}")
        files.put("ida", read(text), text)
    assert len(files.listing("ida")) == TALKS_KEPT
    assert talk.id not in {one.id for one in files.listing("ida")}
    files.delete("ida", "0")
    files.delete("ida", "0")
    assert len(files.listing("ida")) == TALKS_KEPT - 1
    for path in ("../users", "", "a/b"):
        with pytest.raises(TalksError):
            files.get("ida", path)


def test_a_damaged_file_is_in_nobodys_way(tmp_path):
    files, talk = UserFiles(tmp_path, app="a"), talked(QUESTION)
    files.put("ida", read(write(talk)), write(talk))
    (path,) = tmp_path.rglob("*.json")
    path.write_text("{", "utf-8")
    assert files.listing("ida") == []
    with pytest.raises(TalksError, match="damaged"):
        files.get("ida", talk.id)
