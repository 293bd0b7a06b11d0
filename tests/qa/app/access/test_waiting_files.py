"""Whose files wait: one visitor fills a share of the place, others find room, and what was read counts no more."""

import asyncio
import itertools
import json
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from qa.app.access.bodies import UPLOAD, BoundedBodies


def app(folder: Path) -> BoundedBodies:
    """Keeps each file that a body announces, and names them, as Gradio does; 8 files may wait, two of them one's."""
    numbers = itertools.count()

    async def keep(request: Request) -> JSONResponse:
        body = await request.body()
        paths = []
        for _ in range(body.count(b"filename")):
            path = folder / str(next(numbers)) / "a.txt"
            path.parent.mkdir()
            path.write_bytes(body)
            paths.append(str(path))
        return JSONResponse(paths)

    inner = Starlette(routes=[Route(UPLOAD[0], keep, methods=["POST"])])
    return BoundedBodies(inner, uploads=folder, files=8, uploads_bytes=40_000, free_bytes=0)


async def send(bounded: BoundedBodies, address: str, *, files: int = 1, size: int = 10) -> httpx.Response:
    transport = httpx.ASGITransport(bounded, client=(address, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        return await client.post(UPLOAD[0], content=b"filename" * files + b"x" * size)


def test_one_visitor_fills_a_share_others_find_room_and_files_that_were_read_count_no_more(tmp_path):
    async def main():
        bounded = app(tmp_path)
        first = [await send(bounded, "10.0.0.1") for _ in range(3)]
        full = await send(bounded, "10.0.0.1")
        other = await send(bounded, "10.0.0.2")
        for path in [path for one in first for path in (one.json() if one.status_code == 200 else [])]:
            Path(path).unlink()
        return first, full, other, await send(bounded, "10.0.0.1")

    first, full, other, later = asyncio.run(main())
    assert [one.status_code for one in first] == [200, 200, 507]
    assert full.status_code == 507
    assert "As many of your files wait as may" in full.text
    assert (other.status_code, later.status_code) == (200, 200)


@pytest.mark.parametrize(("files", "size"), [(3, 10), (1, 11_000)], ids=["files", "bytes"])
def test_what_is_on_its_way_counts_and_leaves_nothing_behind(tmp_path, files, size):
    async def main():
        bounded = app(tmp_path)
        refused = await send(bounded, "10.0.0.1", files=files, size=size)
        return refused, await send(bounded, "10.0.0.1"), bounded._waiting

    refused, fits, waiting = asyncio.run(main())
    assert (refused.status_code, fits.status_code) == (507, 200)
    assert (waiting._coming_files, waiting._coming_bytes) == ({}, {})
    assert json.loads(fits.text) == list(waiting._kept)
