"""A conversation written down and read back: the same values, and in Markdown the articles' own words."""

import hashlib
import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from markdown_it import MarkdownIt

from index.errors import WhosaysError
from index.records import Article
from qa.conflicts.timeline import timeline_of
from qa.export.conversation import (
    ConversationError,
    conversation,
    read_conversation,
    to_citation,
    to_json,
    to_markdown,
)
from qa.records import Answer, Citation, Conflict, ConflictCheck, Coverage, Passage, Position, Timings
from qa.settings import Settings

HOSTILE = (
    "# 1. <script>alert(1)</script> ![x](javascript:alert(1)) **bold** `code` [[a]] &amp; a|b $x$ ~~y~~ \\*\n"
    "- not a list, and not a rule:\n---\n12. nor a number\n> nor a quote"
)
MORNING = Article(
    "a1",
    "https://morning.example/ferry",
    "The ferry was late. It carried 40 people, the captain said.",
    "Ferry arrives late",
    "Morning Post",
    None,
    "2026-07-03",
)
EVENING = Article("b2", "/home/someone/secret/evening.txt", "Police said: it carried 45 people.")
EVIL = Article("c3", "javascript:alert(1)", HOSTILE, "<b>T</b> *x*", "[P](javascript:alert(1))")
UNQUOTED = Article("d4", "unquoted.txt", "Nothing of this is quoted.")
AT = datetime(2026, 7, 9, 12, 30, tzinfo=UTC)


def cite(article: Article, quote: str, sentence: str) -> Citation:
    start, first = article.text.index(quote), article.text.index(sentence)
    return Citation(
        article.id, article.title, article.publisher, article.published, article.uri, start, start + len(quote),
        quote, sentence, first, first + len(sentence), 0.9,
    )  # fmt: skip


FORTY = cite(MORNING, "40 people", "It carried 40 people, the captain said.")
FORTY_FIVE = cite(EVENING, "45 people", EVENING.text)
DISPUTED = Answer(
    "How many people?",
    "How many people did the ferry carry?",
    "answered",
    "40 people",
    0.87,
    (FORTY,),
    (Position("40 people", (FORTY,), 1), Position("45 people", (FORTY_FIVE,), 1, "open")),
    (Conflict("number", "40 people against 45 people", (FORTY, FORTY_FIVE), 0.9, True, (0, 1)),),
    ConflictCheck("checked", 2, 2, 1),
    (Passage("b2", 0, 11, EVENING.text[:11], 1, 0.5),),
    Timings(1, 2, 3, 4, 10),
    scope=Coverage(298, 2, 1),
    about=("ferry", "carry"),
)
REFUSED = Answer(
    "Who is the captain?", "Who is the captain?", "unanswered", "", 0.1, (), (), (),
    ConflictCheck("not_checked", reason="the articles do not answer"), (Passage("c3", 0, 4, HOSTILE[:4], 1, 0.2),),
    scope=Coverage(298, 1, 1),
)  # fmt: skip
NEAREST = replace(REFUSED, status="closest", closest=(cite(EVENING, EVENING.text, EVENING.text), FORTY))


def exported(*answers: Answer, articles=(UNQUOTED, EVIL, EVENING, MORNING), **settings):
    return conversation(answers, articles, Settings(**settings), at=AT)


def test_a_conversation_read_back_from_json_is_the_same_conversation():
    written = exported(DISPUTED, REFUSED, NEAREST)
    assert read_conversation(to_json(written)) == written
    plain = json.loads(to_json(written))["answers"]
    assert plain[0]["about"] == ["ferry", "carry"]
    read = {name: plain[0]["scope"][name] for name in ("articles", "articles_read", "passages_read")}
    assert read == {"articles": 298, "articles_read": 2, "passages_read": 1}
    assert [one["quote"] for one in plain[2]["closest"]] == [EVENING.text, "40 people"]
    assert read_conversation(to_json(exported())) == exported()


