"""What waits in Gradio's own queue, held to numbers and to bytes: it keeps all that comes, with all it sent.

Gradio's limit is one for everything, so that programs could shut the pages out; here it is one for each kind
of work. What comes out stays until it is read: that of whoever does not read is let go.
"""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, is_dataclass
from functools import partial
from time import monotonic
from typing import Any, Literal

import fastapi
import gradio as gr
from gradio import route_utils
from gradio.block_function import BlockFunction
from gradio.data_classes import PredictBody, PredictBodyInternal
from gradio.queueing import Event, Queue
from gradio.server_messages import EventMessage

from qa.app.access.bodies import bytes_of
from qa.app.access.gate import address_of
from qa.app.access.own_sessions import LONG, SESSION_CHARS, OwnEvents, OwnName, own_name
from qa.app.access.shares import Shares

_MB = 1_000_000
MOST_QUEUED = 200
KEPT = 4_000  # sessions of which Gradio still knows that nothing is waited for
# Of what was sent and waits for its turn: by one session, from one address, and in all. A page sends a whole
# conversation now and then.
SESSION_BYTES, ADDRESS_BYTES, QUEUED_BYTES = 40 * _MB, 64 * _MB, 128 * _MB
# Of what came of it and was not yet read, in all; and for how long it is kept for somebody who comes late.
UNREAD_BYTES, UNREAD_S = 64 * _MB, 300.0
_SWEEP_S = 5.0
# How long the queue and its progress wait before they look anew whether something has come. Source: measured,
# Gradio 6.31, an app that nobody uses: 3 % of a core; 8 % with Gradio's own, a thousand times a second.
LOOK_S, LOOK_FOR_PROGRESS_S = 0.01, 0.05
FULL = "Too many are waiting for this already. Try again in a minute."
TOO_MUCH = "What you sent already waits to be worked on, and it is a lot. Try again in a minute."
MISSING = "There is nothing of this name, or of this number, to be called."
FEW = "It takes {} values, null for those that are left out; {} were sent."

Pushed = tuple[bool, str | list[dict[str, Any]], Literal["success", "error", "queue_full", "validator_error"]]


def bound_queue(blocks: gr.Blocks, *, events: OwnEvents | None = None, most: int = MOST_QUEUED) -> None:
    """Tell whoever comes while `most` wait for the same work so, with the status 503; to be called once.

    `events` learn whose each event is.
    """
    queue = blocks._queue  # it has no public name
    queue.sleep_when_free, queue.progress_update_sleep_when_free = LOOK_S, LOOK_FOR_PROGRESS_S
    _count_nothing(queue)
    push = queue.push
    waiting, unread = _Waiting(queue), Unread(queue)

    async def push_bounded(
        body: PredictBodyInternal, request: fastapi.Request, username: str | None
    ) -> Pushed:
        if len(queue.pending_event_ids_session) > KEPT:
            _forget(queue)
        if request and body.session_hash:
            _make_own(body, request)
        function = blocks.fns.get(body.fn_index) if body.fn_index is not None else None
        own = queue.event_queue_per_concurrency_id.get(function.concurrency_id) if function else None
        if own is not None and len(own.queue) >= most:
            return False, FULL, "queue_full"
        size, address = (bytes_of(request.scope), address_of(request.scope)) if request else (0, "")
        if not waiting.has_room(size, address, body.session_hash or ""):
            return False, TOO_MUCH, "queue_full"
        unread.watch()
        pushed = await push(body, request, username)
        if pushed[0]:
            waiting.note(str(pushed[1]), size, address, body.session_hash or "")
            if events is not None and request:
                events.note(str(pushed[1]), request.scope, partial(_is_known, queue))
        return pushed

    queue.push = push_bounded  # type: ignore[method-assign]


def _count_nothing(queue: Queue) -> None:
    """Keep no figures of each event for Gradio's page of them, which is closed here.

    After each event it makes a table of the last 10,000 and takes percentiles of every function. Source:
    measured, Gradio 6.31, events of 40 functions: 15 ms of processor an event with the first ten, 50 from the
    hundredth on, 66 with 10,000. Where one function alone is called it makes no difference that can be seen.
    """
    queue.ANALYTICS_MAX_EVENTS = 1
    queue.compute_analytics_summary = lambda _: queue.cached_event_analytics_summary  # type: ignore[method-assign]


def count_queued(blocks: gr.Blocks, concurrency_id: str) -> int:
    """How much waits in Gradio's queue for work of that id."""
    own = blocks._queue.event_queue_per_concurrency_id.get(concurrency_id)
    return len(own.queue) if own is not None else 0


def own_sessions() -> None:
    """Call each session by whose it is, wherever Gradio looks one up; once is enough.

    Refuses names that are too long to be one: Gradio keeps all that it is told of a session under its name.
    """
    given = route_utils.get_fn
    if getattr(given, "own", False):
        return

    def get_fn(blocks: gr.Blocks, api_name: str | None, body: PredictBody) -> BlockFunction:
        request = getattr(body, "request", None)
        if body.session_hash and not isinstance(body.session_hash, OwnName):
            if request is None:  # looked up ahead of the queue, which is told who sends it
                _check(body.session_hash)
                body = body.model_copy(update={"session_hash": None})
            else:
                _make_own(body, request)
        try:
            function = given(blocks, api_name, body)
        except (route_utils.FnIndexInferError, KeyError) as error:
            raise fastapi.HTTPException(404, MISSING) from error
        if body.fn_index is None and len(body.data) < len(function.inputs):
            raise fastapi.HTTPException(422, FEW.format(len(function.inputs), len(body.data)))
        return function

    get_fn.own = True  # type: ignore[attr-defined]
    route_utils.get_fn = get_fn


