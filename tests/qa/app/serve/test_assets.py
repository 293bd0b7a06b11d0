"""What the page is drawn with: compressed once, kept within bounds, and kept by browsers; guarded as all else."""

import gzip
import http.client
import re
import socket
from pathlib import Path

import brotli
import gradio
import pytest
from starlette.applications import Starlette
from starlette.responses import FileResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from qa.app.access.guard import HEADERS
from qa.app.serve import assets
from qa.app.serve.assets import FOR_EVER, KeptAssets
from tests.served import SMALL, served, shelve

ASSETS = Path(gradio.__file__).parent / "templates" / "frontend" / "assets"
STYLE = "p { color: #333333; }\n" * 100


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    with served(library=shelve(folder), log=folder / "log", **SMALL) as at:
        yield at.removeprefix("http://").rstrip("/")


def get(address, path, **headers):
    """Status, headers in lower case, and body as it was sent; the headers' names have _ for -."""
    connection = http.client.HTTPConnection(address, timeout=60)
    try:
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        connection.request("GET", path, headers=sent)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def named(address):
    """An asset that the page asks for, and what it is."""
    _, _, page = get(address, "/")
    name = re.search(r"assets/(index-[\w-]+\.js)", page.decode())[1]
    return f"/assets/{name}", (ASSETS / name).read_bytes()


def test_an_asset_is_the_file_in_each_encoding_the_first_time_and_again(address, named):
    path, content = named
    packed = {"br": brotli.decompress, "gzip": gzip.decompress, "identity": bytes}
    for accepted, unpack in packed.items():
        first = get(address, path, Accept_Encoding=accepted)
        again = get(address, path, Accept_Encoding=accepted)
        for status, headers, body in (first, again):
            assert (status, unpack(body)) == (200, content)
            assert headers.get("content-encoding", "identity") == accepted
            assert headers["content-length"] == str(len(body))
            assert headers["cache-control"] == FOR_EVER
            assert "accept-encoding" in headers["vary"].lower()
            assert "javascript" in headers["content-type"]
            assert {name: headers[name.lower()] for name in HEADERS} == HEADERS
            assert "set-cookie" not in headers
        assert {**first[1], "date": ""} == {**again[1], "date": ""}


@pytest.mark.parametrize("accepted", ["br", "identity"])
def test_an_asset_is_sent_whole_so_that_no_part_of_another_encoding_is_put_to_it(address, named, accepted):
    path, _ = named
    _, whole, sent = get(address, path, Accept_Encoding=accepted)
    assert whole["accept-ranges"] == "none"
    assert not {"etag", "last-modified"} & whole.keys()
    for asked in ({"Range": "bytes=0-9"}, {"Range": "bytes=9-", "If_Range": '"a"'}, {"If_None_Match": "*"}):
        status, headers, body = get(address, path, Accept_Encoding=accepted, **asked)
        assert (status, {**headers, "date": ""}, body) == (200, {**whole, "date": ""}, sent)


def test_who_leaves_before_an_asset_has_come_takes_nothing_from_those_who_come_later(address):
    """A file that is cut off is never kept: the page would not open for anybody any more."""
    host, port = address.split(":")
    largest = sorted(ASSETS.glob("*.js"), key=lambda one: -one.stat().st_size)[:12]
    for file in largest:
        path = f"/assets/{file.name}"
        for _ in range(3):
            with socket.create_connection((host, int(port))) as leaving:
                leaving.sendall(f"GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n".encode())
        assert get(address, path)[::2] == (200, file.read_bytes())


