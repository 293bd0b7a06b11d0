"""`whosays chat`: the libraries opened, the app put together from them, and served until it is ended."""

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from index.library import Progress
from qa.app.access import visitor
from qa.app.access.signin import SignIn
from qa.app.access.users import read_users
from qa.app.pages.articles import articles_page
from qa.app.pages.disagreements import disagreements_page
from qa.app.pages.plugins import extra_pages
from qa.app.serve import host as serving
from qa.app.serve import server
from qa.app.serve.catalogue import Shelved
from qa.app.serve.endpoints import add_endpoints
from qa.app.serve.libraries import BUNDLED, Choice, Shelf, default_root
from qa.app.serve.uploads import Allowed
from qa.ask import ask, build_judge, open_library
from qa.library import Library
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
    upload_mb = arguments.max_upload_mb or settings.max_file_mb
    # Of strangers nobody is to see the libraries of whoever runs this.
    known = sign_in is not None or not (arguments.no_auth or arguments.read_only)
    allowed = Allowed(file_mb=upload_mb)
    judge = build_judge(settings.entailment)

    def answer(question: str, history: Sequence[Turn], **filters: Any) -> Answer:
        return ask(question, library=held.library(), history=history, settings=settings, **filters)

    with (
        _held(settings, progress, several=known, read_only=arguments.read_only) as held,
        # A folder of its own, gone at the end: Gradio would keep all uploads of all its apps in a common one.
        tempfile.TemporaryDirectory(prefix="whosays-", ignore_cleanup_errors=True) as uploads,
    ):
        os.environ["GRADIO_TEMP_DIR"] = os.path.realpath(uploads)
        articles = Shelved(held.library)
        pages = (
            articles_page(held.library, allowed=allowed, read_only=held.is_read_only, choice=held.choice),
            disagreements_page(held.library, judge=judge, read_only=arguments.read_only),
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
        )
        with blocks:
            changeable = settings.library and not arguments.read_only
            add_endpoints(answer, held.library, allowed=allowed if changeable else None, judge=judge)
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
    """The library that the visitor asks, and what may be done with it; `choice` where there are several."""

    library: Callable[[], Library]
    is_read_only: Callable[[], bool]
    is_bundled: Callable[[], bool]
    choice: Choice | None = None


@contextmanager
def _held(
    settings: Settings,
    progress: AbstractContextManager[Progress | None],
    *,
    several: bool,
    read_only: bool,
) -> Iterator[_Held]:
    """The one library that the settings name; else the bundled one and, with `several`, those of the shelf.

    Among several each visitor chooses for themself.
    """
    if settings.library or not several:
        with progress as told:
            library = open_library(settings.library, settings, progress=told)
        fixed = read_only or not settings.library
        with library:
            yield _Held(lambda: library, lambda: fixed, lambda: not settings.library)
        return
    with progress as told:
        bundled = open_library("", settings, progress=told)
    with Shelf(
        default_root(),
        open_at=lambda folder: open_library(folder, settings, create=True),
        open_bundled=lambda: bundled,
    ) as shelf:
        choice = Choice(shelf, visitor.chosen, fixed=read_only)
        yield _Held(choice.library, choice.is_read_only, lambda: choice.name == BUNDLED, choice)
