"""The app served: on loopback unless told, behind headers that keep a browser from fetching elsewhere."""

import json
import os
import signal
import threading
from collections.abc import Sequence
from contextlib import nullcontext, redirect_stdout
from io import StringIO
from types import FrameType
from typing import Any

import gradio as gr
from gradio import processing_utils, utils
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from index.errors import SettingsError
from qa.app.access import guard
from qa.app.access.bodies import bound_fields
from qa.app.access.exposure import Network, check_reach
from qa.app.access.gate import Check
from qa.app.access.own_sessions import OwnEvents
from qa.app.access.signin import SignIn
from qa.app.access.visitor import Visits
from qa.app.html.document import head
from qa.app.pages.site import Page
from qa.app.serve.assets import KeptAssets
from qa.app.serve.queue_limit import bound_queue, own_sessions
from qa.app.serve.server import MOST_WAITING, article_route
from qa.app.serve.sessions import keep_forgetting, keep_no_accounts
from qa.app.shelf.catalogue import Catalogue, ListArticles

SESSIONS_KEPT = 1000
MOST_THREADS = MOST_WAITING + 100  # each question that waits has one, and so has all else that is done


def launch(
    blocks: gr.Blocks,
    *,
    articles: Catalogue | ListArticles,
    pages: Sequence[Page] = (),
    host: str = "127.0.0.1",
    port: int | None = None,
    sign_in: SignIn | None = None,
    anyone: bool = False,
    root_path: str = "",
    max_upload_mb: int = 20,
    uploads: bool = True,
    mcp: bool = False,
    open_browser: bool = False,
    own_routes: Sequence[BaseRoute] = (),
    proxies: Sequence[Network] = (),
) -> str:
    """Serve the app from a background thread and return its address, ready for a browser.

    Without `port`, the first free one from 7860 on. `articles` and `pages` are what `build` was given. On a
    `host` that other machines reach, people must `sign_in` unless `anyone` may come. `root_path` is where a
    proxy shows the app: a path, or a whole address, which also lets browsers call it by that name. `mcp`
    offers the named endpoints as tools. `own_routes` are served beside those of the pages. `proxies` are
    believed from where a request comes. Raises
    SettingsError when the port is taken, where nobody would have to sign in, and for `mcp` without its
    package. `blocks.close()` ends it.
    """
    check_reach(host=host, signing_in=sign_in is not None, anyone=anyone, root_path=root_path, mcp=mcp)
    bypass_proxies(host)
    # The server's own way to believe a proxy would believe every program of this machine.
    os.environ["FORWARDED_ALLOW_IPS"] = ""
    fetch_nothing()
    bound_fields()
    own_sessions()
    keep_no_accounts()
    events = OwnEvents()
    folder = utils.get_upload_folder()
    routes = [article_route(articles), *(route for one in pages for route in one.routes), *own_routes]
    access = guard.middleware(
        host,
        root=root_path,
        sign_in=sign_in,
        pages=[one.path for one in pages],
        uploads=folder if uploads else None,
        own_routes=routes,
        events=events,
        proxies=proxies,
        mcp=mcp,
    )
    fonts = ["system-ui", "sans-serif"]
    # Gradio prints where MCP is, however quiet it is to be; what is printed here is for others to read.
    quiet = redirect_stdout(StringIO()) if mcp else nullcontext()
    try:
        with quiet:
            _, address, _ = blocks.launch(
                server_name=host,
                server_port=port,
                root_path=root_path.rstrip("/"),
                auth=Check(sign_in).allows if sign_in else None,  # type: ignore[arg-type]  # Gradio awaits it
                max_file_size=max_upload_mb * 1_000_000,
                # Nothing but what is uploaded; an empty list would let the environment name more.
                allowed_paths=[folder],
                inbrowser=open_browser,
                prevent_thread_lock=True,
                quiet=True,
                inline=False,
                share=False,
                show_error=False,
                ssr_mode=False,
                num_workers=0,
                max_threads=MOST_THREADS,
                mcp_server=mcp,
                pwa=False,
                enable_monitoring=False,
                run_history=False,
                footer_links=[],
                state_session_capacity=SESSIONS_KEPT,
                theme=gr.themes.Base(font=fonts, font_mono=["ui-monospace", "monospace"]),
                head=head(),
                app_kwargs={
                    "middleware": [*access, Middleware(KeptAssets), Middleware(Visits)],
                    "routes": routes,
                },
            )
    except OSError as error:
        where = f"port {port}" if port is not None else "no port from 7860 to 7959"
        raise SettingsError(
            f"The app cannot listen on {host}: {where} is {'in use' if port is not None else 'free'}. "
            "Name a free one with --port."
        ) from error
    except ValueError as error:
        if "not accessible" not in str(error):
            raise
        blocks.close(verbose=False)
        raise SettingsError(
            f"The app listens on {host} and does not answer: the machine is very busy, or a firewall is in "
            "the way. Try again."
        ) from error
    if mcp:
        _answer_in_json(blocks)
    keep_forgetting(blocks)
    bound_queue(blocks, events=events)
    return str(address)


def wait(blocks: gr.Blocks) -> None:
    """Wait until the server ends, the user presses Ctrl-C or the system ends it, then close it."""
    ended = threading.Event()

    def end(number: int, _: FrameType | None) -> None:
        # Not an exception: raised while some object is being let go of, it would be lost.
        ended.set()
        signal.signal(number, signal.SIG_DFL)  # pressed once more, it ends at once

    if threading.current_thread() is threading.main_thread():
        for one in (signal.SIGINT, signal.SIGTERM):
            signal.signal(one, end)
    try:
        # Not as Gradio waits, which at the end writes a line into what may be read as JSON.
        while blocks.is_running and not ended.wait(0.1):
            pass
    finally:
        blocks.close(verbose=False)


def bypass_proxies(host: str = "") -> None:
    """Keep requests to loopback off any proxy of the environment: Gradio asks its own server first."""
    for name in ("NO_PROXY", "no_proxy"):
        listed = [one for one in os.environ.get(name, "").split(",") if one]
        own = [one for one in (*guard.LOOPBACK, host) if one]
        os.environ[name] = ",".join(dict.fromkeys([*listed, *own]))


def fetch_nothing() -> None:
    """Put Gradio's fetcher out of work: of itself it fetches any address that a visitor gives for a file."""

    async def refuse(url: str, *_: Any, **__: Any) -> str:
        raise gr.Error(f"{url} is not fetched: add the address itself.", print_exception=False)

    for name in ("async_ssrf_protected_download", "async_ssrf_protected_get"):
        if not hasattr(processing_utils, name):
            raise SettingsError(
                "This version of Gradio fetches addresses in a way that Whosays does not know: install the "
                "version that constraints.txt names"
            )
        setattr(processing_utils, name, refuse)


def _answer_in_json(blocks: gr.Blocks) -> None:
    """Make tools give JSON: of itself Gradio gives what Python prints for a value."""
    served: Any = blocks.mcp_server_obj
    if served is None or blocks.mcp_error:
        blocks.close(verbose=False)
        raise SettingsError(
            f"MCP does not start ({blocks.mcp_error or 'no reason given'}): install the versions that "
            "constraints.txt names"
        )

    def content(data: Sequence[Any], _: str) -> list[Any]:
        return [
            served.types.TextContent(type="text", text=json.dumps(one, ensure_ascii=False)) for one in data
        ]

    served.postprocess_output_data = content
