"""What strangers try, and what must come of it: each case gives what was wrong, in most rounds nothing.

SECURITY.md names these cases beside its promises; `tests/eval/robustness/test_attack.py` holds the two
together.
"""

import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from eval.robustness.attack_target import QUESTION, Reply, Target

Attempt = Callable[[Target, random.Random], list[str]]
API = "/gradio_api"
PROMISES = {
    "site": "Another site can neither read nor change anything",
    "routes": "Of Gradio only what the app needs is there",
    "bounded": "What is sent can fill neither memory nor disk",
    "answers": "Whatever is sent, a sentence comes back",
    "sessions": "What others asked and upload is not seen",
    "others": "Who leaves early takes nothing from others",
    "markup": "No text is markup, and no control character reaches a log",
}
SLOW_S = 30.0
# The first line of /etc/passwd, and no style of ":root:has(…)".
_PASSWORDS = re.compile(rb"root:[^:\s]*:0:0:")
COOKIE = "whosays-visit"
_TEXTS = (
    "", "\x00", "\ud800", "\udfff\ud800", "\U0001f600", "\u202e", "a" * 3_000, "x" * 300_000,
    "<script>alert(1)</script>",
    "' OR 1=1 --", "{{7*7}}", "${jndi:ldap://x}", "../../etc/passwd", "/etc/passwd", "%00",
    "\r\nSet-Cookie: a=b",
    "2026-13-45", "9" * 400, "milvus://evil.example/a", "file:///etc/passwd",
    "http://169.254.169.254/", "http://[::1]/",
)  # fmt: skip
_CLOSED = (
    "process_recording", "token", "user", "login_check", "proxy=http://127.0.0.1/", "file=/etc/passwd",
    "file/etc/passwd",    "component_server", "custom_component/a/client/b/c", "deep_link", "openapi.json",
    "stream/a/1/2/playlist.m3u8",
    "dev/reload", "queue/status", "vibe-code", "run-history/records", "profiling/traces", "call/v2/ask/x",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of attack; `promise` is a key of PROMISES."""

    name: str
    promise: str
    attempt: Attempt


CASES: list[Case] = []


def case(promise: str) -> Callable[[Attempt], Attempt]:
    """Registers a function, by its name, as a case."""

    def register(attempt: Attempt) -> Attempt:
        CASES.append(Case(attempt.__name__, promise, attempt))
        return attempt

    return register


def unless(reply: Reply, *statuses: int, at: str) -> list[str]:
    """What is wrong with a reply that has none of these statuses, or came too late."""
    flaws = [] if reply.status in statuses else [f"{at} gave {reply.status}: {reply.text[:80]!r}"]
    return flaws + ([f"{at} took {reply.seconds:.0f} s"] if reply.seconds > SLOW_S else [])


@case("site")
def foreign_names(target: Target, chance: random.Random) -> list[str]:
    """Names that are not ours, as DNS rebinding has them."""
    name = chance.choice(
        ["rebound.example", "127.0.0.1.evil.example", "[", "a" * 300, "localhost.evil.example"]
    )
    return unless(target.send("/config", Host=name), 400, at=f"Host {name[:30]}")


@case("site")
def foreign_pages(target: Target, chance: random.Random) -> list[str]:
    """Requests that a page of another site sends."""
    sent = chance.choice(
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "https://evil.example", "X_Forwarded_Host": "evil.example"},
            {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "cors"},
            {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "iframe"},
        ]
    )
    path = chance.choice(["/config", f"{API}/info", "/", f"{API}/heartbeat/x"])
    return unless(target.send(path, **sent), 403, at=f"{path} with {sent}")


@case("routes")
def closed_routes(target: Target, chance: random.Random) -> list[str]:
    """What Gradio brings and the app does not need."""
    flaws = []
    for path in _CLOSED:
        method = chance.choice(["GET", "POST", "PUT", "DELETE"])
        reply = target.send(f"{API}/{path}", method, b"{}" if method in ("POST", "PUT") else None)
        flaws += unless(reply, 404, 405, at=f"{method} {path}")
    return flaws


@case("routes")
def paths_out(target: Target, chance: random.Random) -> list[str]:
    """Paths that lead out of the folders of the page's own files."""
    up = chance.choice(["../", "..%2f", "%2e%2e/", "..\\", "....//", "%252e%252e/"])
    start = chance.choice(["/static/", "/assets/", "/article/", "/"])
    reply = target.send(start + up * chance.randint(1, 9) + "etc/passwd")
    return (
        ["a file of the machine was given"]
        if _PASSWORDS.search(reply.body)
        else unless(reply, 400, 403, 404, at=start + up)
    )


@case("bounded")
def heavy_json(target: Target, chance: random.Random) -> list[str]:
    """JSON that takes much more to read than to send, and what only pretends to be JSON."""
    size = chance.randint(110_000, 1_000_000)
    body = chance.choice(
        [
            b"[" * size,
            b"[" + b"[]," * size + b"[]]",
            b"[" + b"1," * (1_200_000 + size) + b"1]",
            b'{"a":' * 5_000,
            '{"data": []}'.encode("utf-16"),
            b'["' + b"\\ud800" * size + b'"]',
        ]
    )
    path = chance.choice([f"{API}/queue/join", f"{API}/run/ask", f"{API}/call/ask"])
    return unless(target.send(path, "POST", body), 413, at=f"{len(body):,} bytes at {path}")


@case("bounded")
def long_bodies(target: Target, chance: random.Random) -> list[str]:
    """More than any page sends."""
    reply = target.send(f"{API}/run/ask", "POST", b'["' + b"x" * chance.randint(33_000_000, 36_000_000))
    return unless(reply, 413, at="a body of 33 MB")


@case("bounded")
def long_names(target: Target, chance: random.Random) -> list[str]:
    """Names of sessions that are none, addresses and headers without an end."""
    long = "x" * chance.randint(65, 5_000)
    flaws = unless(target.send(f"{API}/queue/data?session_hash={long}"), 400, at="queue/data")
    flaws += unless(target.send(f"{API}/heartbeat/{long}"), 400, at="heartbeat")
    joined = {"data": [], "fn_index": 0, "session_hash": long}
    flaws += unless(target.send(f"{API}/queue/join", "POST", joined), 400, at="queue/join")
    flaws += unless(target.send(f"{API}/cancel", "POST", {**joined, "event_id": "x"}), 400, at="cancel")
    return flaws + unless(target.send("/article/" + "y" * 20_000), 400, 404, 414, at="a long address")


@case("bounded")
def odd_uploads(target: Target, chance: random.Random) -> list[str]:
    """Fields without an end, and names that lead elsewhere."""
    name = chance.choice(
        ["../../../../tmp/out.txt", "/etc/passwd", "a\x1b[2J.txt", "n" * 5_000, "..", "con.txt", "a\\b"]
    )
    head = f'--b\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
    kind = {"Content_Type": "multipart/form-data; boundary=b"}
    reply = target.send(f"{API}/upload", "POST", head + b"x" + b"\r\n--b--\r\n", **kind)
    flaws = unless(reply, 200, 400, 413, at=f"a file called {name[:30]!r}")
    if reply.status == 200:
        (path,) = json.loads(reply.body)
        flaws += [f"{name[:30]!r} came to lie at {path}"] if ".." in path or path == name else []
        flaws += unless(target.send(f"{API}/file={quote(path)}"), 404, at="what was uploaded")
    field = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"x" * 200_000 + b"\r\n--b--\r\n"
    return flaws + unless(target.send(f"{API}/upload", "POST", field, **kind), 400, at="a long field")


def hostile(chance: random.Random, depth: int = 0) -> Any:
    """A value that an endpoint did not expect."""
    simple = [None, True, -1, 0, 2**64, 1e308, chance.choice(_TEXTS), chance.choice(_TEXTS)]
    if depth < 3 and chance.random() < 0.4:
        inner = [hostile(chance, depth + 1) for _ in range(chance.randint(0, 4))]
        keys = ["question", "answer", "path", "status", "url"]
        return chance.choice([inner, dict(zip(keys, inner, strict=False))])
    return chance.choice(simple)


@case("answers")
def any_arguments(target: Target, chance: random.Random) -> list[str]:
    """Each endpoint with anything: it answers, or says in a sentence why it does not."""
    flaws = []
    for name, number in target.endpoints.items():
        data = [hostile(chance) for _ in range(number if chance.random() < 0.8 else chance.randint(0, 9))]
        reply = target.call(name, data)
        if reply.status >= 500 and not reply.refusal:
            flaws.append(f"/{name} broke at {json.dumps(data)[:200]}: {reply.text[:100]}")
        flaws += (
            [f"/{name} told a path or a trace"]
            if b"Traceback" in reply.body or _PASSWORDS.search(reply.body) or target.tells_its_place(reply)
            else []
        )
    return flaws


@case("answers")
def half_characters(target: Target, chance: random.Random) -> list[str]:
    """Lone surrogates wherever a text can stand."""
    flaws = []
    for name, number in target.endpoints.items():
        reply = target.call(name, ["Who \ud83d carried\udc00 it?"] * number, session_hash="\ud800")
        if reply.status >= 500 and not reply.refusal:
            flaws.append(f"/{name} broke: {reply.text[:100]}")
    own = {
        "data": ["\ud800"],
        "fn_index": chance.randint(0, 60),
        "session_hash": "\udfff",
        "event_data": "\ud800",
    }
    flaws += unless(
        target.send(f"{API}/queue/join", "POST", own), 200, 400, 404, 422, 500, 503, at="queue/join"
    )
    for page in ("/", "/articles", "/article/%ED%A0%80", "/disagreements?topic=%ED%A0%80", "/?ask=%ED%A0%80"):
        flaws += unless(target.send(page), 200, 404, at=page)
    return flaws


@case("answers")
def smuggled_requests(target: Target, chance: random.Random) -> list[str]:
    """Requests that two servers would read in two ways, and what is no request."""
    smuggled = b"POST /config HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    request = chance.choice(
        [
            smuggled
            + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n",
            smuggled + b"Content-Length: 4\r\nContent-Length: 40\r\n\r\nabcd",
            smuggled + b"Content-Length: -1\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: a\x00b\r\n\r\n",
            bytes(chance.randrange(256) for _ in range(500)) + b"\r\n\r\n",
        ]
    )
    told = target.send_raw(request).split(b"\r\n")[0]
    return [] if not told or told.split()[1][:1] == b"4" else [f"{request[:60]!r} gave {told!r}"]


