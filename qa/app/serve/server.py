"""The app put together: its components, and what happens on a question."""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import gradio as gr
from gradio.components.navbar import Navbar
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from index.errors import ArticleNotFound
from qa.app.html import reader as reading
from qa.app.html import turn as turns
from qa.app.pages import frame as page
from qa.app.pages import site
from qa.app.pages.answer_job import Seeking
from qa.app.pages.conversation import Ask, Exchange, Talk, answered
from qa.app.pages.save import save_buttons
from qa.app.pages.site import Page
from qa.app.serve.catalogue import Catalogue, ListArticles, catalogue
from qa.settings import Settings

ASKS_AT_ONCE = 2  # one a core of the laptop that the budgets are for; the others wait their turn
TOGETHER: dict[str, Any] = {"concurrency_id": "ask", "concurrency_limit": ASKS_AT_ONCE}
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
EMPTY = "Type a question first, or choose one of the examples."
BROKEN = "Something went wrong inside Whosays. The terminal where it runs says what; asking again may help."
TRY = "Try one of these. On some of them the articles disagree."
SEEKING = "Looking for the answer."
STOPPED = "Stopped."
# The buttons of a turn that ask again are HTML: their clicks become an event of the conversation.
AGAIN = """element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-again]");
  if (button) trigger("submit", { number: Number(button.dataset.again), about: button.dataset.about ?? "" });
});"""

Shown = tuple[str | dict[str, Any], str | dict[str, Any]]
"""What the conversation and the question's box show."""
Sought = tuple[str | dict[str, Any], str | dict[str, Any], str | dict[str, Any]]
"""The same, and the stage that an answer has come to, which leaves the conversation as it stands."""


def responder(ask: Ask, articles: Catalogue) -> Callable[..., Iterator[Sought]]:
    """What happens on a question: first the turn, then its stages as they begin, then the answer."""
    pool = ThreadPoolExecutor(ASKS_AT_ONCE, thread_name_prefix="ask")

    def respond(
        question: str, talk: Talk, *, number: int | None = None, about: tuple[str, ...] | None = None
    ) -> Iterator[Sought]:
        question = question.strip()
        if not question:
            yield talk.html(notice=EMPTY), "", gr.skip()
            return
        asked = talk.begin(question, number=number, about=about)
        yield talk.html(status=SEEKING), "" if number is None else gr.skip(), gr.skip()
        history = talk.before(asked)
        # In a thread of its own: Stop ends this event at once, where Gradio's `cancels` awaits the answer.
        seeking = Seeking(
            pool,
            lambda on_stage: answered(ask, articles, asked, history, on_stage),
            wanted=lambda: talk.seeks(asked),
        )
        for stage in seeking.stages():
            yield gr.skip(), gr.skip(), turns.reached(stage, asked.number)
        if not talk.seeks(asked):
            yield talk.html(status=STOPPED), gr.skip(), ""
            return
        newest, status = seeking.result()
        talk.end(asked, newest)
        # The box was emptied at the start: what stands there by now is the next question, being typed.
        unusable = newest.answer is None and number is None
        yield talk.html(status=status), question if unusable else gr.skip(), ""

    return respond


def left(told: object, earlier: Exchange) -> tuple[str, ...] | None:
    """The words of the conversation that a turn is asked again with: a JSON list, null to have them chosen.

    Without any, and where it is nothing that our own buttons tell, they are as before.
    """
    try:
        words = json.loads(told) if isinstance(told, str) else ""
    except (ValueError, RecursionError):
        return earlier.about
    if words is None:
        return None
    known = set(earlier.answer.about) if earlier.answer is not None else set(earlier.about or ())
    fits = isinstance(words, list) and all(isinstance(one, str) and one in known for one in words)
    return tuple(words) if fits else earlier.about


def after_failure(talk: Talk) -> str:
    """The conversation as it was, when an answer broke on an error of ours."""
    talk.stop()
    return talk.html(notice=BROKEN)


def stopped(talk: Talk, typed: str) -> Shown:
    """The conversation without what was being sought, which goes back into the box, if that is empty."""
    asked = talk.stop()
    return talk.html(status=STOPPED), asked[-1] if asked and not typed.strip() else gr.skip()


def restarted(talk: Talk) -> Shown:
    """An empty conversation."""
    talk.clear()
    return talk.html(), ""


