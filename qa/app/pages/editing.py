"""Editing on the page of articles: what the forms send is read, checked, done, or refused with a reason."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from index.edits import check_edits
from index.errors import LibraryError, WhosaysError
from index.library import Library
from index.names import fold_publisher
from index.readings import MOST_READ, likeliest
from index.records import EDITABLE
from index.scope import Scope
from qa.app.html import article_form as forms
from qa.app.html import words
from qa.app.pages.intake import LibrarySource

MOST_AT_ONCE = 10_000  # articles: their texts are in memory while they are edited
MOST_NAMES = 200  # that are merged at once
ID_CHARS = 100
# What is shown stands in the dialog of `articles.js`, which hears of it, and whose answers go to the server.
_EDIT_JS = """
watch("value", () => {
  if (props.value) document.dispatchEvent(new CustomEvent("edit-form", { detail: props.value }));
});
document.addEventListener("edit-sent", (event) => trigger("submit", event.detail));
"""

Reply = tuple[str, str]
"""What the component gets, and what was changed, in words; "" where nothing was."""


@dataclass(frozen=True, slots=True)
class SentForm:
    """What the component sent, whatever a program may have put there; and which articles are found."""

    library: Library
    data: Mapping[str, Any]
    sought: str
    scope: Scope

    def text(self, name: str) -> str:
        """What was sent by this name, if it is text."""
        value = self.data.get(name)
        return value if isinstance(value, str) else ""

    def values(self, names: Sequence[str]) -> dict[str, str]:
        """Those of the fields `names` that were sent as text."""
        given = self.data.get("values")
        held = given if isinstance(given, dict) else {}
        return {name: held[name] for name in names if isinstance(held.get(name), str)}

    def found_ids(self) -> list[str]:
        """Of all articles that are found; LibraryError where these are none, or too many."""
        found = self.library.listing(sought=self.sought, scope=self.scope, most=MOST_AT_ONCE)
        if found.total > MOST_AT_ONCE:
            raise LibraryError(
                f"{found.total:,} articles are found, and {MOST_AT_ONCE:,} are the most to be edited at once:"
                " search for fewer"
            )
        if not found.total:
            raise LibraryError("no article is found: search for others")
        return [one.id for one in found.articles]

    def lacking_ids(self) -> list[str]:
        """Of the found articles of which something is not known, as many as are read at once."""
        found = self.library.listing(
            sought=self.sought, scope=self.scope, most=MOST_READ, order="missing"
        ).articles
        return [one.id for one in found if not (one.title and one.publisher and one.published)]


class Editing:
    """The component, and what comes of what it sends."""

    def __init__(self, source: LibrarySource) -> None:
        self._source = source
        self._shown = 0
        self._ways: dict[str, Callable[[SentForm], Reply]] = {
            "edit": self._open_article,
            "save": self._save_article,
            "suggested": self._open_suggested,
            "save suggested": self._save_suggested,
            "edit found": self._open_found,
            "save found": self._save_found,
            "merge": self._open_merge,
            "save merge": self._merge,
        }

    def fill(self) -> None:
        """Into the blocks that are open."""
        self.form = gr.HTML(
            "",
            elem_id="article-form",
            html_template="<p hidden></p>",
            apply_default_css=False,
            js_on_load=_EDIT_JS,
        )

    def act(self, data: Any, sought: str, scope: Scope) -> Reply:
        """What the component gets, and what was changed, in words; "" where nothing was.

        `sought` and `scope` say which articles are found. Raises WhosaysError where no form can be shown.
        """
        held = data if isinstance(data, dict) else {}
        way = str(held.get("do"))
        if way not in self._ways:
            raise LibraryError("this cannot be done here: load the page anew")
        asked = SentForm(self._source.library(), held, sought, scope)
        try:
            html, told = self._ways[way](asked)
        except WhosaysError as error:
            if not way.startswith("save"):
                raise
            html, told = forms.refusal({"": str(error)}), ""
        # The same once more, as a refusal may be, is news as well.
        self._shown += 1
        return f"{html}<!-- {self._shown} -->", told

    def _open_article(self, asked: SentForm) -> Reply:
        article = asked.library.article(asked.text("article")[:ID_CHARS])
        return forms.article_form(article, asked.library.suggest([article.id]).get(article.id, ())), ""

    def _save_article(self, asked: SentForm) -> Reply:
        values, wrong = _checked(asked.values(EDITABLE))
        if wrong:
            return forms.refusal(wrong), ""
        article = asked.library.article(asked.text("article")[:ID_CHARS])
        if not values:
            return forms.done(), ""
        # What the article states itself need not be set: it counts again.
        stated = dict(article.edited)
        back = {
            name: None
            for name, value in values.items()
            if (value or None) == stated.get(name, getattr(article, name))
        }
        (edited,) = asked.library.edit([article.id], {**values, **back})
        return forms.done(), f"Saved: {edited.name}"

    def _open_suggested(self, asked: SentForm) -> Reply:
        suggested = asked.library.suggest(asked.lacking_ids())
        likely = {one: values for one, found in suggested.items() if (values := likeliest(found))}
        if not likely:
            raise LibraryError("the texts suggest nothing that is not known yet")
        listed = asked.library.listing(articles=list(likely), most=len(likely)).articles
        return forms.suggested_form([(one.name, likely[one.id]) for one in listed]), ""

    def _save_suggested(self, asked: SentForm) -> Reply:
        edited = asked.library.accept(asked.lacking_ids())
        return forms.done(), f"Filled in: {words.count(len(edited), 'article')}"

    def _open_found(self, asked: SentForm) -> Reply:
        return forms.found_form(len(asked.found_ids())), ""

    def _save_found(self, asked: SentForm) -> Reply:
        values, wrong = _checked({name: one for name, one in asked.values(forms.MANY).items() if one.strip()})
        if wrong:
            return forms.refusal(wrong), ""
        if not values:
            return forms.refusal({"": "nothing is filled in: give a value for any of these"}), ""
        ids = asked.found_ids()
        if asked.data.get("sure") != len(ids):  # not asked yet, or others came or went meanwhile
            return forms.sure(len(ids), values), ""
        asked.library.edit(ids, values)
        return forms.done(), f"Changed: {words.count(len(ids), 'article')}"

    def _open_merge(self, asked: SentForm) -> Reply:
        publishers = asked.library.publishers()
        if len(publishers) < 2:
            raise LibraryError("fewer than two publishers are stated here: there is nothing to merge")
        return forms.merge_form(publishers), ""

    def _merge(self, asked: SentForm) -> Reply:
        into, given = asked.text("into"), asked.data.get("names")
        names = [one for one in given if isinstance(one, str)] if isinstance(given, list) else []
        known = {name for name, _ in asked.library.publishers()}
        names = [name for name in dict.fromkeys(names[:MOST_NAMES]) if name in known]
        try:
            (name,) = check_edits({"publisher": into}).values()
        except LibraryError as error:
            return forms.refusal({"into": str(error)}), ""
        if not {fold_publisher(one) for one in names} - {fold_publisher(name)}:
            return forms.refusal(
                {"": "there is nothing to merge: choose the names that mean one publisher"}
            ), ""
        if not fold_publisher(name):
            return forms.refusal({"into": "the name is empty: give the one that all are to have"}), ""
        number = asked.library.merge_publishers(names, into)
        return forms.done(), f"Merged: {words.count(number, 'article')} by {name}"


def _checked(values: Mapping[str, str]) -> tuple[dict[str, str | None], dict[str, str]]:
    """The values as they are kept; and by field, why others cannot be."""
    kept: dict[str, str | None] = {}
    wrong: dict[str, str] = {}
    for name, value in values.items():
        try:
            kept.update(check_edits({name: value}))
        except LibraryError as error:
            wrong[name] = str(error)
    return kept, wrong
