"""Every route of the served app, walked through: which there are, and what strangers and other sites get of them.

A route that comes with another version of Gradio, or of ours, is walked through as well.
"""

import http.client
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from qa import Library
from qa.app.access.users import add_user
from qa.app.survey.filters import Entries
from qa.conflicts.rulings import Rulings
from tests.served import ROOT, SMALL, served, shelve

NAME, PASSWORD = "ida", "a long enough secret"
LISTING = """
import json, sys
import qa.app.serve.host as host

def tell(blocks):
    def of(routes):
        for route in routes:
            held = getattr(route, "original_router", route)  # as FastAPI keeps a router that was included
            inner = getattr(held, "routes", None)
            yield from of(inner) if inner else [(route.path, sorted(getattr(route, "methods", None) or ["GET"]))]
    print("ROUTES" + json.dumps(sorted(set((path, method) for path, ways in of(blocks.app.routes) for method in ways))))
    blocks.close(verbose=False)

host.wait = tell
from qa.cli import main
main(["chat", "--no-browser", "--library", sys.argv[1]])
"""
# What whoever comes gets: the form to sign in on, and its looks.
LOOKS = {
    (path, method)
    for path in ("/favicon.ico", "/gradio_api/app_id", "/gradio_api/startup-events", "/gradio_api/theme.css",
                 "/manifest.json", "/robots.txt", "/theme.css")
    for method in ("GET", "HEAD")
}  # fmt: skip
OPEN = {("/", "HEAD"), ("/login", "POST"), ("/login/", "POST"), ("/logout", "GET"), *LOOKS}


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return shelve(tmp_path_factory.mktemp("shelved"))


@pytest.fixture(scope="module")
def routes(library):
    """Path and method of each, the path's variables filled in."""
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LISTING, str(library)],
        capture_output=True, text=True, check=True, cwd=ROOT, timeout=120,
    ).stdout  # fmt: skip
    found = json.loads(re.search("ROUTES(.*)", told)[1])
    return sorted({(re.sub(r"\{[^}]*\}", "x", path) or "/", method) for path, method in found})


@pytest.fixture(scope="module")
def signed(library, tmp_path_factory):
    folder = tmp_path_factory.mktemp("signed")
    add_user(folder / "users", NAME, PASSWORD)
    with served("--auth-file", str(folder / "users"), library=library, log=folder / "log", **SMALL) as at:
        yield at


@pytest.fixture(scope="module")
def log(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("own") / "log"


@pytest.fixture(scope="module")
def own(library, log):
    with served(library=library, log=log, **SMALL) as at:
        yield at


def call(address, path, method="GET", body=None, *, most=100_000, **headers):
    connection = http.client.HTTPConnection(address.removeprefix("http://").rstrip("/"), timeout=30)
    try:
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        return answer.status, answer.read(most).decode("utf-8", "replace")
    finally:
        connection.close()


def test_the_routes_are_found(routes):
    assert {("/gradio_api/queue/join", "POST"), ("/gradio_api/upload", "POST"), ("/config", "GET")} <= set(
        routes
    )
    assert len(routes) > 40


def test_a_stranger_gets_no_route_but_the_form_to_sign_in_and_its_looks(routes, signed):
    got = {}
    for path, method in routes:
        status, body = call(signed, path, method)
        assert "ferry" not in body.lower(), path
        if status not in (401, 403, 404, 405) and (path, method) not in OPEN and "<title>Sign in" not in body:
            got[path, method] = status
    assert got == {}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "cors"}, 403),
        ({"Host": "rebound.example"}, 400),
    ],
)
def test_a_page_of_another_site_gets_and_does_nothing_at_any_route(routes, own, headers, status):
    got = {(path, method): call(own, path, method, **headers)[0] for path, method in routes}
    assert {route: one for route, one in got.items() if one != status} == {}


def joined(address, body):
    return call(address, "/gradio_api/queue/join", "POST", json.dumps(body), Content_Type="application/json")


