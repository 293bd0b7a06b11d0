"""What keeps things in the notebook from elsewhere: of an answer all of it, a disagreement, or a quote."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from index.errors import WhosaysError
from qa.app.html import words
from qa.app.html.render import escape, isolate
from qa.app.pages.intake import LibrarySource
from qa.app.talks.conversation import Talk
from qa.conflicts.merging import merge_conflicts
from qa.export.text import TIERS, source_of
from qa.notebook.clippings import Clipping, clip_answer, clip_disagreement, clip_quote
from qa.notebook.store import Notebook
from qa.records import Answer, Citation

QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}
MOST_OFFERED = 40  # quotes of one answer
GONE = "This answer is no longer on the page: ask again, then keep it."
ELSEWHERE = "Another library was chosen in another window: choose the one that was asked, then keep this."
_ITEM = re.compile(r"turn-(\d{1,7})(?:-(answer|at|(?:conflict|quote)-\d{1,4}))?")
# What is told stands in the dialog of `notebook.js`, which hears of it, and whose presses go to the server.
_KEEPER_JS = """
watch("value", () => {
  if (props.value) document.dispatchEvent(new CustomEvent("kept", { detail: JSON.parse(props.value) }));
});
document.addEventListener("keep", (event) => trigger("submit", event.detail));
"""


@dataclass(frozen=True, slots=True)
class Keepable:
    """What can be kept, under the name by which the page calls it: its words, and whose these are."""

    item: str
    label: str
    beside: str
    clipping: Clipping


class Keeper:
    """The component of a page with a conversation, and what comes of its presses."""

    def __init__(self, source: LibrarySource) -> None:
        self._source = source
        self._told = 0

    def fill(self, talk: gr.State) -> None:
        """Into the blocks that are open; it keeps things of the `talk`."""
        told = told_part()
        told.submit(self._press, talk, told, trigger_mode="multiple", **QUIET)

    def _press(self, talk: Talk, event: gr.EventData, request: gr.Request) -> str:
        """The menu of a turn, or one thing kept or taken out; what is kept of the turn by now."""
        data = event._data if isinstance(event._data, dict) else {}
        reply: dict[str, Any]
        try:
            reply = self._answer(talk, data, str(request.username or ""))
        except WhosaysError as error:
            reply = {"said": words.sentence(str(error)), "failed": True}
        self._told += 1  # the same once more is news as well
        return reply_to(data, reply, self._told)

    def _answer(self, talk: Talk, data: Mapping[str, Any], by: str) -> dict[str, Any]:
        found = _ITEM.fullmatch(str(data.get("item", "")))
        turn = talk.exchange(int(found[1])) if found else None
        if found is None or turn is None or turn.answer is None:
            return {"said": GONE, "failed": True}
        if talk.library and talk.library != self._source.name():
            return {"said": ELSEWHERE, "failed": True}
        notebook, name = self._source.library().notebook, f"turn-{found[1]}"
        offered = offers(turn.answer, name)
        said = ""
        if found[2]:
            wanted = _wanted(turn.answer, found[0], data, offered)
            if wanted is None:
                return {"said": GONE, "failed": True}
            said = toggle(notebook, wanted, keep=data.get("keep") is not False, by=by)
        kept = {one.id for one in notebook.clippings()}
        states = {one.item: one.clipping.id in kept for one in offered}
        if found[2] == "at" and wanted is not None:
            states[found[0]] = wanted.id in kept
        return {"menu": menu(offered, kept, said), "said": said, "kept": states}


def told_part() -> gr.HTML:
    """What hears in the page of what is to be kept, and tells what came of it, in the open blocks."""
    return gr.HTML(
        "",
        elem_id="keeper",
        html_template="<p hidden></p>",
        apply_default_css=False,
        js_on_load=_KEEPER_JS,
    )


def reply_to(data: Mapping[str, Any], reply: Mapping[str, Any], number: int) -> str:
    """What `notebook.js` hears of a press; `number` tells it from the one before."""
    return json.dumps({"item": str(data.get("item", ""))[:60], **reply, "number": number})


def offers(answer: Answer, turn: str) -> list[Keepable]:
    """All that can be kept of an answer; `turn` is the name of its turn in the page."""
    found = []
    shown, quotes = merge_conflicts(answer), _quotes(answer)
    if answer.status != "unanswered" and quotes:
        beside = [
            words.count(len(quotes), "quote"),
            *([words.count(len(shown), "disagreement")] if shown else []),
        ]
        found.append(Keepable(f"{turn}-answer", "The whole answer", ", ".join(beside), clip_answer(answer)))
    for number, one in enumerate(shown, 1):
        made = clip_disagreement(one, question=answer.question)
        found.append(
            Keepable(
                f"{turn}-conflict-{number}", words.shortened(one.explanation, 160), TIERS[one.tier], made
            )
        )
    for number, quote in enumerate(quotes[:MOST_OFFERED], 1):
        made = clip_quote(quote, question=answer.question, beside=shown)
        label = f"“{words.shortened(quote.sentence, 160)}”"
        found.append(Keepable(f"{turn}-quote-{number}", label, words.shortened(source_of(quote)), made))
    return found


def menu(offered: Sequence[Keepable], kept: set[str], said: str = "") -> str:
    """What can be kept, each with whether it is; what the dialog shows."""
    groups = (("", "answer"), ("Disagreements", "conflict"), ("Quotes", "quote"))
    parts = []
    for label, kind in groups:
        items = "".join(_choice(one, kept) for one in offered if one.item.split("-")[2] == kind)
        heading = f"<h3>{label}</h3>" if label and items else ""
        parts.append(f"{heading}<ul>{items}</ul>" if items else "")
    told = '<p class="soft">This answer quotes nothing that could be kept.</p>' if not offered else ""
    return f'{"".join(parts)}{told}<p class="said" role="status">{escape(said)}</p>'


def _choice(one: Keepable, kept: set[str]) -> str:
    pressed = str(one.clipping.id in kept).lower()
    return (
        f'<li><button type="button" data-item="{escape(one.item)}" aria-pressed="{pressed}">'
        f'<span class="what">{isolate(one.label)}</span><span class="whose">{isolate(one.beside)}</span>'
        "</button></li>"
    )


def _wanted(
    answer: Answer, item: str, data: Mapping[str, Any], offered: Sequence[Keepable]
) -> Clipping | None:
    """What is to be kept: one of those offered, or the quote of the answer that stands at a place."""
    if not item.endswith("-at"):
        return next((one.clipping for one in offered if one.item == item), None)
    place = data.get("article"), data.get("start"), data.get("end")
    quote = next((one for one in answer.quotes() if (one.article_id, one.start, one.end) == place), None)
    if quote is None:
        return None
    return clip_quote(quote, question=answer.question, beside=merge_conflicts(answer))


def toggle(notebook: Notebook, wanted: Clipping, *, keep: bool, by: str) -> str:
    """Keep it, or take it out again; what was done, in words."""
    there = any(one.id == wanted.id for one in notebook.clippings())
    if not keep:
        if there:
            notebook.remove(wanted.id)
        return "Taken out of the notebook."
    if there:
        return "This is in the notebook already."
    notebook.keep(wanted, by=by)
    return "Kept in the notebook."


def _quotes(answer: Answer) -> list[Citation]:
    """Each sentence that it quotes, once, its own first."""
    found: dict[tuple[str, int, int], Citation] = {}
    for one in answer.quotes():
        found.setdefault((one.article_id, one.sentence_start, one.sentence_end), one)
    return list(found.values())


KeepOf = Callable[[gr.State], None]
"""What puts into the open blocks what keeps things of a talk."""
