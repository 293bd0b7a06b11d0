"""The pages of the app beside the conversation: what each is, and the way between them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.routing import BaseRoute

from qa.app.html.render import escape

# The conversation's own name in the navigation; its path is "".
ASK = "Ask"


@dataclass(frozen=True, slots=True)
class Page:
    """A page at `path` (no slashes), by the `name` that leads to it.

    `fill` puts its components and events into the Gradio blocks that are open when it is called. `routes`
    are further addresses that the page needs, such as downloads.
    """

    name: str
    path: str
    fill: Callable[[], None]
    routes: Sequence[BaseRoute] = ()


def navigation(pages: Sequence[Page], here: str) -> str:
    """The way to every page, `here` (its path) marked; nothing where the conversation is the only one."""
    if not pages:
        return ""
    places = [(ASK, ""), *((page.name, page.path) for page in pages)]
    items = "".join(
        f'<li><a href="{escape(path) or "./"}"{_current(path == here)}>{escape(name)}</a></li>'
        for name, path in places
    )
    return f'<nav class="pages" aria-label="Pages"><ul>{items}</ul></nav>'


def _current(here: bool) -> str:
    return ' aria-current="page"' if here else ""
