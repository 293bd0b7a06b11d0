"""Where a browser keeps the talks of who signed in: each sees and changes their own only."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from qa.app.access.gate import user_of
from qa.app.talks.record import RECORD_CHARS, RecordError, read
from qa.app.talks.user_files import TalksError, UserFiles
from qa.export.bounded_json import read_json

BODY_BYTES = 5 * RECORD_CHARS  # a character is four bytes at most, and JSON writes some as two
PATH = "/conversations"
_NO_STORE = {"Cache-Control": "no-store"}


def routes(files: UserFiles) -> list[BaseRoute]:
    """GET /conversations lists; GET, PUT, PATCH (the name) and DELETE /conversations/ID are one talk."""

    async def list_all(request: Request) -> Response:
        return await _answer(request, lambda user: [asdict(one) for one in files.listing(user)])

    async def handle_one(request: Request) -> Response:
        talk_id = request.path_params["talk_id"]
        try:
            body = await _body(request) if request.method in ("PUT", "PATCH") else {}
        except RecordError as error:
            return _refuse(str(error), 400)

        def work(user: str) -> Any:
            if request.method == "GET":
                return {"record": files.get(user, talk_id)}
            if request.method == "DELETE":
                return files.delete(user, talk_id)
            if request.method == "PATCH":
                return asdict(files.rename(user, talk_id, _text(body, "name")))
            text = _text(body, "record")
            record = read(text)
            if record.id != talk_id:
                raise RecordError("This conversation was sent under an id that is not its own")
            seen = body.get("seen")
            kept = files.put(
                user, record, text, name=_text(body, "name"), seen=seen if isinstance(seen, int) else None
            )
            return asdict(kept) if kept is not None else None

        return await _answer(request, work)

    return [
        Route(PATH, list_all, methods=["GET"]),
        Route(PATH + "/{talk_id}", handle_one, methods=["GET", "PUT", "PATCH", "DELETE"]),
    ]


async def _answer(request: Request, work: Callable[[str], Any]) -> Response:
    user = user_of(request.scope)
    if not user:
        return _refuse("Sign in first", 401)
    try:
        return JSONResponse(await run_in_threadpool(work, user), headers=_NO_STORE)
    except TalksError as error:
        return _refuse(str(error), 404)
    except RecordError as error:
        return _refuse(str(error), 400)


async def _body(request: Request) -> dict[str, Any]:
    """The request's JSON object; RecordError for what is none, or too large, which is not read to its end."""
    read_so_far = bytearray()
    async for part in request.stream():
        read_so_far += part
        if len(read_so_far) > BODY_BYTES:
            raise RecordError("This conversation is too large to be kept")
    try:
        body = read_json(read_so_far)
    except (ValueError, RecursionError) as error:
        raise RecordError(f"What was sent is not JSON ({error})") from error
    if not isinstance(body, dict):
        raise RecordError("What was sent is not a JSON object")
    return body


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name, "")
    return value if isinstance(value, str) else ""


def _refuse(why: str, status: int) -> Response:
    return JSONResponse({"error": why}, status, headers=_NO_STORE)
