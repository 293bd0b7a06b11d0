"""The app's named endpoints, for programs: ask, list, read, survey, add; Gradio's API page and MCP show them.

What stands in a docstring below is what a program's author, or a language model, reads there; so they have
Gradio's headings. The functions bear the names of the endpoints, because MCP names its tools by them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import anyio.to_thread
import gradio as gr
from gradio.events import api
from gradio.utils import get_upload_folder

from index.errors import SourceRefused, WhosaysError
from index.records import Article, Listed
from index.scope import EVERYTHING, Scope
from qa.app.serve import arguments
from qa.app.shelf.catalogue import Shelved
from qa.app.shelf.uploads import (
    ADDS_AT_ONCE,
    Allowed,
    Upload,
    add_address,
    add_file,
    objections,
    refuse_unread,
)
from qa.app.talks.answer_job import Crowd
from qa.app.talks.recheck import Articles
from qa.library import Chosen, Library
from qa.records import Answer, Turn

MOST_CALLS = 200  # that wait for one thing

Plain = dict[str, Any]


class AskFiltered(Protocol):
    """`qa.ask.ask` over the app's library."""

    def __call__(
        self,
        question: str,
        history: Sequence[Turn | Answer],
        *,
        about: Sequence[str] | None = None,
        scope: Scope = EVERYTHING,
    ) -> Answer:
        """The answer; raises a WhosaysError for what cannot be asked."""


class Refused(gr.Error):
    """A WhosaysError as Gradio tells it to a program: its message, without the `place` on this machine."""

    def __init__(self, error: WhosaysError, place: str = "") -> None:
        told = str(error).replace(f" {place}", "") if place else str(error)
        super().__init__(told, print_exception=False)

    def __str__(self) -> str:
        return str(self.message)


def add_endpoints(
    answer: AskFiltered,
    library: Callable[[], Library],
    *,
    allowed: Allowed | None = None,
    comparison: Chosen = "bundled",
    crowd: Crowd | None = None,
) -> None:
    """Register the endpoints with the Gradio blocks that are open; /add only where `allowed` says what.

    `library` gives the library that is asked just now. `comparison` judges the statements of /conflicts.
    """
    _register_reading(answer, library, crowd or Crowd())
    _register_survey(library, comparison)
    if allowed is not None:
        _register_adding(library, allowed)


