"""The page of articles: added, searched, sorted and grouped, opened, edited and removed."""

from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import Any

import gradio as gr
from gradio.context import Context

from index.errors import WhosaysError
from index.records import Listing
from index.scope import EVERYTHING, Scope
from qa.app.html import articles, words
from qa.app.html.articles import SHOWN
from qa.app.pages.editing import Editing
from qa.app.pages.intake import NO_CHANGES, QUIET, Intake, LibrarySource
from qa.app.pages.removal import Removal, mark_of, undo_notice
from qa.app.pages.site import DATE, Page
from qa.app.shelf.by_event import list_by_event
from qa.library import Library
from qa.records import ConflictTier

NAME, PATH = "Articles", "articles"
FILTER = "Filter"
MOST_CHARS = 200  # of a search
ORDERS = [
    ("Newest first", "date"),
    ("Added last first", "added"),
    ("Title", "title"),
    ("Publisher", "publisher"),
    ("What is missing first", "missing"),
]
GROUPS = [("No groups", ""), ("By event", "event"), ("By publisher", "publisher"), ("By month", "month")]
NO_FILTERS = ("", "", "", "", "date", "")
# A removal that was confirmed tells the server which. What is drawn anew keeps the focus near, and a new
# page of the list begins at its head.
_LIST_JS = """
let removed = false;
let first = "0";
document.addEventListener("remove-article", (event) => {
  removed = true;
  trigger("submit", { article: event.detail });
});
watch("value", () => {
  const list = element.querySelector(".found");
  if (list && (removed || list.dataset.first !== first)) {
    list.querySelector("[tabindex]").focus({ preventScroll: removed });
  }
  removed = false;
  document.dispatchEvent(new CustomEvent("list-drawn"));
  first = list ? list.dataset.first : "0";
});
"""

Updates = dict[Any, Any]
Disputed = Callable[[], Mapping[str, Sequence[ConflictTier]]]


def articles_page(source: LibrarySource, *, disputed: Disputed = dict) -> Page:
    """The page over the library of `source`.

    `disputed` gives by article id the tiers of the disagreements that it is in, of a library that was
    surveyed.
    """
    return Page(NAME, PATH, lambda: _Filling(source, disputed).fill())