def build(
    ask: Ask,
    *,
    articles: Catalogue | ListArticles,
    examples: Sequence[str],
    offered: Callable[[], bool] = lambda: True,
    pages: Sequence[Page] = (),
    settings: Settings | None = None,
) -> gr.Blocks:
    """The app over an `ask` function, called from several threads; each browser session has its own history.

    `articles` is the catalogue of the library, or a function that gives a few articles whole. `examples` are
    questions that the library can answer, shown while they are `offered`. `pages` stand beside the
    conversation, each at its path. `settings` are those of `ask`; a saved conversation names
    them.
    """
    known = catalogue(articles)
    blocks = gr.Blocks(title="Whosays", analytics_enabled=False, fill_width=True, delete_cache=(600, 3600))
    with blocks:
        talk = gr.State(Talk())
        Navbar(visible=False)
        part(site.navigation(pages, ""), "pages")
        masthead = part(page.masthead(known.listing()), "masthead")
        conversation = gr.HTML(
            Talk().html(), elem_id="conversation", apply_default_css=False, js_on_load=AGAIN
        )
        progress = part("", "progress")
        save_buttons(talk, known, settings or Settings(), queue=False, **QUIET)
        with gr.Column(elem_id="composer"):
            with gr.Row(elem_id="examples", visible=offered()) as row:
                part(f'<p class="try">{TRY}</p>', "try")
                chips = [gr.Button(example, size="sm", elem_classes=["example"]) for example in examples]
            with gr.Row(elem_id="ask"):
                question = gr.Textbox(
                    label="Your question",
                    placeholder="Ask a question",
                    elem_id="question",
                    max_lines=6,
                    max_length=2000,
                    container=False,
                )
                send = gr.Button("Ask", variant="primary", elem_id="send", scale=0)
                stop = gr.Button("Stop", elem_id="stop", scale=0)
                restart = gr.Button("Start over", elem_id="restart", scale=0)
            part(f'<p class="fine">{page.FINE_PRINT}</p>', "fine")

        respond, shown = responder(ask, known), [conversation, question]
        sought = [*shown, progress]

        def again(talk: Talk, event: gr.EventData) -> Iterator[Sought]:
            """Ask a turn's question once more, in its place; of the conversation with the words told."""
            earlier = talk.exchange(event.number) if isinstance(event.number, int) else None
            if earlier is None:
                yield gr.skip(), gr.skip(), gr.skip()
                return
            about = left(event.about, earlier)
            yield from respond(earlier.question, talk, number=earlier.number, about=about)

        def linked(talk: Talk, request: gr.Request) -> Iterator[Sought]:
            """Ask the question that the page's address holds."""
            asked = request.query_params.get("ask", "").strip()
            if asked:
                yield from respond(asked, talk)
            else:
                yield gr.skip(), gr.skip(), gr.skip()

        # "always_last": a question sent just before the earlier one has ended waits for that end.
        sent: dict[str, Any] = {"trigger_mode": "always_last", **TOGETHER, **QUIET}
        asking = [
            question.submit(respond, [question, talk], sought, **sent),
            send.click(respond, [question, talk], sought, **sent),
            *(chip.click(respond, [chip, talk], sought, **sent) for chip in chips),
            conversation.submit(again, talk, sought, **sent),
            blocks.load(linked, talk, sought, **TOGETHER, **QUIET),
        ]
        for event in asking:
            event.failure(after_failure, talk, conversation, **QUIET)
        stop.click(stopped, [talk, question], shown, queue=False, **QUIET)
        restart.click(restarted, talk, shown, queue=False, **QUIET)
        blocks.load(lambda: page.masthead(known.listing()), None, masthead, queue=False, **QUIET)
        if chips:
            shown_or_not = lambda: gr.update(visible=offered())  # noqa: E731
            blocks.load(shown_or_not, None, row, queue=False, **QUIET)
    for one in pages:
        with blocks.route(one.name, one.path):
            Navbar(visible=False)
            part(site.navigation(pages, one.path), "pages")
            one.fill()
    return blocks


def part(value: str, name: str) -> gr.HTML:
    """A stretch of our own HTML, without Gradio's style or scripts."""
    return gr.HTML(value, elem_id=name, apply_default_css=False, js_on_load=None)


def article_route(articles: Catalogue | ListArticles) -> Route:
    """The page of one article, opened at a quote: /article/ID?start=0&end=9#quote.

    With `beside`, `from` and `to` a second article stands next to it, opened at a quote of its own.
    """
    known = catalogue(articles)

    def show(request: Request) -> HTMLResponse:
        asked = request.query_params
        try:
            first = known.article(request.path_params["article_id"])
            second = known.article(asked["beside"]) if asked.get("beside") else None
        except ArticleNotFound:
            return HTMLResponse(reading.missing_page(), status_code=404)
        at = reading.span(asked.get("start", ""), asked.get("end", ""))
        if second is None:
            return HTMLResponse(reading.article_page(first, at))
        beside = reading.span(asked.get("from", ""), asked.get("to", ""))
        return HTMLResponse(reading.pair_page((first, at), (second, beside)))

    return Route("/article/{article_id:path}", show)
