"""Web pages: main text, only what is stated, and every way in which a page cannot be had."""

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from index.errors import SourceRefused
from index.records import Article, Outcome
from index.sources.formats import parse
from index.sources.load import Loaded, load, origins
from index.sources.metadata import Document, Metadata

STORY = """<article><h1>Acme wins a large order</h1>{byline}
<p>Acme said on July 3, 2019 that it has won an order worth 10 trillion won from Beta. It runs for five years.</p>
<p>Beta did not comment on the report. Analysts had expected the order to be smaller than this by far.</p>
</article>"""
TEXT = (
    "Acme wins a large order\n"
    "Acme said on July 3, 2019 that it has won an order worth 10 trillion won from Beta. It runs for five years.\n"
    "Beta did not comment on the report. Analysts had expected the order to be smaller than this by far."
)
FURNITURE = "<nav><a href='/'>Home</a> <a href='/money'>Money</a></nav>"


def html(head: str = "", byline: str = "") -> str:
    body = FURNITURE + STORY.format(byline=byline) + "<footer>Copyright 2023 The Herald</footer>"
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"


def read(page: str, address: str | None = None) -> Document:
    (found,) = parse(".html", page.encode(), max_bytes=100_000, address=address)
    assert isinstance(found, Document)
    return found


def test_a_page_is_its_main_text_without_menus_and_footers() -> None:
    assert read(html()).text == TEXT


def test_nothing_is_guessed_from_the_address_the_text_or_the_footer() -> None:
    found = read(html(), "https://www.herald.example/2021/05/06/acme.html")
    assert found.stated == Metadata(title="Acme wins a large order")


def test_json_ld_is_read_with_its_references() -> None:
    head = """<script type="application/ld+json">{"@graph": [
      {"@type": "WebSite", "name": "Elsewhere", "datePublished": "2001-01-01"},
      {"@type": ["NewsArticle", "Thing"], "headline": "Acme &amp; Beta", "datePublished": "2026-07-03T23:00:00-08:00",
       "dateModified": "2026-08-01", "author": [{"@type": "Person", "name": "Ann Lee"}, {"@id": "#bo"}],
       "publisher": {"@id": "#herald"}},
      {"@id": "#herald", "@type": "Organization", "name": "the Herald"}, {"@id": "#bo", "name": "Bo Ray"}]}</script>"""
    assert read(html(head)).stated == Metadata(
        title="Acme & Beta", publisher="the Herald", author="Ann Lee, Bo Ray",
        published="2026-07-03", updated="2026-08-01",
    )  # fmt: skip


def test_meta_tags_are_read() -> None:
    head = """<title>Acme wins | The Herald</title><meta property="og:title" content="Acme wins">
      <meta property="og:site_name" content="The Herald"><meta name="author" content="Ann Lee">
      <meta property="article:author" content="https://facebook.example/ann">
      <meta property="article:published_time" content="2026-07-03T16:37:00Z">
      <meta property="article:modified_time" content="2026-08-01"><link rel="canonical" href="/acme">"""
    assert read(html(head), "https://herald.example/acme?from=feed").stated == Metadata(
        title="Acme wins",
        publisher="The Herald",
        author="Ann Lee",
        published="2026-07-03",
        url="https://herald.example/acme",
        updated="2026-08-01",
    )


@pytest.mark.parametrize(
    ("mark_up", "published"),
    [
        ('<time itemprop="datePublished" datetime="2026-07-03">3 July</time>', "2026-07-03"),
        ('<time class="entry-date published" datetime="2026-07-03T09:00">3 July</time>', "2026-07-03"),
        ('<header><time datetime="2026-07-03">3 July</time></header>', "2026-07-03"),
        ('<p>The fair opens on <time datetime="2026-09-01">1 September</time>.</p>', None),
        ('<time itemprop="dateModified" datetime="2026-07-03">3 July</time>', None),
        ("<p>Published 3 July 2026</p>", None),
        ('<time itemprop="datePublished" datetime="03/07/2026">3 July</time>', None),
    ],
)
def test_a_time_counts_only_where_it_is_marked_as_the_publication_s(
    mark_up: str, published: str | None
) -> None:
    assert read(html(byline=mark_up)).stated.published == published


def test_a_byline_is_the_author() -> None:
    assert read(html(byline="<p class='byline'>By Ann Lee</p>")).stated.author == "Ann Lee"


def test_broken_json_ld_states_nothing_and_the_page_is_still_read() -> None:
    found = read(html('<script type="application/ld+json">{"@type": "NewsArticle", </script>'))
    assert found.text == TEXT


def test_the_charset_that_a_page_declares_is_used() -> None:
    page = html('<meta charset="iso-8859-2">').replace("Beta", "Škoda Plzeň")
    (found,) = parse(".html", page.encode("iso-8859-2"), max_bytes=100_000)
    assert isinstance(found, Document)
    assert "an order worth 10 trillion won from Škoda Plzeň" in found.text


def test_a_fragment_is_read_as_a_page() -> None:
    assert read(STORY.format(byline="")).text == TEXT