class _Filling:
    """The components of the filled page, and what happens on each event."""

    def __init__(self, source: LibrarySource, disputed: Disputed) -> None:
        self._source = source
        self._disputed = disputed
        self._intake = Intake(source)
        self._editing = Editing(source)
        self._removal = Removal(source)

    def fill(self) -> None:
        """Into the blocks that are open."""
        self.head = _html("", "articles-head")
        with gr.Column(elem_id="finding", visible=False) as self.finding:
            self.sought = gr.Textbox(
                label="Search titles and texts", elem_id="sought", max_lines=1, max_length=MOST_CHARS
            )
            with gr.Accordion(FILTER, open=False, elem_id="arranging") as self.more, gr.Row():
                self.publisher = gr.Dropdown(
                    label="Publisher", choices=[("Any publisher", "")], value="", scale=2, min_width=140
                )
                dates: dict[str, Any] = {
                    "elem_classes": [DATE],
                    "max_lines": 1,
                    "max_length": 10,
                    "scale": 1,
                }
                self.since = gr.Textbox(label="From", elem_id="since", min_width=110, **dates)
                self.until = gr.Textbox(label="To", elem_id="until", min_width=110, **dates)
                menu: dict[str, Any] = {"filterable": False, "scale": 1, "min_width": 140}
                self.order = gr.Dropdown(label="Sort", choices=ORDERS, value="date", **menu)
                self.group = gr.Dropdown(label="Group", choices=GROUPS, value="", **menu)
        with gr.Accordion("Add articles", open=False, elem_id="intake-fold") as self.fold:
            self._intake.fill_place()
            self.refused = _html("", "articles-refused")
        self._intake.fill_results()
        self.listing = _html("", "article-list", _LIST_JS)
        self._editing.fill()
        with gr.Row(elem_id="article-pager", visible=False) as self.pager:
            self.back = gr.Button("Previous", size="sm")
            self.where = _html("", "article-where")
            self.on = gr.Button("Next", size="sm")
        self._removal.fill()
        self.number = gr.State(0)
        self._listen()

    def _listen(self) -> None:
        filters = [self.sought, self.publisher, self.since, self.until, self.order, self.group]
        listed = [self.listing, self.pager, self.back, self.where, self.on, self.number, self.more]
        removed = self._removal.shown
        whole = [
            self.head,
            self.finding,
            self.publisher,
            self.fold,
            self.refused,
            removed,
            *self._intake.parts,
            *listed,
        ]
        results = self._intake.results
        blocks = Context.root_block
        assert blocks is not None, "a page is filled while its blocks are open"
        now: dict[str, Any] = {"queue": False, **QUIET}
        blocks.load(self._open, None, [*whole, results], **now)
        self.sought.change(self._search, filters, listed, trigger_mode="always_last", **now)
        # "multiple": also what is chosen while the choice before is answered; `order.js` keeps their order.
        for menu in (self.publisher, self.order, self.group):
            menu.input(self._search, filters, listed, trigger_mode="multiple", **now)
        for date in (self.since, self.until):
            date.change(self._search, filters, listed, trigger_mode="always_last", **now)
        self.back.click(self._previous_page, [self.number, *filters], listed, **now)
        self.on.click(self._next_page, [self.number, *filters], listed, **now)
        every = [*whole, *filters]
        self._intake.listen(filters, every, self._refresh, self._open_new)
        each: dict[str, Any] = {"trigger_mode": "multiple", **now}
        self.listing.submit(self._remove, [self.number, *filters], [*whole, results], **each)
        self._removal.listen(self._remove_or_put_back, [self.number, *filters], [*whole, results])
        form = self._editing.form
        form.submit(self._edit, [self.number, *filters], [*whole, results, form], **each)

    def _open(self) -> Updates:
        """As it stands at first: the place to add articles is open where there are none.

        The filters are empty then. Nothing sets them: what Gradio is told of folded components it sets a
        frame after they unfold, over what is typed by then. Nor is the place closed: it may have been opened.
        """
        shown = self._show_all(0, *NO_FILTERS)
        if self.fold in shown and (not len(self._source.library()) or self._source.may == "make"):
            shown[self.fold] = gr.Accordion(open=True, visible=bool(self._source.may))
        return {**shown, self._intake.results: ""}

    def _open_new(self, *_: str) -> Updates:
        """As opened, in a library that was made just now; what became of the files stays."""
        filters = (self.sought, self.publisher, self.since, self.until, self.order, self.group)
        return {**dict(zip(filters, NO_FILTERS, strict=True)), **self._show_all(0, *NO_FILTERS)}

    def _refresh(self, *filters: str) -> Updates:
        return self._show_all(0, *filters)

    def _show_all(self, first: int, *filters: str) -> Updates:
        """All that depends on the articles, and the list from `first` on."""
        sought, publisher, *rest = filters
        try:
            library = self._source.library()
            number, known = len(library), library.publishers()
            state, removed = self._intake.state(), self._removal.html()
        except WhosaysError as error:
            return {self.listing: articles.failure(str(error)), self._intake.adding: gr.Column(visible=False)}
        choices = [(f"{words.shortened(name)} ({count:,})", name) for name, count in known]
        publisher = publisher if any(name == publisher for name, _ in known) else ""
        return {
            self.head: articles.head(number, read_only=self._source.read_only()),
            self.finding: gr.Column(visible=number > 1),
            self.fold: gr.Accordion(visible=bool(self._source.may)),
            self.refused: articles.refused(library.refusals()),
            self.publisher: gr.Dropdown(choices=[("Any publisher", ""), *choices], value=publisher),
            self._removal.shown: removed,
            **state,
            **self._show_list(first, sought, publisher, *rest),
        }

    def _show_list(  # noqa: PLR0917  # Gradio hands them over in this order
        self, first: int, sought: str, publisher: str, since: str, until: str, order: str, group: str
    ) -> Updates:
        """The list from `first` on, of the articles that fit the filters."""
        sought, scope = _query(sought, publisher, since, until)
        arranged: dict[str, Any] = {"order": order or "date", "group": group or "", "most": SHOWN}
        try:
            library = self._source.library()
            found = self._list(library, first, sought=sought, scope=scope, **arranged)
            if first and not found.articles:  # the last ones of the list were removed
                first = max(0, (found.total - 1) // SHOWN * SHOWN)
                found = self._list(library, first, sought=sought, scope=scope, **arranged)
            html = articles.listing(
                found,
                first,
                filtered=bool(sought) or scope != EVERYTHING,
                changeable=not self._source.read_only(),
                disputed=self._disputed(),
                group=arranged["group"],
                undated=library.count_undated(sought=sought, scope=scope),
                mark=mark_of(found.state, sought, scope),
            )
        except WhosaysError as error:
            return {self.listing: articles.failure(str(error)), self.pager: gr.Row(visible=False)}
        where = f"Page {first // SHOWN + 1:,} of {max(1, ceil(found.total / SHOWN)):,}"
        return {
            self.listing: html,
            self.pager: gr.Row(visible=found.total > SHOWN),
            self.back: gr.Button(interactive=first > 0),
            self.where: f'<p aria-live="polite">{where}</p>',
            self.on: gr.Button(interactive=first + SHOWN < found.total),
            self.number: first,
            self.more: gr.Accordion(label=_filter_label(scope, order, group)),
        }

    def _list(self, library: Library, first: int, *, group: Any, most: int, **found: Any) -> Listing:
        if group == "event":
            return list_by_event(library, first=first, most=most, **found)
        return library.listing(first=first, most=most, group=group, **found)

    def _search(self, *filters: str) -> Updates:
        return self._show_list(0, *filters)

    def _previous_page(self, first: int, *filters: str) -> Updates:
        return self._show_list(max(0, first - SHOWN), *filters)

    def _next_page(self, first: int, *filters: str) -> Updates:
        return self._show_list(first + SHOWN, *filters)

    def _edit(  # noqa: PLR0917  # Gradio hands them over in this order
        self,
        first: int,
        sought: str,
        publisher: str,
        since: str,
        until: str,
        order: str,
        group: str,
        event: gr.EventData,
    ) -> Updates:
        filters, results = (sought, publisher, since, until, order, group), self._intake.results
        if self._source.read_only():
            return {results: articles.failure(NO_CHANGES)}
        try:
            form, changed = self._editing.act(event._data, *_query(sought, publisher, since, until))
        except WhosaysError as error:
            return {**self._show_all(first, *filters), results: articles.failure(str(error))}
        if not changed:  # the list is not drawn anew under a form
            return {self._editing.form: form}
        shown = self._show_all(first, *filters)
        return {**shown, self._editing.form: form, results: articles.notice(changed)}

    def _remove(  # noqa: PLR0917  # Gradio hands them over in this order
        self,
        first: int,
        sought: str,
        publisher: str,
        since: str,
        until: str,
        order: str,
        group: str,
        event: gr.EventData,
    ) -> Updates:
        def remove() -> Updates:
            article = self._source.library().remove(str(event.article))
            return {self._intake.results: undo_notice(f"Removed: {article.name}", [article.id])}

        return self._change(remove, first, (sought, publisher, since, until, order, group))

    def _remove_or_put_back(  # noqa: PLR0917  # Gradio hands them over in this order
        self,
        first: int,
        sought: str,
        publisher: str,
        since: str,
        until: str,
        order: str,
        group: str,
        event: gr.EventData,
    ) -> Updates:
        def act() -> Updates:
            done, ids = self._removal.act(event._data, *_query(sought, publisher, since, until))
            return {self._intake.results: undo_notice(done, ids) if done else gr.skip()}

        return self._change(act, first, (sought, publisher, since, until, order, group))

    def _change(self, make: Callable[[], Updates], first: int, filters: tuple[str, ...]) -> Updates:
        """Make a change where changes are let in; the list as it stands then, with what came of it above."""
        results = self._intake.results
        if self._source.read_only():
            return {results: articles.failure(NO_CHANGES)}
        try:
            told = make()
        except WhosaysError as error:
            told = {results: articles.failure(str(error))}
        return {**self._show_all(first, *filters), **told}


def _filter_label(scope: Scope, order: str, group: str) -> str:
    """What opens the filters: "Filter", with how many of them are set."""
    held = [scope.publishers, scope.since, scope.until, (order or "date") != "date", group]
    return f"{FILTER} ({sum(map(bool, held))})" if any(held) else FILTER


def _query(sought: str, publisher: str, since: str, until: str) -> tuple[str, Scope]:
    """The words and the scope that the filters hold; a box that was never touched may come as None."""
    scope = Scope((publisher,) if publisher else (), (since or "").strip(), (until or "").strip())
    return (sought or "")[:MOST_CHARS], scope


def _html(value: str, name: str, script: str | None = None) -> gr.HTML:
    """Our own HTML without Gradio's style; `script` listens to it."""
    return gr.HTML(value, elem_id=name, elem_classes=["shelf"], apply_default_css=False, js_on_load=script)