@case("answers")
def still_answering(target: Target, chance: random.Random) -> list[str]:  # noqa: ARG001
    """A question in between is answered as ever."""
    reply = target.call("ask", [QUESTION, None, None, None, None, None, None])
    return unless(reply, 200, at="a question") or ([] if b'"status"' in reply.body else [reply.text[:100]])


@case("sessions")
def known_sessions(target: Target, chance: random.Random) -> list[str]:
    """Who knows the name of another's session, or the number of an event, gets nothing by it."""
    mine, other = ({"Cookie": f"{COOKIE}={chance.randbytes(12).hex()}"} for _ in range(2))
    name = chance.randbytes(6).hex()
    asked = {"data": [QUESTION, *[None] * 6], "session_hash": name}
    reply = target.send(f"{API}/call/ask", "POST", asked, **mine)
    if reply.status != 200:
        return unless(reply, 200, 503, at="a call")
    event = json.loads(reply.body)["event_id"]
    flaws = unless(target.send(f"{API}/call/ask/{event}", **other), 404, at="another's result")
    for sender in (other, {}):
        read = target.send(f"{API}/queue/data?session_hash={name}", **sender)
        flaws += ["another's session was read"] if b'session_not_found":true' not in read.body else []
    flaws += (
        [] if b"complete" in target.send(f"{API}/call/ask/{event}", **mine).body else ["one's own was lost"]
    )
    return flaws


