"""Conversations brought back from files: our own are whole, of all others only the articles' sentences are believed."""

import json
import stat
from dataclasses import replace

import pytest

from index.records import Article
from qa.app.html.turn import FROM_FILE, NONE_IN_FILE
from qa.app.pages.save import exported_talk
from qa.app.shelf.catalogue import Given
from qa.app.talks.arrival import UNSEALED, import_talk
from qa.app.talks.conversation import Talk
from qa.app.talks.record import read, resume, write
from qa.app.talks.seal import default_key, is_sealed, read_key, seal
from qa.export.conversation import conversation, to_json
from qa.records import Answer, Citation, Conflict, ConflictCheck, Coverage, Passage, Position
from qa.settings import Settings

DENIAL = "It is not true that mayor Smith took money."
POST = Article(
    "p", "p.txt", f"The council met on Friday. {DENIAL} It rained.", "Council", "Post", None, "2026-07-03"
)
NEWS = Article(
    "n", "n.txt", "Mayor Smith took no holiday. The pier was full.", "Pier", "News", None, "2026-07-04"
)
ARTICLES = Given(lambda: [POST, NEWS])
QUESTION = "Did mayor Smith take money?"


def cite(article: Article, quote: str) -> Citation:
    start = article.text.index(quote)
    end = start + len(quote)
    return Citation(
        article.id, article.title, article.publisher, article.published, article.uri, start, end, quote, quote, start, end,
        0.9,
    )  # fmt: skip


def forged() -> Answer:
    """What a file can be made to say: a quote cut out of a denial, "yes" beside it, words of its own."""
    cut = cite(POST, "mayor Smith took money")
    other = cite(NEWS, "Mayor Smith took no holiday")
    return Answer(
        QUESTION, QUESTION, "answered", cut.quote, 1.0, (cut,),
        (Position(cut.quote, (cut,), 2, "yes"), Position(other.quote, (other,), 1, "no")),
        (Conflict("polarity", f"yes: {cut.quote} against no: {other.quote}", (cut, other), 0.99, sides=(0, 1)),),
        ConflictCheck("checked", 2, 2, 1, reason="TRUST ME"),
        (Passage("p", 0, 20, POST.text[:20], 1, 0.9),),
        scope=Coverage(publishers=("TRUST ME TOO",)), about=("trusted",),
    )  # fmt: skip


def written(answer: Answer, told: str = "") -> str:
    plain = json.loads(to_json(conversation([answer], [POST, NEWS], Settings())))
    return json.dumps({**plain, "seal": told})


@pytest.mark.parametrize("told", ["", "0" * 64, "no seal"])
def test_a_file_that_was_edited_cannot_make_an_article_say_the_opposite(told):
    talk = Talk()
    assert import_talk(talk, written(forged(), told), ARTICLES).startswith("Your conversation continues")
    (turn,) = talk.exchanges()
    assert [one.quote for one in turn.answer.closest] == [DENIAL, "Mayor Smith took no holiday."]
    assert [one.score for one in turn.answer.closest] == [0.0, 0.0]
    assert (turn.answer.status, turn.answer.text, turn.answer.positions) == ("closest", "", ())
    assert (turn.answer.conflicts, turn.answer.confidence, turn.answer.about) == ((), 0.0, ())
    assert FROM_FILE in turn.html
    assert "TRUST ME" not in turn.html
    assert "Says yes" not in turn.html
    again = Talk()
    import_talk(again, to_json(exported_talk(talk, ARTICLES, Settings())), ARTICLES)
    assert FROM_FILE in again.exchanges()[0].html  # and no seal makes it more than that


def test_what_a_file_puts_together_is_not_shown_as_saying_the_same():
    of = forged()
    (yes, no), talk = of.positions, Talk()
    together = replace(of, positions=(replace(yes, citations=(*yes.citations, *no.citations)),), conflicts=())
    import_talk(talk, written(together), ARTICLES)
    shown = talk.exchanges()[0].html
    assert DENIAL in shown
    assert [
        said for said in ("the same", "in its own words", "something else", "right quote") if said in shown
    ] == []


def test_it_is_said_of_a_file_without_a_seal_and_beside_each_answer_is_the_way_to_ask_it_here():
    talk = Talk()
    assert import_talk(talk, written(forged()), ARTICLES).endswith(UNSEALED)
    assert talk.exchanges()[0].html.count("Ask it again here") == 1
    assert "Ask again<" not in talk.exchanges()[0].html
    import_talk(talk, written(forged(), seal([forged()])), ARTICLES)
    assert "Ask it again here" not in talk.exchanges()[0].html


def test_of_an_answer_that_quotes_other_articles_only_the_question_is_left():
    talk, elsewhere = Talk(), Given(lambda: [NEWS])
    said = import_talk(talk, written(forged()), elsewhere)
    assert said.endswith(UNSEALED)
    assert [one.article_id for one in talk.exchanges()[0].answer.closest] == ["n"]
    assert "Not in this library, and left out: “Post”." in talk.exchanges()[0].html
    said = import_talk(talk, written(forged()), Given(list))
    assert "1 of its 1 answers quotes words that are not in this library" in said
    (turn,) = talk.exchanges()
    assert turn.answer is None
    assert NONE_IN_FILE in turn.html
    assert "Ask it again here" in turn.html
    kept = Talk()
    resume(kept, read(write(talk)), ARTICLES)
    assert [one.article_id for one in kept.exchanges()[0].answer.closest] == ["p", "n"]  # they are back


def test_an_answer_of_our_own_is_whole_again_and_a_single_change_breaks_the_seal():
    own = forged()
    talk = Talk()
    import_talk(talk, written(own, seal([own])), ARTICLES)
    (turn,) = talk.exchanges()
    assert [one.polarity for one in turn.answer.positions] == ["yes", "no"]
    assert len(turn.answer.conflicts) == 1
    changed = json.loads(written(own, seal([own])))
    changed["answers"][0]["positions"][0]["polarity"] = "open"
    import_talk(talk, json.dumps(changed), ARTICLES)
    assert FROM_FILE in talk.exchanges()[0].html


def test_the_key_is_this_users_alone_and_stays(tmp_path):
    file = tmp_path / "state" / "seal.key"
    key = read_key(file)
    read_key.cache_clear()
    assert read_key(file) == key == file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in file.parent.iterdir()] == ["seal.key"]
    assert read_key(tmp_path / "other") != key
    blocked = tmp_path / "a file"
    blocked.write_text("x")
    assert len(read_key(blocked / "seal.key")) == 32
    assert default_key().name == "seal.key"
    assert not is_sealed([forged()], "ü")