def test_gradios_functions_called_directly_with_anything_tell_no_secret_and_harm_nobody(own, log):
    config = json.loads(call(own, "/config", most=None)[1])
    numbers = [one["id"] for one in config["dependencies"]]
    assert len(numbers) > 20
    hostile = (
        [],
        [None] * 40,
        ["<script>"] * 9,
        [{"path": "/etc/passwd"}] * 9,
        [[[[[]]]]] * 3,
        [1e308, -1, "\x00"],
    )
    for number in (*numbers, -1, 10**6):
        for data in hostile[number % len(hostile) :: len(hostile)]:
            status, body = joined(
                own,
                {"data": data, "fn_index": number, "session_hash": "x", "event_data": None, "trigger_id": 1},
            )
            assert "Traceback" not in body
            assert str(ROOT) not in body
            assert "root:" not in body
            assert status in (200, 400, 403, 404, 422, 500, 503), (number, data, body)
    for body in ({}, [], {"fn_index": "x"}, {"data": 3, "fn_index": 0, "session_hash": {"a": 1}}):
        assert joined(own, body)[0] in (400, 404, 422, 500)
    body = json.dumps({"data": ["Who carried 40 people?", *[None] * 6]})
    status, answer = call(own, "/gradio_api/run/ask", "POST", body, Content_Type="application/json")
    assert status == 200
    assert "carried 40 people" in answer


@pytest.mark.parametrize("name", ["page.html", "picture.svg", "note.txt"])
def test_what_one_visitor_uploads_is_given_to_nobody(own, name):
    """A page among it would be a page of this app, with all that it may do, in the browser that opens it."""
    page = b"<svg xmlns='http://www.w3.org/2000/svg'><script>fetch('/config')</script></svg>"
    head = f'--b\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
    kind = {"Content_Type": "multipart/form-data; boundary=b"}
    status, told = call(own, "/gradio_api/upload", "POST", head + page + b"\r\n--b--\r\n", **kind)
    assert status == 200
    (path,) = json.loads(told)
    assert Path(path).read_bytes() == page
    for way in (
        "/gradio_api/file=",
        "/gradio_api/file/",
        "/file=",
        "/file/",
        "/gradio_api//file=",
        "/gradio_api/%66ile=",
    ):
        for method in ("GET", "HEAD"):
            status, told = call(own, way + path, method)
            assert status in (403, 404, 405)
            assert "script" not in told


def asking(address):
    """One question through the queue, answered."""
    asked = json.dumps({"data": ["Who carried 40 people?", *[None] * 6], "session_hash": "last"})
    status, event = call(address, "/gradio_api/call/ask", "POST", asked, Content_Type="application/json")
    assert status == 200
    assert "complete" in call(address, f"/gradio_api/call/ask/{json.loads(event)['event_id']}")[1]


@pytest.mark.parametrize("flags", [(), ("--read-only",)])
def test_no_road_changes_a_library_that_is_only_read(tmp_path, flags):
    """Each of Gradio's functions, called as a page that may change things does; one that may does change them."""
    library = shelve(tmp_path)
    with Library.open(library) as held:
        (entry,) = Entries(held.conflicts(rulings=False).disagreements).all
        first, *_ = held.articles()

    def state():
        with Library.open(library) as held:
            return held.generation, sorted(one.id for one in held.articles()), Rulings(library).path.exists()

    before = state()
    with served(*flags, library=library, log=tmp_path / "log", **SMALL) as at:
        config = json.loads(call(at, "/config", most=None)[1])
        ruling = {"pair": entry.key, "verdict": "update", "reason": ""}
        removal = {"article": first.id, "number": 1, "question": "Who?", "about": []}
        values = {one["id"]: one["props"].get("value") for one in config["components"]}
        for place, event in enumerate((ruling, ruling, removal)):  # the first round compares
            for one in config["dependencies"]:
                data = [values.get(name) for name in one["inputs"]]
                own = {"session_hash": f"{place} {one['id']}", "event_data": event}
                status, _ = joined(at, {"data": data, "fn_index": one["id"], **own})
                assert status in (200, 400, 404, 422, 500, 503)
            asking(at)  # whatever was begun before has ended, or nearly
        if "--read-only" in flags:
            assert '"/add"' not in call(at, "/gradio_api/info")[1]
            assert call(at, "/gradio_api/upload", "POST", "x")[0] == 404
    changed = [now != then for now, then in zip(state(), before, strict=True)]
    assert changed == ([False] * 3 if flags else [True] * 3)
