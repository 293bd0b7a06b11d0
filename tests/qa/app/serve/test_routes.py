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
from qa.app.access.open_routes import open_ways
from qa.app.access.users import add_user
from qa.app.survey.filters import Entries
from qa.conflicts.rulings import Rulings
from tests.served import ROOT, SMALL, served, shelve
from tests.waits import LONGEST_S

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
    ours = [route.path for route in blocks.app.routes if getattr(route, "endpoint", print).__module__.startswith("qa.")]
    pages = [f"/{name}{end}" for name, _, *_ in blocks.pages if name for end in ("", "/")]
    print("OURS" + json.dumps([*ours, *pages]))
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
# What Gradio 6.31 brings and the app does not need, or must not have. A version that brings more fails
# `test_every_route_is_either_needed_or_known_to_be_closed`: see what it does, then name it here or open it.
CLOSED = set(
    """/gradio_api/api/{api_name} /gradio_api/api/{api_name}/ /gradio_api/app_id/ /gradio_api/call/v2/{api_name}
    /gradio_api/call/v2/{api_name}/ /gradio_api/call/v2/{api_name}/{event_id} /gradio_api/call/{api_name}/
    /gradio_api/component_server /gradio_api/component_server/
    /gradio_api/custom_component/{id}/{environment}/{type}/{file_name} /gradio_api/deep_link
    /gradio_api/dev/reload /gradio_api/file/{path:path} /gradio_api/file={path_or_url:path} /gradio_api/info/
    /gradio_api/login_check /gradio_api/login_check/ /gradio_api/openapi.json /gradio_api/process_recording
    /gradio_api/proxy={url_path:path} /gradio_api/queue/status /gradio_api/reset/
    /gradio_api/run/{api_name}/ /gradio_api/runs /gradio_api/runs/ /gradio_api/stream/{event_id}
    /gradio_api/stream/{event_id}/close
    /gradio_api/stream/{session_hash}/{run}/{component_id}/playlist-file
    /gradio_api/stream/{session_hash}/{run}/{component_id}/playlist.m3u8
    /gradio_api/stream/{session_hash}/{run}/{component_id}/{segment_id}.{ext} /gradio_api/token
    /gradio_api/token/ /gradio_api/undo-vibe-edit /gradio_api/undo-vibe-edit/ /gradio_api/user
    /gradio_api/user/ /gradio_api/vibe-code /gradio_api/vibe-code/ /gradio_api/vibe-edit
    /gradio_api/vibe-edit/ /gradio_api/vibe-starter-queries /gradio_api/vibe-starter-queries/ /config/
    /monitoring /monitoring/summary /monitoring/{key} /openapi.json /pwa_icon /pwa_icon/{size}
    /svelte/{path:path}""".split()
)


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return shelve(tmp_path_factory.mktemp("shelved"))


@pytest.fixture(scope="module")
def told(library):
    """What the app's process says of its routes."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LISTING, str(library)],
        capture_output=True, text=True, check=True, cwd=ROOT, timeout=120,
    ).stdout  # fmt: skip


@pytest.fixture(scope="module")
def written(told):
    """Path and method of each, as Gradio and we write them."""
    return {(path or "/", method) for path, method in json.loads(re.search("ROUTES(.*)", told)[1])}


@pytest.fixture(scope="module")
def ours(told):
    """The paths of the app's own pages, and of what these serve beside Gradio."""
    return set(json.loads(re.search("OURS(.*)", told)[1]))


def filled(path):
    return re.sub(r"\{[^}]*\}", "x", path)


@pytest.fixture(scope="module")
def routes(written):
    """Path and method of each, the path's variables filled in."""
    return sorted({(filled(path), method) for path, method in written})


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
    connection = http.client.HTTPConnection(address.removeprefix("http://").rstrip("/"), timeout=LONGEST_S)
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


def test_every_route_is_either_needed_or_known_to_be_closed(written, ours):
    needed = {
        (one.path, method) for one in open_ways(signing_in=True, uploads=True) for method in one.methods
    }
    undecided = {(path, method) for path, method in written if path not in CLOSED | ours} - needed
    assert undecided == set()
    assert needed - written == set()  # nothing is open that Gradio no longer has
    assert CLOSED & {path for path, _ in needed} == set()
    assert CLOSED | ours <= {path for path, _ in written}
    assert {"/article/{article_id:path}", "/articles"} <= ours


