"""What is held for those who send: one address has no more than its share, and leaves something to others."""

import asyncio
import json

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from qa.app.access.bodies import BoundedBodies
from qa.app.access.shares import Shares


def test_one_has_a_share_and_all_have_what_there_is():
    shares = Shares(most=100, share=60)
    assert shares.take("a", 60)
    assert not shares.take("a", 1)
    assert shares.take("b", 40)
    assert not shares.take("c", 1)
    shares.give_back("a", 60)
    assert shares.held == 40
    assert shares.take("c", 60)


async def _answer(request: Request) -> PlainTextResponse:
    await request.body()
    if "wait" in request.query_params:
        await _go.wait()
    return PlainTextResponse("read")


_go = asyncio.Event()


def client(address: str, bounded: BoundedBodies) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(bounded, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://testserver")


def app(**limits) -> BoundedBodies:
    return BoundedBodies(Starlette(routes=[Route("/", _answer, methods=["POST"])]), uploads=None, **limits)


def test_what_waits_for_an_answer_of_one_address_leaves_room_for_others_and_is_given_back():
    """A body may have 100 bytes, an address 200 of them at once, and all together 400."""
    body = json.dumps(["x" * 90]).encode()

    async def main():
        _go.clear()
        bounded = app(body_bytes=100)
        clients = [client(f"10.0.0.{number}", bounded) for number in range(3)]
        first, second, third = clients
        waiting = [
            asyncio.create_task(one.post("/?wait", content=body)) for one in (first, first, second, second)
        ]
        while bounded._held.held < 4 * len(body):
            await asyncio.sleep(0)
        full = await first.post("/", content=body)
        for_all = await third.post("/", content=body * 1)
        small = await third.post("/", content=b"[]")
        _go.set()
        answered = [(await one).status_code for one in waiting]
        again = await first.post("/", content=body)
        for one in clients:
            await one.aclose()
        return full, for_all, small, answered, again, bounded._held

    full, for_all, small, answered, again, held = asyncio.run(main())
    assert (full.status_code, full.headers["Retry-After"]) == (503, "60")
    assert "try again in a minute" in full.text
    assert for_all.status_code == 503
    assert small.status_code == 200
    assert answered == [200] * 4
    assert again.status_code == 200
    assert (held.held, len(held._of)) == (0, 0)


@pytest.mark.parametrize(
    "body", [b"[" * 200, b"[" + b"[]," * 200_000 + b"[]]", b"[\0"], ids=["deep", "many", "NUL"]
)
def test_json_of_more_than_is_read_is_refused_before_it_is_read(body):
    async def main():
        async with client("10.0.0.1", app()) as one:
            return await one.post("/", content=body)

    answer = asyncio.run(main())
    assert answer.status_code == 413
    assert "neither deep nor of many values: it " in answer.text


def test_a_body_that_does_not_end_is_given_up():
    async def slowly():
        yield b"["
        await asyncio.sleep(3600)

    async def main():
        bounded = app(body_s=0.1)
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/",
            "headers": [],
            "query_string": b"",
            "client": ("a", 1),
        }
        parts, said = slowly(), []

        async def receive():
            return {"type": "http.request", "body": await anext(parts), "more_body": True}

        async def send(message):
            said.append(message)

        with pytest.raises(Exception):  # noqa: B017, PT011  # the one that Starlette has for who has gone
            await asyncio.wait_for(bounded(scope, receive, send), 5)
        return bounded._held.held

    assert asyncio.run(main()) == 0
