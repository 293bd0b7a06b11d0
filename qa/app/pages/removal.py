"""What was removed from a library, listed for a day with the way back; and many articles removed in one step.

`removed.js` asks before many are removed, and sends what is to be done as an event.
"""

import hashlib
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import gradio as gr

from index.errors import LibraryError
from index.records import Removed, State
from index.scope import Scope
from qa.app.html import words
from qa.app.html.render import escape, isolate
from qa.app.pages.intake import QUIET, LibrarySource

LISTED = 50  # of those removed last; of more the number is told
_JS = """
document.addEventListener("removal-sent", ({ detail }) => trigger("submit", detail));
"""


class Removal:
    """The component, and what happens on its event."""

    def __init__(self, source: LibrarySource) -> None:
        self._source = source

    def fill(self) -> None:
        """Into the blocks that are open."""
        self.shown = gr.HTML(
            "", elem_id="removed-articles", elem_classes=["shelf"], apply_default_css=False, js_on_load=_JS
        )

    def listen(self, act: Callable[..., Any], given: Sequence[Any], shown: Sequence[Any]) -> None:
        """`act` is called with `given` and the event; `shown` shows what it gives."""
        self.shown.submit(act, list(given), list(shown), trigger_mode="multiple", queue=False, **QUIET)

    def html(self) -> str:
        """All that can be put back; nothing where nobody may."""
        found = () if self._source.read_only() else self._source.library().removed()
        if not found:
            return ""
        steps: dict[int, list[Removed]] = defaultdict(list)
        for one in found:
            steps[one.step].append(one)
        rows, left = [], LISTED
        for step in sorted(steps, reverse=True):
            rows.append(_step(steps[step][:left], steps[step]))
            left -= min(left, len(steps[step]))
            if not left:
                break
        return (
            f'<details class="removed"><summary>Removed ({len(found):,})</summary>'
            "<p>For a day what was removed can be put back as it stood; then it is gone."
            f"</p>{''.join(rows)}</details>"
        )

    def act(self, sent: Any, sought: str, scope: Scope) -> tuple[str, list[str]]:
        """Do what the page asks for; what was done, and the ids of what was removed, "" where nothing was.

        What is found by the filters is removed only where the page showed that very list, by its `mark_of`.
        Raises LibraryError, saying why not.
        """
        asked = sent if isinstance(sent, dict) else {}
        library = self._source.library()
        if isinstance(asked.get("back"), list):
            ids = [one for one in asked["back"] if isinstance(one, str)]
            back = library.restore(ids)
            told = back[0].name if len(back) == 1 else words.count(len(back), "article")
            return f"Put back: {told}", []
        if not isinstance(asked.get("found"), str):
            return "", []
        found = library.listing(sought=sought, scope=scope, most=sys.maxsize)
        if asked["found"] != mark_of(found.state, sought, scope):
            raise LibraryError("nothing was removed: the list has changed since: look at it again")
        removed = library.remove_all([one.id for one in found.articles])
        return f"Removed: {words.count(len(removed), 'article')}", [one.id for one in removed]


def mark_of(state: State, sought: str, scope: Scope) -> str:
    """Another one for each list: of another state of the library, or found by other words or filters."""
    told = (state.generation, state.token, sought, scope)
    return hashlib.sha256(repr(told).encode(errors="surrogatepass")).hexdigest()[:32]


def undo_notice(done: str, ids: Sequence[str]) -> str:
    """What was removed, with the way back."""
    undo = f'<button type="button" data-back="{escape(" ".join(ids))}">Undo</button>' if ids else ""
    return f'<div class="results"><p role="status">{isolate(done)} {undo}</p></div>'


def _step(listed: Sequence[Removed], whole: Sequence[Removed]) -> str:
    """What one removal took out, with the way back of all of it where it was more than one."""
    when = datetime.fromtimestamp(whole[0].removed).astimezone()
    ids = " ".join(one.id for one in whole)
    together = (
        f'<p class="together">{words.count(len(whole), "article")} removed together '
        f'<button type="button" data-back="{escape(ids)}">Put all back</button></p>'
        if len(whole) > 1
        else ""
    )
    rest = len(whole) - len(listed)
    more = f"<li>And {rest:,} more.</li>" if rest else ""
    rows = "".join(_row(one, f"{when:%H:%M}") for one in listed)
    return f"{together}<ul>{rows}{more}</ul>"


def _row(one: Removed, when: str) -> str:
    facts = [one.publisher or "", words.date(one.published) if one.published else "", f"removed at {when}"]
    line = " · ".join(isolate(fact) for fact in facts if fact)
    label = escape(f"Put back {one.name}")
    return (
        f'<li><div>{isolate(one.name)}<p class="facts">{line}</p></div>'
        f'<button type="button" data-back="{escape(one.id)}" aria-label="{label}">Put back</button></li>'
    )
