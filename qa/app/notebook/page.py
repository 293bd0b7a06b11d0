"""The page of the notebook: what is kept of the library that is open, arranged, annotated, taken home."""

from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr
from gradio.context import Context
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from index.errors import WhosaysError
from qa.app.html import words
from qa.app.notebook import listing
from qa.app.pages.intake import LibrarySource
from qa.app.pages.site import Page
from qa.conflicts.rulings import read_standing
from qa.export.file_names import attachment
from qa.notebook.checked import Checker
from qa.notebook.document import document
from qa.notebook.files import FORMATS, name_of
from qa.notebook.store import Notebook

NAME, PATH = "Notebook", "notebook"
EXPORT = f"{PATH}/export"
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}
NO_CHANGES = "This notebook is read-only: it can be read and taken home, not changed."
_ID_CHARS = 40
_GHOSTS = 20  # what was removed in this visit and can be undone where it stood

Updates = dict[Any, Any]

# What is typed is kept until it is saved, also where the list is drawn anew meanwhile.
_LIST_JS = """
const page = window.whosaysNotebook(element, (detail) => trigger("submit", detail));
watch("value", () => page.drawn());
page.drawn();
"""


def notebook_page(
    source: LibrarySource,
    *,
    read_only: bool = False,
    example: Callable[[], bool] = lambda: False,
    shared: bool = False,
) -> Page:
    """The page over the library that `source` gives at each call; `read_only` shows it and changes nothing.

    While `example` holds, it is that of the example articles. `shared` says so where several people sign in.
    """
    filling = _Filling(source, read_only=read_only, example=example, shared=shared)
    return Page(NAME, PATH, filling.fill, [_export(source)])


class _Filling:
    """The components of one filled page, and what happens on each event."""

    def __init__(
        self, source: LibrarySource, *, read_only: bool, example: Callable[[], bool], shared: bool
    ) -> None:
        self._source = source
        self._read_only = read_only
        self._example = example
        self._shared = shared

    def fill(self) -> None:
        """Into the blocks that are open."""
        self.status = _html(listing.status(""), "notebook-status")
        self.listing = _html("", "notebook-list", _LIST_JS)
        self.removed = gr.State(())
        blocks = Context.root_block
        assert blocks is not None, "a page is filled while its blocks are open"
        blocks.load(self._open, None, self.listing, **QUIET)
        shown = [self.listing, self.status, self.removed]
        # Also what is done while what was done before is answered; `order.js` keeps their order.
        self.listing.submit(self._act, self.removed, shown, trigger_mode="multiple", **QUIET)

    def _open(self) -> str:
        return self._draw(())

    def _act(self, removed: tuple[str, ...], event: gr.EventData, request: gr.Request) -> Updates:
        """One thing done; refused with the reason, and the notebook as it stands then."""
        data = event._data if isinstance(event._data, dict) else {}
        own, way = str(data.get("id", ""))[:_ID_CHARS], str(data.get("do", ""))
        try:
            if self._read_only:
                return {self.status: listing.refusal(NO_CHANGES)}
            said = _do(self._source.library().notebook, way, own, data, str(request.username or ""))
        except WhosaysError as error:
            return {self.listing: self._draw(removed), self.status: listing.refusal(str(error))}
        gone = tuple(one for one in removed if one != own)
        gone = (*gone, own)[-_GHOSTS:] if way == "remove" else gone
        return {self.listing: self._draw(gone), self.status: listing.status(said), self.removed: gone}

    def _draw(self, removed: tuple[str, ...]) -> str:
        """All that is kept, and what was just removed, where it stood."""
        try:
            notebook = self._source.library().notebook
            checker = Checker(notebook.find, read_standing(notebook.path.parent))
            arranged = [
                (checker.check(one), gone)
                for one, gone in notebook.arranged()
                if not gone or one.id in removed
            ]
            return listing.notebook(
                arranged,
                checker.articles(),
                library=self._source.name(),
                export_path=EXPORT,
                read_only=self._read_only,
                notes=self._notes(),
            )
        except WhosaysError as error:
            return listing.failure(str(error))

    def _notes(self) -> list[str]:
        told = [(self._read_only, listing.READ_ONLY), (self._shared and not self._read_only, listing.SHARED)]
        return [*(note for holds, note in told if holds), *([listing.EXAMPLES] if self._example() else [])]


def _do(notebook: Notebook, way: str, own: str, data: Mapping[str, Any], by: str) -> str:
    """Do it; what was done, in words."""
    text = data.get("text")
    note = text if isinstance(text, str) else ""
    match way:
        case "add":
            notebook.add_note(note, by=by)
            return "The note was added at the end."
        case "comment":
            notebook.comment(own, note)
            return "The note was saved." if note.strip() else "The note was removed."
        case "up" | "down":
            at = notebook.move(own, -1 if way == "up" else 1)
            return f"Moved {way}: now {at + 1:,} of {words.count(len(notebook.clippings()), 'clipping')}."
        case "remove":
            notebook.remove(own)
            return "Removed. Undo brings it back."
        case "restore":
            notebook.restore(own)
            return "It is back."
    return ""


def _export(source: LibrarySource) -> Route:
    """The notebook as a file: /notebook/export/docx."""

    def send(request: Request) -> Response:
        ending = request.path_params["ending"]
        if ending not in FORMATS:
            return PlainTextResponse(f"A notebook is exported as {', '.join(FORMATS)}.", status_code=404)
        try:
            kept = document(source.library().notebook, library=source.name())
        except WhosaysError as error:
            return PlainTextResponse(str(error), status_code=500)
        headers = {"Content-Disposition": attachment(name_of(kept, ending)), "Cache-Control": "no-store"}
        return Response(FORMATS[ending].write(kept), media_type=FORMATS[ending].media_type, headers=headers)

    return Route(f"/{EXPORT}/{{ending}}", send, methods=["GET"])


def _html(value: str, name: str, script: str | None = None) -> gr.HTML:
    """Our own HTML without Gradio's style; `script` listens to its buttons."""
    return gr.HTML(value, elem_id=name, elem_classes=["notebook"], apply_default_css=False, js_on_load=script)
