"""What keeps a point at issue in the notebook of the library, from its card."""

from collections.abc import Mapping
from typing import Any

import gradio as gr

from index.errors import WhosaysError
from qa.app.notebook.keeper import QUIET, reply_to, toggle, told_part
from qa.app.survey.session import Desk
from qa.notebook.clippings import clip_point

UNLISTED = "This disagreement is no longer listed: load the page again, then keep it."


class PointKeeper:
    """The component of a page of disagreements, and what comes of its presses."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._told = 0

    def fill(self) -> None:
        """Into the blocks that are open."""
        told = told_part()
        told.submit(self._press, None, told, trigger_mode="multiple", **QUIET)

    def _press(self, event: gr.EventData, request: gr.Request) -> str:
        """One point kept or taken out; what was done."""
        data = event._data if isinstance(event._data, dict) else {}
        try:
            reply = self._keep(data, str(request.username or ""))
        except WhosaysError as error:
            reply = {"said": str(error), "failed": True}
        self._told += 1
        return reply_to(data, reply, self._told)

    def _keep(self, data: Mapping[str, Any], by: str) -> dict[str, Any]:
        found = self._desk.find(str(data.get("item")))
        if found is None:
            return {"said": UNLISTED, "failed": True}
        wanted, entries = found
        keep = data.get("keep") is not False
        clipping = clip_point(wanted.point, entries.copies)
        said = toggle(self._desk.library().notebook, clipping, keep=keep, by=by)
        return {"said": said, "kept": {wanted.key: keep}}
