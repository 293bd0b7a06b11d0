"""How much a request may bring, and what becomes of uploads that nobody waits for: limits on the real server.

Run as a script, this file is a server that answers no question before a file is there.
"""

import asyncio
import http.client
import json
import os
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from index.errors import QuestionError
from qa.app.access.bodies import BODY_BYTES, FIELD_BYTES, LEFT_S, UPLOAD, BoundedBodies
from qa.question.conversation import understand
from qa.records import Turn
from tests.served import SMALL, served, shelve, started, stay
from tests.waits import LONGEST_S, until

QUESTION = "How many people did the ferry Aurora carry?"
BOUND = "b0und"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUND}"}


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bodies")
    with served(library=shelve(folder), log=folder / "log", **SMALL) as at:
        yield at


@contextmanager
def sent_in_parts(address, path, parts, **headers):
    """A request whose length is not told, as its response comes; a server that hangs up ends the sending."""
    connection = http.client.HTTPConnection(address.removeprefix("http://").rstrip("/"), timeout=60)
    try:
        connection.putrequest("POST", path)
        for name, value in {"Transfer-Encoding": "chunked", **headers}.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        try:
            for part in parts:
                connection.send(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            connection.send(b"0\r\n\r\n")
        except OSError:
            pass
        yield connection.getresponse()
    finally:
        connection.close()


def post(address, path, body, **headers):
    connection = http.client.HTTPConnection(address.removeprefix("http://").rstrip("/"), timeout=LONGEST_S)
    try:
        connection.request(
            "POST", path, body, {key.replace("_", "-"): value for key, value in headers.items()}
        )
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")
    finally:
        connection.close()


# A small app, which reads all that it is sent


async def _read(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


def small(folder, **limits) -> httpx.AsyncClient:
    app = Starlette(routes=[Route(path, _read, methods=["POST"]) for path in ("/json", UPLOAD[0])])
    bounded = BoundedBodies(app, uploads=folder, free_bytes=0, **limits)
    return httpx.AsyncClient(transport=httpx.ASGITransport(bounded), base_url="http://testserver")


async def in_parts(size, step=1000):
    for at in range(0, size, step):
        yield b"x" * min(step, size - at)


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize(("size", "status"), [(10_000, 200), (10_001, 413)])
def test_a_body_is_taken_up_to_the_limit_whether_its_length_is_told_or_not(tmp_path, told, size, status):
    async def main():
        async with small(tmp_path, body_bytes=10_000) as client:
            return await client.post("/json", content=b"x" * size if told else in_parts(size))

    answer = asyncio.run(main())
    assert answer.status_code == status
    assert answer.text == "10000" if status == 200 else "0.01 MB that may be sent" in answer.text


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize(
    ("held", "files", "status"), [(0, 9, 200), (30_000, 9, 200), (35_000, 9, 507), (0, 1, 507)]
)
def test_uploads_are_taken_while_there_is_room_for_them(tmp_path, told, held, files, status):
    (tmp_path / "of another").mkdir()
    (tmp_path / "of another" / "a.txt").write_bytes(b"x" * held)

    async def main():
        # One visitor may have a quarter of the room.
        async with small(tmp_path, uploads_bytes=40_000, files=files) as client:
            return await client.post(UPLOAD[0], content=b"x" * 10_000 if told else in_parts(10_000))

    answer = asyncio.run(main())
    assert answer.status_code == status
    assert answer.text == "10000" if status == 200 else "no room for these files right now" in answer.text


def test_what_an_upload_that_was_broken_off_has_left_is_deleted_once_it_is_old(tmp_path):
    old, new, read = tmp_path / "tmpold", tmp_path / "tmpnew", tmp_path / "of another" / "a.txt"
    read.parent.mkdir()
    for path in (old, new, read):
        path.write_bytes(b"x")
    for path in (old, read):
        os.utime(path, (0, time.time() - LEFT_S - 1))

    async def main():
        async with small(tmp_path) as client:
            return await client.post(UPLOAD[0], content=b"x")

    assert asyncio.run(main()).status_code == 200
    assert not old.exists()
    assert new.exists()
    assert read.exists()  # Gradio deletes those when it is their time


# The app itself


def test_a_request_of_any_length_is_refused_before_it_fills_the_memory(address):
    body = b"x" * (BODY_BYTES + 1)
    assert post(address, "/gradio_api/run/ask", body, Content_Type="application/json")[0] == 413
    long = (b"[" * 1_000_000 for _ in range(60))
    with sent_in_parts(address, "/gradio_api/queue/join", long, Content_Type="application/json") as answer:
        assert answer.status == 413
        assert "32 MB" in answer.read().decode()
    assert ask(address)[0] == 200


def test_a_field_that_is_no_file_is_not_kept_in_memory(address):
    head = f'--{BOUND}\r\nContent-Disposition: form-data; name="files"\r\n\r\n'.encode()
    end = f"\r\n--{BOUND}--\r\n".encode()
    status, said = post(address, UPLOAD[0], head + b"x" * (FIELD_BYTES + 1) + end, **FORM)
    assert (status, said) == (400, f"A field that is not a file has more than {FIELD_BYTES:,} bytes.")


def ask(address, **sent):
    names = ("question", "history", "publishers", "since", "until", "about", "articles")
    body = json.dumps({"data": [{"question": QUESTION, **sent}.get(name) for name in names]})
    return post(address, "/gradio_api/run/ask", body, Content_Type="application/json")


EARLIER = {"question": QUESTION, "answer": "40 people"}
LONG = "How many people did the ferry carry, asked the captain. " * 180_000
WORDS = ["x"] * 1_000_000


@pytest.mark.parametrize(
    "history",
    [
        [{**EARLIER, "answer": "x" * 1_000}] * 10_000,
        [{**EARLIER, "answer": LONG}],
        [{**EARLIER, "question": LONG}],
        [{**EARLIER, "question": "x" * 10_000_000}],
    ],
    ids=["many turns", "a long answer", "a long question", "a long word"],
)
def test_of_a_history_of_ten_megabytes_no_more_is_heard_than_could_have_been_asked_and_answered(
    address, history
):
    status, told = ask(address, history=history, question="And who said so?")
    assert status == 200, told[:200]
    assert len(json.loads(told)["data"][0]["standalone_question"]) < 5_000
    last = Turn(**history[-1])
    for chooser in (None, Hearing()):
        understood = understand("And who?", [last], chooser)
        assert len(understood.standalone) + len(understood.talk) < 10_000
        if chooser:
            assert [len(one) <= most for one, most in zip(chooser.heard, (4_000, 400), strict=True)] == [
                True
            ] * 2


class Hearing:
    """Keeps what it hears of the talk, and needs every word of it."""

    def score_words(self, question, talk):
        self.heard = talk
        return [(word, 1.0) for word in f"{talk[0]} {talk[1]}".split()]


def asked_on_a_page(address, question, session):
    """What a page sends where a question is asked there."""
    config = json.loads(urllib.request.urlopen(address + "config", timeout=LONGEST_S).read())
    boxes = [one["id"] for one in config["components"] if one["props"].get("label") == "Your question"]
    sending = next(one for one in config["dependencies"] if one["inputs"][:1] == boxes)
    data = [question, *[None] * (len(sending["inputs"]) - 1)]
    return {"data": data, "fn_index": sending["id"], "session_hash": session, "trigger_id": boxes[0]}


def test_a_question_too_long_for_the_page_is_neither_kept_nor_asked(address):
    joined = asked_on_a_page(address, LONG, "long")
    assert (
        post(address, "/gradio_api/queue/join", json.dumps(joined), Content_Type="application/json")[0] == 200
    )
    with urllib.request.urlopen(address + "gradio_api/queue/data?session_hash=long", timeout=60) as events:
        told = ""
        while "process_completed" not in told:
            told += events.readline().decode()
    assert "A question can have at most 2,000 characters" in told
    assert LONG[:500] not in told


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"question": None}, "question is no text: give one"),
        ({"question": 3}, "question is no text: give one"),
        ({"question": "x" * 2_001}, "the question has 2,001 characters; 2,000 are the most"),
        ({"publishers": "x" * 10_000_000}, "publishers is a list of at most 1,000 names"),
        ({"publishers": WORDS}, "publishers is a list of at most 1,000 names"),
        ({"publishers": 1e308}, "publishers is a list of at most 1,000 names"),
        ({"publishers": ["x" * 10_000_000]}, "publishers is a list of at most 1,000 names"),
        ({"since": 1e308}, "since is no text: write a day"),
        ({"until": WORDS}, "until is no text: write a day"),
        ({"until": "x" * 10_000_000}, "is not a date: write 2026"),
        ({"about": WORDS}, "about is a list of at most 40 words"),
        ({"articles": WORDS}, "articles is a list of at most 10,000 ids"),
        ({"articles": ["x" * 10_000_000]}, "articles is a list of at most 10,000 ids"),
        ({"history": WORDS}, "history is a list of earlier turns"),
        ({"history": LONG}, "history is a list of earlier turns"),
    ],
)
def test_whatever_a_program_sends_is_refused_in_a_sentence(address, sent, said):
    status, told = ask(address, **sent)
    assert status == 400
    assert said in json.loads(told)["error"]
    assert len(told) < 1_000