def _register_reading(answer: AskFiltered, library: Callable[[], Library], crowd: Crowd) -> None:
    async def ask(  # noqa: PLR0917 - Gradio makes positions of all names
        question: str,
        history: list[dict[str, Any]] | None = None,
        publishers: list[str] | None = None,
        since: str | None = None,
        until: str | None = None,
        about: list[str] | None = None,
        articles: list[str] | None = None,
    ) -> Plain:
        """Answer a question from the library's articles: verbatim quotes, their places, and what conflicts.

        Nothing is written by a model: each quote is the article's text from start to end. The status is
        "answered"; "closest" where it is not sure that the closest statements answer; "unanswered" where
        nothing was found; "overview" where no single fact was asked for ("What is this about?", "HBM?",
        "What do they disagree about?", "Compare Samsung and TSMC"): then "overview" has sections of
        central sentences, or the conflicts are what was asked for. Each conflict has a "tier":
        "disagree", or "may_disagree" where that is less sure. What was compared is given in any case: that
        no conflict is among it does not say that the sources agree. "ruled_out" counts those that people
        ruled no conflict, which are left out. "timeline" has what is quoted in order of time. A citation's
        "according_to" names the other outlet or document that its sentence attributes to, and "copies" groups
        the articles that are near-copies of each other: "independent_sources" counts each once.

        Args:
            question: The question, in your own words; "newest first" at its end orders the sources by date.
            history: The conversation so far, oldest first: earlier results of this, or objects with
                "question" and "answer", both texts. "Are you sure?" and "and the others?" are answered from
                the last one where it is a whole result that still stands, of the same articles; else its
                question is asked once more.
            publishers: Only articles of these publishers, by whole names in any case.
            since: Only articles published on or after this day, month or year, such as 2026-07-03 or 2026-07.
            until: Only articles published on or before this day, month or year.
            about: Words of the conversation that a follow-up is about; chosen for it where left out.
            articles: Only these articles, by their ids.
        """
        return await asking(
            lambda: answer(
                arguments.question(question),
                arguments.turns(history, Articles(Shelved(library))),
                about=arguments.about(about),
                scope=arguments.scope(publishers, since, until, articles),
            ).to_dict()
        )

    async def articles(  # noqa: PLR0917 - Gradio makes positions of all names
        publishers: list[str] | None = None,
        since: str | None = None,
        until: str | None = None,
        search: str = "",
        limit: int = 50,
        offset: int = 0,
    ) -> Plain:
        """List the library's articles without their texts, newest first.

        Args:
            publishers: Only articles of these publishers, by whole names in any case.
            since: Only articles published on or after this day, month or year, such as 2026-07-03 or 2026-07.
            until: Only articles published on or before this day, month or year.
            search: Only articles with all of these words in title, publisher, author, file name or text.
            limit: How many at most, up to 500.
            offset: How many to pass over, to get the next page.
        """
        return await reading(
            lambda: _listing(
                library(),
                limit,
                offset,
                sought=arguments.text("search", search),
                scope=arguments.scope(publishers, since, until),
            )
        )

    async def article(article_id: str) -> Plain:
        """Give one article with its whole text, into which the offsets of all quotes point.

        Args:
            article_id: The article's id, as answers and the list of articles give it.
        """
        return await reading(
            lambda: _describe_whole(library().article(arguments.text("article_id", article_id)))
        )

    # As many as of the conversations' own questions, beside which they run; of the others one at a time.
    crowd = crowd or Crowd()
    asking, reading = (at_most(crowd.at_once, one, library=library) for one in (crowd, None))
    _register(ask, concurrency_id="ask", concurrency_limit=crowd.at_once)
    _register(articles)
    _register(article)


def _register_survey(library: Callable[[], Library], comparison: Chosen) -> None:
    async def conflicts(  # noqa: PLR0917 - Gradio makes positions of all names
        publishers: list[str] | None = None,
        since: str | None = None,
        until: str | None = None,
        limit: int = 50,
        offset: int = 0,
        articles: list[str] | None = None,
        of: list[str] | None = None,
    ) -> Plain:
        """List what the library's articles disagree on, surest first; and what was compared to find it.

        Each has a "tier": "disagree", or "may_disagree" where that is less sure.
        The first call on a large library takes minutes; what was compared is remembered. What people ruled
        no conflict is left out, and counted in "ruled_out".

        Args:
            publishers: Only articles of these publishers, by whole names in any case.
            since: Only articles published on or after this day, month or year, such as 2026-07-03 or 2026-07.
            until: Only articles published on or before this day, month or year.
            limit: How many disagreements at most, up to 500.
            offset: How many to pass over, to get the next page.
            articles: Only disagreements between these articles, by their ids.
            of: Only what these articles, by their ids, disagree on with others: seconds in any library.
        """

        def survey() -> Plain:
            first, last = arguments.page(limit, offset)
            found = library().conflicts(
                of=arguments.held(of),
                scope=arguments.scope(publishers, since, until, articles),
                comparison=comparison,
            )
            plain = found.to_dict()
            shown = plain["conflicts"][first:last]
            return {**plain, "conflicts": shown, "total": len(plain["conflicts"]), "offset": first}

        return await surveying(survey)

    surveying = at_most(1, library=library)
    _register(conflicts)


def _register_adding(library: Callable[[], Library], allowed: Allowed) -> None:
    async def add(url: str = "", file: gr.FileData | None = None) -> Plain:
        """Add a web page or an uploaded file to the library; name one of them.

        Each input ends as added, unchanged or refused, with the reason.

        Args:
            url: An http or https address on the public internet.
            file: A file as uploaded: text, Markdown, HTML, mail, PDF, Word, JSON or CSV.
        """
        return await adding(lambda: _add(library(), allowed, url, file))

    adding = at_most(ADDS_AT_ONCE, library=library)
    _register(add)