def test_a_file_that_is_cut_off_is_refused_and_asked_for_again():
    parts = [b"half", b"half of it"]

    async def read(_, __, send):
        headers = [(b"content-length", b"10"), (b"content-type", b"text/javascript")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": parts.pop(0)})

    client = TestClient(KeptAssets(read))
    answers = [client.get("/assets/index-abcdefgh.js") for _ in range(3)]
    assert [(one.status_code, one.text) for one in answers] == [(503, ""), *[(200, "half of it")] * 2]
    assert "cache-control" not in answers[0].headers


def test_gradio_s_sign_of_loading_counts_ten_times_a_second_and_not_in_each_frame(address):
    """Where Gradio has none that counts in each frame, that place of `qa.app.serve.assets.Mended` is of no use, and goes."""
    (sign,) = ASSETS.glob("statustracker-*.js")
    counts, *others = re.findall(r"\w+\(\(\)=>\{[^{}]*performance\.now\(\)[^{}]*\}\)", sign.read_text())
    assert others == []
    status, _, sent = get(address, f"/assets/{sign.name}")
    run = counts.partition("(")[2].removesuffix(")")
    assert (status, sent.decode()) == (200, sign.read_text().replace(counts, f"setTimeout({run},100)"))


def test_gradio_does_not_hang_up_when_its_page_is_asked_whether_it_may_be_left(address):
    """Where none of Gradio's files does so any more, that place of `qa.app.serve.assets.Mended` is of no use."""
    hangs_up = re.compile(r"window\.addEventListener\(`beforeunload`,\(\)=>\{[^{}]*\.close\(\)\}\)")
    (file,) = (one for one in ASSETS.glob("*.js") if hangs_up.search(one.read_text()))
    status, _, sent = get(address, f"/assets/{file.name}")
    assert (status, sent.decode()) == (200, hangs_up.sub("0", file.read_text()))


def test_a_kept_asset_is_guarded_as_it_was(address, named):
    path, _ = named
    assert get(address, path)[0] == 200
    assert get(address, path, Host="evil.example")[0] == 400
    assert get(address, path, Origin="http://evil.example")[0] == 403
    for missing, refused in (("/assets/none-abcdefgh.js", 404), ("/assets/../config-abcdefgh.json", 403)):
        status, headers, _ = get(address, missing, Accept_Encoding="br")
        assert (status, headers.get("cache-control")) == (refused, None)


def test_what_is_not_named_by_its_content_is_asked_for_each_time(address):
    for path in ("/", "/theme.css", "/config", "/favicon.ico", "/static/img/logo.svg"):
        status, headers, _ = get(address, path, Accept_Encoding="br")
        assert (status, "immutable" in headers.get("cache-control", "")) == (200, False)


def test_every_file_of_gradio_s_is_named_by_its_content():
    """Else a file that changes with the next version would be kept by browsers for a year."""
    files = [one.relative_to(ASSETS).as_posix() for one in ASSETS.rglob("*") if one.is_file()]
    assert len(files) > 100
    assert [one for one in files if not assets._MARKED.fullmatch(f"/assets/{one}")] == []


@pytest.fixture
def app(tmp_path):
    """An app of files that notes which of them it was asked for."""
    asked = []

    async def show(request):
        name = request.path_params["name"]
        asked.append(name)
        file = tmp_path / name
        return FileResponse(file) if file.exists() else PlainTextResponse("none", 404)

    client = TestClient(KeptAssets(Starlette(routes=[Route("/assets/{name}", show)])))
    client.asked, client.folder = asked, tmp_path
    return client


def names(app, count):
    """Written files."""
    made = [f"style-{number:08d}.css" for number in range(count)]
    for one in made:
        (app.folder / one).write_text(f"/* {one} */{STYLE}")
    return made


def test_each_file_is_read_once(app):
    one, other = names(app, 2)
    for asked in (one, other, one, other):
        answer = app.get(f"/assets/{asked}", headers={"Accept-Encoding": "br"})
        assert (answer.text[:30], answer.headers["content-encoding"]) == (f"/* {asked} */{STYLE}"[:30], "br")
    assert app.asked == [one, other]


def test_what_was_not_asked_for_the_longest_is_kept_no_more(app, monkeypatch):
    first, second, third = names(app, 3)
    size = (app.folder / first).stat().st_size
    monkeypatch.setattr(assets, "KEPT_BYTES", 2 * size)
    for one in (first, second, first, third, first, second):
        assert app.get(f"/assets/{one}", headers={"Accept-Encoding": "identity"}).status_code == 200
    assert app.asked == [first, second, third, second]


def test_what_is_not_there_is_not_remembered(app):
    (name,) = names(app, 1)
    file = app.folder / name
    content = file.read_text()
    file.unlink()
    assert app.get(f"/assets/{name}").status_code == 404
    file.write_text(content)
    assert app.get(f"/assets/{name}").text == content
