"""A question asked of a part of the library: which articles count, what the answer says of it."""

import json
import shutil
from dataclasses import replace

import pytest

from index.errors import ArticleNotFound, LibraryError
from index.scope import Scope
from qa.answer import coverage_of
from qa.ask import ask
from qa.cli import main
from qa.export.text import narrowing_text
from qa.library import Library
from qa.records import Coverage
from tests.served import shelve

QUESTION = "How many people did the ferry Aurora carry?"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return shelve(tmp_path_factory.mktemp("scope"))


@pytest.fixture
def library(folder, seeds_library):
    with Library.open(folder, embedder=seeds_library.embedder, create=False) as opened:
        yield opened


@pytest.fixture
def ids(library):
    return {article.title: article.id for article in library.articles()}


def heard(answer):
    return {one.article_id for one in (*answer.citations, *answer.closest, *answer.passages)}


def test_only_chosen_articles_are_searched_listed_and_asked(library, ids):
    chosen = [ids["Police"]]
    assert {hit.article.id for hit in library.search(QUESTION, articles=chosen)} == set(chosen)
    assert [one.id for one in library.articles(articles=chosen)] == chosen
    assert library.listing(articles=chosen).total == 1
    answer = ask(QUESTION, library=library, articles=chosen)
    assert heard(answer) == set(chosen)
    assert "45" in (answer.citations or answer.closest)[0].sentence
    assert (answer.scope.articles, answer.scope.library_articles) == (1, 3)
    assert answer.scope.article_ids == tuple(chosen)


def test_chosen_articles_and_other_limits_hold_together(library, ids):
    found = library.listing(articles=[ids["Police"], ids["Ferry"]], publishers=["evening news"])
    assert [one.title for one in found.articles] == ["Police"]
    answer = ask(QUESTION, library=library, articles=[ids["Ferry"]], since="2026-07-04")
    assert (answer.status, answer.scope.articles) == ("unanswered", 0)


def test_an_unknown_article_is_said_by_its_id(library, ids):
    with pytest.raises(ArticleNotFound, match="No article nowhere stands in the library"):
        ask(QUESTION, library=library, articles=[ids["Ferry"], "nowhere"])
    with pytest.raises(ArticleNotFound, match="nor 1 others"):
        library.search(QUESTION, articles=["nowhere", "neither"])
    with pytest.raises(LibraryError, match="is not a date"):
        ask(QUESTION, library=library, articles=[ids["Ferry"]], since="soon")


def test_a_scope_may_be_given_whole_or_by_its_parts_and_a_part_goes_before_it(library, ids):
    evening = Scope(publishers=("evening news",), since="2026-07")
    whole = ask(QUESTION, library=library, scope=evening)
    by_parts = ask(QUESTION, library=library, publishers=["evening news"], since="2026-07")
    assert whole.to_dict() | {"timings_ms": None} == by_parts.to_dict() | {"timings_ms": None}
    assert heard(whole) == {ids["Police"]}
    assert (whole.scope.publishers, whole.scope.since) == (("evening news",), "2026-07")
    morning = ask(QUESTION, library=library, scope=evening, publishers=["Morning Post"])
    assert heard(morning) == {ids["Ferry"]}
    assert (morning.scope.publishers, morning.scope.since) == (("Morning Post",), "2026-07")


def test_one_text_in_place_of_a_list_is_refused(library):
    with pytest.raises(LibraryError, match="publishers = 'Morning Post' is one text"):
        ask(QUESTION, library=library, publishers="Morning Post")


def test_an_overview_and_what_is_disputed_are_of_the_articles_in_scope(library, ids):
    chosen = Scope(articles=(ids["Police"], ids["Mill"]))
    told = ask("What is this about?", library=library, scope=chosen)
    assert told.status == "overview"
    assert heard(told) == set(chosen.articles)
    assert (told.scope.articles, told.scope.article_ids) == (2, chosen.articles)
    on_topic = ask("The ferry Aurora?", library=library, scope=chosen)
    assert (on_topic.status, {one.article_id for one in on_topic.citations}) == ("overview", {ids["Police"]})
    disputed = "What do they disagree about?"
    assert ask(disputed, library=library, rulings=False).conflict_check.sources == 3
    assert ask(disputed, library=library, scope=chosen, rulings=False).conflict_check.sources <= 2


def test_an_empty_choice_limits_nothing(library):
    answer = ask(QUESTION, library=library, articles=[])
    assert not answer.scope.narrowed
    assert answer.scope.articles == answer.scope.library_articles == 3


def test_more_articles_can_be_chosen_than_sqlite_binds(library, ids):
    with pytest.raises(ArticleNotFound, match="nor 39,999 others"):
        library.search(QUESTION, articles=[ids["Ferry"], *(f"none-{n}" for n in range(40_000))])