def _make_own(body: PredictBody, request: fastapi.Request) -> None:
    if body.session_hash and not isinstance(body.session_hash, OwnName):
        _check(body.session_hash)
        body.session_hash = own_name(request.scope, body.session_hash)


def _check(name: str) -> None:
    if len(name) > SESSION_CHARS:
        raise fastapi.HTTPException(400, LONG)


def _is_known(queue: Queue, event: str) -> bool:
    """Whether something still waits for this event, or its result to be read."""
    waited_for = queue.pending_event_ids_session.values()
    return event in queue.event_ids_to_events or any(event in one for one in waited_for)


@dataclass(frozen=True, slots=True)
class _Sent:
    size: int
    address: str
    session: str


class _Waiting:
    """What waits in a queue, by event: how large it was, and whose."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._sent: dict[str, _Sent] = {}

    def has_room(self, size: int, address: str, session: str) -> bool:
        """Whether as much more may wait."""
        live = self._queue.event_ids_to_events
        self._sent = {event: one for event, one in self._sent.items() if event in live}
        held = Shares(QUEUED_BYTES, ADDRESS_BYTES)
        for one in self._sent.values():
            held.take(one.address, one.size)
        own = sum(one.size for one in self._sent.values() if one.session == session) if session else 0
        return own + size <= SESSION_BYTES and held.take(address, size)

    def note(self, event: str, size: int, address: str, session: str) -> None:
        """It waits from now on."""
        self._sent[event] = _Sent(size, address, session)


class Unread:
    """Lets go of what nobody reads: what is old, and the most of it first where all together is too much."""

    def __init__(
        self,
        queue: Queue,
        *,
        most_bytes: int = UNREAD_BYTES,
        kept_s: float = UNREAD_S,
        every_s: float = _SWEEP_S,
    ) -> None:
        self._queue = queue
        self._most, self._kept_s, self._every_s = most_bytes, kept_s, every_s
        self._come = 0  # bytes since all were counted
        self._since: dict[str, tuple[EventMessage, float]] = {}
        self._task: asyncio.Task[None] | None = None
        self._send = queue.send_message
        queue.send_message = self._send_counted  # type: ignore[method-assign]

    def watch(self) -> None:
        """Look after it from now on, on the event loop that runs."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._sweep_on())

    def sweep(self) -> None:
        """Let go of what nobody has read for too long, and of what is too much."""
        now, since = monotonic(), {}
        for session, head in self._heads():
            found = self._since.get(session)
            begun = found[1] if found and found[0] is head else now
            if now - begun > self._kept_s:
                self._drop(session)
            else:
                since[session] = (head, begun)
        self._since = since
        self._trim()

    async def _sweep_on(self) -> None:
        while not self._queue.stopped:
            await asyncio.sleep(self._every_s)
            self.sweep()

    def _send_counted(self, event: Event, event_message: EventMessage) -> None:
        with suppress(KeyError):  # of a session that was let go
            self._send(event, event_message)
        self._come += _come_of(event_message)
        if self._come > self._most // 4:
            self._trim()

    def _heads(self) -> list[tuple[str, EventMessage]]:
        """Of the sessions that have something and read nothing just now, the first of it."""
        return [
            (session, held._queue[0])
            for session, held in list(self._queue.pending_messages_per_session.items())
            if not held.empty() and not any(not one.done() for one in held._getters)
        ]

    def _trim(self) -> None:
        self._come = 0
        sizes = {session: self._size(session) for session, _ in self._heads()}
        held = sum(sizes.values())
        for session in sorted(sizes, key=lambda one: -sizes[one]):
            if held <= self._most:
                break
            held -= sizes[session]
            self._drop(session)

    def _size(self, session: str) -> int:
        held: Any = self._queue.pending_messages_per_session[session]
        return sum(_come_of(one) for one in list(held._queue))

    def _drop(self, session: str) -> None:
        """Nothing more is kept for the session, nor done for it."""
        self._queue.pending_messages_per_session.pop(session, None)
        self._queue.pending_event_ids_session.pop(session, None)
        for event in list(self._queue.event_ids_to_events.values()):
            if event.session_hash == session:
                event.alive = False


def _come_of(message: EventMessage) -> int:
    return weight(getattr(message, "output", None))


def weight(value: Any) -> int:
    """About how many bytes a value takes: of texts and bytes their length, of all else what it is made of."""
    total, left = 0, [value]
    while left:
        one = left.pop()
        total += 60
        if isinstance(one, str | bytes):
            total += len(one)
        elif isinstance(one, Mapping):
            left += one.keys()
            left += one.values()
        elif isinstance(one, list | tuple | set | frozenset):
            left += one
        elif is_dataclass(one) and not isinstance(one, type):
            left += _fields(one)
    return total


def _fields(value: Any) -> Iterable[Any]:
    return [getattr(value, name) for name in value.__dataclass_fields__]


def _forget(queue: Queue) -> None:
    """The sessions that wait for nothing and have no messages left: Gradio would keep them for good."""
    waited_for, messages = queue.pending_event_ids_session, queue.pending_messages_per_session
    for name in [name for name, events in waited_for.items() if not events and name not in messages]:
        del waited_for[name]
