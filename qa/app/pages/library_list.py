"""The libraries at the side of each page: one is chosen, renamed, copied, removed, put back, or made.

Buttons are HTML; `libraries.js` asks for names and for a yes, and sends what is to be done as an event.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gradio as gr

from index.errors import WhosaysError
from qa.app.html import words
from qa.app.html.render import escape, isolate
from qa.app.shelf.libraries import BUNDLED, NAME_CHARS, Choice

SEALED = "Read-only: nothing can be written where these libraries stand."
_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
_JS = """
element.addEventListener("library-sent", ({ detail }) => trigger("submit", detail));
watch("value", () => document.dispatchEvent(new CustomEvent("libraries-drawn")));
"""


class LibraryList:
    """The component, and what happens on its event."""

    def __init__(self, choice: Choice) -> None:
        self._choice = choice

    def fill(self) -> None:
        """Into the blocks that are open."""
        self._shown = gr.HTML("", elem_id="libraries", apply_default_css=False, js_on_load=_JS)

    def listen(self, blocks: gr.Blocks) -> None:
        """Drawn as the page is opened, and after each thing that is done."""
        blocks.load(self._draw, None, self._shown, queue=False, **_QUIET)
        self._shown.submit(self._act, None, self._shown, trigger_mode="multiple", **_QUIET)

    def _draw(self) -> str:
        return self._html()

    def _act(self, event: gr.EventData) -> str:
        """What the page asks for; what comes of it stands above the list."""
        sent = event._data if isinstance(event._data, dict) else {}
        name, new = (str(sent.get(one) or "")[: 2 * NAME_CHARS] for one in ("name", "new"))
        deeds: Mapping[str, Callable[[str, str], str]] = {
            "make": self._make,
            "copy": self._copy,
            "rename": self._rename,
            "remove": self._remove,
            "put back": self._put_back,
        }
        deed = deeds.get(str(sent.get("do")))
        try:
            return deed(name, new) if deed else self._html()
        except WhosaysError as error:
            return self._html(f'<p class="failure" role="alert">{isolate(words.sentence(str(error)))}</p>')

    def _make(self, _: str, new: str) -> str:
        return self._html(_opened(self._choice.create(new)))

    def _copy(self, name: str, new: str) -> str:
        made = self._choice.copy(new or self._choice.free_name(name), name)
        return self._html(_told(f"Copied to {made}."))

    def _rename(self, name: str, new: str) -> str:
        here = name == self._choice.name
        kept = self._choice.rename(name, new)
        # The browser keeps the new name before it asks for the page again.
        return self._html(_opened(kept, same=True) if here else _told(f"{name} is called {kept} now."))

    def _remove(self, name: str, _: str) -> str:
        here = name == self._choice.name
        self._choice.remove(name)
        if here:
            return self._html(_opened(self._choice.shelf.names()[0]) if self._choice.shelf.names() else "")
        return self._html(_told(f"{name} was removed. For a day it can be put back."))

    def _put_back(self, name: str, _: str) -> str:
        self._choice.put_back(name)
        return self._html(_told(f"{name} is back."))

    def _html(self, said: str = "") -> str:
        shelf, fixed = self._choice.shelf, self._choice.fixed
        try:
            here, names, removed = self._choice.name, shelf.names(), () if fixed else shelf.removed()
        except WhosaysError as error:
            here, names, removed = "", (), ()
            said = said or f'<p class="failure" role="alert">{isolate(words.sentence(str(error)))}</p>'
        if shelf.is_sealed:
            said = said or f'<p class="said">{SEALED}</p>'
        rows = "".join(
            _row(
                name, here=name == here, ways=() if fixed else _ways(name, read_only=shelf.is_read_only(name))
            )
            for name in names
        )
        make = "" if fixed else '<button type="button" data-do="make" aria-label="New library">New</button>'
        back = "".join(
            f'<li><bdi>{escape(name)}</bdi><button type="button" data-do="put back" '
            f'data-name="{escape(name)}">Put back</button></li>'
            for name in removed
        )
        gone = f'<details class="gone"><summary>Removed</summary><ul>{back}</ul></details>' if back else ""
        return (
            f'<section class="libraries" aria-labelledby="libraries-title"><p class="head">'
            f'<b id="libraries-title">Libraries</b>{make}</p>{said}<ul>{rows}</ul>{gone}</section>'
        )


def _ways(name: str, *, read_only: bool) -> tuple[str, ...]:
    """What can be done with a library, as the page's script calls it."""
    # The examples, and what lies where nothing can be written, can be copied, and that is all.
    return ("copy",) if read_only or name == BUNDLED else ("rename", "copy", "remove")


def _row(name: str, *, here: bool, ways: Sequence[str]) -> str:
    current = ' aria-current="true"' if here else ""
    called = escape(name)
    buttons = "".join(
        f'<button type="button" data-do="{do}" data-name="{called}">{do.capitalize()}</button>' for do in ways
    )
    more = (
        f'<details class="ways"><summary aria-label="{escape(f"Change {name}")}"></summary>'
        f"<div>{buttons}</div></details>"
    )
    open_it = f'<button type="button" class="open" data-open="{called}"{current}>{isolate(name)}</button>'
    return f"<li>{open_it}{more if ways else ''}</li>"


def _told(said: str) -> str:
    return f'<p class="said" role="status">{isolate(said)}</p>'


def _opened(name: str, *, same: bool = False) -> str:
    """What tells the page's script to open this library; `same` where it is the one shown, renamed."""
    return f'<p hidden data-opened="{escape(name)}"{" data-same" if same else ""}></p>'