def _register(endpoint: Callable[..., Awaitable[Plain]], **queue: Any) -> None:
    # Off the queue, because MCP over the queue calls this very server as a client that has not signed in. A
    # program's call through the queue takes its turn there; all others wait in `at_most`.
    name = getattr(endpoint, "__name__", "")
    api(endpoint, api_name=name, queue=False, **{"concurrency_limit": None, **queue})


def at_most(
    number: int, crowd: Crowd | None = None, *, library: Callable[[], Library] | None = None
) -> Callable[[Callable[[], Plain]], Awaitable[Plain]]:
    """Runs a function in a thread, so many at once; a WhosaysError becomes Gradio's.

    Who comes while `MOST_CALLS` wait is told so at once; `crowd` is told how many wait. Nobody is told where
    the `library` lies.
    """
    free = asyncio.Semaphore(number)
    waiting = 0
    if crowd is not None:
        crowd.watch(lambda: waiting)

    async def run(work: Callable[[], Plain]) -> Plain:
        nonlocal waiting
        if waiting >= MOST_CALLS:
            raise Refused(
                WhosaysError(f"{waiting:,} calls are already waiting for an answer: try again in a minute")
            )
        waiting += 1
        try:
            await free.acquire()
        finally:
            waiting -= 1
        try:
            return await anyio.to_thread.run_sync(work)
        except WhosaysError as error:
            raise Refused(error, _place_of(library)) from error
        finally:
            free.release()

    return run


def _place_of(library: Callable[[], Library] | None) -> str:
    try:
        return library().address if library is not None else ""
    except WhosaysError:  # it cannot be opened, which is what is told
        return ""


def _listing(library: Library, limit: int, offset: int, *, sought: str, scope: Scope) -> Plain:
    first, last = arguments.page(limit, offset)
    found = library.listing(sought=sought, scope=scope, first=first, most=last - first)
    listed = [_describe(one, one.characters) for one in found.articles]
    return {"articles": listed, "total": found.total, "offset": first}


def _describe_whole(article: Article) -> Plain:
    return {**_describe(article, len(article.text)), "text": article.text}


def _describe(one: Article | Listed, characters: int) -> Plain:
    return {
        "id": one.id,
        "name": one.name,
        "title": one.title,
        "publisher": one.publisher,
        "author": one.author,
        "published": one.published,
        "uri": _address(one.uri),
        "characters": characters,
    }


def _address(uri: str) -> str:
    """A web address; of a file its name only, for where it lies is nobody else's business."""
    return uri if uri.startswith(("http://", "https://")) else uri.replace("\\", "/").rpartition("/")[2]


def _add(library: Library, allowed: Allowed, url: Any, file: Any) -> Plain:
    if bool(url) == bool(file):
        raise SourceRefused("Nothing was added: name either the url of a web page or a file, not both")
    if url:
        outcomes = add_address(library, arguments.text("url", url), allowed)
    else:
        upload = _find_upload(file)
        try:
            (objection,) = objections([upload], allowed)
            outcomes = (
                refuse_unread(library, upload.name, objection)
                if objection
                else add_file(library, upload, allowed)
            )
        finally:
            upload.path.unlink(missing_ok=True)
    counts = {
        status: sum(outcome.status == status for outcome in outcomes)
        for status in ("added", "unchanged", "refused")
    }
    return {"outcomes": [asdict(outcome) for outcome in outcomes], **counts}


def _find_upload(file: Any) -> Upload:
    """An uploaded file, by the name that it was uploaded under; no other path of this machine is taken."""
    given = file.get("path") if isinstance(file, Mapping) else None
    folder = Path(get_upload_folder()).resolve()
    path = Path(given).resolve() if isinstance(given, str) and "\0" not in given else folder
    if not path.is_relative_to(folder) or not path.is_file():
        raise SourceRefused(
            "file is not an uploaded file: upload it first, in Python with gradio_client.handle_file(path)"
        )
    return Upload(path.name, path)