def test_it_names_each_quoted_article_once_with_the_checksum_of_its_text():
    sources = exported(DISPUTED, REFUSED).sources
    assert [source.id for source in sources] == ["a1", "b2", "c3"]
    assert sources[0].sha256 == hashlib.sha256(MORNING.text.encode()).hexdigest()
    assert sources[0].characters == len(MORNING.text)
    assert (sources[0].publisher, sources[0].published) == ("Morning Post", "2026-07-03")


def test_an_article_that_has_left_the_library_is_named_without_a_checksum():
    (morning, evening) = exported(DISPUTED, articles=[EVENING]).sources
    assert (morning.title, morning.sha256, morning.characters) == ("Ferry arrives late", None, None)
    assert evening.sha256
    assert "no longer in the library" in to_markdown(exported(DISPUTED, articles=[EVENING]))


def test_it_says_with_what_models_settings_version_and_when_it_was_made():
    made = exported(DISPUTED, reader="/somewhere/private/my-reader", passages=7)
    assert len(made.models["qa/reader.int8.onnx"]) == 64
    assert len(made.models["index/all-MiniLM-L6-v2.int8.onnx"]) == 64
    assert made.models["reader"] == "my-reader"
    assert (made.settings["passages"], made.settings["reader"]) == (7, "my-reader")
    assert made.exported == "2026-07-09T12:30:00+00:00"
    assert made.version in to_markdown(made)
    assert "private" not in to_json(made)


def test_the_day_of_an_update_and_what_was_said_when_are_written_down_and_read_back():
    revised = replace(EVENING, published="2026-07-04", updated="2026-07-05")
    later = replace(FORTY_FIVE, published="2026-07-04", updated="2026-07-05")
    answer = replace(DISPUTED, positions=(DISPUTED.positions[0], Position("45 people", (later,), 1)),
                     conflicts=(replace(DISPUTED.conflicts[0], statements=(FORTY, later)),))  # fmt: skip
    answer = replace(answer, timeline=timeline_of(answer))
    written = exported(answer, articles=(revised, MORNING))
    assert read_conversation(to_json(written)) == written
    text = to_markdown(written)
    assert "### In order of time" in text
    assert (
        "- 2026-07-03, Morning Post: “It carried 40 people, the captain said.” (perhaps superseded)" in text
    )
    assert "carried 45 people.” (latest)" in text
    assert "2026-07-04, updated 2026-07-05" in text


def test_each_quote_in_json_is_the_text_of_its_article_between_its_offsets():
    plain = json.loads(to_json(exported(DISPUTED)))
    for citation in plain["answers"][0]["conflicts"][0]["statements"]:
        text = {"a1": MORNING.text, "b2": EVENING.text}[citation["article_id"]]
        assert text[citation["start"] : citation["end"]] == citation["quote"]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda text: "# Markdown", "it is not JSON"),
        (lambda text: "[" * 100_000, "it is not JSON"),
        (lambda text: "[]", "does not say that it is one"),
        (lambda text: '{"question": "x"}', "does not say that it is one"),
        (lambda text: text.replace('"format_version": 2', '"format_version": 99'), "reads 1 and 2: open it with"),
        (lambda text: text.replace('"40 people"', '"4000 people"'), "has another length"),
        (lambda text: text.replace('"kind": "number"', '"kind": "colour"'), r"answers\[0\].conflicts\[0\].kind"),
        (lambda text: text.replace('"confidence": 0.87', '"confidence": "high"'), "confidence is 'high', not a number"),
        (lambda text: text.replace('"start": 31', '"start": 31.5'), "start is 31.5, not a whole number"),
        (lambda text: text.replace('"status": "answered",', ""), r"answers\[0\].status is missing"),
        (lambda text: text.replace('"possible_update": true', '"possible_update": 1'), "not true or false"),
        (lambda text: text.replace('"tier": "disagree"', '"tier": "agree"'), "is 'agree', not disagree or may_disagree"),
    ],
)  # fmt: skip
def test_what_is_no_exported_conversation_is_refused_with_what_is_wrong(change, complaint):
    text = to_json(exported(DISPUTED))
    assert change(text) != text
    with pytest.raises(ConversationError, match=complaint) as raised:
        read_conversation(change(text))
    assert isinstance(raised.value, WhosaysError)


