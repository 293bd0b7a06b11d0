"""Who may call the served app, from where, and what for: on a real server, as `whosays chat` starts it."""

import base64
import http.client
import io
import json
import os
import re
import stat
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode

import pytest

from index.errors import SettingsError
from qa.app.access.exposure import is_loopback
from qa.app.access.guard import LOOPBACK
from qa.app.access.signin import FREE_OF_A_NAME
from qa.app.access.users import add_user, read_users
from qa.cli import main
from tests.served import ROOT, SMALL, Caller, Refusal, served, shelve

QUESTION = "How many people did the ferry Aurora carry?"
NAME, PASSWORD = "Ida Holm", "a long sécret"
PUBLIC = "https://whosays.example/articles"


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return shelve(tmp_path_factory.mktemp("shelved"))


@pytest.fixture(scope="module")
def signed(library, tmp_path_factory):
    """The address of an app for those who sign in, on every address of this machine."""
    folder = tmp_path_factory.mktemp("signed")
    add_user(folder / "users", NAME, PASSWORD)
    flags = (
        "--auth-file",
        str(folder / "users"),
        "--host",
        "0.0.0.0",
        "--max-upload-mb",
        "1",
        "--proxy",
        "127.0.0.1",
    )
    with served(*flags, library=library, log=folder / "log", **SMALL) as at:
        yield at.replace("localhost", "127.0.0.1")


@pytest.fixture(scope="module")
def proxied(library, tmp_path_factory):
    """An app that cannot be changed, behind a proxy: its own address, and a way that the proxy takes it by."""
    folder = tmp_path_factory.mktemp("proxied")
    flags = ("--root-path", PUBLIC, "--read-only", "--proxy", "127.0.0.0/8")
    with served(*flags, library=library, log=folder / "log", **SMALL) as at:
        yield at


def call(address, path="", *, method="GET", body=None, **headers) -> tuple[int, str]:
    """Status and text; the headers' names have _ for -."""
    place = address.removeprefix("http://").rstrip("/")
    connection = http.client.HTTPConnection(place, timeout=60)
    try:
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        connection.request(method, f"/{path}", body, sent)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def basic(name=NAME, password=PASSWORD) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def ask(address, **headers) -> tuple[int, str]:
    body = json.dumps({"data": [QUESTION, *[None] * 6]})
    return call(
        address, "gradio_api/run/ask", method="POST", body=body, Content_Type="application/json", **headers
    )


def carried(answer) -> bool:
    """Whether what is cited, for sure or not, is of the ferry."""
    return "carried" in (answer["citations"] or answer["closest"])[0]["sentence"]


# Who may sign in


def test_a_user_is_written_as_a_salted_hash_that_only_the_owner_can_read(tmp_path, monkeypatch, capsys):
    file = tmp_path / "users"
    for password in (PASSWORD, PASSWORD):
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{password}\n"))
        assert main(["chat", "--auth-file", str(file), "--add-user", NAME]) == 0
    assert "may sign in" in capsys.readouterr().out
    (line,) = file.read_text().splitlines()
    assert line.startswith(f"{NAME}:scrypt:")
    assert PASSWORD not in line
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    hashed = read_users(file)[NAME]
    assert hashed.is_of(PASSWORD)
    assert not hashed.is_of(PASSWORD + " ")


def test_two_users_with_one_password_have_different_hashes(tmp_path):
    for name in ("one", "two"):
        add_user(tmp_path / "users", name, PASSWORD)
    one, two = read_users(tmp_path / "users").values()
    assert one.digest != two.digest


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("ida:secret-in-plain\n", "Line 1 of .* does not hold a name and the hash"),
        ("# nobody yet\n\n", "names nobody"),
        ("ida:scrypt:99999999999:8:5:AAAA:AAAAAAAAAAAAAAAAAAAAAAAA\n", "Line 1"),
        ("ida:scrypt:16384:8:5:AAAA:\n", "Line 1"),
    ],
)
def test_a_file_of_users_that_cannot_be_trusted_is_refused(tmp_path, text, complaint):
    file = tmp_path / "users"
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(SettingsError, match=complaint):
        read_users(file)


