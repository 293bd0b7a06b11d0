"""The pages of the app beside the conversation: what each is, and the way between them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.routing import BaseRoute

from qa.app.html.render import escape

# The conversation's own name in the navigation; its path is "".
ASK = "Ask"
# Gradio's own address: it forgets whoever is signed in, and leads to the first page.
SIGN_OUT = "logout"

DATE = "date-field"  # class of a text box that `dates.js` makes the browser's own field for a date


@dataclass(frozen=True, slots=True)
class Page:
    """A page at `path` (no slashes), by the `name` that leads to it.

    `fill` puts its components and events into the Gradio blocks that are open when it is called. `routes`
    are further addresses that the page needs, such as downloads. One that is `minor` is for those who look
    after the app: the way to it stands at the foot of each page.
    """

    name: str
    path: str
    fill: Callable[[], None]
    routes: Sequence[BaseRoute] = ()
    minor: bool = False


def navigation(pages: Sequence[Page], here: str) -> str:
    """The way to every page but the minor ones, `here` (its path) marked; nothing where there is one only."""
    if not pages:
        return ""
    places = [(ASK, ""), *((page.name, page.path) for page in pages if not page.minor)]
    return f'<nav class="pages" aria-label="Pages"><ul>{_places(places, here)}</ul></nav>'


def foot(pages: Sequence[Page], here: str, *, sign_out: bool = False) -> str:
    """The way to the minor pages, and out, for those signed in; nothing without any."""
    places = [(page.name, page.path) for page in pages if page.minor]
    if not places and not sign_out:
        return ""
    inside = f"{_places(places, here)}{_out(sign_out)}"
    return f'<nav class="pages foot" aria-label="More"><ul>{inside}</ul></nav>'


def _out(sign_out: bool) -> str:
    return f'<li class="out"><a href="{SIGN_OUT}">Sign out</a></li>' if sign_out else ""


def _places(places: Sequence[tuple[str, str]], here: str) -> str:
    return "".join(
        f'<li><a href="{escape(path) or "./"}"{_current(path == here)}>{escape(name)}</a></li>'
        for name, path in places
    )


def _current(here: bool) -> str:
    return ' aria-current="page"' if here else ""