@pytest.mark.parametrize("flags", [(), ("--read-only", "--no-auth")])
def test_what_the_app_does_not_need_of_gradio_is_not_there(written, library, tmp_path, flags):
    needed = {path for path, _ in written} - CLOSED
    if "--read-only" in flags:
        needed -= {"/gradio_api/upload", "/gradio_api/upload_progress", "/evaluation", "/evaluation/"}
    needed -= {"/login", "/login/", "/logout"}  # nobody signs in here
    with served(*flags, library=library, log=tmp_path / "log", **SMALL) as at:
        got = {
            (path, method): call(at, filled(path), method, body=b"x" if method == "POST" else None)[0]
            for path in {path for path, _ in written}
            for method in ("GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS")
            if path not in needed and not path.startswith("/gradio_api/call/v2/")
        }
        assert len(got) > 300
        assert {one: status for one, status in got.items() if status != 404} == {}
        assert (
            call(at, "/gradio_api/call/v2/ask", "POST", body="{}")[0] == 405
        )  # as an event of an endpoint "v2"
        put = {path: call(at, filled(path), "PUT", body=b"x")[0] for path in needed}
        assert set(put.values()) == {405}


def test_no_program_is_run_on_what_a_stranger_sends(own):
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
    kind = {"Content_Type": "multipart/form-data; boundary=b"}
    body = head + b"x" * 1_000_000 + b"\r\n--b--\r\n"
    assert call(own, "/gradio_api/process_recording", "POST", body, **kind) == (
        404,
        "This app does not do that.",
    )


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
        ({"Origin": "http://["}, 403),
        ({"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "cors"}, 403),
        ({"Host": "rebound.example"}, 400),
    ],
)
def test_a_page_of_another_site_gets_and_does_nothing_at_any_route(routes, own, headers, status):
    got = {(path, method): call(own, path, method, **headers)[0] for path, method in routes}
    assert {route: one for route, one in got.items() if one != status} == {}


def test_no_component_counts_the_time_of_progress_that_is_not_shown(own):
    config = json.loads(call(own, "/config", most=None)[1])
    quiet = [one for one in config["dependencies"] if one["show_progress"] == "hidden"]
    assert len(quiet) > 20
    assert {str(one["show_progress_on"]) for one in quiet} == {"[]"}


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


def ended(address, session):
    """Nothing, once all that `session` has in the queue has ended."""
    call(address, f"/gradio_api/queue/data?session_hash={session}", most=None)


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
        components = config["components"]
        values = {one["id"]: one["props"].get("value") for one in components}
        # As a page sends an empty one.
        texts = {one["id"] for one in components if one["type"] == "textbox"}
        values |= {name: "" for name in texts if values[name] is None}
        calls = config["dependencies"]
        opening = [one for one in calls if any(event == "load" for _, event in one["targets"])]
        # What pages open with compares; then rulings are made of what was found, then an article is taken away.
        for place, (called, event) in enumerate(
            ((opening, ruling), (calls, ruling), (calls, ruling | removal))
        ):
            sessions = [f"{place}-{one['id']}" for one in called]
            for one, session in zip(called, sessions, strict=True):
                data = [values.get(name) for name in one["inputs"]]
                own = {"session_hash": session, "event_data": event}
                status, _ = joined(at, {"data": data, "fn_index": one["id"], **own})
                assert status in (200, 400, 404, 422, 500, 503)
            for session in sessions:
                ended(at, session)
        if "--read-only" in flags:
            assert '"/add"' not in call(at, "/gradio_api/info")[1]
            assert call(at, "/gradio_api/upload", "POST", "x")[0] == 404
    changed = [now != then for now, then in zip(state(), before, strict=True)]
    assert changed == ([False] * 3 if flags else [True] * 3)


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        (
            "/",
            {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"},
            200,
        ),
        (
            "/",
            {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "iframe"},
            403,
        ),
        ("/gradio_api/info", {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}, 403),
        ("/gradio_api/info", {"Sec_Fetch_Site": "none", "Sec_Fetch_Mode": "navigate"}, 200),
        ("/logout", {"Referer": "https://evil.example/"}, 403),
    ],
)
def test_a_link_of_another_site_leads_to_a_page_in_a_window_of_its_own_and_nowhere_else(
    own, path, headers, status
):
    assert call(own, path, **headers)[0] == status
