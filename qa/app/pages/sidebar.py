"""What stands at the side of each page: the way between them, the libraries, the conversations.

Not Gradio's sidebar: that one keeps what it has closed in the order of the keyboard, does not say whether it
is open, and covers a phone when the page comes. `frame.js` opens and closes this one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components.navbar import Navbar
from gradio.context import Context

from qa.app.html.render import escape
from qa.app.pages import frame, site
from qa.app.pages.intake import LibrarySource
from qa.app.pages.library_list import LibraryList
from qa.app.pages.site import Page
from qa.app.shelf.catalogue import Catalogue

ADDING = "adding"  # the id of the place where articles come in
_QUIET: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is common to all pages: `known` articles of the library of `source`, the `pages`, the `opener`.

    `opener` is the HTML of the conversations; `sign_out` offers the way out to those signed in.
    """

    known: Catalogue
    pages: Sequence[Page]
    source: LibrarySource | None
    opener: str
    sign_out: bool = False

    def fill(self, here: str) -> tuple[gr.HTML, Callable[[], str]]:
        """Into the blocks that are open: the side and the head of the page at the path `here`.

        Gives the head, and what draws it as the library is now.
        """
        Navbar(visible=False)  # our own way between the pages stands in place of Gradio's
        choice = self.source.choice if self.source else None
        with gr.Column(elem_id="side"):
            _html('<button type="button" class="side-close">Close</button>', "side-top")
            _html(site.navigation(self.pages, here), "pages")
            libraries = LibraryList(choice) if choice else None
            if libraries:
                libraries.fill()
            _html(self.opener, "history")
            _html(site.foot(self.pages, here, sign_out=self.sign_out), "foot")

        def draw() -> str:
            return self._draw(here)

        head = _html(draw(), "masthead")
        blocks = Context.root_block
        assert blocks is not None, "a page is filled while its blocks are open"
        if libraries:
            libraries.listen(blocks)
        if here:  # the first page draws its own, with all that depends on the library
            blocks.load(draw, None, head, **_QUIET)
        return head, draw

    def _draw(self, here: str) -> str:
        listed_at = next((one.path for one in self.pages if one.path == "articles"), "")
        name, add_at, sealed = "", "", False
        if self.source:
            sealed = self.source.library().is_read_only
            name = self.source.name()
            add_at = f"{escape(listed_at)}#{ADDING}" if self.source.may and (listed_at or not here) else ""
        return frame.masthead(
            self.known.summary(), listed_at, name=name, first=not here, add_at=add_at, sealed=sealed
        )


def _html(value: str, name: str) -> gr.HTML:
    """A stretch of our own HTML, without Gradio's style or scripts."""
    return gr.HTML(value, elem_id=name, apply_default_css=False, js_on_load=None)
