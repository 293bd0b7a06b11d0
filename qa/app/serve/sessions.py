"""What Gradio keeps of a session, also of a program's call, which has one of its own.

It keeps so many, and then drops those that were used longest ago: a page that nobody touched for a while
would lose what it holds to programs that ask a thousand questions. So sessions that hold nothing go first. It
counts none of what they hold: where that is too much, those go that hold the most.
"""

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

import gradio as gr
from gradio.state_holder import SessionState

from qa.app.serve.queue_limit import weight
from qa.app.talks.conversation import Exchange, Talk

_IDLE = timedelta(seconds=10)
_EVERY_S = 5.0
# Of all conversations together. Source: measured, one of fifty turns takes about ten megabytes.
HELD_BYTES = 1_000_000_000


class _Unaccounted:
    """Blocks as a session that begins sees them: none of which it would have to keep an account."""

    blocks: Mapping[int, Any] = {}

    def __init__(self, blocks: gr.Blocks) -> None:
        self._blocks = blocks

    def __getattr__(self, name: str) -> Any:
        return getattr(self._blocks, name)


def keep_no_accounts() -> None:
    """Let sessions begin without what Gradio writes down of every component; once is enough.

    Its links to a state of the page are made of that, and there are none here. Source: measured, Gradio 6.31,
    214 components: 42 ms and 395 kB a session, of a page as of a program's call; without 0.1 ms and 14 kB.
    """
    begin = SessionState.__init__
    if hasattr(begin, "__wrapped__"):
        return

    @wraps(begin)
    def begin_unaccounted(session: SessionState, blocks: Any) -> None:
        begin(session, _Unaccounted(blocks))  # type: ignore[arg-type]  # it reads no more than these

    for name, work in (
        ("__init__", begin_unaccounted),
        ("_update_config", lambda *_: None),
        ("_update_value_in_config", lambda *_: None),
    ):
        setattr(SessionState, name, work)


def forget_empty(blocks: gr.Blocks, *, idle: timedelta = _IDLE) -> int:
    """Drop the sessions, unused for so long, that are as a new one would be; their number."""
    holder = blocks.state_holder
    before = datetime.now() - idle  # as Gradio notes it
    # A copy, made in one step: Gradio lets sessions begin without its lock.
    empty = [
        name
        for name, session in list(holder.session_data.items())
        if holder.time_last_used.get(name, before) < before
        and not session.state_data
        and session.blocks_config.blocks == blocks.default_config.blocks
    ]
    with holder.lock:
        for name in empty:
            holder.session_data.pop(name, None)
            holder.time_last_used.pop(name, None)
    return len(empty)


class HeldTalks:
    """How much the conversations of all sessions hold; each turn is weighed once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Exchange, int]] = {}

    def forget_heaviest(
        self, blocks: gr.Blocks, *, most_bytes: int = HELD_BYTES, idle: timedelta = _IDLE
    ) -> int:
        """Drop those sessions that hold the most, unused for so long, until all are within; their number."""
        holder, known = blocks.state_holder, self._known
        before = datetime.now() - idle
        states = [(name, one.state_data) for name, one in list(holder.session_data.items())]
        sessions = {name: list(state.values()) for name, state in states}
        unused = {name for name in sessions if holder.time_last_used.get(name, before) < before}
        self._known = {}
        held = {name: sum(self._weigh(value, known) for value in values) for name, values in sessions.items()}
        total, dropped = sum(held.values()), 0
        for name in sorted(unused, key=lambda one: -held[one]):
            if total <= most_bytes:
                break
            with holder.lock:
                holder.session_data.pop(name, None)
                holder.time_last_used.pop(name, None)
            total, dropped = total - held[name], dropped + 1
        return dropped

    def _weigh(self, value: Any, known: dict[int, tuple[Exchange, int]]) -> int:
        if not isinstance(value, Talk):
            return 0
        total = 0
        for turn in value.exchanges():
            found = known.get(id(turn)) or (turn, weight(turn))
            self._known[id(turn)] = found
            total += found[1]
        return total


def keep_forgetting(blocks: gr.Blocks) -> None:
    """In the background, for as long as the app is served."""
    held = HeldTalks()

    def run() -> None:
        while blocks.is_running:
            pause.wait(_EVERY_S)
            forget_empty(blocks)
            held.forget_heaviest(blocks)

    pause = threading.Event()
    threading.Thread(target=run, name="sessions", daemon=True).start()
