"""Whose a session is: who knows another's name for one gets nothing by it, signed in or not."""

import http.client
import json
import re
from urllib.parse import urlsplit

import pytest

from qa.app.access.own_sessions import COOKIE, OwnEvents, own_name, visitor_of
from qa.app.access.users import add_user
from tests.served import SMALL, served, shelve
from tests.waits import LONGEST_S

QUESTION = "Who carried 40 people?"
PASSWORD = "a long enough secret"
MINE, OTHER = f"{COOKIE}={'a' * 32}", f"{COOKIE}={'b' * 32}"


def scope(cookie="", *, user="", address="192.0.2.1"):
    headers = [(b"cookie", cookie.encode())] if cookie else []
    return {"type": "http", "headers": headers, "client": (address, 1), "whosays.user": user}


def test_the_same_name_is_another_session_for_each_user_each_browser_and_each_address():
    senders = (
        scope(user="ida"), scope(user="ole"), scope(MINE), scope(OTHER), scope(), scope(address="192.0.2.2"),
    )  # fmt: skip
    assert len({own_name(one, "abc") for one in senders}) == len(senders)
    assert own_name(scope(MINE), "abc") == own_name(scope(MINE, address="192.0.2.2"), "abc")
    assert own_name(scope(MINE), "abc") != own_name(scope(MINE), "abd")
    assert own_name(scope(MINE, user="ida"), "abc") == own_name(scope(OTHER, user="ida"), "abc")


def test_of_two_cookies_that_a_browser_was_given_at_once_the_first_counts():
    first, second = f"{COOKIE}-0000000f={'a' * 32}", f"{COOKIE}-00000001={'b' * 32}"
    assert visitor_of(scope(f"{first}; {second}")) == visitor_of(scope(first)) == visitor_of(scope(MINE))
    assert visitor_of(scope(f"{second}; {first}")) == visitor_of(scope(second)) == visitor_of(scope(OTHER))
    assert visitor_of(scope(f"{COOKIE}-0000000f=short; {second}")) == visitor_of(scope(second))
    assert visitor_of(scope(f"{COOKIE}-other={'c' * 32}; {second}")) == visitor_of(scope(second))


@pytest.mark.parametrize(
    "cookie", ["short", "x" * 65, '"a\\073 Domain=evil.example; aaaaaaaaaaaa"', "ü" * 20]
)
def test_a_cookie_that_is_none_of_ours_says_nothing(cookie):
    assert visitor_of(scope(f"{COOKIE}={cookie}")) == visitor_of(scope())


def test_events_that_gradio_has_forgotten_are_forgotten():
    events = OwnEvents()
    for number in range(3_000):
        events.note(str(number), scope(MINE), lambda event: event == "0")
    assert events.is_foreign("0", scope(OTHER))
    assert not events.is_foreign("0", scope(MINE))
    assert not events.is_foreign("1", scope(OTHER))
    assert len(events._owners) < 1_100


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return shelve(tmp_path_factory.mktemp("shelved"))


@pytest.fixture(scope="module")
def own(library, tmp_path_factory):
    with served(library=library, log=tmp_path_factory.mktemp("own") / "log", **SMALL) as at:
        yield at


@pytest.fixture(scope="module")
def signed(library, tmp_path_factory):
    users = tmp_path_factory.mktemp("signed") / "users"
    for name in ("ida", "ole"):
        add_user(users, name, PASSWORD)
    with served("--auth-file", str(users), library=library, log=users.with_name("log"), **SMALL) as at:
        yield at


class Sender:
    """One who sends requests, by cookie or by name and password."""

    def __init__(self, address, **headers):
        self.address, self.headers = urlsplit(address), headers

    def begin(self, path, body=None):
        connection = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=60)
        sent = None if body is None else json.dumps(body)
        kind = {} if body is None else {"Content-Type": "application/json"}
        connection.request(
            "GET" if body is None else "POST", f"/gradio_api/{path}", sent, {**kind, **self.headers}
        )
        return connection, connection.getresponse()

    def __call__(self, path, body=None):
        connection, answer = self.begin(path, body)
        try:
            return answer.status, answer.read().decode()
        except http.client.IncompleteRead as error:  # of a session that is not there Gradio breaks off
            return answer.status, error.partial.decode()
        finally:
            connection.close()


def pair(request, kind):
    """The one whose session it is, and another."""
    if kind == "browsers":
        at = request.getfixturevalue("own")
        return Sender(at, Cookie=MINE), Sender(at, Cookie=OTHER)
    at = request.getfixturevalue("signed")
    return tuple(Sender(at, Cookie=sign_in(at, name)) for name in ("ida", "ole"))


def sign_in(address, name):
    at = urlsplit(address)
    connection = http.client.HTTPConnection(at.hostname, at.port, timeout=LONGEST_S)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/login", f"username={name}&password={PASSWORD.replace(' ', '+')}", kind)
    answer = connection.getresponse()
    answer.read()
    lines = answer.headers.get_all("Set-Cookie")
    connection.close()
    return "; ".join(re.match("[^;]*", line)[0] for line in lines)


