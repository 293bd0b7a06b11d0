"""The row in which a visitor chooses the library that they ask, or makes a new one."""

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr
from gradio.context import Context

from index.errors import WhosaysError
from qa.app.access import visitor
from qa.app.html import articles
from qa.app.shelf.libraries import Choice

QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}

Updates = dict[Any, Any]


class LibraryMenu:
    """The components of the row, and what happens on each event."""

    def __init__(self, choice: Choice) -> None:
        self._choice = choice

    def fill(self) -> None:
        """Into the blocks that are open."""
        with gr.Row(elem_id="choosing"):
            self.chosen = gr.Dropdown(label="Library", filterable=False, scale=2, min_width=140)
            if not self._choice.fixed:
                self.new = gr.Textbox(
                    label="Or the name of a new library", max_lines=1, max_length=60, scale=2
                )
                self.create = gr.Button("Create", scale=0, elem_id="create")
        self.made = gr.Textbox(visible=False)

    def listen(self, results: gr.HTML, whole: Sequence[Any], opened: Callable[[], Updates]) -> None:
        """When another library is chosen, `whole` shows what `opened` gives, and `results` which it is."""
        self._results, self._opened = results, opened
        shown = list(dict.fromkeys([*whole, results, self.chosen]))
        blocks = Context.root_block
        assert blocks is not None, "a page is filled while its blocks are open"
        blocks.load(self.libraries, None, self.chosen, **QUIET)
        self.chosen.input(self._change, self.chosen, shown, js=visitor.KEEP, **QUIET)
        if self._choice.fixed:
            return
        for event in (self.create.click, self.new.submit):
            event(self._create, self.new, [results, self.new, self.made], **QUIET).success(
                self._change, self.made, shown, js=visitor.KEEP, **QUIET
            )

    def libraries(self) -> Updates:
        """The libraries that there are, and which of them is asked."""
        try:
            return {self.chosen: gr.Dropdown(choices=self._choice.shelf.names(), value=self._choice.name)}
        except WhosaysError as error:
            return {self.chosen: gr.Dropdown(choices=[], label=str(error))}

    def _create(self, name: str | None) -> Updates:
        try:
            made = self._choice.create(name or "")
        except WhosaysError as error:
            return {self._results: articles.failure(str(error)), self.made: ""}
        return {self.made: made, self.new: ""}

    def _change(self, name: str) -> Updates:
        """The browser keeps another name: all that is shown is of that library."""
        if not name:
            return {self.chosen: gr.skip()}
        try:
            now = self._choice.name
        except WhosaysError as error:
            return {self._results: articles.failure(str(error))}
        gone = f"There is no library {name} any more. "
        said = f"{'' if now == name else gone}This is the library {now}."
        return {**self._opened(), **self.libraries(), self._results: articles.notice(said)}