@pytest.mark.parametrize(
    "page",
    [
        "<html><body></body></html>",
        "<html><body><div id=root></div><noscript>Please enable JavaScript.</noscript></body></html>",
        "<html><head><title>Only a title</title></head></html>",
        "<html><body>" + "<div>" * 20_000 + "too deep",
    ],
)
def test_a_page_without_main_text_is_refused(page: str) -> None:
    with pytest.raises(SourceRefused, match="has no main text that could be told from menus"):
        parse(".html", page.encode(), max_bytes=200_000)


PAGE = html('<meta property="og:site_name" content="The Herald">').encode()
ANSWERS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "/page": (200, {"Content-Type": "text/html; charset=utf-8"}, PAGE),
    "/latin": (
        200,
        {"Content-Type": "text/plain; charset=iso-8859-2"},
        "Škoda vyhrála.".encode("iso-8859-2"),
    ),
    "/plain": (200, {"Content-Type": "text/plain"}, b"Acme won.\r\n"),
    "/data": (200, {"Content-Type": "application/json"}, b'[{"text": "One."}, {"text": "Two."}]'),
    "/named.txt": (200, {"Content-Type": "application/octet-stream"}, b"Acme won."),
    "/unnamed": (200, {"Content-Type": "application/octet-stream"}, b"Acme won."),
    "/picture": (200, {"Content-Type": "image/png"}, b"\x89PNG"),
    "/empty": (200, {"Content-Type": "text/html"}, b""),
    "/large": (200, {"Content-Type": "text/plain"}, b"x" * 60_000),
    "/bomb": (
        200,
        {"Content-Type": "text/plain", "Content-Encoding": "gzip"},
        gzip.compress(b"x" * 5_000_000),
    ),
    "/moved": (301, {"Location": "/page"}, b""),
    "/circle": (302, {"Location": "/circle"}, b""),
    "/away": (302, {"Location": "file:///etc/passwd"}, b""),
    "/login": (401, {}, b""),
    "/forbidden": (403, {}, b""),
    "/down": (503, {}, b""),
    "/cut": (200, {"Content-Type": "text/plain", "Content-Length": "500"}, b"short"),
}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # the name that http.server calls
        status, headers, body = ANSWERS.get(self.path.partition("?")[0], (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # the client has had enough

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's name
        """Stays quiet."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("NO_PROXY", "127.0.0.1")
        yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def article(url: str) -> Article:
    (found,) = load(url, max_bytes=50_000)
    assert isinstance(found, Loaded), found
    assert found.place == found.origin
    return found.article


def refusal(url: str) -> str:
    (found,) = load(url, max_bytes=50_000)
    assert isinstance(found, Outcome)
    assert found.source == url
    return found.reason


def test_a_fetched_page_becomes_an_article_at_its_final_address(site: str) -> None:
    (found,) = load(f"{site}/moved#part")
    assert isinstance(found, Loaded)
    assert found.origin == found.place == f"{site}/moved"
    assert found.article.uri == f"{site}/page"
    assert (found.article.text, found.article.publisher) == (TEXT, "The Herald")
    assert list(origins(f"{site}/moved#part")) == [f"{site}/moved"]


def test_other_formats_are_told_by_what_the_server_states(site: str) -> None:
    assert article(f"{site}/plain").text == "Acme won.\n"
    assert article(f"{site}/latin").text == "Škoda vyhrála."
    assert article(f"{site}/named.txt").text == "Acme won."
    places = [one.place for one in load(f"{site}/data") if isinstance(one, Loaded)]
    assert places == [f"{site}/data#1", f"{site}/data#2"]


def test_a_password_in_the_address_does_not_become_part_of_the_article(site: str) -> None:
    assert article(site.replace("://", "://ann:secret@") + "/plain").uri == f"{site}/plain"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/gone", "answers 404 Not Found: there is no such page: check the address"),
        ("/login", "answers 401 Unauthorized: it asks for a login: save the page from your browser"),
        ("/forbidden", "answers 403 Forbidden: it does not serve programs: save the page from your browser"),
        ("/down", "answers 503 Service Unavailable: the server is in trouble: try again later"),
        ("/circle", "redirects more than 5 times"),
        ("/away", "leads to an address that is not http(s) with a host"),
        ("/picture", "is image/png, which holds no article that can be read"),
        ("/unnamed", "is application/octet-stream, which holds no article"),
        ("/empty", "is empty: there is nothing to add"),
        ("/large", "sends more than the limit of 50,000 bytes: raise max_bytes"),
        ("/bomb", "sends more than the limit of 50,000 bytes"),
        ("/cut", "could not be fetched (RemoteProtocolError"),
    ],
)
def test_what_cannot_be_fetched_is_refused_with_advice(site: str, path: str, reason: str) -> None:
    assert refusal(site + path).startswith(reason)


def test_an_address_where_nobody_answers_or_that_is_none_is_refused(site: str) -> None:
    assert refusal("http://127.0.0.1:1/").startswith("cannot be reached")
    for url in ("http://[::1", "http://127.0.0.1:x/", f"http://{'a' * 300}.example/"):
        assert refusal(url).startswith("is not a valid address")
    assert refusal("http://").startswith("leads to an address that is not http(s) with a host")
