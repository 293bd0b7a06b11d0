"""The named endpoints, called by Gradio's own client on a real server; and that no path is readable by any."""

import contextlib
import json
import socket
import threading
import urllib.error
import urllib.request

import pytest

from eval.bench.app import ask as bench_ask
from qa import Library, ask
from qa.conflicts.rulings import Rulings, rule
from tests.served import FERRY, POLICE, ROOT, Caller, Refusal, served, shelve

QUESTION = "How many people did the ferry Aurora carry?"
META = {"_type": "gradio.FileData"}


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return shelve(tmp_path_factory.mktemp("shelved"))


@pytest.fixture(scope="module")
def address(library, tmp_path_factory):
    with served(library=library, log=tmp_path_factory.mktemp("log") / "log") as at:
        yield at


@pytest.fixture(scope="module")
def call(address):
    with Caller(address) as client:
        yield client


def refused(call, *arguments, **named) -> str:
    """The message that a call fails with."""
    with pytest.raises(Refusal, match=r"^AppError: ") as raised:
        call(*arguments, **named)
    return str(raised.value)


def post(address, path, body) -> tuple[int, str]:
    request = urllib.request.Request(
        address + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def get(address, path) -> tuple[int, str]:
    """As it stands: a library would make `..` of an address shorter before it asks."""
    host, port = address.removeprefix("http://").strip("/").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode()
        )
        received = b"".join(iter(lambda: connection.recv(65_536), b""))
    return int(received.split()[1]), received.decode(errors="replace")


def test_the_endpoints_are_these_and_each_argument_is_explained(call):
    endpoints = call.endpoints()
    assert set(endpoints) == {"/ask", "/articles", "/article", "/conflicts", "/add"}
    assert [one["parameter_name"] for one in endpoints["/ask"]["parameters"]] == [
        "question", "history", "publishers", "since", "until", "about", "articles",
    ]  # fmt: skip
    assert all(one["description"].endswith(".") for one in endpoints.values())


def test_ask_gives_what_ask_gives_in_python(call, library):
    got = call("/ask", QUESTION)
    with Library.open(library) as opened:
        expected = ask(QUESTION, library=opened).to_dict()
    assert got.pop("timings_ms")["total"] > 0
    assert got == {key: value for key, value in expected.items() if key != "timings_ms"}
    read = {name: got["scope"][name] for name in ("articles", "articles_read", "passages_read")}
    assert read == {"articles": 3, "articles_read": 3, "passages_read": 3}
    assert got["citations"] or got["closest"]
    for citation in (*got["citations"], *got["closest"]):
        text = call("/article", citation["article_id"])["text"]
        assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_the_benchmark_of_the_app_asks_as_a_client_does(address, call):
    through_the_queue = bench_ask(address, QUESTION, {})
    assert through_the_queue.pop("timings_ms").keys() >= {"total"}
    assert through_the_queue == {
        name: value for name, value in call("/ask", QUESTION).items() if name != "timings_ms"
    }


def test_ask_takes_filters_and_the_conversation_so_far(call):
    morning = call("/ask", QUESTION, publishers=["morning post"])
    assert {one["publisher"] for one in (*morning["citations"], *morning["closest"])} == {"Morning Post"}
    (chosen,) = {one["article_id"] for one in (*morning["citations"], *morning["closest"])}
    again = call("/ask", QUESTION, articles=[chosen])
    assert {one["article_id"] for one in again["passages"]} == {chosen}
    assert again["scope"]["article_ids"] == [chosen]
    for wrong in (["nowhere"], "nowhere", [7]):
        with pytest.raises(Refusal, match=r"No article nowhere stands|is a list of at most"):
            call("/ask", QUESTION, articles=wrong)
    none = call("/ask", QUESTION, since="2027")
    assert (none["status"], none["closest"], none["passages"]) == ("unanswered", [], [])
    history = [{"question": "How many people does the mill in Aarup employ?", "answer": "120"}]
    followed = call("/ask", "When was it built?", history=history)
    about = followed["about"]
    assert followed["standalone_question"] == (
        f"When was it built? ({', '.join(about)})" if about else "When was it built?"
    )


