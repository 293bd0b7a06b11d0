"""`whosays chat`: the libraries opened, the app put together from them, and served until it is ended."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any

from index.adding import Progress
from index.errors import LibraryError
from index.library import Library
from index.scope import Scope
from qa.app.access import visitor
from qa.app.access.exposure import read_proxies
from qa.app.access.signin import SignIn
from qa.app.access.users import read_users
from qa.app.notebook.keeper import Keeper
from qa.app.notebook.page import notebook_page
from qa.app.pages.articles import articles_page
from qa.app.pages.intake import LibrarySource
from qa.app.pages.plugins import extra_pages
from qa.app.serve import host as serving
from qa.app.serve import server
from qa.app.serve.endpoints import add_endpoints
from qa.app.serve.queue_limit import count_queued
from qa.app.serve.workers import Workers
from qa.app.shelf.catalogue import Shelved
from qa.app.shelf.libraries import BUNDLED, FIRST, Choice, Shelf, default_root
from qa.app.shelf.uploads import Allowed
from qa.app.survey.page import disagreements_page
from qa.app.survey.session import Desk
from qa.app.talks.answer_job import ASKS_AT_ONCE, Crowd
from qa.app.talks.routes import routes
from qa.app.talks.user_files import UserFiles, default_folder
from qa.ask import ask, build_comparison, open_library
from qa.language.terminal import HarmlessStream
from qa.library import has_examples
from qa.records import Answer, Turn
from qa.settings import Settings


def chat(
    arguments: argparse.Namespace,
    settings: Settings,
    *,
    examples: Sequence[str],
    progress: AbstractContextManager[Progress | None],
    show: Callable[[dict[str, Any], str], None],
) -> None:
    """Serve the app as the flags of `qa.app.serve.flags` say; `show` is told where, as a value and as a line.

    `examples` are questions for the bundled articles.
    """
    sign_in = SignIn(read_users(arguments.auth_file)) if arguments.auth_file else None
    # Of who signs in: a browser may be anyone's next.
    files = UserFiles(default_folder(), app=str(arguments.auth_file.resolve())) if sign_in else None
    upload_mb = arguments.max_upload_mb or settings.max_file_mb
    # Of strangers nobody is to see the libraries of whoever runs this.
    known = sign_in is not None or not (arguments.no_auth or arguments.read_only)
    allowed = Allowed(file_mb=upload_mb)
    comparison = build_comparison(settings)

    crowd = Crowd(arguments.workers or ASKS_AT_ONCE)

    def answer(question: str, history: Sequence[Turn | Answer], **options: Any) -> Answer:
        library, busy = held.source.library(), crowd.is_busy()
        if workers is not None:
            return workers.ask(question, history, library=library, busy=busy, **options)
        return ask(question, library=library, history=history, settings=settings, busy=busy, **options)

    def look_closer(question: str, *, library: Library, scope: Scope, rulings: bool) -> Answer:
        while crowd.is_busy():  # visitors come first
            time.sleep(1)
        return ask(question, library=library, scope=scope, rulings=rulings, settings=settings)

    with (
        # They load their models while the app is put together.
        Workers(arguments.workers, settings) if arguments.workers else nullcontext() as workers,
        _open_libraries(settings, progress, allowed, several=known, read_only=arguments.read_only) as held,
        # Once the lines of progress are drawn: what Gradio writes from here on may be what a stranger sent.
        redirect_stderr(HarmlessStream(sys.stderr)),
        redirect_stdout(HarmlessStream(sys.stdout)),
    ):
        articles = Shelved(held.source.library)
        read_only = arguments.read_only or held.is_sealed
        # Minutes of work: not for whoever may only read.
        closer = None if read_only else look_closer
        desk = Desk(held.source.library, comparison, read_only=read_only, ask=closer)
        if held.source.choice is not None:
            held.source.choice.shelf.is_surveyed = desk.is_comparing
        pages = (
            articles_page(held.source, disputed=desk.tiers_by_article),
            disagreements_page(held.source.library, desk=desk),
            notebook_page(
                held.source,
                read_only=read_only,
                example=held.is_bundled,
                shared=sign_in is not None,
            ),
            # What measures takes the machine for minutes: not for whoever may only read.
            *(() if arguments.read_only else extra_pages(settings)),
        )
        blocks = server.build(
            answer,
            articles=articles,
            examples=examples,
            offered=held.is_bundled,
            pages=pages,
            settings=settings,
            source=held.source,
            on_server=sign_in is not None,
            disputed=desk.statements,
            keep=None if read_only else Keeper(held.source).fill,
            crowd=crowd,
        )
        with blocks:
            changeable = settings.library and not read_only
            add_endpoints(
                answer,
                held.source.library,
                allowed=allowed if changeable else None,
                comparison=comparison,
                crowd=crowd,
            )
        crowd.watch(lambda: count_queued(blocks, "ask"))
        address = serving.launch(
            blocks,
            articles=articles,
            pages=pages,
            host=arguments.host,
            port=arguments.port,
            sign_in=sign_in,
            anyone=arguments.no_auth,
            root_path=arguments.root_path,
            max_upload_mb=upload_mb,
            uploads=not arguments.read_only,
            mcp=arguments.mcp,
            open_browser=not arguments.no_browser,
            proxies=read_proxies(arguments.proxy),
            own_routes=routes(files) if files is not None else (),
        )
        tools = f"{address}gradio_api/mcp/" if arguments.mcp else ""
        line = f"Whosays is open at {address} (Ctrl-C ends it)"
        show(
            {"address": address, **({"mcp": tools} if tools else {})},
            f"{line}\nIts MCP tools are at {tools}" if tools else line,
        )
        serving.wait(blocks)


@dataclass(frozen=True, slots=True)
class _Held:
    """The library that the visitor asks, and whether it is the bundled one.

    The only library that is asked `is_sealed` where it lies where nobody may write.
    """

    source: LibrarySource
    is_bundled: Callable[[], bool]
    is_sealed: bool = False


@contextmanager
def _open_libraries(
    settings: Settings,
    progress: AbstractContextManager[Progress | None],
    allowed: Allowed,
    *,
    several: bool,
    read_only: bool,
) -> Iterator[_Held]:
    """The one library that the settings name; else the bundled one and, with `several`, those of the shelf.

    Among several each visitor chooses for themself. Where no example articles are, as in an installed wheel,
    an empty shelf gets a first library.
    """
    if settings.library or not several:
        with progress as told:
            library = open_library(settings.library, settings, progress=told)
        fixed = read_only or not settings.library or library.is_read_only
        with library:
            name = library.path.name if settings.library else BUNDLED
            source = LibrarySource(lambda: library, allowed, lambda: fixed, name=lambda: name)
            yield _Held(source, lambda: not settings.library, is_sealed=library.is_read_only)
        return
    with progress as told:
        bundled = open_library("", settings, progress=told) if has_examples() else None
    with Shelf(
        default_root(),
        open_at=lambda folder: open_library(folder, settings, create=True),
        open_bundled=None if bundled is None else lambda: bundled,
    ) as shelf:
        if not shelf.names():
            if read_only:
                raise LibraryError("there is no library to read yet: start without --read-only to make one")
            shelf.create(FIRST)
        choice = Choice(shelf, visitor.chosen_library, fixed=read_only)
        source = LibrarySource(
            choice.library, allowed, choice.is_read_only, choice=choice, name=lambda: choice.name
        )
        yield _Held(source, lambda: choice.name == BUNDLED)
