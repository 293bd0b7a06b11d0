"""The page of disagreements: the whole library compared on demand, filtered, and ruled on."""

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import gradio as gr
from gradio.context import Context
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from index.errors import WhosaysError
from qa.app.html import disagreements, words
from qa.app.html.disagreements import Wanted, source_counts
from qa.app.html.render import escape, isolated
from qa.app.pages.site import Page
from qa.app.pages.survey_session import Compared, Desk
from qa.app.serve.background import State, watch
from qa.conflicts.rulings import gold_lines
from qa.library import Library
from qa.survey.survey import Judge

NAME, PATH = "Disagreements", "disagreements"
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
TOGETHER: dict[str, Any] = {"concurrency_limit": None}  # watching costs next to nothing

Updates = dict[Any, Any]

# Buttons of the page's own HTML tell the server which they are. What is drawn anew keeps the focus, and a
# new page of the list begins at its head.
_MATRIX_JS = """
element.addEventListener("click", (event) => {
  const cell = event.target.closest("button[data-source]");
  if (cell) trigger("submit", { source: cell.dataset.source, against: cell.dataset.against });
});
"""
_LIST_JS = """
let focused = null;
let first = null;
const ruled = (control, which, verdict, reason) => {
  const pair = control.closest("[data-pair]").dataset.pair;
  focused = `[data-pair="${pair}"] ${which}`;
  trigger("submit", { pair, verdict, reason });
};
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-verdict]");
  if (!button) return;
  const own = button.dataset.verdict;
  const pressed = button.getAttribute("aria-pressed") === "true";
  ruled(button, `[data-verdict="${own}"]`, pressed ? "withdrawn" : own, "");
});
element.addEventListener("change", (event) => {
  const select = event.target.closest("select[data-reason]");
  if (select) ruled(select, "select[data-reason]", "no conflict", select.value);
});
watch("value", () => {
  const list = element.querySelector(".list");
  if (list && first !== null && list.dataset.first !== first) {
    list.scrollIntoView({ block: "start" });
    list.querySelector("h2").focus({ preventScroll: true });
  } else if (focused) {
    element.querySelector(focused)?.focus({ preventScroll: true });
  }
  focused = null;
  first = list ? list.dataset.first : null;
});
"""


def disagreements_page(
    library: Callable[[], Library], *, judge: Judge | None = None, read_only: bool = False
) -> Page:
    """The page over the library that `library` gives at each call; `read_only` shows rulings, takes none."""
    desk = Desk(library, judge, read_only=read_only)
    return Page(NAME, PATH, lambda: _Filling(desk).fill(), [_download(desk)])


