"""The app served: on loopback, behind headers that keep a browser from fetching anything elsewhere."""

import os
from collections.abc import Sequence

import gradio as gr

from index.errors import SettingsError
from qa.app import guard, page
from qa.app.server import ListArticles, article_route
from qa.app.site import Page

SESSIONS_KEPT = 1000


def bypass_proxies() -> None:
    """Keep requests to loopback off any proxy of the environment: Gradio asks its own server first."""
    for name in ("NO_PROXY", "no_proxy"):
        listed = [one for one in os.environ.get(name, "").split(",") if one]
        os.environ[name] = ",".join(dict.fromkeys([*listed, *guard.LOOPBACK]))


def launch(
    blocks: gr.Blocks,
    *,
    articles: ListArticles,
    pages: Sequence[Page] = (),
    host: str = "127.0.0.1",
    port: int | None = None,
    open_browser: bool = False,
) -> str:
    """Serve the app from a background thread and return its address, ready for a browser.

    Without `port`, the first free one from 7860 on. `articles` and `pages` are what `build` was given. Raises
    SettingsError when the port is taken. `blocks.close()` ends it.
    """
    bypass_proxies()
    routes = [article_route(articles), *(route for one in pages for route in one.routes)]
    fonts = ["system-ui", "sans-serif"]
    try:
        _, address, _ = blocks.launch(
            server_name=host,
            server_port=port,
            inbrowser=open_browser,
            prevent_thread_lock=True,
            quiet=True,
            inline=False,
            share=False,
            show_error=False,
            ssr_mode=False,
            mcp_server=False,
            pwa=False,
            enable_monitoring=False,
            run_history=False,
            footer_links=[],
            state_session_capacity=SESSIONS_KEPT,
            theme=gr.themes.Base(font=fonts, font_mono=["ui-monospace", "monospace"]),
            head=page.head(),
            app_kwargs={"middleware": guard.middleware(host), "routes": routes},
        )
    except OSError as error:
        where = f"port {port}" if port is not None else "no port from 7860 to 7959"
        raise SettingsError(
            f"The app cannot listen on {host}: {where} is {'in use' if port is not None else 'free'}. "
            "Name a free one with --port."
        ) from error
    return str(address)


def wait(blocks: gr.Blocks) -> None:
    """Wait until the server ends or the user presses Ctrl-C, then close it."""
    try:
        blocks.block_thread()
    finally:
        blocks.close(verbose=False)
