"""The app put together: its components, and what happens on a question."""

import json
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, fields, replace
from typing import Any

import gradio as gr
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from index.errors import ArticleNotFound
from index.scope import EVERYTHING
from qa.answer import MAX_QUESTION_CHARACTERS
from qa.app.html import reader as reading
from qa.app.html import turn as turns
from qa.app.notebook.keeper import KeepOf
from qa.app.pages import frame as page
from qa.app.pages.intake import Intake, LibrarySource
from qa.app.pages.save import save_buttons
from qa.app.pages.sidebar import Surroundings
from qa.app.pages.site import Page
from qa.app.pages.suggestions import Precedence, Suggester
from qa.app.serve.draft import Draft
from qa.app.shelf.catalogue import Catalogue, ListArticles, catalogue
from qa.app.talks import arrival
from qa.app.talks.answer_job import Crowd, Line, Seeking, Sketch
from qa.app.talks.conversation import TURNS_KEPT, Ask, Exchange, Talk, answer_turn, sketch_turn
from qa.app.talks.scope_choice import ScopeChoice, read_scope
from qa.app.talks.user_files import TALKS_KEPT
from qa.question.marks import drop_stray_marks
from qa.question.parts import split_questions
from qa.records import Citation
from qa.settings import Settings

# So many wait at most, half a minute for the last on that laptop; beyond, people are told to come back.
MOST_WAITING = 200
# They wait in our line, not in Gradio's, which would show nothing of it.
TOGETHER: dict[str, Any] = {"concurrency_id": "talk", "concurrency_limit": MOST_WAITING + 50}
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
EMPTY = "Type a question first, or choose one of the examples."
LONG = f"A question can have at most {MAX_QUESTION_CHARACTERS:,} characters. Ask one thing at a time."
BROKEN = "Something went wrong inside Whosays. Its terminal shows what. Asking again may help."
BUSY = "Too many people are asking right now. Your question is below: ask it again in a minute."
TRY = "Try one of these. On some of them the articles disagree."
SEEKING = "Looking for the answer."
STOPPED = "Stopped."
# The buttons of a turn that ask again are HTML: their clicks become an event of the conversation.
AGAIN = """element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-again]");
  const about = button?.dataset.about ?? "";
  if (button) trigger("submit", { number: Number(button.dataset.again), about, question: null });
});
element.addEventListener("edit-turn", ({ detail }) => trigger("submit", { ...detail, about: "null" }));"""
# What the page's script keeps of a talk comes as a value; a file that it has read goes as an event.
KEEPING = """watch("value", () => window.whosays.told(element.querySelector("[data-library]")));
element.addEventListener("import-talk", ({ detail }) => trigger("submit", { text: detail }));"""
# The questions to go on with stand where `suggestions.js` puts them, and are asked by this event.
# The page sends what stood in the box when it was sent, and takes it out once it is taken up.
SENT = """(...values) => {
  document.dispatchEvent(new CustomEvent("question-sent", { detail: values }));
  return values;
}"""
FURTHER = """document.addEventListener("ask-next", ({ detail }) => trigger("submit", detail));"""
OPENING = "async () => [null, await window.whosays.opening()]"
OTHER_LIBRARY = (
    "Another library was chosen in another window, and this conversation is with “{}”. Choose it again "
    "at the side, or reload the page to ask the other one."
)