def test_ask_takes_the_words_that_a_follow_up_is_about(call):
    history = [{"question": "How many people does the mill in Aarup employ?", "answer": "120"}]
    told = call("/ask", "When was it built?", history=history, about=["mill", "Aarup"])
    assert (told["about"], told["standalone_question"]) == (
        ["mill", "Aarup"],
        "When was it built? (mill, Aarup)",
    )
    alone = call("/ask", "When was it built?", history=history, about=[])
    assert (alone["about"], alone["standalone_question"]) == ([], "When was it built?")


def test_what_is_asked_of_an_earlier_result_is_answered_from_it_while_it_stands(call):
    first = call("/ask", "How many people did the ferry Aurora carry?")
    sure = call("/ask", "Are you sure?", history=[first])
    assert (sure["taken_as"], sure["text"], sure["timings_ms"]) == (
        "sure",
        first["text"],
        first["timings_ms"],
    )
    others = call("/ask", "And the others?", history=[first])
    assert {one["article_id"] for one in others["citations"]}.isdisjoint(
        {one["article_id"] for one in first["citations"]}
    )
    # What it says that no article says is not repeated: the question is asked once more.
    forged = json.loads(json.dumps(first).replace(first["text"], first["text"].replace("4", "9")))
    told = call("/ask", "Are you sure?", history=[forged])
    assert (told["taken_as"], told["text"]) == ("sure", first["text"])
    assert told["timings_ms"] != first["timings_ms"]
    narrowed = call("/ask", "Are you sure?", history=[first], publishers=["Evening News"])
    assert {one["publisher"] for one in narrowed["citations"]} == {"Evening News"}


def test_an_earlier_result_is_history_as_it_stands(call):
    first = call("/ask", QUESTION)
    told = [{"question": first["standalone_question"], "answer": first["text"]}]
    followed = call("/ask", "When was that?", history=[first])
    assert followed["about"] == call("/ask", "When was that?", history=told)["about"]
    assert "confidence is 'x'" in refused(
        call, "/ask", question="Who?", history=[{**first, "confidence": "x"}]
    )


def test_what_cannot_be_asked_is_explained(call):
    assert "question is empty" in refused(call, "/ask", question=" ")
    for history in (["Who?"], [{"answer": "x"}], [{"question": 1}], [{"question": "x", "answer": None}]):
        assert "history is a list" in refused(call, "/ask", question="Who?", history=history)
    for about in ([1], ["x" * 101], ["x"] * 41, "x", {"x": 1}):
        assert "about is a list of at most 40 words" in refused(call, "/ask", question="Who?", about=about)
    assert "someday" in refused(call, "/ask", question="Who?", since="someday")


def test_articles_are_listed_without_texts_filtered_and_by_the_page(call):
    listed = call("/articles")
    assert (listed["total"], listed["offset"]) == (3, 0)
    assert [one["title"] for one in listed["articles"]] == ["Police", "Ferry", "Mill"]
    assert all("text" not in one and "/" not in one["uri"] for one in listed["articles"])
    assert [one["characters"] for one in listed["articles"][:2]] == [len(POLICE), len(FERRY)]
    second = call("/articles", limit=1, offset=1)
    assert (second["total"], [one["title"] for one in second["articles"]]) == (3, ["Ferry"])
    found = call("/articles", publishers=["Evening News"], since="2026-07-04", search="pol")
    assert [one["title"] for one in found["articles"]] == ["Police"]
    assert "from 1 to 500" in refused(call, "/articles", limit=0)
    assert "from 0 on" in refused(call, "/articles", offset=-1)


def test_one_article_comes_with_its_text(call):
    (ferry,) = (one for one in call("/articles", search="Ferry")["articles"] if one["title"] == "Ferry")
    whole = call("/article", ferry["id"])
    assert whole == {**ferry, "text": FERRY}
    assert "No article" in refused(call, "/article", article_id="../../etc/passwd")
    assert refused(call, "/article", article_id="x").endswith(
        "No article x stands in the library: list shows the ids"
    )


def test_conflicts_are_surveyed_and_limited(call, library):
    found = call("/conflicts")
    with Library.open(library) as opened:
        expected = opened.conflicts().to_dict()
    assert found == json.loads(json.dumps({**expected, "total": len(expected["conflicts"]), "offset": 0}))
    assert found["conflict_check"]["status"] == "checked"
    assert call("/conflicts", limit=1, offset=10_000)["conflicts"] == []
    own = found["conflicts"][0]["statements"][0]["article_id"]
    assert call("/conflicts", of=[own])["conflicts"] == found["conflicts"][:1]
    assert "No article" in refused(call, "/conflicts", of=["x"])
    assert "at most 20 ids" in refused(call, "/conflicts", of=[own] * 21)
    assert "at most 20 ids" in refused(call, "/conflicts", of=own)