@pytest.mark.parametrize("kind", ["browsers", "users"])
def test_who_knows_the_name_of_anothers_session_reads_ends_and_cancels_nothing_of_it(request, kind):
    owner, other = pair(request, kind)
    asked = {"data": [QUESTION, *[None] * 6], "session_hash": "known", "fn_index": number_of(owner, "ask")}
    status, told = owner("queue/join", asked)
    assert status == 200
    event = json.loads(told)["event_id"]
    status, told = other("queue/data?session_hash=known")
    assert "40 people" not in told
    assert '"session_not_found":true' in told
    assert other(f"call/ask/{event}") == (404, "Nothing of yours is known by this name.")
    cancelled = {"session_hash": "known", "fn_index": asked["fn_index"], "event_id": event}
    assert other("cancel", cancelled)[0] == 404
    connection, heart = other.begin("heartbeat/known")
    assert heart.read(12) == b"data: ALIVE\n"
    connection.close()  # which ends the session's events, where it is one's own
    status, told = owner("queue/data?session_hash=known")
    assert "40 people" in told
    assert '"success":true' in told


@pytest.mark.parametrize("kind", ["browsers", "users"])
def test_one_cancels_ones_own(request, kind):
    owner, _ = pair(request, kind)
    number = number_of(owner, "ask")
    event = json.loads(
        owner("queue/join", {"data": [QUESTION, *[None] * 6], "session_hash": "mine", "fn_index": number})[1]
    )["event_id"]
    assert owner("cancel", {"session_hash": "mine", "fn_index": number, "event_id": event}) == (
        200,
        '{"success":true}',
    )
    for body in ({}, [], {"session_hash": 3}, {"session_hash": "x" * 65}, {"session_hash": "\ud800"}):
        assert owner("cancel", body)[0] in (400, 422), body


def test_a_program_gets_its_answer_by_the_number_of_its_event_and_nobody_else_does(own):
    program, other = Sender(own), Sender(own, Cookie=OTHER)
    for named in ({}, {"session_hash": "program"}):
        event = json.loads(program("call/ask", {"data": [QUESTION, *[None] * 6], **named})[1])["event_id"]
        assert other(f"call/ask/{event}")[0] == 404
        assert "40 people" in program(f"call/ask/{event}")[1]


@pytest.mark.parametrize(
    "path", ["queue/data?session_hash={}", "heartbeat/{}", "upload_progress?upload_id={}"]
)
def test_a_name_too_long_to_be_one_is_refused(own, path):
    assert Sender(own)(path.format("x" * 65))[0] == 400


def given(address, **headers):
    """The visitor's cookies that come with the first page, each as its header has it."""
    connection = http.client.HTTPConnection(
        urlsplit(address).hostname, urlsplit(address).port, timeout=LONGEST_S
    )
    connection.request("GET", "/", headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return [one for one in answer.headers.get_all("Set-Cookie") if one.startswith(COOKIE)]


def test_a_page_makes_its_visitor_known_and_keeps_who_is(own):
    (first,), (second,) = given(own), given(own)
    assert first.partition("=")[0] != second.partition("=")[0]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(first.split("; "))
    first, second = first.partition(";")[0], second.partition(";")[0]
    assert [one.partition(";")[0] for one in given(own, Cookie=first)] == [first]
    kept, gone = given(own, Cookie=f"{second}; {first}")
    assert kept.partition(";")[0] == second
    assert gone.partition("=")[0] == first.partition("=")[0]
    assert "Max-Age=0" in gone
    (line,) = given(own, Cookie=MINE)  # as an earlier version gave it
    assert line.partition(";")[0] == MINE


@pytest.mark.browser
def test_a_page_goes_on_when_one_asked_for_at_the_same_time_was_given_another_cookie(own, visitor):
    page = visitor(own)

    def ask(question):
        page.get_by_role("textbox", name="Your question").fill(question)
        page.keyboard.press("Enter")
        heading = page.get_by_role("heading", name=question, exact=True)
        page.locator(".turn:not([aria-busy])", has=heading).wait_for()

    ask(QUESTION)
    (late,) = given(own)  # to the other page, which asked before this one had its own
    name, _, value = late.partition(";")[0].partition("=")
    page.context.add_cookies([{"name": name, "value": value, "url": own}])
    ask("How many people does the mill employ?")
    assert page.locator(".turn").count() == 2
    assert len([one for one in page.context.cookies() if one["name"].startswith(COOKIE)]) == 2
    page.reload()
    page.locator(".turn").nth(1).wait_for()
    assert len([one for one in page.context.cookies() if one["name"].startswith(COOKIE)]) == 1


def number_of(sender, name):
    connection = http.client.HTTPConnection(sender.address.hostname, sender.address.port, timeout=LONGEST_S)
    connection.request("GET", "/config", headers=sender.headers)
    config = json.loads(connection.getresponse().read())
    connection.close()
    return next(one["id"] for one in config["dependencies"] if one["api_name"] == name)