class _Filling:
    """The components of one filled page, and what happens on each event."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def fill(self) -> None:
        """Into the blocks that are open."""
        head = (
            '<header><h1>Who disagrees</h1><p class="lead">Every statement of each article is held against '
            "those of the others, without a question.</p></header>"
        )
        _html(head, "survey-head")
        with gr.Row(elem_id="survey-actions"):
            self.compare = gr.Button("Compare the articles", elem_id="compare", visible=False)
            self.stop = gr.Button("Stop", elem_id="compare-stop", visible=False)
        self.progress = _html("", "survey-progress")
        self.found = _html("", "survey-found")
        self.matrix = _html("", "survey-matrix", _MATRIX_JS)
        with gr.Row(elem_id="survey-filters", visible=False) as self.filters:
            self.kind = gr.Dropdown(label="Kind", choices=[("All kinds", "")], value="", filterable=False)
            self.source = gr.Dropdown(label="Source", choices=[("Any source", "")], value="")
            self.against = gr.Dropdown(label="Against", choices=[("Any other", "")], value="")
            rulings = [("All", ""), ("Not ruled yet", "open"), ("Ruled", "ruled")]
            self.ruled = gr.Dropdown(label="Rulings", choices=rulings, value="", filterable=False)
        self.status = _html(_status(""), "survey-status")
        self.listing = _html("", "survey-list", _LIST_JS)
        with gr.Row(elem_id="survey-pager", visible=False) as self.pager:
            self.back = gr.Button("Previous", size="sm")
            self.where = _html("", "survey-where")
            self.on = gr.Button("Next", size="sm")
        link = '<a href="disagreements/rulings.jsonl" download>Download rulings</a>'
        note = "as labelled pairs, one JSON object a line: what “whosays eval” reads."
        self.download = _html(f'<p class="fine">{link} {note}</p>', "survey-download")
        self.number = gr.State(1)
        self._listen()

    def _listen(self) -> None:
        filters = [self.kind, self.source, self.against, self.ruled]
        changed = [
            self.compare, self.stop, self.progress, self.found, self.matrix, self.filters, *filters,
            self.status, self.listing, self.pager, self.back, self.where, self.on, self.number,
        ]  # fmt: skip
        blocks = Context.root_block
        assert blocks is not None, "a page is filled while its blocks are open"
        blocks.load(self._opened, None, changed, **QUIET, **TOGETHER)
        self.compare.click(self._asked, None, changed, **QUIET, **TOGETHER)
        self.stop.click(self._stop, None, None, queue=False, **QUIET)
        for one in filters:
            one.input(self._filtered, filters, changed, queue=False, **QUIET)
        self.matrix.submit(self._chosen, filters, changed, queue=False, **QUIET)
        for button, step in ((self.back, -1), (self.on, 1)):
            turned = partial(self.turn, step)
            button.click(turned, [*filters, self.number], changed, queue=False, **QUIET)
        if not self._desk.read_only:
            self.listing.submit(self._ruled, [*filters, self.number], changed, queue=False, **QUIET)

    async def _opened(self) -> AsyncIterator[Updates]:
        if self._desk.is_due():
            self._desk.compare()
        async for updates in self._watched():
            yield updates

    async def _asked(self) -> AsyncIterator[Updates]:
        self._desk.compare()
        async for updates in self._watched():
            yield updates

    def _stop(self) -> None:
        self._desk.job.stop()

    async def _watched(self) -> AsyncIterator[Updates]:
        """What is known at once, the progress while there is some, and what was found at the end."""
        job, had = self._desk.job, self._desk.job.state.result
        yield self._whole(job.state)
        async for state in watch(job):
            if state.running:
                yield {self.progress: _progress(state)}
            elif state.result is not had or state.problem or state.stopped:
                yield self._whole(state)

    def _whole(self, state: State[Compared]) -> Updates:
        found, result = self._desk.found(), state.result
        label = "Compare again" if result else "Compare the articles"
        there = {one.kind for one in found}
        kinds = [(name, kind) for kind, name in words.KINDS.items() if kind in there]
        sources = [(f"{words.shortened(name)} ({count:,})", name) for name, count in source_counts(found)]
        several = len(found) > 1
        return {
            self.compare: gr.Button(label, visible=not state.running),
            self.stop: gr.Button(visible=state.running),
            self.progress: _progress(state) if state.running else self._note(state),
            self.found: disagreements.summary(result.survey) if result else "",
            self.matrix: disagreements.matrix(found),
            self.filters: gr.Row(visible=several),
            self.kind: gr.Dropdown(choices=[("All kinds", ""), *kinds], value=""),
            self.source: gr.Dropdown(choices=[("Any source", ""), *sources], value=""),
            self.against: gr.Dropdown(choices=[("Any other", ""), *sources], value=""),
            self.ruled: "",
            **self._shown(Wanted(), 1),
            self.status: _status(_spoken(state)),
        }

    def _note(self, state: State[Compared]) -> str:
        """What stands where the progress was."""
        library = self._desk.library()
        if state.problem:
            return f'<p class="failure">{isolated(words.sentence(state.problem))}</p>'
        if state.stopped:
            return (
                '<p class="soft">Stopped. What was compared is kept; the next comparison goes on there.</p>'
            )
        if state.result is None:
            count = words.count(len(library), "article")
            return f'<p class="soft">{count} to compare. It can be stopped, and goes on later.</p>'
        if state.result.generation != library.generation:
            return '<p class="soft">The articles have changed since they were compared.</p>'
        return ""

    def _shown(self, wanted: Wanted, number: int, kept: str = "") -> Updates:
        try:
            html, where, number, pages = self._desk.page(wanted, number, kept)
        except WhosaysError as error:
            return {self.listing: f'<p class="failure">{isolated(words.sentence(str(error)))}</p>'}
        return {
            self.listing: html,
            self.pager: gr.Row(visible=pages > 1),
            self.back: gr.Button(interactive=number > 1),
            self.on: gr.Button(interactive=number < pages),
            self.where: f'<p aria-live="polite">{where}</p>',
            self.number: number,
        }

    def _filtered(self, *filters: str) -> Updates:
        return self._shown(Wanted(*filters), 1)

    def _chosen(self, event: gr.EventData, kind: str, _: str, __: str, ruled: str) -> Updates:
        known = {name for name, _ in source_counts(self._desk.found())}
        one, other = (name if name in known else "" for name in (str(event.source), str(event.against)))
        shown = self._shown(Wanted(kind, one, other, ruled), 1)
        return {**shown, self.source: one, self.against: other}

    def turn(self, step: int, *values: Any) -> Updates:
        """The page of the list before or after the one shown; `values` are the filters and its number."""
        *filters, number = values
        return self._shown(Wanted(*filters), number + step)

    def _ruled(self, event: gr.EventData, *values: Any) -> Updates:
        *filters, number = values
        key = str(event.pair)
        try:
            said = self._desk.rule(key, str(event.verdict), str(event.reason))
        except WhosaysError as error:
            return {self.status: f'<p class="failure" role="alert">{isolated(str(error))}</p>'}
        return {**self._shown(Wanted(*filters), number, key), self.status: _status(said)}


def _html(value: str, name: str, script: str | None = None) -> gr.HTML:
    """Our own HTML without Gradio's style; `script` listens to its buttons."""
    return gr.HTML(value, elem_id=name, elem_classes="survey", apply_default_css=False, js_on_load=script)


def _progress(state: State[Compared]) -> str:
    label, share = words.sentence(state.label or "starting").rstrip("."), ""
    if state.total:
        share = f' value="{state.done}" max="{state.total}"'
        label = f"{label} ({state.done:,} of {state.total:,})"
    return f'<p class="working-on"><progress aria-label="Comparison"{share}></progress>{isolated(label)}</p>'


def _status(text: str) -> str:
    return f'<p class="spoken" role="status" aria-live="polite">{escape(text)}</p>'


def _spoken(state: State[Compared]) -> str:
    if state.running:
        return "Comparing the articles."
    return words.count(len(state.result.survey.disagreements), "disagreement") + "." if state.result else ""


def _download(desk: Desk) -> Route:
    """All rulings that stand, as gold data: /disagreements/rulings.jsonl."""

    def send(_: Request) -> Response:
        try:
            text = gold_lines(desk.rulings.standing().gold())
        except WhosaysError as error:
            return PlainTextResponse(str(error), status_code=500)
        headers = {"Content-Disposition": 'attachment; filename="pairs.jsonl"', "Cache-Control": "no-store"}
        return Response(text, media_type="application/x-ndjson", headers=headers)

    return Route(f"/{PATH}/rulings.jsonl", send)
