"""What Gradio keeps of a session: a third of a megabyte, also of a program's call, which has one of its own.

It keeps so many, and then drops those that were used longest ago: a page that nobody touched for a while
would lose what it holds to programs that ask a thousand questions. So sessions that hold nothing go first.
"""

import threading
from datetime import datetime, timedelta

import gradio as gr

_IDLE = timedelta(seconds=10)
_EVERY_S = 5.0


def forget_empty(blocks: gr.Blocks, *, idle: timedelta = _IDLE) -> int:
    """Drop the sessions, unused for so long, that are as a new one would be; their number."""
    holder = blocks.state_holder
    before = datetime.now() - idle  # as Gradio notes it
    with holder.lock:
        empty = [
            name
            for name, session in holder.session_data.items()
            if holder.time_last_used.get(name, before) < before
            and not session.state_data
            and session.blocks_config.blocks == blocks.default_config.blocks
        ]
        for name in empty:
            del holder.session_data[name]
            holder.time_last_used.pop(name, None)
    return len(empty)


def keep_forgetting(blocks: gr.Blocks) -> None:
    """In the background, for as long as the app is served."""

    def run() -> None:
        while blocks.is_running:
            pause.wait(_EVERY_S)
            forget_empty(blocks)

    pause = threading.Event()
    threading.Thread(target=run, name="sessions", daemon=True).start()
