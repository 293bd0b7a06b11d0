"""Where articles come in, on the first screen and on that of articles: files, an address, a copied library.

A visitor who has the example articles open, which nobody changes, gets a library of their own with the first
file that they add.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import gradio as gr

from index.errors import WhosaysError
from index.sources.walk import refuse
from qa.app.access import visitor
from qa.app.html import articles, words
from qa.app.html.articles import Result
from qa.app.pages.drop import Drop, FolderDrop, delete
from qa.app.shelf.libraries import Choice
from qa.app.shelf.uploads import (
    ADDS_AT_ONCE,
    Allowed,
    Upload,
    add_address,
    add_file,
    addresses_in,
    objections,
    refuse_unread,
)
from qa.library import Library

QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
ADDING: dict[str, Any] = {"concurrency_id": "add", "concurrency_limit": ADDS_AT_ONCE}
NO_CHANGES = "This library is read-only. Choose one of your own to add or remove articles."
OWN = "My articles"
# The browser keeps the name of what was made before anything of it is shown.
_KEEP = f"(name, ...others) => {{ ({visitor.KEEP})(name); return [name, ...others]; }}"

Updates = dict[Any, Any]


@dataclass(frozen=True, slots=True)
class LibrarySource:
    """The library that `library` gives at each call, what it is called, and what may be done with it.

    While `read_only` holds nothing can be added or removed; with `choice` visitors have libraries of their
    own. Without `addresses` no web page is fetched.
    """

    library: Callable[[], Library]
    allowed: Allowed = Allowed()  # noqa: RUF009  # frozen
    read_only: Callable[[], bool] = lambda: False
    addresses: bool = True
    choice: Choice | None = None
    name: Callable[[], str] = str

    def current_name(self, name: str) -> str:
        """What the library that was called so is called now."""
        return self.choice.shelf.current_name(name) if self.choice else name

    @property
    def may(self) -> Literal["add", "make", ""]:
        """Whether the visitor may add to this library, or to a new one that is made of it, or to none."""
        if not self.read_only():
            return "add"
        choice = self.choice
        own = choice is not None and not choice.fixed and choice.shelf.is_read_only(choice.name)
        return "make" if own else ""


class Intake:
    """The components, and what happens on each event."""

    def __init__(self, source: LibrarySource) -> None:
        self._source = source

    def fill(self) -> None:
        """Into the blocks that are open: where articles come in, below it what became of them."""
        self.fill_place()
        self.fill_results()

    def fill_results(self) -> None:
        """Where it is told what became of what was added."""
        self.results = _html("", "added")
        self.made = gr.Textbox(visible=False)

    def fill_place(self) -> None:
        """Where articles come in."""
        allowed = self._source.allowed
        with gr.Column(elem_id="adding", visible=False) as self.adding:
            self.lead = _html("", "adding-lead")
            limit = f"up to {allowed.files} at once, {allowed.file_mb} MB each"
            self.drop = Drop(
                label=f"Add files: text, Markdown, web pages, mails, PDF, Word, JSON, CSV; {limit}",
                file_count="multiple",
                # No file_types: Gradio would drop what does not fit without a word on the other files.
                elem_id="drop",
                height=130,
            )
            with gr.Row(elem_id="add-folder"):
                self.folder = FolderDrop(
                    f"Add a folder (up to {allowed.folder_files:,} files)", file_count="directory", size="sm",
                    elem_id="folder", scale=0,
                )  # fmt: skip
            # What is too large is told here, in our words, by `articles.js`: Gradio would refuse all of it.
            _html(articles.size_warning(allowed.file_mb), "too-large")
            with gr.Row(elem_id="add-page", visible=self._source.addresses):
                self.address = gr.Textbox(
                    label="Or the addresses of web pages, one a line",
                    placeholder="https://",
                    max_lines=6,
                    max_length=2000 * allowed.addresses,
                )
                self.fetch = gr.Button("Add pages", scale=0, elem_id="fetch")
            self.copy = gr.Button(
                "Make a library of your own from these articles", elem_id="copy", visible=False, size="sm"
            )

    @property
    def parts(self) -> list[Any]:
        """The components that `state` sets."""
        return [self.adding, self.lead, self.copy]

    def state(self, *, only_first: bool = False) -> Updates:
        """What of it is shown; with `only_first` it waits in a library of one's own that holds articles."""
        may = self._source.may
        number = len(self._source.library()) if may else 0
        later = only_first and may == "add" and bool(number)  # until it is asked for
        classes = {"empty": not number, "example": may == "make", "later": later}
        return {
            self.adding: gr.Column(
                visible=bool(may), elem_classes=[name for name, holds in classes.items() if holds]
            ),
            self.lead: articles.intake_lead(may, number),
            self.copy: gr.Button(visible=may == "make"),
        }

    def listen(
        self,
        inputs: Sequence[Any],
        outputs: Sequence[Any],
        changed: Callable[..., Updates],
        opened: Callable[..., Updates],
    ) -> None:
        """After an addition `outputs` show what `changed` gives for `inputs`, one or more.

        After a new library was made they show what `opened` gives for these: the browser keeps its name by
        then.
        """
        self._changed, self._opened = changed, opened
        every = list(dict.fromkeys([*outputs, *self.parts, self.results, self.made]))
        now: dict[str, Any] = {"queue": False, **QUIET}
        broken = [self.results, self.drop, self.folder]
        # While files are read `articles.js` takes no more; what comes before Gradio knows of the end waits.
        each: dict[str, Any] = {"trigger_mode": "multiple"}
        # Addresses stay in their box while others are fetched.
        for event, handler, given, mode in (
            (self.drop.upload, self._add_files, self.drop, each),
            (self.folder.upload, self._add_folder, self.folder, each),
            (self.address.submit, self._add_pages, self.address, {}),
            (self.fetch.click, self._add_pages, self.address, {}),
        ):
            done = event(handler, [given, *inputs], [*every, given], **mode, **ADDING, **QUIET)
            done.failure(self._admit_failure, None, broken, **now)
            done.success(self._switch, [self.made, *inputs], every, js=_KEEP, **now)
        done = self.copy.click(self._copy_library, None, [self.results, self.made], **ADDING, **QUIET)
        done.failure(self._admit_failure, None, broken, **now)
        done.success(self._switch, [self.made, *inputs], every, js=_KEEP, **now)

    def _add_files(self, uploads: Sequence[Upload], *inputs: Any) -> Iterator[Updates]:
        yield from self._add_uploads(self.drop, uploads, *inputs)

    def _add_folder(self, uploads: Sequence[Upload], *inputs: Any) -> Iterator[Updates]:
        yield from self._add_uploads(self.folder, uploads, *inputs)

    def _add_uploads(self, place: Any, uploads: Sequence[Upload], *inputs: Any) -> Iterator[Updates]:
        """Each file in turn, with the list of results as it grows; no upload is left behind."""
        try:
            if not self._source.may:
                yield {self.results: articles.failure(NO_CHANGES), place: None}
                return
            against = objections(uploads, self._source.allowed, folder=place is self.folder)
            found = [
                Result(one.name, (refuse(one.name, objection),) if objection else ())
                for one, objection in zip(uploads, against, strict=True)
            ]
            if all(one.outcomes for one in found):  # nothing to add, so nothing to make
                if self._source.may == "add":
                    self._keep_unread(self._source.library(), uploads, against)
                yield {**self._show_added("", *inputs), self.results: articles.results(found), place: None}
                return
            library, made = self._open_target()
            self._keep_unread(library, uploads, against)
            for number, upload in enumerate(uploads):
                if not found[number].outcomes:
                    now = f"Reading {number + 1:,} of {len(uploads):,}: {upload.name}"
                    yield {self.results: articles.results(found, now)}
                    found[number] = Result(upload.name, add_file(library, upload, self._source.allowed))
            yield {**self._show_added(made, *inputs), self.results: articles.results(found), place: None}
        except WhosaysError as error:
            yield {self.results: articles.failure(str(error)), place: None, self.made: ""}
        finally:
            delete(uploads)

    @staticmethod
    def _keep_unread(library: Library, uploads: Sequence[Upload], against: Sequence[str]) -> None:
        for upload, objection in zip(uploads, against, strict=True):
            if objection:
                refuse_unread(library, upload.name, objection)

    def _add_pages(self, typed: str, *inputs: Any) -> Iterator[Updates]:
        """Each address in turn, with the list of results as it grows; what is refused stays in the box."""
        most = self._source.allowed.addresses
        addresses = addresses_in(typed or "")
        if not self._source.may or not self._source.addresses:
            yield {self.results: articles.failure(NO_CHANGES), self.made: ""}
            return
        if not addresses or len(addresses) > most:
            many = (
                f"{len(addresses):,} addresses are beyond the limit of {most:,} at once: add them in parts."
            )
            told = many if addresses else "Type or paste the address of a page first."
            yield {self.results: articles.failure(told), self.made: ""}
            return
        found = [Result(one) for one in addresses]
        made, refused = "", []
        try:
            for number, address in enumerate(addresses):
                of = f" {number + 1:,} of {len(addresses):,}:" if len(addresses) > 1 else ""
                yield {self.results: articles.results(found, f"Fetching{of} {words.shortened(address)}")}
                if not number:
                    library, made = self._open_target()
                outcomes = add_address(library, address, self._source.allowed)
                found[number] = Result(address, outcomes)
                refused += [address] if all(one.status == "refused" for one in outcomes) else []
        except WhosaysError as error:
            yield {self.results: articles.failure(str(error)), self.made: made}
            return
        yield {
            **self._show_added(made, *inputs),
            self.results: articles.results(found),
            # What was refused stands there still, or what was typed meanwhile.
            self.address: gr.skip() if len(refused) == len(addresses) else "\n".join(refused),
        }

    def _open_target(self) -> tuple[Library, str]:
        """The library to add to, and its name where it was made just now."""
        choice = self._source.choice
        if self._source.may == "make" and choice is not None:
            name = choice.create(choice.free_name(OWN))
            return choice.shelf.open(name), name
        return self._source.library(), ""

    def _show_added(self, made: str, *inputs: Any) -> Updates:
        """What else is shown now; of a library made just now only after the browser keeps its name."""
        return {self.made: made, **({} if made else self._changed(*inputs))}

    def _copy_library(self) -> Iterator[Updates]:
        """The articles of the open library in a new one of the visitor's."""
        choice = self._source.choice
        if self._source.may != "make" or choice is None:
            yield {self.results: articles.failure(NO_CHANGES), self.made: ""}
            return
        yield {self.results: articles.results([], "Copying the articles"), self.made: ""}
        try:
            name = choice.copy(choice.free_name(OWN))
        except WhosaysError as error:
            yield {self.results: articles.failure(str(error))}
            return
        said = f"The library {name} was made from these articles. It is yours: add articles, or remove some."
        yield {self.results: articles.notice(said), self.made: name}

    def _switch(self, made: str, *inputs: Any) -> Updates:
        """All that is shown is of the library that was made; where none was, it stays."""
        return self._opened(*inputs) if made else {self.made: gr.skip()}

    def _admit_failure(self) -> Updates:
        said = "Something went wrong inside Whosays. Its terminal shows what."
        return {self.results: articles.failure(said), self.drop: None, self.folder: None}


def _html(value: str, name: str) -> gr.HTML:
    return gr.HTML(value, elem_id=name, elem_classes=["shelf"], apply_default_css=False, js_on_load=None)