def test_what_is_ruled_no_conflict_is_left_out_and_counted_at_once(call, library):
    with Library.open(library) as opened:
        (conflict,) = opened.conflicts().conflicts
    assert len(call("/ask", QUESTION)["conflicts"]) == 1
    for verdict, shown in (("no conflict", 0), ("withdrawn", 1)):
        Rulings(library).add(rule(conflict, verdict, question=QUESTION))
        for found in (call("/ask", QUESTION), call("/conflicts")):
            assert len(found["conflicts"]) == shown
            assert found["conflict_check"]["ruled_out"] == 1 - shown
        assert call("/conflicts")["total"] == shown


def test_a_file_is_added_once_and_its_upload_does_not_stay(call, tmp_path):
    note = tmp_path / "note.txt"
    note.write_text("The lighthouse keeper is called Ida Holm. She has lived there since 1999.")
    added = call("/add", file=note)
    assert (added["added"], added["outcomes"][0]["source"]) == (1, "note.txt")
    told = call("/ask", "What is the lighthouse keeper called?")
    assert "Ida Holm" in (told["citations"] or told["closest"])[0]["sentence"]
    assert call("/add", file=note)["unchanged"] == 1
    assert call("/articles", search="lighthouse")["articles"][0]["uri"] == "note.txt"


def test_what_cannot_be_added_is_refused_with_the_reason(call, tmp_path):
    program = tmp_path / "setup.exe"
    program.write_bytes(b"MZ")
    outcome = call("/add", file=program)["outcomes"][0]
    assert (outcome["status"], "not supported" in outcome["reason"]) == ("refused", True)
    assert "name either" in refused(call, "/add")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "/etc/passwd", "../seeds", "http://127.0.0.1:1/x"])
def test_only_public_web_addresses_are_added(call, url):
    added = call("/add", url=url)
    assert (added["added"], added["refused"]) == (0, 1)
    assert added["outcomes"][0]["reason"]


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../../../../etc/passwd", str(ROOT / "LICENSE"), "LICENSE", "\0", ""]
)
@pytest.mark.parametrize("meta", [{"meta": META}, {}])
def test_no_path_of_the_server_is_added_as_a_file(call, address, path, meta):
    status, body = post(address, "gradio_api/run/add", {"data": ["", {"path": path, **meta}]})
    assert status in (400, 500)  # refused, or nothing that could be a file
    assert "root:" not in body
    assert call("/articles", search="passwd")["total"] == 0


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file=../../../../etc/passwd",
        "/gradio_api/file=%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        f"/gradio_api/file={ROOT}/LICENSE",
        "/gradio_api/file=LICENSE",
        "/gradio_api/file//etc/passwd",
        "/static/../../../../etc/passwd",
        "/static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/assets/..%2f..%2f..%2f..%2f..%2fetc/passwd",
        "/article/../../etc/passwd",
        "/article/%2fetc%2fpasswd",
        "/gradio_api/proxy=http://127.0.0.1:1/",
    ],
)
def test_no_file_of_the_server_is_served(address, path):
    status, body = get(address, path)
    assert status in (400, 403, 404)
    assert "root:x:0:" not in body
    assert "Apache" not in body


def test_no_address_is_fetched_for_a_visitor(address):
    asked = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(3)

        def listen():
            with contextlib.suppress(TimeoutError):
                asked.append(listener.accept())

        waiting = threading.Thread(target=listen)
        waiting.start()
        there = f"http://127.0.0.1:{listener.getsockname()[1]}/secret"
        assert get(address, f"/gradio_api/file={there}")[0] == 404
        status, body = post(
            address, "gradio_api/run/ask", {"data": [{"path": there, "meta": META}, *[None] * 6]}
        )
        assert (status, "is not fetched" in body) == (400, True)
        waiting.join()
    assert asked == []


def test_two_users_ask_at_once(call):
    asked = {"name": "/ask", "arguments": [QUESTION], "named": {}}
    answers = call.calls([asked] * 6)
    assert len({json.dumps([answer["citations"], answer["closest"]]) for answer in answers}) == 1