@pytest.mark.skipif(os.name != "posix", reason="only there a mode tells who can read a file")
def test_a_file_of_users_that_others_can_read_is_refused(tmp_path):
    add_user(tmp_path / "users", NAME, PASSWORD)
    (tmp_path / "users").chmod(0o640)
    with pytest.raises(SettingsError, match=r"Others can read .*640.*chmod 600"):
        read_users(tmp_path / "users")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--host", "0.0.0.0"], "Other machines can reach 0.0.0.0.*--auth-file.*--no-auth"),
        (["--host", "::"], "--no-auth"),
        (["--host", "192.0.2.1"], "--no-auth"),
        (["--auth-file", "none"], "There is no file none"),
        (["--add-user", "ida"], "--auth-file FILE --add-user NAME"),
        (["--root-path", "whosays"], "begin it with a slash"),
    ],
)
def test_what_would_be_unsafe_is_refused_before_anything_listens(
    arguments, complaint, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert main(["chat", "--no-browser", *arguments]) == 2
    assert re.search(complaint, capsys.readouterr().err)


@pytest.mark.parametrize("password", ["", "short"])
def test_a_short_password_is_refused(password, tmp_path):
    with pytest.raises(SettingsError, match="8 characters or more"):
        add_user(tmp_path / "users", NAME, password)
    assert not (tmp_path / "users").exists()


def test_loopback_is_known_however_it_is_written():
    assert all(is_loopback(host) for host in (*LOOPBACK, "127.0.0.2", "[::1]"))
    assert not any(is_loopback(host) for host in ("0.0.0.0", "::", "192.168.1.2", "example.org", ""))


# Signing in


def test_nothing_but_the_page_to_sign_in_on_is_shown_to_a_stranger(signed):
    status, body = call(signed)
    assert status == 200
    assert "<title>Sign in" in body
    assert "ferry" not in body.lower()
    for path in ("config", "article/x", "gradio_api/info", "gradio_api/heartbeat/x", "conversations"):
        assert call(signed, path)[0] == 401, path
    for path in ("gradio_api/file=/etc/passwd", "gradio_api/queue/status", "gradio_api/openapi.json",
                 "gradio_api/mcp/", "gradio_api/token", "nowhere"):  # fmt: skip
        assert call(signed, path)[0] == 404, path  # nobody gets one
    assert ask(signed)[0] == 401
    assert call(signed, "gradio_api/upload", method="POST", body=b"x")[0] == 401


def test_name_and_password_sent_with_a_request_are_enough(signed):
    status, body = ask(signed, Authorization=basic())
    assert status == 200
    assert carried(json.loads(body)["data"][0])
    assert call(signed, "gradio_api/info", Authorization=basic())[0] == 200


@pytest.mark.parametrize(
    "authorization",
    [basic(password="wrong password"), basic(name="nobody"), basic(name=""), "Basic !", "Basic", "Bearer x"],
)
def test_a_wrong_name_or_password_is_not(signed, authorization):
    assert ask(signed, Authorization=authorization)[0] == 401


def test_a_name_tried_wrongly_too_often_is_not_heard_for_a_while_and_others_are(signed):
    wrong = basic(name="mallory", password="a wrong secret")
    assert {ask(signed, Authorization=wrong)[0] for _ in range(FREE_OF_A_NAME)} == {401}
    status, said = ask(signed, Authorization=wrong)
    assert (status, said[:21]) == (429, "Too many wrong tries.")
    form = {"method": "POST", "Content_Type": "application/x-www-form-urlencoded"}
    status, said = call(signed, "login", body="username=mallory&password=wrong", **form)
    assert (status, json.loads(said)["detail"][:21]) == (429, "Too many wrong tries.")
    assert call(signed, "gradio_api/info", Authorization=basic())[0] == 200
    assert call(signed, "login", body="username=ida&password=" + "x" * 20_000, **form)[0] == 413


def test_a_forged_token_is_not_enough(signed):
    assert ask(signed, Cookie="access-token=x; access-token-unsecure=x")[0] == 401


def sign_in(address, **headers) -> list[SimpleCookie]:
    """The cookies that are set, in order."""
    connection = http.client.HTTPConnection(address.removeprefix("http://").rstrip("/"), timeout=60)
    try:
        body = urlencode({"username": NAME, "password": PASSWORD})
        sent = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        connection.request("POST", "/login", body, sent)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
        return [SimpleCookie(line) for line in answer.headers.get_all("Set-Cookie")]
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("headers", "by_tls"),
    [
        ({}, False),
        ({"X-Forwarded-Proto": "https"}, True),
        ({"Host": "whosays.example", "Origin": "https://whosays.example"}, True),
    ],
)
def test_no_script_no_other_site_and_behind_tls_no_plain_connection_gets_the_token(signed, headers, by_tls):
    set_ = [one for cookies in sign_in(signed, **headers) for one in cookies.values()]
    assert len(set_) == 2
    for one in set_:
        assert one["httponly"]
        assert one["samesite"] == "Lax"
        assert one["path"] == "/"
        assert bool(one["secure"]) == (by_tls or "unsecure" not in one.key)