def test_markdown_shows_both_sides_of_a_conflict_with_quotes_places_and_dates():
    text = to_markdown(exported(DISPUTED))
    assert "## How many people?" in text
    assert "About: ferry, carry" in text
    assert "Understood as" not in text
    assert "Read: 1 passage from 2 of 298 articles." in text
    assert "### 2. Leaves it open" in text
    assert "### Conflicts: 1\n\nCompared 1 pair of statements from 2 sources.\n" in text
    assert "**They disagree, number**: 40 people against 45 people (score 0.90, possibly" in text
    assert "> It carried 40 people, the captain said." in text
    assert "> Police said: it carried 45 people." in text
    assert "Morning Post, “Ferry arrives late”, 2026-07-03, https://morning.example/ferry" in text
    assert "possibly an update by the later report" in text
    assert "/home/someone" not in text


def test_markdown_says_how_many_conflicts_were_ruled_none():
    ruled = ConflictCheck("checked", 3, 3, 3, reason="3 of 9 pairs were compared", ruled_out=2)
    limit = "Only 3 of 9 pairs were compared. 2 ruled no conflict are left out."
    none = to_markdown(exported(replace(DISPUTED, conflicts=(), conflict_check=ruled)))
    assert "**They say something else: " in none
    assert (
        f"### Compared 3 pairs of statements from 3 sources\n\n1 of these sources is not quoted. {limit}"
        in none
    )
    found = to_markdown(exported(replace(DISPUTED, conflict_check=ruled)))
    assert f"Compared 3 pairs of statements from 3 sources. {limit}" in found
    assert (
        read_conversation(to_json(exported(replace(DISPUTED, conflict_check=ruled))))
        .answers[0]
        .conflict_check
        == ruled
    )


def test_markdown_says_neutrally_what_was_compared_where_nothing_shown_differs():
    also = replace(FORTY, article_id="d4")
    answer = replace(
        DISPUTED, positions=(Position("40 people", (FORTY, also), 2),), citations=(FORTY, also), conflicts=()
    )
    text = to_markdown(exported(answer))
    assert "### Compared 1 pair of statements from 2 sources; none of those shown differ\n" in text
    for one in (text, to_markdown(exported(replace(DISPUTED, conflicts=())))):
        assert not re.search("none found|no conflict|agree", one, re.IGNORECASE)


def test_the_tier_of_a_conflict_is_kept_and_told_in_every_export():
    less_sure = replace(DISPUTED, conflicts=(replace(DISPUTED.conflicts[0], tier="may_disagree"),))
    written = exported(less_sure)
    assert json.loads(to_json(written))["answers"][0]["conflicts"][0]["tier"] == "may_disagree"
    assert read_conversation(to_json(written)) == written
    assert "**They may disagree, number**: 40 people against 45 people" in to_markdown(written)
    assert "\nThey may disagree (40 people against 45 people):\n" in to_citation(less_sure)


def test_a_conflict_that_was_stored_without_a_tier_reads_as_one_that_disagrees():
    plain = json.loads(to_json(exported(DISPUTED)))
    del plain["answers"][0]["conflicts"][0]["tier"]
    read = read_conversation(json.dumps(plain))
    assert read == exported(DISPUTED)
    assert [one.tier for one in read.answers[0].conflicts] == ["disagree"]


def test_markdown_says_where_nothing_was_found_and_quotes_no_passage():
    text = to_markdown(exported(REFUSED))
    assert "I found nothing in the 1 passage read of 298 articles." in text
    assert "Read: " not in text
    assert "\n> " not in text
    assert "### Conflicts: not checked" in text


