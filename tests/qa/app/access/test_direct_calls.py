"""The status of a direct call: a refusal with its reason is the caller's mistake, what broke inside is ours."""

import asyncio
import json

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

from qa.app.access.direct_calls import DirectCalls

REFUSAL = {"error": "since is not a date: write 2026-07-03", "title": "Error"}


def called(answer, path="/gradio_api/run/ask"):
    """The status and body of what the app behind gives."""
    app = DirectCalls(Starlette(routes=[Route("/{path:path}", answer, methods=["POST"])]))
    sent = []

    async def call():
        scope = {"type": "http", "method": "POST", "path": path, "headers": [], "query_string": b""}

        whole = iter([{"type": "http.request", "body": b""}])

        async def receive():  # then nothing more is heard of the caller
            return next(whole, None) or await asyncio.Event().wait()

        async def send(message):
            sent.append(message)

        await app(scope, receive, send)

    asyncio.run(call())
    start, *parts = sent
    return start["status"], b"".join(one.get("body", b"") for one in parts)


def plain(value, status):
    return lambda request: JSONResponse(value, status)


@pytest.mark.parametrize(
    ("value", "status", "expected"),
    [
        (REFUSAL, 500, 400),
        ({"error": None}, 500, 500),
        (["error"], 500, 500),
        ({"data": [{"error": "a word of an article"}]}, 200, 200),
        ({"error": "not here"}, 404, 404),
    ],
)
def test_a_refusal_that_says_why_is_the_callers_mistake_and_all_else_is_as_it_was(value, status, expected):
    assert called(plain(value, status)) == (expected, json.dumps(value, separators=(",", ":")).encode())


def test_other_addresses_keep_their_status():
    assert called(plain(REFUSAL, 500), "/gradio_api/queue/join")[0] == 500


def test_an_answer_in_parts_comes_whole():
    text = json.dumps(REFUSAL).encode()
    parts = [text[:10], text[10:]]

    async def told():
        for part in parts:
            yield part

    assert called(lambda request: StreamingResponse(told(), 500)) == (400, text)
    parts[1] = b" and it breaks off"
    assert called(lambda request: StreamingResponse(told(), 500)) == (500, b"".join(parts))