def test_a_token_known_before_signing_in_is_nobodys_after_it_and_each_signing_in_has_its_own(signed):
    name = next(key for cookies in sign_in(signed) for key in cookies if "unsecure" in key)
    planted = f"{name}=planted-before"
    given = [cookies[name].value for cookies in sign_in(signed, Cookie=planted) if name in cookies]
    given += [
        cookies[name].value for cookies in sign_in(signed, Cookie=f"{name}={given[0]}") if name in cookies
    ]
    assert len({*given, "planted-before"}) == 3
    assert ask(signed, Cookie=planted)[0] == 401
    assert {ask(signed, Cookie=f"{name}={one}")[0] for one in given} == {200}
    away = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}
    assert call(signed, "logout", Cookie=f"{name}={given[0]}", **away)[0] == 403
    assert ask(signed, Cookie=f"{name}={given[0]}")[0] == 200
    assert call(signed, "logout", Cookie=f"{name}={given[0]}")[0] in (302, 307)
    assert {ask(signed, Cookie=f"{name}={one}")[0] for one in given} == {401}


def test_gradios_client_signs_in_and_asks(signed):
    with Caller(signed, NAME, PASSWORD) as client:
        assert carried(client("/ask", QUESTION))
    with Caller(signed, NAME, "a wrong one") as client, pytest.raises(Refusal, match="Could not login"):
        client.endpoints()


def test_an_upload_beyond_the_limit_is_refused(signed):
    bound = "b0und"
    data = b"x" * 1_100_000
    part = f'--{bound}\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'.encode()
    headers = {"Content_Type": f"multipart/form-data; boundary={bound}", "Authorization": basic()}
    body = part + data + f"\r\n--{bound}--\r\n".encode()
    assert call(signed, "gradio_api/upload", method="POST", body=body, **headers)[0] == 413
    body = part + b"small" + f"\r\n--{bound}--\r\n".encode()
    assert call(signed, "gradio_api/upload", method="POST", body=body, **headers)[0] == 200


# From where


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_of_another_site_may_link_to_the_app_and_do_nothing_else(proxied, site):
    assert call(proxied, Sec_Fetch_Site=site, Sec_Fetch_Mode="navigate")[0] == 200
    assert call(proxied, Sec_Fetch_Site=site, Sec_Fetch_Mode="no-cors")[0] == 403
    assert call(proxied, "config", Sec_Fetch_Site="same-origin", Sec_Fetch_Mode="cors")[0] == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1", "http://127.0.0.1"])
def test_a_request_sent_by_a_page_of_another_site_is_refused(proxied, origin):
    assert ask(proxied, Origin=origin)[0] == 403
    assert call(proxied, "config", Origin=origin)[0] == 403


def test_a_request_of_the_apps_own_page_is_answered_also_behind_the_proxy(proxied):
    assert ask(proxied, Origin=proxied.rstrip("/"))[0] == 200
    assert ask(proxied, Origin="https://whosays.example", Host="whosays.example")[0] == 200
    assert ask(proxied, Origin="https://whosays.example", X_Forwarded_Host="whosays.example")[0] == 200


def test_on_loopback_only_the_apps_own_names_are_answered(proxied):
    assert call(proxied, Host="rebound.example")[0] == 400
    assert call(proxied, Host="192.0.2.1:7860")[0] == 400
    assert call(proxied, Host="localhost")[0] == 200
    assert call(proxied, Host="whosays.example")[0] == 200


# What for


def test_the_page_says_where_the_proxy_shows_it(proxied):
    status, body = call(proxied, Host="whosays.example")
    assert status == 200
    assert f'"root":"{PUBLIC}"' in body


