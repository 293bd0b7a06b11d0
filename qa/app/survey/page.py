"""The page of disagreements: the whole library compared on demand, narrowed, and ruled on."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import astuple
from functools import partial
from typing import Any

import gradio as gr
from gradio.context import Context

from index.errors import ArticleNotFound, WhosaysError
from qa.app.html import words
from qa.app.html.render import escape, isolate
from qa.app.pages.site import DATE, Page
from qa.app.shelf.background import State, watch
from qa.app.survey import cards
from qa.app.survey.downloads import download_links, download_routes
from qa.app.survey.filters import MOST_CHARS, Wanted, from_query
from qa.app.survey.keeping import PointKeeper
from qa.app.survey.session import Compared, Desk
from qa.asking.each import LibraryAsk
from qa.export.text import asked_text
from qa.library import Chosen, Library

NAME, PATH = "Disagreements", "disagreements"
FILTER = "Filter"
CLOSER = "Look closer"
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
TOGETHER: dict[str, Any] = {"concurrency_limit": None}  # watching costs next to nothing

Updates = dict[Any, Any]

# Buttons of the page's own HTML tell the server which filters they change. What is drawn anew keeps the
# focus, and what was folded stays so: at first the charts stand open where there is room beside the list.
_WANT_JS = """
let focused = null;
const folds = new Map();
const cue = () => {
  const table = element.querySelector(".scrolls");
  if (!table) return;
  const left = table.scrollWidth - table.clientWidth - table.scrollLeft;
  table.toggleAttribute("data-more", left > 4);
  table.nextElementSibling.hidden = table.scrollWidth <= table.clientWidth + 4;
};
element.addEventListener("scroll", cue, true);
element.addEventListener("toggle", cue, true);
new ResizeObserver(cue).observe(element);
const open = () => {
  for (const one of element.querySelectorAll("details[data-fold]")) {
    one.open = folds.get(one.dataset.fold) ?? matchMedia("(min-width: 1200px)").matches;
  }
};
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-want]");
  if (button) {
    focused = button.dataset.at;
    trigger("submit", { want: button.dataset.want });
  }
  const fold = event.target.closest("summary")?.parentElement;
  if (fold?.dataset.fold) folds.set(fold.dataset.fold, !fold.open);
});
watch("value", () => {
  open();
  cue();
  const link = element.querySelector("[data-query]");
  if (link) {
    const query = link.dataset.query;
    history.replaceState(history.state, "", location.pathname + (query ? `?${query}` : ""));
  }
  if (focused === null || document.activeElement !== document.body) return;
  const again = [...element.querySelectorAll("[data-at]")].find((one) => one.dataset.at === focused);
  (again ?? document.querySelector("#survey-list h2"))?.focus({ preventScroll: true });
  focused = null;
});
open();
cue();
"""
# A new page of the list begins at its head.
_LIST_JS = """
let focused = null;
let first = null;
// The list may be drawn anew while a choice stands open: it is meant for the card on which it was opened.
let opened = null;
const pairOf = (control) => control.closest("[data-pair]").dataset.pair;
const ruled = (pair, which, verdict, reason) => {
  focused = `[data-pair="${pair}"] ${which}`;
  trigger("submit", { pair, verdict, reason });
};
element.addEventListener("click", (event) => {
  const way = event.target.closest("button[data-way]")?.dataset.way;
  if (way) document.querySelector(`#survey-narrowed [data-at="chip ${way}"]`)?.click();
  const button = event.target.closest("button[data-verdict]");
  if (!button) return;
  const own = button.dataset.verdict;
  const pressed = button.getAttribute("aria-pressed") === "true";
  const which = own === "withdrawn" ? "[data-verdict]" : `[data-verdict="${own}"]`;
  ruled(pairOf(button), which, pressed ? "withdrawn" : own, "");
});
element.addEventListener("pointerdown", (event) => {
  const select = event.target.closest("select[data-reason]");
  opened = select && { select, pair: pairOf(select) };
});
for (const end of ["keydown", "focusout"]) {
  element.addEventListener(end, (event) => event.target === opened?.select && (opened = null));
}
element.addEventListener("change", (event) => {
  const select = event.target.closest("select[data-reason]");
  if (!select) return;
  const pair = opened?.select === select ? opened.pair : pairOf(select);
  opened = null;
  ruled(pair, "select[data-reason]", "no conflict", select.value);
});
watch("value", () => {
  const list = element.querySelector(".list");
  if (list && first !== null && list.dataset.first !== first && list.dataset.first !== "0" && first !== "0") {
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
    library: Callable[[], Library],
    *,
    comparison: Chosen = "bundled",
    read_only: bool = False,
    ask: LibraryAsk | None = None,
    desk: Desk | None = None,
) -> Page:
    """The page over the library that `library` gives at each call; `read_only` shows rulings, takes none.

    `ask` answers the questions about statements, where these may be asked. A `desk` is for an app in which
    other pages tell of what was found, too.
    """
    desk = desk or Desk(library, comparison, read_only=read_only, ask=ask)
    return Page(NAME, PATH, lambda: _Filling(desk).fill(), download_routes(desk, PATH))


class _Filling:
    """The components of one filled page, and what happens on each event."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def fill(self) -> None:
        """Into the blocks that are open."""
        self.head = _html(cards.head(), "survey-head")
        with gr.Row(elem_id="survey-actions"):
            self.compare = gr.Button("Compare the articles", elem_id="compare", visible=False)
            self.stop = gr.Button("Stop", elem_id="compare-stop", visible=False)
            self.closer = gr.Button(CLOSER, elem_id="compare-closer", visible=False)
        self.progress = _html("", "survey-progress")
        self.found = _html("", "survey-found")
        with gr.Column(elem_id="survey-filters", visible=False) as self.filters:
            self.topic = gr.Textbox(
                label="Search the disagreements", placeholder="Any words", max_length=MOST_CHARS, max_lines=1
            )
            with gr.Accordion(FILTER, open=False, elem_id="survey-more") as self.more, gr.Row():
                self._fill_filters()
        self.topics = _html("", "survey-topics", _WANT_JS)
        self.narrowed = _html("", "survey-narrowed", _WANT_JS)
        self.status = _html(_status(""), "survey-status")
        with gr.Row(elem_id="survey-body"):
            with gr.Column(elem_id="survey-charts"):
                self.matrix = _html("", "survey-matrix", _WANT_JS)
                self.timeline = _html("", "survey-timeline", _WANT_JS)
            with gr.Column(elem_id="survey-results"):
                self.listing = _html("", "survey-list", _LIST_JS)
                with gr.Row(elem_id="survey-pager", visible=False) as self.pager:
                    self.back = gr.Button("Previous", size="sm")
                    self.where = _html("", "survey-where")
                    self.on = gr.Button("Next", size="sm")
        self.download = _html("", "survey-download")
        if not self._desk.read_only:
            PointKeeper(self._desk).fill()
        self.query = gr.Textbox(visible=False)
        self.of = gr.Textbox(visible=False)
        self.number = gr.State(1)
        self.wanted = gr.State(Wanted())  # what the list shows
        self._listen()

    def _fill_filters(self) -> None:
        self.source = gr.Dropdown(label="Source", choices=[("Any source", "")], value="")
        self.against = gr.Dropdown(label="Against", choices=[("Any other", "")], value="")
        self.kind = gr.Dropdown(label="Kind", choices=[("All kinds", "")], value="", filterable=False)
        date: dict[str, Any] = {"max_lines": 1, "max_length": 10, "min_width": 90, "elem_classes": [DATE]}
        self.since = gr.Textbox(label="From", elem_id="survey-since", **date)
        self.until = gr.Textbox(label="To", elem_id="survey-until", **date)
        rulings = [("All", ""), *((label, name) for name, label in cards.RULED.items())]
        self.ruled = gr.Dropdown(label="Rulings", choices=rulings, value="", filterable=False)

    def _listen(self) -> None:
        # In the order of the fields of `Wanted`.
        filters = [
            self.topic, self.kind, self.source, self.against, self.since, self.until, self.ruled,
            self.of,
        ]  # fmt: skip
        listed = [
            self.found, self.topics, self.narrowed, self.matrix, self.timeline, self.listing, self.pager,
            self.back, self.where, self.on, self.number, self.wanted, self.more,
            self.download,
        ]  # fmt: skip
        state = [self.head, self.compare, self.stop, self.closer, self.progress, self.filters, self.status]
        changed = [*state, *filters, *listed]
        blocks = Context.root_block
        assert blocks is not None, "a page is filled while its blocks are open"
        self._fields = filters
        now: dict[str, Any] = {"queue": False, **QUIET}
        opening = "(...values) => [location.search]"
        blocks.load(self._open, [self.query], changed, js=opening, **QUIET, **TOGETHER)
        self.compare.click(self._compare, filters, changed, **QUIET, **TOGETHER)
        if self._desk.ask is not None:
            self.closer.click(self._look_closer, filters, changed, **QUIET, **TOGETHER)
        self.stop.click(self._stop, [self.of], None, **now)
        # "multiple": also what is chosen while the choice before is answered; `order.js` keeps their order.
        for menu in (self.kind, self.source, self.against, self.ruled):
            menu.input(self._filter, filters, listed, trigger_mode="multiple", **now)
        typed = [self.wanted, *filters]
        for field, name in ((self.topic, "topic"), (self.since, "since"), (self.until, "until")):
            changed_to = partial(self._filter_typed, name)
            field.change(changed_to, typed, listed, trigger_mode="always_last", **now)
        for part in (self.topics, self.narrowed, self.matrix, self.timeline):
            part.submit(self._change, filters, [*filters, *listed], trigger_mode="multiple", **now)
        for button, step in ((self.back, -1), (self.on, 1)):
            turned = partial(self._turn_page, step)
            button.click(turned, [*filters, self.number], listed, **now)
        if not self._desk.read_only:
            ruling = [*filters, self.number]
            each = [*listed, self.status]
            self.listing.submit(self._rule, ruling, each, trigger_mode="multiple", **now)

    async def _open(self, query: str) -> AsyncIterator[Updates]:
        wanted = from_query(query).with_whole_days()
        if self._desk.is_due(wanted.of):
            self._desk.compare(wanted.of)
        async for updates in self._watch(wanted, Wanted()):
            yield updates

    async def _compare(self, *values: str) -> AsyncIterator[Updates]:
        wanted = Wanted.from_fields(*values)
        self._desk.compare(wanted.of)
        async for updates in self._watch(wanted, wanted):
            yield updates

    async def _look_closer(self, *values: str) -> AsyncIterator[Updates]:
        wanted = Wanted.from_fields(*values)
        self._desk.compare(wanted.of, asking=True)
        async for updates in self._watch(wanted, wanted):
            yield updates

    def _stop(self, of: str | None) -> None:
        self._desk.job_of(of or "").stop()

    async def _watch(self, wanted: Wanted, held: Wanted) -> AsyncIterator[Updates]:
        """What is known at once, the progress while there is some, and what was found at the end.

        `held` stands in the fields at first. Only what differs is set then: what Gradio is told of folded
        fields it sets a frame after they unfold, over what is typed by then.
        """
        job = self._desk.job_of(wanted.of)
        had = job.state.result
        shown, fields = self._show_all(job.state, wanted), self._values(held)
        yield {part: value for part, value in shown.items() if part not in fields or value != fields[part]}
        async for state in watch(job):
            if state.running:
                yield {self.progress: _progress(state)}
            elif state.result is not had or state.problem or state.stopped:
                yield self._show_all(state, wanted)

    def _show_all(self, state: State[Compared], wanted: Wanted) -> Updates:
        found, result = self._desk.disagreements(wanted.of), state.result
        label = f"Compare {'again' if result else 'this article' if wanted.of else 'the articles'}"
        there = {one.kind for one in found}
        kinds = [(name, kind) for kind, name in words.KINDS.items() if kind in there]
        named = self._desk.entries(wanted.of).sources()
        sources = [(f"{words.shortened(name)} ({count:,})", name) for name, count in named]
        # What a link asks for is held until there is something to choose from.
        wanted = _keep_possible(wanted, list(there), [name for name, _ in named]) if result else wanted
        chosen = wanted if result else Wanted(of=wanted.of)
        return {
            self.head: cards.head(self._about(wanted.of)),
            self.compare: gr.Button(label, visible=not state.running),
            self.stop: gr.Button(visible=state.running),
            self.closer: gr.Button(visible=self._can_look_closer(state)),
            self.progress: _progress(state) if state.running else self._note(state, wanted.of),
            self.filters: gr.Column(visible=len(found) > 1),
            **self._show_list(wanted, 1),
            **self._values(chosen),
            self.kind: gr.Dropdown(choices=[("All kinds", ""), *kinds], value=chosen.kind),
            self.source: gr.Dropdown(choices=[("Any source", ""), *sources], value=chosen.source),
            self.against: gr.Dropdown(choices=[("Any other", ""), *sources], value=chosen.against),
            self.status: _status(_announcement(state)),
        }

    def _can_look_closer(self, state: State[Compared]) -> bool:
        """Whether there are statements about which nothing was asked, and somebody may ask."""
        if state.result is None or state.running or self._desk.ask is None:
            return False
        survey = state.result.survey
        return survey.check.status == "checked" and survey.unasked > 0

    def _about(self, article_id: str) -> str:
        """Of which article alone the page tells; "" where it tells of all."""
        if not article_id:
            return ""
        try:
            return cards.of_article(self._desk.library().article(article_id), PATH)
        except ArticleNotFound:
            return cards.of_article(None, PATH)

    def _note(self, state: State[Compared], article_id: str) -> str:
        """What stands where the progress was."""
        if state.problem:
            return f'<p class="failure">{isolate(words.sentence(state.problem))}</p>'
        if state.stopped:
            return '<p class="soft">Stopped. What was compared is kept; the next comparison starts there.</p>'
        told = self._what_next(state, article_id)
        return f'<p class="soft">{escape(told)}</p>' if told else ""

    def _what_next(self, state: State[Compared], article_id: str) -> str:
        """What there is to compare, or to ask; "" where there is nothing."""
        library = self._desk.library()
        if state.result is None and article_id:
            return "Others are being compared. Try again in a minute."
        if state.result is None:
            return f"{words.count(len(library), 'article')} to compare. You can stop it and go on later."
        if state.result.token != library.token:
            return "The articles have changed since they were compared."
        return asked_text(state.result.survey, CLOSER) if self._desk.ask else ""

    def _values(self, wanted: Wanted) -> Updates:
        """The fields as they stand for these filters."""
        return dict(zip(self._fields, astuple(wanted), strict=True))

    def _show_list(self, wanted: Wanted, number: int, kept: str = "") -> Updates:
        try:
            shown = self._desk.page(wanted, number, kept)
        except WhosaysError as error:
            failure = f'<p class="failure" role="alert">{isolate(words.sentence(str(error)))}</p>'
            return {self.listing: failure, self.pager: gr.Row(visible=False)}
        return {
            self.found: shown.summary,
            self.topics: shown.topics,
            self.narrowed: f'<div data-query="{escape(shown.query)}">{shown.narrowed}</div>',
            self.matrix: shown.matrix,
            self.timeline: shown.timeline,
            self.listing: shown.listing,
            self.pager: gr.Row(visible=shown.pages > 1),
            self.back: gr.Button(interactive=shown.number > 1),
            self.on: gr.Button(interactive=shown.number < shown.pages),
            self.where: f'<p aria-live="polite">{shown.where}</p>',
            self.number: shown.number,
            self.wanted: wanted,
            self.more: gr.Accordion(label=_filter_label(wanted)),
            self.download: download_links(
                PATH,
                shown.query,
                found=bool(self._desk.entries(wanted.of).points),
                narrowed=bool(wanted.active()),
            ),
        }

    def _filter(self, *values: str) -> Updates:
        return self._show_list(Wanted.from_fields(*values), 1)

    def _filter_typed(self, name: str, had: Wanted, *values: str) -> Updates:
        """As `_filter`; nothing for a value of the field that we set: the other fields may not be set yet."""
        wanted = Wanted.from_fields(*values)
        same = getattr(wanted, name) == getattr(had, name)
        return {self.number: gr.skip()} if same else self._show_list(wanted, 1)

    def _change(self, event: gr.EventData, *values: str) -> Updates:
        """The filters as a button of ours changes them."""
        wanted = Wanted.from_fields(*values).with_changes(event.want).with_whole_days()
        known = self._desk.entries(wanted.of)
        kinds = [one.disagreement.kind for one in known.all]
        wanted = _keep_possible(wanted, kinds, [name for name, _ in known.sources()])
        return {**self._show_list(wanted, 1), **self._values(wanted)}

    def _turn_page(self, step: int, *values: Any) -> Updates:
        """The page of the list before or after the one shown; `values` are the filters and its number."""
        *filters, number = values
        return self._show_list(Wanted.from_fields(*filters), number + step)

    def _rule(self, event: gr.EventData, *values: Any) -> Updates:
        *filters, number = values
        key, wanted = str(event.pair), Wanted.from_fields(*filters)
        try:
            said = self._desk.rule(key, str(event.verdict), str(event.reason), wanted.of)
        except WhosaysError as error:
            return {self.status: f'<p class="failure" role="alert">{isolate(str(error))}</p>'}
        return {**self._show_list(wanted, number, key), self.status: _status(said)}


def _filter_label(wanted: Wanted) -> str:
    """What opens the filters: "Filter", with how many of them are set."""
    held = len(wanted.without("topic", "of").active())
    return f"{FILTER} ({held})" if held else FILTER


def _keep_possible(wanted: Wanted, kinds: Sequence[str], sources: Sequence[str]) -> Wanted:
    """Without what the menus do not offer: a link may be of what was found some time ago."""
    known = {"kind": kinds, "source": sources, "against": sources, "ruled": list(cards.RULED)}
    gone = [name for name, value in wanted.active().items() if name in known and value not in known[name]]
    return wanted.without(*gone)


def _html(value: str, name: str, script: str | None = None) -> gr.HTML:
    """Our own HTML without Gradio's style; `script` listens to its buttons."""
    return gr.HTML(value, elem_id=name, elem_classes="survey", apply_default_css=False, js_on_load=script)


def _progress(state: State[Compared]) -> str:
    label, share = words.sentence(state.label or "starting").rstrip("."), ""
    if state.total:
        share = f' value="{state.done}" max="{state.total}"'
        label = f"{label} ({state.done:,} of {state.total:,})"
    return f'<p class="working-on"><progress aria-label="Comparison"{share}></progress>{isolate(label)}</p>'


def _status(text: str) -> str:
    return f'<p class="spoken" role="status" aria-live="polite">{escape(text)}</p>'


def _announcement(state: State[Compared]) -> str:
    if state.running:
        return "Comparing the articles."
    return words.count(len(state.result.entries.points), "disagreement") + "." if state.result else ""
