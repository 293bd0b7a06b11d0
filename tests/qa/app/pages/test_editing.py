"""What the forms of the page of articles send: what of it is let in, what is done, and what is asked back."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from eval.robustness.small_library import WordHashEmbedder
from index.errors import ArticleNotFound, LibraryError
from index.scope import EVERYTHING, Scope
from qa.app.html.article_form import article_form
from qa.app.pages.editing import Editing
from qa.app.pages.intake import LibrarySource
from qa.library import Library

FERRY = {
    "text": "The ferry came in late.",
    "title": "The ferry",
    "publisher": "Post",
    "published": "2026-07-03",
}
PIER = {"text": "The pier is open.", "publisher": "The Post Ltd"}


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    file = tmp_path / "two.jsonl"
    file.write_text("\n".join(map(json.dumps, (FERRY, PIER))), encoding="utf-8")
    with Library.open(tmp_path / "library", embedder=WordHashEmbedder(), chunk_tokens=60) as made:
        made.add(file)
        yield made


def act(library: Library, sought: str = "", scope: Scope = EVERYTHING, **data: object) -> tuple[str, str]:
    return Editing(LibrarySource(lambda: library)).act(data, sought, scope)


def ferry(library: Library):
    return next(one for one in library.articles() if one.title or "ferry" in one.text)


def test_only_known_fields_are_let_in_and_only_text(library):
    values = {"text": "Forged.", "id": "x", "title": 5, "author": ["Ida"], "publisher": "Herald"}
    assert act(library, do="save", article=ferry(library).id, values=values)[1] == "Saved: The ferry"
    assert [name for name, _ in ferry(library).edited] == ["publisher"]
    assert ferry(library).text == FERRY["text"]
    before = library.generation
    for nothing in (None, [], "title", {}, {"text": "Forged."}):
        assert act(library, do="save", article=ferry(library).id, values=nothing)[1] == ""
    assert library.generation == before


@pytest.mark.parametrize("data", [{}, {"do": "remove"}, {"do": ["save"]}])
def test_what_is_no_form_of_ours_is_refused(library, data):
    with pytest.raises(LibraryError, match="load the page anew"):
        act(library, **data)
    with pytest.raises(LibraryError, match="load the page anew"):
        Editing(LibrarySource(lambda: library)).act(None, "", EVERYTHING)


def test_an_article_that_is_gone_is_no_form_and_is_told_where_one_is_open(library):
    with pytest.raises(ArticleNotFound):
        act(library, do="edit", article="none")
    html, changed = act(library, do="save", article="none", values={"title": "A"})
    assert "No article none stands" in html
    assert changed == ""


def test_what_the_article_states_counts_again_once_it_is_typed_again(library):
    for values, edited in (
        ({"published": "2026", "publisher": ""}, {"published": "2026-07-03", "publisher": "Post"}),
        ({"published": "3 July 2026"}, {"publisher": "Post"}),
        ({"publisher": "Post", "author": ""}, {}),
    ):
        act(library, do="save", article=ferry(library).id, values=values)
        assert dict(ferry(library).edited) == edited


def test_each_wrong_value_is_told_at_its_field_and_nothing_is_changed(library):
    values = {"published": "03/04/2026", "title": "x" * 301, "author": "Ida"}
    html, changed = act(library, do="save", article=ferry(library).id, values=values)
    assert 'data-field="published"' in html and "is not a sure date" in html  # noqa: PT018
    assert 'data-field="title"' in html and "301 characters" in html  # noqa: PT018
    assert (changed, ferry(library).edited) == ("", ())


def test_several_are_changed_only_once_their_number_was_agreed_to(library):
    save = {"do": "save found", "values": {"publisher": "Herald", "title": "Forged", "author": " "}}
    for sure in (None, True, 1, 3, "2"):
        html, changed = act(library, **save, sure=sure)
        assert (changed, "Change 2 articles?" in html) == ("", True)
    assert act(library, **save, sure=2)[1] == "Changed: 2 articles"
    assert {(one.publisher, one.author) for one in library.articles()} == {("Herald", None)}
    assert ferry(library).title == "The ferry"
    one = act(library, "ferry", **{**save, "values": {"publisher": "Post"}}, sure=1)
    assert one[1] == "Changed: 1 article"
    assert {one.publisher for one in library.articles()} == {"Post", "Herald"}


def test_publishers_are_merged_by_names_that_are_known_into_one_that_is_none_of_them_in_vain(library):
    names = ["Post", "The Post Ltd"]
    for data, told in (
        ({"names": names, "into": " "}, "the name is empty"),
        ({"names": ["Nobody"], "into": "Post"}, "nothing to merge"),
        ({"names": ["Post"], "into": "the post"}, "nothing to merge"),
        ({"names": "Post", "into": "Herald"}, "nothing to merge"),
        ({"names": names, "into": "x" * 301}, "301 characters"),
    ):
        html, changed = act(library, do="save merge", **data)
        assert told in html.replace("The name", "the name").replace("There is ", "there is ")
        assert changed == ""
    assert library.publishers() == (("Post", 1), ("The Post Ltd", 1))
    assert act(library, do="save merge", names=names, into="Post")[1] == "Merged: 2 articles by Post"
    assert library.publishers() == (("Post", 2),)


def test_suggestions_are_for_what_is_missing_and_nobody_has_set(tmp_path, library):
    (tmp_path / "mill.txt").write_text(
        "The mill opens\n\n03/04/2026\n\nThe mill was opened again. It grinds rye.", encoding="utf-8"
    )
    (added,) = library.add(tmp_path / "mill.txt")
    article = library.article(added.article_id)
    found = library.suggest([article.id])[article.id]
    assert [one.value for one in found if one.field == "published"] == ["2026-04-03", "2026-03-04"]
    form = article_form(article, found)
    assert form.index("3 April 2026") < form.index("4 March 2026") < form.index("from “")
    (none,) = library.edit([article.id], {"published": ""})
    left = library.suggest([none.id]).get(none.id, ())
    assert not [one for one in left if one.field == "published"]


def test_what_the_texts_suggest_is_shown_and_filled_in_at_once(tmp_path, library):
    for number in range(3):
        (tmp_path / f"mill{number}.txt").write_text(
            f"The mill opens\n\nNorwind Weekly, 03/04/2026\n\nThe mill was opened again, the {number}th time. It"
            " grinds rye and oats for the whole valley, and nobody has to drive to town.",
            encoding="utf-8",
        )
    library.add(tmp_path)
    html, told = act(library, do="suggested")
    assert "Norwind Weekly" in html
    assert told == ""
    assert not [one for one in library.articles() if one.publisher == "Norwind Weekly"]
    assert act(library, do="save suggested")[1].startswith("Filled in: ")
    mills = [one for one in library.articles() if "rye" in one.text]
    assert {one.publisher for one in mills} == {"Norwind Weekly"}
    assert {one.published for one in mills} == {None}  # which of the two days is for a person to say