def test_markdown_quotes_the_closest_statements_as_what_they_are():
    text = to_markdown(exported(NEAREST))
    (_, closest) = text.split("Closest statements, not sure:\n\n")
    assert closest.startswith("> Police said: it carried 45 people.\n\n— evening, undated, characters 0–34")
    assert closest.index("Police") < closest.index("> It carried 40 people, the captain said.")
    assert "Read: 1 passage from 1 of 298 articles." in closest
    assert "**" not in text


def test_the_statements_of_one_disagreement_stand_on_two_sides():
    also = replace(FORTY_FIVE, article_id="d4")
    two = (*DISPUTED.conflicts, replace(DISPUTED.conflicts[0], statements=(FORTY, also), score=0.8))
    positions = (DISPUTED.positions[0], replace(DISPUTED.positions[1], citations=(FORTY_FIVE, also)))
    answer = replace(DISPUTED, conflicts=two, positions=positions)
    text = to_markdown(exported(answer)).split("### Conflicts: ")[1]
    assert text.startswith("1\n")
    before, after = text.split("\nagainst\n")
    assert before.count("> It carried 40 people") == 1
    assert after.count("> Police said: it carried 45 people.") == 2
    assert to_citation(answer).count("They disagree (") == 1
    assert read_conversation(to_json(exported(answer))).answers[0].conflicts == two


def test_an_export_of_an_older_version_is_still_read():
    plain = json.loads(to_json(exported(DISPUTED, REFUSED)))
    plain["format_version"] = 1
    for answer in plain["answers"]:
        del answer["closest"], answer["scope"], answer["about"], answer["conflict_check"]["ruled_out"]
    plain["answers"][0]["positions"][1]["certainty"] = "reported"
    read = read_conversation(json.dumps(plain))
    answer, refused = read.answers
    assert (answer.closest, answer.scope, answer.about) == ((), Coverage(), ())
    assert answer.positions[1].certainty == "reported"
    assert "Understood as: How many people did the ferry carry?" in to_markdown(read)
    assert "The articles do not answer this." in to_markdown(read)
    assert refused.status == "unanswered"


def test_a_hostile_article_stays_text_in_markdown():
    citation = cite(EVIL, HOSTILE, HOSTILE)
    answer = replace(
        DISPUTED, question=HOSTILE, text=HOSTILE, citations=(citation,), positions=(), conflicts=()
    )
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(to_markdown(exported(answer)))
    kinds = {token.type for token in tokens} | {
        inner.type for token in tokens for inner in token.children or ()
    }
    assert (
        not {"html_block", "html_inline", "link_open", "image", "ordered_list_open", "hr", "s_open"} & kinds
    )
    at = next(place for place, token in enumerate(tokens) if token.type == "blockquote_open")
    shown = "".join(
        "\n" if inner.type == "softbreak" else inner.content for inner in tokens[at + 2].children or ()
    )
    assert shown == HOSTILE


def test_a_citation_tells_who_says_so_when_where_and_who_disputes_it():
    assert to_citation(DISPUTED) == (
        "“It carried 40 people, the captain said.” Morning Post, “Ferry arrives late”, 2026-07-03, "
        "https://morning.example/ferry, characters 20–59, the answer 31–40, article a1.\n"
        "They disagree (40 people against 45 people):\n"
        "“It carried 40 people, the captain said.” Morning Post, “Ferry arrives late”, 2026-07-03, "
        "https://morning.example/ferry, characters 20–59, the answer 31–40, article a1.\n"
        "“Police said: it carried 45 people.” evening, undated, characters 0–34, the answer 24–33, "
        "article b2."
    )
    assert to_citation(REFUSED) == (
        "Who is the captain?\nI found nothing in the 1 passage read of 298 articles. (Whosays)"
    )
    assert to_citation(NEAREST).splitlines()[:2] == [
        "Who is the captain?", "Closest statements, not sure (Whosays):",
    ]  # fmt: skip


def test_exporting_loads_neither_gradio_nor_torch():
    program = "import sys, qa.export.conversation; print(*sorted({'torch', 'gradio'} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == ""