Updates = dict[Any, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """What an event changes on the page; None leaves a part as it stands.

    `conversation` and `progress` are HTML; `progress` is the stage that an answer has come to, "" once it is
    there. `question` is the text in the box. `keeping` is what the browser keeps of the talk, as `arrival`
    writes it. `scope` are the updates of the control of the scope, by component.
    """

    conversation: str | None = None
    question: str | None = None
    progress: str | None = None
    keeping: str | None = None
    scope: Mapping[Any, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Parts:
    """The components that a `Change` is of, under the names of its fields."""

    conversation: gr.HTML
    question: gr.Textbox
    progress: gr.HTML
    keeping: gr.HTML

    def updates(self, change: Change) -> Updates:
        """The change as Gradio takes it: by component, without those that stay as they are."""
        named = {one.name: getattr(change, one.name) for one in fields(self)}
        changed = {getattr(self, name): value for name, value in named.items() if value is not None}
        return {self.conversation: gr.skip(), **changed, **change.scope}  # Gradio takes no empty one


def responder(
    ask: Ask, articles: Catalogue, precedence: Precedence | None = None, crowd: Crowd | None = None
) -> Callable[..., Iterator[Change]]:
    """What happens on a question: first the turn, then its stages as they begin, then the answer.

    The first answer stands while other sources are compared with it.

    It has `precedence`: what waits for nobody waits.
    """
    precedence = precedence or Precedence()
    crowd = crowd or Crowd()
    line = Line(crowd.at_once, "ask")
    crowd.watch(line.count_waiting)

    def respond(
        question: str, talk: Talk, *, number: int | None = None, about: tuple[str, ...] | None = None
    ) -> Iterator[Change]:
        """Two questions in one are two turns, the second asked when the first has ended."""
        parts = split_questions(drop_stray_marks(question)) if number is None and about is None else []
        for part in parts if len(parts) > 1 else [question]:
            if not (yield from respond_once(part, talk, number=number, about=about)):
                return

    def respond_once(
        question: str, talk: Talk, *, number: int | None, about: tuple[str, ...] | None
    ) -> Generator[Change, None, bool]:
        """Whether it was asked, and neither stopped nor without an answer."""
        question = question.strip()
        if not question:
            yield Change(conversation=talk.html(notice=EMPTY), question="")
            return False
        if len(question) > MAX_QUESTION_CHARACTERS:  # a page sends none: a turn would keep it
            yield Change(conversation=talk.html(notice=LONG))
            return False
        if line.count_waiting() >= MOST_WAITING:
            yield Change(conversation=talk.html(notice=BUSY), question=None if number else question)
            return False
        asked = talk.begin(question, number=number, about=about)
        yield Change(conversation=talk.html(status=SEEKING))
        history = talk.turns_before(asked)
        # In a thread of its own: Stop ends this event at once, where Gradio's `cancels` awaits the answer.
        seeking = Seeking(
            line,
            lambda tell: answer_turn(
                ask,
                articles,
                asked,
                history,
                on_stage=tell,
                on_first=lambda first: tell(Sketch(sketch_turn(asked, first, articles))),
            ),
            wanted=lambda: talk.seeks(asked),
        )
        with precedence.go_ahead(), closing(seeking.stages()) as stages:
            for stage in stages:
                if isinstance(stage, int):
                    yield Change(progress=turns.queue_signal(stage, asked.number))
                elif isinstance(stage, Sketch):
                    talk.sketch(asked, stage.html)
                    yield Change(conversation=talk.html(status=SEEKING))
                else:
                    yield Change(progress=turns.stage_signal(stage, asked.number))
        if not talk.seeks(asked):
            yield Change(conversation=talk.html(status=STOPPED), progress="")
            return False
        newest, status = seeking.result()
        talk.end(asked, newest)
        # `talk.js` took the question out of the box: what stands there by now is the next one, being typed.
        unusable = newest.answer is None and number is None
        yield Change(
            conversation=talk.html(status=status), question=question if unusable else None, progress=""
        )
        return newest.answer is not None

    return respond


def parse_about(told: object, earlier: Exchange) -> tuple[str, ...] | None:
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


class _Events:
    """What happens to a talk on each event of the page, with what the browser is to keep of it.

    Gradio finds an event by its function's name, too: none may bear the name of an endpoint.
    """

    def __init__(  # noqa: PLR0917
        self,
        respond: Callable[..., Iterator[Change]],
        articles: Catalogue,
        library_name: Callable[[], str],
        parts: _Parts,
        scope: ScopeChoice | None,
        named: Callable[[str], str] = str,
    ) -> None:
        self._respond = respond
        self._articles = articles
        self._library_name = library_name
        self._parts = parts
        self._scope = scope
        self._named = named

    def ask_question(self, question: str, talk: Talk, *values: Any) -> Iterator[Updates]:
        """Ask of the articles that are chosen just now; `values` are those of `ScopeChoice.inputs`."""
        if self._is_elsewhere(talk):
            notice = OTHER_LIBRARY.format(talk.library)
            yield self._parts.updates(Change(conversation=talk.html(notice=notice), question=question))
            return
        if values:
            talk.scope = read_scope(*values)
        yield from self._updates(talk, self._respond(question, talk))

    def ask_again(self, talk: Talk, event: gr.EventData) -> Iterator[Updates]:
        """Ask a turn's question once more, or as it was edited, in its place; with the words told."""
        earlier = talk.exchange(event.number) if isinstance(event.number, int) else None
        if earlier is None:
            yield self._parts.updates(Change())
            return
        if self._is_elsewhere(talk):
            notice = OTHER_LIBRARY.format(talk.library)
            yield self._parts.updates(Change(conversation=talk.html(notice=notice)))
            return
        edited = event.question.strip() if isinstance(event.question, str) else ""
        about = parse_about(event.about, earlier)
        answers = self._respond(edited or earlier.question, talk, number=earlier.number, about=about)
        yield from self._updates(talk, answers)

    def ask_suggested(self, talk: Talk, event: gr.EventData, *values: Any) -> Iterator[Updates]:
        """Ask an offered question, maybe of the whole library; `values` as in `ask_question`."""
        question = event.question if isinstance(event.question, str) else ""
        if event.whole is True and not self._is_elsewhere(talk):
            talk.scope, values = EVERYTHING, ()
            yield self._parts.updates(Change(scope=self._scope_updates(talk)))
        yield from self.ask_question(question, talk, *values)

    def ask_linked(self, talk: Talk) -> Iterator[Updates]:
        """Ask the question that the page's address held."""
        link, talk.linked = talk.linked, None
        if link is not None:
            yield from self._updates(talk, self._respond(link.question, talk, about=link.about))
        else:
            yield self._parts.updates(Change())

    def open(self, talk: Talk, told: str) -> Updates:
        """The page as it was left, or with what a link asks."""
        found = arrival.open_talk(talk, told, self._library_name(), self._articles, self._named)
        change = Change(
            conversation=talk.html(notice=found.notice),
            question=found.typed or None,
            keeping=arrival.library_signal(talk.library),
            scope=self._scope_updates(talk),
        )
        return self._parts.updates(change)

    def move(self, talk: Talk) -> None:
        """The visitor has another library from now on; a talk that has begun stays with the one it asked."""
        if not talk.exchanges():
            talk.library, talk.scope = self._library_name(), EVERYTHING

    def import_talk(self, talk: Talk, event: gr.EventData) -> Updates:
        """The conversation of a file in place of this one; or still this one, with the reason."""
        notice = arrival.import_talk(talk, event.text, self._articles)
        change = Change(
            conversation=talk.html(notice=notice),
            keeping=arrival.talk_signal(talk),
            scope=self._scope_updates(talk),
        )
        return self._parts.updates(change)

    def stop(self, talk: Talk, typed: str) -> Updates:
        """As `stop_asking`."""
        change = stop_asking(talk, typed)
        return self._parts.updates(replace(change, keeping=arrival.talk_signal(talk)))

    def restart(self, talk: Talk) -> Updates:
        """As `start_over`."""
        change = start_over(talk)
        return self._parts.updates(replace(change, keeping=arrival.talk_signal(talk)))

    def _scope_updates(self, talk: Talk) -> Updates:
        """What the control of the scope shows."""
        return self._scope.shown(talk.scope) if self._scope is not None else {}

    def _is_elsewhere(self, talk: Talk) -> bool:
        return bool(talk.library) and self._named(talk.library) != self._library_name()

    def _updates(self, talk: Talk, changes: Iterator[Change]) -> Iterator[Updates]:
        """Each as Gradio takes it; with each of the conversation what the browser is to keep of it."""
        for change in changes:
            keeping = None if change.conversation is None else arrival.talk_signal(talk)
            yield self._parts.updates(replace(change, keeping=keeping))


def admit_failure(talk: Talk) -> str:
    """The conversation as it was, when an answer broke on an error of ours."""
    talk.stop()
    return talk.html(notice=BROKEN)


def stop_asking(talk: Talk, typed: str) -> Change:
    """The conversation without what was being sought, which goes back into the box, if that is empty."""
    asked = talk.stop()
    return Change(
        conversation=talk.html(status=STOPPED), question=asked[-1] if asked and not typed.strip() else None
    )


def start_over(talk: Talk) -> Change:
    """An empty conversation."""
    talk.clear()
    return Change(conversation=talk.html(), question="")


def build(
    ask: Ask,
    *,
    articles: Catalogue | ListArticles,
    examples: Sequence[str],
    offered: Callable[[], bool] = lambda: True,
    pages: Sequence[Page] = (),
    settings: Settings | None = None,
    source: LibrarySource | None = None,
    on_server: bool = False,
    disputed: Callable[[], Sequence[Citation]] = tuple,
    keep: KeepOf | None = None,
    crowd: Crowd | None = None,
) -> gr.Blocks:
    """The app over an `ask` function, called from several threads; each browser session has its own history.

    `articles` is the catalogue of the library, or a function that gives a few articles whole. `examples` are
    questions that the library can answer, shown while they are `offered`. `pages` stand beside the
    conversation, each at its path. `settings` are those of `ask`; a saved conversation names
    them. Of the library of a `source` some articles can be asked, or another one in its place, and articles
    are added on the first screen while it is empty, or an example; questions to go on with are offered, those
    of `disputed` statements first. Browsers keep the conversations, or, where people sign in and `on_server`
    says so, the routes of `qa.app.talks`; then there is a way to sign out. `keep` puts into the page what
    keeps things of the conversation in a notebook. `crowd` is told where questions wait.
    """
    known = catalogue(articles)
    opener = page.opener(TALKS_KEPT, TURNS_KEPT, on_server=on_server)
    around = Surroundings(known, pages, source, opener, sign_out=on_server)
    library_name = source.name if source else str
    scope = ScopeChoice(source.library, known) if source else None
    blocks = Draft(title="Whosays", analytics_enabled=False, fill_width=True, delete_cache=(600, 3600))
    with blocks:
        talk = gr.State(Talk())
        masthead, head = around.fill("")
        conversation = gr.HTML(
            Talk().html(), elem_id="conversation", apply_default_css=False, js_on_load=AGAIN
        )
        progress = part("", "progress")
        further = gr.HTML("", elem_id="further", apply_default_css=False, js_on_load=FURTHER)
        keeping = gr.HTML("", elem_id="keeping", apply_default_css=False, js_on_load=KEEPING)
        told = gr.Textbox(visible=False)
        _takings(talk, known, settings or Settings(), library_name, keep)
        with gr.Column(elem_id="composer"):
            box = _box()
            if scope is not None:
                scope.fill()
            row, chips = _examples(examples, offered())
            starters = part("", "starters")
            part(f'<p class="fine">{page.FINE_PRINT}</p>', "fine")
        intake = _intake(source)

        precedence = Precedence()
        events = _Events(
            responder(ask, known, precedence, crowd),
            known,
            library_name,
            _Parts(conversation, box.question, progress, keeping),
            scope,
            source.current_name if source else str,
        )
        shown, sought = [conversation, box.question, keeping], [conversation, box.question, progress, keeping]
        chosen, scoped = (scope.inputs, scope.outputs) if scope is not None else ([], [])
        # "always_last": a question sent just before the earlier one has ended waits for that end.
        sent: dict[str, Any] = {"trigger_mode": "always_last", **TOGETHER, **QUIET}
        now: dict[str, Any] = {"queue": False, **QUIET}
        begun = blocks.load(events.open, [talk, told], [*shown, *scoped], js=OPENING, **now)
        asking = [
            box.question.submit(events.ask_question, [box.question, talk, *chosen], sought, js=SENT, **sent),
            box.send.click(events.ask_question, [box.question, talk, *chosen], sought, js=SENT, **sent),
            *(chip.click(events.ask_question, [chip, talk, *chosen], sought, **sent) for chip in chips),
            conversation.submit(events.ask_again, talk, sought, **sent),
            further.submit(events.ask_suggested, [talk, *chosen], [*sought, *scoped], **sent),
            begun.then(events.ask_linked, talk, sought, **TOGETHER, **QUIET),
        ]
        for event in asking:
            event.failure(admit_failure, talk, conversation, **QUIET)
        box.stop.click(events.stop, [talk, box.question], shown, **now)
        restarted = box.restart.click(events.restart, talk, shown, **now)
        imported = keeping.submit(events.import_talk, talk, [*shown, *scoped], **now)
        if source is not None:
            suggester = Suggester(ask, source.library, disputed=disputed, precedence=precedence)
            suggester.follow([*asking, imported], talk, further)
            suggester.begin([begun, restarted], masthead, talk, starters, shown=lambda: not offered())
        if scope is not None:
            scope.listen(talk, keeping, arrival.talk_signal)
        drawn: dict[Any, Callable[[], Any]] = {masthead: head, row: lambda: gr.Row(visible=offered())}
        _follow_library(blocks, talk, events, intake, scope, keeping, drawn)
    for one in pages:
        with blocks.route(one.name, one.path):
            around.fill(one.path)
            one.fill()
    return blocks


def _takings(
    talk: gr.State, known: Catalogue, settings: Settings, library: Callable[[], str], keep: KeepOf | None
) -> None:
    """What takes things of the talk along, into a notebook or a file, in the blocks that are open."""
    if keep is not None:
        keep(talk)
    save_buttons(talk, known, settings, library, queue=False, **QUIET)


@dataclass(frozen=True, slots=True)
class _Box:
    """Where a question is typed, and what sends it, stops it and starts over."""

    question: gr.Textbox
    send: gr.Button
    stop: gr.Button
    restart: gr.Button


def _box() -> _Box:
    """The box, in the blocks that are open."""
    with gr.Row(elem_id="ask"):
        box = _Box(
            question=gr.Textbox(
                label="Your question",
                placeholder="Ask a question",
                elem_id="question",
                max_lines=6,
                max_length=MAX_QUESTION_CHARACTERS,
                container=False,
            ),
            send=gr.Button("Ask", variant="primary", elem_id="send", scale=0),
            stop=gr.Button("Stop", elem_id="stop", scale=0),
            restart=gr.Button("Start over", elem_id="restart", scale=0),
        )
    # Pressed by the page when a question seems lost: where Gradio's client takes the end of an earlier stream
    # of events for that of this one's, it hears of this one with the next. A press that is
    # lost in the same way must not hold the others.
    gr.Button("Go on", elem_id="nudge").click(lambda: None, trigger_mode="multiple", **QUIET)
    return box


def _examples(examples: Sequence[str], shown: bool) -> tuple[gr.Row, list[gr.Button]]:
    """The examples as buttons, and the row that holds them."""
    with gr.Row(elem_id="examples", visible=shown) as row:
        part(f'<p class="try">{TRY}</p>', "try")
        return row, [gr.Button(example, size="sm", elem_classes=["example"]) for example in examples]


def _intake(source: LibrarySource | None) -> Intake | None:
    """The place where articles come in, in the blocks that are open; none without a `source`."""
    if source is None:
        return None
    intake = Intake(source)
    with gr.Column(elem_id="intake"):
        intake.fill()
    return intake


def _follow_library(  # noqa: PLR0917
    blocks: gr.Blocks,
    talk: gr.State,
    events: _Events,
    intake: Intake | None,
    scope: ScopeChoice | None,
    keeping: gr.HTML,
    drawn: Mapping[Any, Callable[[], Any]],
) -> None:
    """Keep what depends on the library that the visitor has open as that library is; `drawn` by component."""

    def draw() -> Updates:
        return {one: value() for one, value in drawn.items()}

    def draw_opened() -> Updates:
        # Who has begun to add may go on; the next visit begins with the question.
        return {**draw(), **(intake.state(only_first=True) if intake else {})}

    blocks.load(draw_opened, None, [*drawn, *(intake.parts if intake else [])], queue=False, **QUIET)
    if intake is None or scope is None:
        return

    def draw_added(talk: Talk) -> Updates:
        return {**draw(), **intake.state(), **scope.shown(talk.scope)}

    def draw_made(talk: Talk) -> Updates:
        events.move(talk)
        return {**draw_added(talk), keeping: arrival.library_signal(talk.library)}

    intake.listen([talk], [*drawn, keeping, *scope.outputs], draw_added, draw_made)


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