def test_a_read_only_app_takes_nothing(proxied):
    assert '"/add"' not in call(proxied, "gradio_api/info")[1]
    assert call(proxied, "gradio_api/upload", method="POST", body=b"x")[0] == 404
    assert call(proxied, "gradio_api/run/add", method="POST", body='{"data": ["http://x.example", null]}',
                Content_Type="application/json")[0] != 200  # fmt: skip


def test_every_answer_carries_the_headers_also_a_refusal(proxied):
    for headers in ({}, {"Host": "rebound.example"}, {"Origin": "null"}):
        place = proxied.removeprefix("http://").rstrip("/")
        connection = http.client.HTTPConnection(place, timeout=60)
        connection.request("GET", "/", headers=headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_proxy_that_takes_the_prefix_off_serves_page_and_endpoints(library, tmp_path):
    inner = {}

    class Proxy(BaseHTTPRequestHandler):
        def pass_on(self):
            size = int(self.headers.get("Content-Length", 0))
            request = urllib.request.Request(
                inner["address"].rstrip("/") + self.path.removeprefix("/whosays"), self.rfile.read(size) or None,
                {key: value for key, value in self.headers.items() if key.lower() not in ("content-length", "connection")},
                method=self.command,
            )  # fmt: skip
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            try:
                answer = opener.open(request, timeout=60)
            except urllib.error.HTTPError as error:
                answer = error
            with answer:
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.headers.get("Content-Type", "text/plain"))
                self.end_headers()
                self.wfile.write(answer.read())

        do_GET = do_POST = do_HEAD = pass_on  # noqa: N815

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        outer = f"http://127.0.0.1:{proxy.server_port}/whosays"
        try:
            with served("--root-path", "/whosays", library=library, log=tmp_path / "log", **SMALL) as address:
                inner["address"] = address
                with urllib.request.urlopen(outer + "/", timeout=60) as answer:
                    page = answer.read().decode()
                assert f'"root":"{outer}"' in page
                with Caller(outer + "/") as client:
                    assert carried(client("/ask", QUESTION))
        finally:
            proxy.shutdown()


def test_when_the_system_ends_the_app_no_upload_is_left_behind(library, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with served(library=library, log=tmp_path / "log", **SMALL) as at:
        part = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\nA note.\r\n--b--\r\n'
        kind = {"Content_Type": "multipart/form-data; boundary=b"}
        assert call(at, "gradio_api/upload", method="POST", body=part, **kind)[0] == 200
        assert list(tmp_path.glob("whosays-*/*/a.txt"))
    assert not list(tmp_path.glob("whosays-*"))


def test_the_flags_of_chat_load_neither_gradio_nor_the_models():
    program = "import sys, qa.cli; qa.cli.make_parser(['chat']); print(*sorted({'gradio', 'anyio', 'onnxruntime'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stdout.strip() == ""


STARTED = """
import os, sys
from qa import cli
import qa.app.startup as startup

def wait(blocks):
    from gradio import route_utils, utils
    places = {route_utils.DEFAULT_TEMP_DIR, utils.get_upload_folder(), str(blocks.app.uploaded_file_dir)}
    modes = {oct(os.stat(one).st_mode & 0o777) for one in places}
    print("PLACES", *places, *modes)
    blocks.close(verbose=False)

import importlib.abc
class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "qa.app.serve.command":
            sys.meta_path.remove(self)
            assert "gradio" not in sys.modules
            from qa.app.serve import host
            host.wait = wait
sys.meta_path.insert(0, Finder())
os.umask(0)
sys.exit(cli.main(["chat", "--no-browser", "--library", sys.argv[1]]))
"""


def test_gradio_puts_what_it_is_sent_into_a_folder_that_only_this_user_enters(tmp_path):
    """Whatever another user of the machine has made where Gradio would put it."""
    shelved = shelve(tmp_path)
    common = tmp_path / "temporary"
    common.mkdir()
    (common / "gradio").write_text("somebody else's")
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", STARTED, str(shelved)],
        check=False, capture_output=True, text=True, cwd=ROOT, timeout=120,
        env={**os.environ, "TMPDIR": str(common)},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    place, mode = ran.stdout.rsplit("PLACES ", 1)[1].split()
    assert place.startswith(str(common / "whosays-"))
    assert mode == "0o700"
    assert [one.name for one in common.iterdir()] == ["gradio"]  # and it is gone in the end
