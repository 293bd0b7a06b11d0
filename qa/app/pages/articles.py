"""The page of articles: files and web pages added, the list searched, articles opened and removed."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import gradio as gr
from gradio.context import Context

from index.errors import WhosaysError
from index.library import Library
from index.records import Outcome
from index.walk import refused
from qa.app.html import articles, words
from qa.app.html.articles import SHOWN, Result
from qa.app.pages.drop import Drop, delete
from qa.app.pages.library_choice import Choosing
from qa.app.pages.site import Page
from qa.app.serve.libraries import Choice
from qa.app.serve.uploads import Allowed, Upload, add_address, add_file, objections

NAME, PATH = "Articles", "articles"
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
ADDING: dict[str, Any] = {"concurrency_id": "add", "concurrency_limit": 2}
NO_CHANGES = "This library can be read, not changed. Choose one of your own to add or remove articles."
# A removal that was confirmed tells the server which. What is drawn anew keeps the focus near, and a new
# page of the list begins at its head.
_LIST_JS = """
let removed = false;
let first = "0";
element.addEventListener("remove-article", (event) => {
  removed = true;
  trigger("submit", { article: event.detail });
});
watch("value", () => {
  const list = element.querySelector(".found");
  if (list && (removed || list.dataset.first !== first)) {
    list.querySelector("[tabindex]").focus({ preventScroll: removed });
  }
  removed = false;
  first = list ? list.dataset.first : "0";
});
"""

Updates = dict[Any, Any]


def articles_page(
    library: Callable[[], Library],
    *,
    allowed: Allowed = Allowed(),  # noqa: B008  # frozen
    read_only: Callable[[], bool] = lambda: False,
    addresses: bool = True,
    choice: Choice | None = None,
) -> Page:
    """The page over the library that `library` gives at each call.

    While `read_only` holds nothing can be added or removed. Without `addresses` no web page is fetched.
    With `choice` each visitor can choose another library, or make one.
    """
    return Page(NAME, PATH, lambda: _Filling(library, allowed, read_only, addresses, choice).fill())


class _Filling:
    """The components of the filled page, and what happens on each event."""

    def __init__(
        self,
        library: Callable[[], Library],
        allowed: Allowed,
        read_only: Callable[[], bool],
        addresses: bool,
        choice: Choice | None,
    ) -> None:
        self._library = library
        self._allowed = allowed
        self._read_only = read_only
        self._addresses = addresses
        self._choosing = Choosing(choice) if choice else None

    def fill(self) -> None:
        """Into the blocks that are open."""
        self.head = _html("", "articles-head")
        if self._choosing:
            self._choosing.fill()
        with gr.Column(elem_id="adding", visible=False) as self.adding:
            limit = f"up to {self._allowed.files} at once, {self._allowed.file_mb} MB each"
            self.drop = Drop(
                label=f"Add files: text, Markdown, web pages, PDF, Word, JSON, CSV; {limit}",
                file_count="multiple",
                # No file_types: Gradio would drop what does not fit without a word on the other files.
                elem_id="drop",
                height=150,
            )
            with gr.Row(elem_id="add-page", visible=self._addresses):
                self.address = gr.Textbox(
                    label="Or the address of a web page", placeholder="https://", max_lines=1, max_length=2000
                )
                self.fetch = gr.Button("Add page", scale=0, elem_id="fetch")
        self.results = _html("", "added")
        with gr.Row(elem_id="finding", visible=False) as self.finding:
            self.sought = gr.Textbox(
                label="Search titles, publishers, authors", max_lines=1, max_length=200, scale=3
            )
            self.publisher = gr.Dropdown(
                label="Publisher", choices=[("Any publisher", "")], value="", scale=2, min_width=140
            )
            dates: dict[str, Any] = {"placeholder": "2026-07", "max_lines": 1, "max_length": 10, "scale": 1}
            self.since = gr.Textbox(label="From", elem_id="since", min_width=110, **dates)
            self.until = gr.Textbox(label="To", elem_id="until", min_width=110, **dates)
        self.listing = _html("", "article-list", _LIST_JS)
        with gr.Row(elem_id="article-pager", visible=False) as self.pager:
            self.back = gr.Button("Previous", size="sm")
            self.on = gr.Button("Next", size="sm")
        self.number = gr.State(0)
        self._listen()

    def _listen(self) -> None:
        filters = [self.sought, self.publisher, self.since, self.until]
        listed = [self.listing, self.pager, self.back, self.on, self.number]
        whole = [self.head, self.adding, self.finding, self.publisher, *listed]
        blocks = Context.root_block
        assert blocks is not None, "a page is filled while its blocks are open"
        now: dict[str, Any] = {"queue": False, **QUIET}
        blocks.load(self._opened, None, [*whole, *filters, self.results], **now)
        self.sought.change(self._found, filters, listed, trigger_mode="always_last", **now)
        self.publisher.input(self._found, filters, listed, **now)
        for date in (self.since, self.until):
            date.submit(self._found, filters, listed, **now)
            date.blur(self._found, filters, listed, **now)
        self.back.click(self._back, [self.number, *filters], listed, **now)
        self.on.click(self._on, [self.number, *filters], listed, **now)
        if self._choosing:
            self._choosing.listen(self.results, [*whole, *filters], self._opened)
        changed = [*whole, self.results]
        self.drop.upload(
            self._files, [self.drop, *filters], [*changed, self.drop], **ADDING, **QUIET
        ).failure(self._broken, None, [self.results, self.drop], **now)
        for event in (self.address.submit, self.fetch.click):
            event(self._page, [self.address, *filters], [*changed, self.address], **ADDING, **QUIET).failure(
                self._broken, None, [self.results, self.drop], **now
            )
        self.listing.submit(self._removed, [self.number, *filters], changed, **now)

    def _opened(self) -> Updates:
        return {
            **self._whole(0, "", "", "", ""),
            self.sought: "",
            self.since: "",
            self.until: "",
            self.results: "",
        }

    def _whole(self, first: int, sought: str, publisher: str, since: str, until: str) -> Updates:
        """All that depends on the articles, and the list from `first` on."""
        read_only = self._read_only()
        try:
            library = self._library()
            number, known = len(library), library.publishers()
        except WhosaysError as error:
            return {self.listing: articles.failure(str(error)), self.adding: gr.Column(visible=False)}
        choices = [(f"{words.shortened(name)} ({count:,})", name) for name, count in known]
        publisher = publisher if any(name == publisher for name, _ in known) else ""
        return {
            self.head: articles.head(number, read_only=read_only),
            self.adding: gr.Column(visible=not read_only),
            self.finding: gr.Row(visible=number > 1),
            self.publisher: gr.Dropdown(choices=[("Any publisher", ""), *choices], value=publisher),
            **self._shown(first, sought, publisher, since, until),
        }

    def _shown(self, first: int, sought: str, publisher: str, since: str, until: str) -> Updates:
        """The list from `first` on, of the articles that fit the filters."""
        wanted: dict[str, Any] = {
            "sought": sought or "",  # a box that was never touched may come as None
            "publishers": [publisher] if publisher else [],
            "since": (since or "").strip() or None,
            "until": (until or "").strip() or None,
        }
        try:
            library = self._library()
            found = library.listing(**wanted, first=first, most=SHOWN)
            if first and not found.articles:  # the last ones of the list were removed
                first = max(0, (found.total - 1) // SHOWN * SHOWN)
                found = library.listing(**wanted, first=first, most=SHOWN)
        except WhosaysError as error:
            return {self.listing: articles.failure(str(error)), self.pager: gr.Row(visible=False)}
        return {
            self.listing: articles.listing(
                found, first, filtered=any(wanted.values()), removable=not self._read_only()
            ),
            self.pager: gr.Row(visible=found.total > SHOWN),
            self.back: gr.Button(interactive=first > 0),
            self.on: gr.Button(interactive=first + SHOWN < found.total),
            self.number: first,
        }

    def _found(self, *filters: str) -> Updates:
        return self._shown(0, *filters)

    def _back(self, first: int, *filters: str) -> Updates:
        return self._shown(max(0, first - SHOWN), *filters)

    def _on(self, first: int, *filters: str) -> Updates:
        return self._shown(first + SHOWN, *filters)

    def _files(self, uploads: Sequence[Upload], *filters: str) -> Iterator[Updates]:
        """Each file in turn, with the list of results as it grows; no upload is left behind."""
        try:
            if self._read_only():
                yield {self.results: articles.failure(NO_CHANGES), self.drop: None}
                return
            library = self._library()
            found = [
                Result(one.name, (refused(one.name, objection),) if objection else ())
                for one, objection in zip(uploads, objections(uploads, self._allowed), strict=True)
            ]
            for number, upload in enumerate(uploads):
                if not found[number].outcomes:
                    now = f"Reading {number + 1:,} of {len(uploads):,}: {upload.name}"
                    yield {self.results: articles.results(found, now)}
                    found[number] = Result(upload.name, add_file(library, upload, self._allowed))
            yield {**self._whole(0, *filters), self.results: articles.results(found), self.drop: None}
        except WhosaysError as error:
            yield {self.results: articles.failure(str(error)), self.drop: None}
        finally:
            delete(uploads)

    def _page(self, address: str, *filters: str) -> Iterator[Updates]:
        address = address.strip()
        if self._read_only() or not self._addresses:
            yield {self.results: articles.failure(NO_CHANGES)}
            return
        if not address:
            yield {self.results: articles.failure("Type or paste the address of a page first.")}
            return
        yield {self.results: articles.results([Result(address)], f"Fetching {words.shortened(address)}")}
        try:
            outcomes: tuple[Outcome, ...] = add_address(self._library(), address, self._allowed)
        except WhosaysError as error:
            outcomes = (refused(address, str(error)),)
        kept = all(outcome.status == "refused" for outcome in outcomes)
        yield {
            **self._whole(0, *filters),
            self.results: articles.results([Result(address, outcomes)]),
            self.address: address if kept else "",
        }

    def _removed(  # noqa: PLR0917  # Gradio hands them over in this order
        self, first: int, sought: str, publisher: str, since: str, until: str, event: gr.EventData
    ) -> Updates:
        filters = sought, publisher, since, until
        if self._read_only():
            return {self.results: articles.failure(NO_CHANGES)}
        try:
            article = self._library().remove(str(event.article))
        except WhosaysError as error:
            return {**self._whole(first, *filters), self.results: articles.failure(str(error))}
        name = article.title or words.opening(article.text)
        return {**self._whole(first, *filters), self.results: articles.notice(f"Removed: {name}")}

    def _broken(self) -> Updates:
        said = "Something went wrong inside Whosays. The terminal where it runs says what."
        return {self.results: articles.failure(said), self.drop: None}


def _html(value: str, name: str, script: str | None = None) -> gr.HTML:
    """Our own HTML without Gradio's style; `script` listens to it."""
    return gr.HTML(value, elem_id=name, elem_classes=["shelf"], apply_default_css=False, js_on_load=script)
