"""The app put together: its components, and what happens on a question."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components.navbar import Navbar
from gradio.events import api
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from index.errors import WhosaysError
from index.records import Article
from qa.app import page, render, site
from qa.app.site import Page
from qa.records import Answer, Turn

Ask = Callable[[str, Sequence[Turn]], Answer]
ListArticles = Callable[[], Sequence[Article]]

ASKS_AT_ONCE = 2  # one a core of the laptop that the budgets are for; the others wait their turn
TOGETHER: dict[str, Any] = {"concurrency_id": "ask", "concurrency_limit": ASKS_AT_ONCE}
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
TURNS_KEPT = 50
EMPTY = "Type a question first, or choose one of the examples."
BROKEN = "Something went wrong inside Whosays. The terminal where it runs says what; asking again may help."


@dataclass(frozen=True, slots=True)
class Exchange:
    """One turn of a session: its HTML, and what a follow-up needs to know; `turn` is None after a failure."""

    number: int
    html: str
    turn: Turn | None


Session = tuple[Exchange, ...]
Shown = tuple[str, Session, str | dict[str, Any]]


def next_number(session: Session) -> int:
    """Turns count from 1, those no longer kept included."""
    return session[-1].number + 1 if session else 1


def exchange(ask: Ask, articles: ListArticles, question: str, session: Session) -> tuple[Exchange, str]:
    """Ask, and give the turn with what a screen reader says of it. A WhosaysError becomes a turn."""
    number = next_number(session)
    history = [one.turn for one in session if one.turn is not None]
    try:
        answer = ask(question, history)
        by_id = {article.id: article for article in articles()}
    except WhosaysError as error:
        return Exchange(number, render.failed(question, str(error), number), None), str(error)
    turn = Turn(question=answer.standalone_question, answer=answer.text)
    return Exchange(number, render.turn(answer, by_id, number), turn), render.spoken(answer, by_id)


def responder(ask: Ask, articles: ListArticles) -> Callable[[str, Session], Iterator[Shown]]:
    """What happens on a question: first the turn with its stages, then the answer."""

    def respond(question: str, session: Session) -> Iterator[Shown]:
        question = question.strip()
        earlier = [one.html for one in session]
        if not question:
            yield render.conversation(earlier, notice=EMPTY), session, ""
            return
        pending = render.waiting(question, next_number(session))
        yield render.conversation([*earlier, pending], status="Searching, reading, comparing."), session, ""
        newest, status = exchange(ask, articles, question, session)
        kept = (*session, newest)[-TURNS_KEPT:]
        # The box was emptied at the start: what stands there by now is the next question, being typed.
        again = question if newest.turn is None else gr.skip()
        yield render.conversation([one.html for one in kept], status=status), kept, again

    return respond


def endpoint(ask: Ask) -> Callable[[str], dict[str, Any]]:
    """The named endpoint /ask."""

    def ask_articles(question: str) -> dict[str, Any]:
        """Answer a question from the library's articles: verbatim quotes with offsets, and what conflicts."""
        try:
            return ask(question, ()).to_dict()
        except WhosaysError as error:
            raise gr.Error(str(error), print_exception=False) from error

    return ask_articles


def after_failure(session: Session) -> str:
    """The conversation as it was, when an answer broke on an error of ours."""
    return render.conversation([one.html for one in session], notice=BROKEN)


def build(
    ask: Ask, *, articles: ListArticles, examples: Sequence[str], pages: Sequence[Page] = ()
) -> gr.Blocks:
    """The app over an `ask` function, called from several threads; each browser session has its own history.

    `articles` gives the library's articles whenever the page or an answer is shown. `examples` are
    questions that the library can answer. `pages` stand beside the conversation, each at its path.
    """
    blocks = gr.Blocks(title="Whosays", analytics_enabled=False, fill_width=True)
    with blocks:
        session = gr.State(())
        Navbar(visible=False)
        part(site.navigation(pages, ""), "pages")
        masthead = part(page.masthead(articles()), "masthead")
        conversation = part(render.conversation(()), "conversation")
        with gr.Column(elem_id="composer"):
            with gr.Row(elem_id="examples"):
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
                restart = gr.Button("Start over", elem_id="restart", scale=0)
            part(f'<p class="fine">{page.FINE_PRINT}</p>', "fine")

        respond, shown = responder(ask, articles), [conversation, session, question]
        for listen, asked in (
            (question.submit, question),
            (send.click, question),
            *((c.click, c) for c in chips),
        ):
            # "always_last": a question sent just before the earlier one has ended waits for that end.
            event = listen(respond, [asked, session], shown, trigger_mode="always_last", **TOGETHER, **QUIET)
            event.failure(after_failure, session, conversation, **QUIET)
        restart.click(lambda: (render.conversation(()), (), ""), None, shown, queue=False, **QUIET)
        blocks.load(lambda: page.masthead(articles()), None, masthead, queue=False, **QUIET)
        api(endpoint(ask), api_name="ask", **TOGETHER)
    for one in pages:
        with blocks.route(one.name, one.path):
            Navbar(visible=False)
            part(site.navigation(pages, one.path), "pages")
            one.fill()
    return blocks


def part(value: str, name: str) -> gr.HTML:
    """A stretch of our own HTML, without Gradio's style or scripts."""
    return gr.HTML(value, elem_id=name, apply_default_css=False, js_on_load=None)


def article_route(articles: ListArticles) -> Route:
    """The page of one article, opened at a quote: /article/ID?start=0&end=9#quote."""

    def show(request: Request) -> HTMLResponse:
        wanted = request.path_params["article_id"]
        article = next((one for one in articles() if one.id == wanted), None)
        if article is None:
            return HTMLResponse(page.missing_page(), status_code=404)
        start, end = (request.query_params.get(name, "") for name in ("start", "end"))
        numbers = all(text.isdecimal() and len(text) < 12 for text in (start, end))
        span = (int(start), int(end)) if numbers else (0, 0)
        return HTMLResponse(page.article_page(article, *span))

    return Route("/article/{article_id:path}", show)
