"""A question asked of a part of the library: which articles count, what the answer says of it."""

import json

import pytest

from index.errors import ArticleNotFound, LibraryError
from qa.ask import ask
from qa.cli import main
from qa.export.text import tell_narrowing
from qa.library import Library
from qa.records import Scope
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


def test_disagreements_are_those_of_the_chosen_articles(library, ids):
    found = library.conflicts(articles=[ids["Ferry"], ids["Mill"]], rulings=False)
    assert all(
        {one.article_id for one in conflict.statements} <= {ids["Ferry"], ids["Mill"]}
        for conflict in found.conflicts
    )
    assert found.check.sources <= 2


def test_the_command_line_asks_chosen_articles_and_says_so(folder, ids, capsys):
    main(["ask", QUESTION, "--library", str(folder), "--article", ids["Police"]])
    assert "Asked of 1 of 3 articles: 1 chosen article." in capsys.readouterr().out
    main(["list", "--library", str(folder), "--article", ids["Mill"], "--json"])
    assert [one["title"] for one in json.loads(capsys.readouterr().out)] == ["Mill"]
    assert main(["ask", QUESTION, "--library", str(folder), "--article", "nowhere"]) == 2
    assert "No article nowhere stands" in capsys.readouterr().err


def test_what_narrows_a_question_is_said_in_words():
    assert tell_narrowing(Scope(5, 2, 2, 5)) == ""
    both = Scope(3, 2, 2, 298, publishers=("Reuters", "AP"), since="2026-07")
    assert tell_narrowing(both) == "3 of 298 articles: Reuters, AP; from 2026-07"
    chosen = Scope(2, 2, 2, 298, article_ids=("a", "b"))
    assert tell_narrowing(chosen, ["The ferry", "The mill"]) == "2 of 298 articles: The ferry, The mill"
    assert tell_narrowing(chosen) == "2 of 298 articles: 2 chosen articles"