def test_many_lists_are_refused_before_they_are_read_and_others_are_answered(address):
    """Thirty megabytes of them would take two gigabytes, and nobody else would be heard for nine seconds."""
    body = b'{"data": [' + b"[]," * 10_000_000 + b"[]]}"
    for path in ("/gradio_api/queue/join", "/gradio_api/run/ask", "/gradio_api/cancel", "/gradio_api/reset"):
        status, told = post(address, path, body, Content_Type="application/json")
        assert (status, "lists and objects" in told) == (413, True)
    assert ask(address)[0] == 200


def number_of(address, name):
    config = json.loads(urllib.request.urlopen(address + "config", timeout=LONGEST_S).read())
    return next(one["id"] for one in config["dependencies"] if one["api_name"] == name)


@pytest.mark.parametrize("path", ["/gradio_api/queue/join", "/gradio_api/call/ask", "/gradio_api/run/ask"])
def test_the_name_of_a_session_is_short(address, path):
    """Gradio would keep it for good, in several places."""
    for name, expected in (("x" * 65, 400), ("x" * 10_000_000, 400), ("x" * 64, 200)):
        sent = {"data": [QUESTION, *[None] * 6], "session_hash": name}
        if path.endswith("join"):
            sent["fn_index"] = number_of(address, "ask")
        status, told = post(address, path, json.dumps(sent), Content_Type="application/json")
        assert status == expected
        assert ("at most 64 characters" in told) == (expected == 400)


