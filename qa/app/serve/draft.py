"""Blocks that are put together without a server being made of each stage of them.

Gradio makes a whole one, and twice its account of all components, when blocks are begun and whenever they are
left: once for each page. Only the one that is launched serves. Source: measured, Gradio 6.31, two cores, five
pages: 8 servers and 15 accounts, of which 1 and 2 are used; 3.1 s of processor time of 7.5.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, cast

import gradio as gr
from gradio.routes import App

MAKER = "create_app"
_drafting: ContextVar[bool] = ContextVar("drafting", default=False)


class Draft(gr.Blocks):
    """As `gr.Blocks`; what it serves is there once it has been launched, and not before."""

    def queue(self, *values: Any, **options: Any) -> Any:
        """As of blocks; the first one is made as they are begun."""
        with _draft():
            return super().queue(*values, **options)

    def __exit__(self, *raised: Any) -> None:
        with _draft():
            super().__exit__(*raised)

    def get_config_file(self) -> Any:
        """The account of all components, for browsers: nobody reads that of a draft.

        Where no progress is shown, no component is told of any: each would count its time in every frame.
        """
        if _drafting.get():
            return {}
        account = super().get_config_file()
        for event in account["dependencies"]:
            if event["show_progress"] == "hidden":
                event["show_progress_on"] = []  # an empty list; None stands for all that it changes
        return account


@contextmanager
def _draft() -> Iterator[None]:
    """In this thread alone."""
    _wrap_maker()
    before = _drafting.set(True)
    try:
        yield
    finally:
        _drafting.reset(before)


def _wrap_maker() -> None:
    """Once; of a Gradio that makes its servers in another way all are made."""
    make = getattr(App, MAKER, None)
    if make is None or hasattr(make, "__wrapped__"):
        return

    @wraps(make)
    def make_unless_drafting(*values: Any, **options: Any) -> App:
        return App() if _drafting.get() else cast(App, make(*values, **options))

    setattr(App, MAKER, staticmethod(make_unless_drafting))