@case("others")
def early_leavers(target: Target, chance: random.Random) -> list[str]:
    """Files that pages are drawn with, asked for and not waited for, come whole to those who wait."""
    (entry,) = re.findall(r"assets/(index-[\w-]+\.js)", target.send("/").text)[:1]
    names = sorted(set(re.findall(r"\./([\w.-]+-[\w-]{8,9}\.js)", target.send(f"/assets/{entry}").text)))
    flaws = []
    for path in (f"/assets/{name}" for name in chance.sample(names, min(5, len(names)))):
        for _ in range(3):
            target.hang_up(path)
        reply = target.send(path)
        flaws += unless(reply, 200, at=path) + ([] if reply.body else [f"{path} is empty"])
    return flaws


@case("markup")
def hostile_articles(target: Target, chance: random.Random) -> list[str]:
    """The page of each article holds its text as text, behind the headers that keep it one."""
    name = chance.choice(target.articles)
    start = quote(chance.choice(_TEXTS[6:]).encode("utf-8", "replace")[:500])
    reply = target.send(f"/article/{name}?start={start}&end={start}&beside={start}")
    flaws = unless(reply, 200, 404, at="an article")
    flaws += ["a script of an article is in the page"] if b"<script>alert(" in reply.body else []
    policy = reply.headers.get("content-security-policy", "")
    return flaws + (
        [] if "default-src 'self'" in policy and reply.headers.get("x-content-type-options") else [name]
    )


@case("markup")
def written_logs(target: Target, chance: random.Random) -> list[str]:
    """No order to a terminal in what the app writes, whatever it was sent."""
    for path in (
        f"/%1b]0;{chance.random()}%07",
        f"{API}/run/%1b%5b2J",
        f"{API}/queue/data?session_hash=%1b%5b2J",
    ):
        target.send(path)
    if target.log is None:
        return []
    orders = {one for one in target.log.read_bytes() if one < 32} - set(b"\n\t")
    return [f"the log holds {sorted(orders)}"] if orders else []