def test_a_follow_up_does_not_bring_back_an_article_that_its_scope_leaves_out(library, ids):
    first = ask(QUESTION, library=library, articles=[ids["Ferry"]])
    follow_up = ask("Who said that?", library=library, history=[first], articles=[ids["Police"]])
    assert heard(follow_up) <= {ids["Police"]}
    again = ask("Are you sure?", library=library, history=[first], articles=[ids["Police"]])
    assert again.taken_as == "sure"
    assert heard(again) == {ids["Police"]}


def test_disagreements_are_those_of_the_chosen_articles(library, ids):
    found = library.conflicts(articles=[ids["Ferry"], ids["Mill"]], rulings=False)
    assert all(
        {one.article_id for one in conflict.statements} <= {ids["Ferry"], ids["Mill"]}
        for conflict in found.conflicts
    )
    assert found.check.sources <= 2
    same = library.conflicts(scope=Scope(articles=(ids["Ferry"], ids["Mill"])), rulings=False)
    assert same.to_dict() == found.to_dict()
    assert library.conflicts(publishers=["Morning Post"], rulings=False).check.sources <= 1


def test_the_time_that_a_survey_takes_is_told_of_the_articles_in_scope(folder, ids, tmp_path, seeds_library):
    copy = shutil.copytree(folder, tmp_path / "copy", ignore=shutil.ignore_patterns("conflicts.sqlite*"))
    with Library.open(copy, embedder=seeds_library.embedder, create=False) as library:
        assert library.conflicts_estimate(comparison=None).articles == 3
        assert library.conflicts_estimate(scope=Scope(articles=(ids["Mill"],)), comparison=None).articles == 1
        assert library.conflicts_estimate(until="2026-07-03", comparison=None).articles == 1


def test_what_the_page_says_before_a_question_is_what_the_answer_says_after_it(library, ids):
    scope = Scope(("Morning Post",), None, "2026-07", (ids["Ferry"], ids["Mill"]))
    before = coverage_of(library, scope, ())
    after = ask(QUESTION, library=library, scope=scope).scope
    assert before == replace(after, articles_read=0, passages_read=0)
    assert (before.articles, before.library_articles) == (1, 3)


def test_the_command_line_asks_chosen_articles_and_says_so(folder, ids, capsys):
    main(["ask", QUESTION, "--library", str(folder), "--article", ids["Police"]])
    assert "Asked of 1 of 3 articles: 1 chosen article." in capsys.readouterr().out
    main(["list", "--library", str(folder), "--article", ids["Mill"], "--json"])
    assert [one["title"] for one in json.loads(capsys.readouterr().out)] == ["Mill"]
    main(["list", "--library", str(folder), "--since", "2026-07-04", "--publisher", "evening news", "--json"])
    assert [one["title"] for one in json.loads(capsys.readouterr().out)] == ["Police"]
    main(["conflicts", "--library", str(folder), "--of", ids["Mill"], "--json"])
    assert json.loads(capsys.readouterr().out)["articles"] == len(ids)
    assert main(["conflicts", "--library", str(folder), "--of", "x"]) == 2
    assert "list shows the ids" in capsys.readouterr().err
    main(["conflicts", "--library", str(folder), "--until", "2026-07-03", "--article", ids["Mill"], "--json"])
    assert json.loads(capsys.readouterr().out)["conflict_check"]["sources"] == 0
    assert main(["ask", QUESTION, "--library", str(folder), "--article", "nowhere"]) == 2
    assert "No article nowhere stands" in capsys.readouterr().err


def test_articles_without_a_date_that_dates_leave_out_are_counted_aloud(library, folder, ids, capsys):
    assert coverage_of(library, Scope(), ()).undated == 0
    assert coverage_of(library, Scope(until="2030"), ()).undated == 1
    assert coverage_of(library, Scope(("Evening News",), since="2020"), ()).undated == 0
    assert coverage_of(library, Scope(since="2020", articles=(ids["Mill"],)), ()).undated == 1
    main(["ask", QUESTION, "--library", str(folder), "--since", "2026-07-04", "--timeline"])
    told = capsys.readouterr().out
    assert "Asked of 1 of 3 articles: from 2026-07-04; 1 undated one left out." in told
    assert told.rstrip().endswith(
        "In order of time:\n\n  2026-07-04  Evening News: “Police said on Friday: the ferry Aurora carried 45 people.”"
    )


def test_what_narrows_a_question_is_said_in_words():
    assert narrowing_text(Coverage(5, 2, 2, 5)) == ""
    both = Coverage(3, 2, 2, 298, publishers=("Reuters", "AP"), since="2026-07")
    assert narrowing_text(both) == "3 of 298 articles: Reuters, AP; from 2026-07"
    assert narrowing_text(replace(both, undated=40)).endswith("; from 2026-07; 40 undated ones left out")
    chosen = Coverage(2, 2, 2, 298, article_ids=("a", "b"))
    assert narrowing_text(chosen, ["The ferry", "The mill"]) == "2 of 298 articles: The ferry, The mill"
    assert narrowing_text(chosen) == "2 of 298 articles: 2 chosen articles"
