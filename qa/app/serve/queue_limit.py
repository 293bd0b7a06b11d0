"""What waits in Gradio's own queue, held to a number: it keeps all that comes, with all that was sent.

Gradio's limit is one for everything, so that programs could shut the pages out; here it is one for each kind
of work.
"""

from typing import Any, Literal

import fastapi
import gradio as gr
from gradio.data_classes import PredictBodyInternal
from gradio.queueing import Queue

MOST_QUEUED = 200
KEPT = 4_000  # sessions of which Gradio still knows that nothing is waited for
FULL = "Too many are waiting for this already. Try again in a minute."


def bound_queue(blocks: gr.Blocks, *, most: int = MOST_QUEUED) -> None:
    """Tell whoever comes while `most` wait for the same work so, with the status 503; to be called once."""
    queue = blocks._queue  # it has no public name
    push = queue.push

    async def push_bounded(
        body: PredictBodyInternal, request: fastapi.Request, username: str | None
    ) -> tuple[
        bool, str | list[dict[str, Any]], Literal["success", "error", "queue_full", "validator_error"]
    ]:
        if len(queue.pending_event_ids_session) > KEPT:
            _forget(queue)
        function = blocks.fns.get(body.fn_index) if body.fn_index is not None else None
        own = queue.event_queue_per_concurrency_id.get(function.concurrency_id) if function else None
        if own is not None and len(own.queue) >= most:
            return False, FULL, "queue_full"
        return await push(body, request, username)

    queue.push = push_bounded  # type: ignore[method-assign]


def _forget(queue: Queue) -> None:
    """The sessions that wait for nothing and have no messages left: Gradio would keep them for good."""
    waited_for, messages = queue.pending_event_ids_session, queue.pending_messages_per_session
    for name in [name for name, events in waited_for.items() if not events and name not in messages]:
        del waited_for[name]