def test_one_session_has_no_more_waiting_than_a_page_sends(tmp_path):
    """Two of fifteen megabytes wait for their answers, three are too much of one session."""
    gate = tmp_path / "answers may come"
    with started(__file__, str(gate), log=tmp_path / "log") as address:
        try:
            got = [
                post(address, "/gradio_api/queue/join", json.dumps(one), Content_Type="application/json")
                for one in [{**asked_on_a_page(address, QUESTION, "much"), "event_data": "x" * 15_000_000}]
                * 3
            ]
        finally:
            gate.touch()
    assert [status for status, _ in got] == [200, 200, 503]
    assert "it is a lot" in got[-1][1]


@pytest.mark.parametrize(
    "body", [b'{"a":' * 200, '{"data": []}'.encode("utf-16"), b'["' + b"\\ud800" * 10_001 + b'"]']
)
def test_a_short_body_is_refused_at_once_though_nothing_more_comes(address, body):
    """Waiting for more would take five minutes, which is longer than `post` waits."""
    status, told = post(address, "/gradio_api/run/ask", body, Content_Type="application/json")
    assert (status, "MB of JSON" in told) == (413, True)


def serve(gate: Path) -> None:
    """Serve until killed; no question is answered before there is a file at `gate`."""
    from qa.app.serve.server import build

    def ask(question, *_, **__):
        until(gate.exists)
        raise QuestionError(f"{question!r} was asked")

    stay(build(ask, articles=tuple, examples=()), articles=tuple)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
