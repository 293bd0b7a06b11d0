"""A page fetched from a server that means harm: slow, endless, packed, sent round in circles."""

import gzip
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from index.errors import SourceRefused
from index.sources.fetch import MAX_REDIRECTS, Fetched, fetch
from tests.index.sources.test_addresses import outward
from tests.waits import LONGEST_S

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
PACKED = HEAD + b"Content-Encoding: gzip\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
Answer = Callable[[int], Iterator[bytes]]


@contextmanager
def serving(answer: Answer) -> Iterator[tuple[int, list[int]]]:
    """A server that sends what `answer` yields for its port, part by part, and the connections it took."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    taken: list[int] = []
    threads: list[threading.Thread] = []

    def serve(one: socket.socket) -> None:
        with one, suppress(OSError):
            one.recv(1 << 16)
            for part in answer(port):
                one.sendall(part)

    def listen() -> None:
        with suppress(OSError):
            while True:
                one, _ = listener.accept()
                taken.append(port)
                threads.append(threading.Thread(target=serve, args=(one,)))
                threads[-1].start()

    listening = threading.Thread(target=listen)
    listening.start()
    try:
        yield port, taken
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in [listening, *threads]:
            thread.join()


def fetched(answer: Answer, *, max_bytes: int = 100_000, deadline_s: float = LONGEST_S) -> Fetched:
    with serving(answer) as (port, _):
        return fetch(
            f"http://127.0.0.1:{port}/",
            max_bytes=max_bytes,
            timeout_s=LONGEST_S,
            deadline_s=deadline_s,
            guard=outward(port),
        )


def drip(part: bytes) -> Iterator[bytes]:
    while True:
        yield part
        time.sleep(0.05)


def slow_head(_: int) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nX-Slow: "
    yield from drip(b"a")


def early_words_without_end(_: int) -> Iterator[bytes]:
    yield from drip(b"HTTP/1.1 103 Early Hints\r\n\r\n")


def slow_body(_: int) -> Iterator[bytes]:
    yield HEAD + b"\r\n"
    yield from drip(b"a")


def slow_body_of_a_stated_length(_: int) -> Iterator[bytes]:
    yield HEAD + b"Content-Length: 1000\r\n\r\n"
    yield from drip(b"a")


def slow_size_of_a_chunk(_: int) -> Iterator[bytes]:
    yield HEAD + CHUNKED + b"1;"
    yield from drip(b"a")


def packed_nothing(_: int) -> Iterator[bytes]:
    yield PACKED + b"\r\n"
    packer = zlib.compressobj(wbits=31)
    yield packer.flush(zlib.Z_SYNC_FLUSH)
    yield from drip(packer.flush(zlib.Z_FULL_FLUSH))


def slow_redirects(port: int) -> Iterator[bytes]:
    time.sleep(0.4)
    yield f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{port}/\r\nContent-Length: 0\r\n\r\n".encode()


@pytest.mark.parametrize(
    "answer",
    [
        slow_head,
        early_words_without_end,
        slow_body,
        slow_body_of_a_stated_length,
        slow_size_of_a_chunk,
        packed_nothing,
        slow_redirects,
    ],
    ids=lambda one: one.__name__,
)
def test_a_server_that_never_comes_to_an_end_is_left_at_the_deadline(answer: Answer) -> None:
    with pytest.raises(SourceRefused, match=r"was still sending after 1 s: try again later"):
        fetched(answer, deadline_s=1.0)


def test_no_thread_is_left_waiting_for_a_deadline() -> None:
    waiting: list[threading.Timer] = []

    def answer(_: int) -> Iterator[bytes]:
        timers = (one for one in threading.enumerate() if isinstance(one, threading.Timer))
        waiting.extend(one for one in timers if one.interval == 1000.0)
        yield HEAD + b"\r\nAcme won."

    assert fetched(answer, deadline_s=1000.0).data == b"Acme won."
    (timer,) = waiting
    assert not timer.is_alive()


def endless(head: bytes, part: bytes) -> Answer:
    def answer(_: int) -> Iterator[bytes]:
        yield head
        while True:
            yield part

    return answer


MEMBERS_OF_NOTHING = gzip.compress(b"") * 3000


@pytest.mark.parametrize(
    "answer",
    [
        endless(HEAD + b"\r\n", b"a" * 60_000),
        endless(HEAD + CHUNKED, b"ea60\r\n" + b"a" * 60_000 + b"\r\n"),
        endless(PACKED + b"\r\n", MEMBERS_OF_NOTHING),
    ],
    ids=["a body", "chunks", "packed members of nothing"],
)
def test_a_body_without_end_is_left_at_the_limit(answer: Answer) -> None:
    with pytest.raises(SourceRefused, match=r"sends more than the limit of 100,000 bytes"):
        fetched(answer)


def test_what_is_packed_small_and_is_large_takes_little_memory() -> None:
    """A hundred times its size: read a little at a time, and no further than the limit."""
    bomb = gzip.compress(bytes(100 << 20))
    assert len(bomb) < 1 << 17
    tracemalloc.start()
    try:
        with pytest.raises(SourceRefused, match=r"sends more than the limit of 5,000,000 bytes"):
            fetched(lambda _: iter([PACKED + b"\r\n" + bomb]), max_bytes=5_000_000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * 5_000_000


@pytest.mark.parametrize(
    "coding", ["br", "zstd", "deflate", "gzip, gzip", "gzip,identity", "\\x00", "x" * 900]
)
def test_what_was_not_asked_for_is_not_unpacked(coding: str) -> None:
    head = HEAD + f"Content-Encoding: {coding}\r\n\r\n".encode()
    with pytest.raises(SourceRefused, match="though it was not asked to be: save the page from your browser"):
        fetched(lambda _: iter([head + gzip.compress(gzip.compress(b"Acme won."))]))


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_a_packed_page_is_read_however_it_is_cut_up_and_in_several_members(size: int) -> None:
    text = bytes(range(256)) * 3000
    packed = gzip.compress(text[:1000]) + gzip.compress(text[1000:])
    parts = [packed[at : at + size] for at in range(0, len(packed), size)]
    assert fetched(lambda _: iter([PACKED + b"\r\n", *parts]), max_bytes=len(text)).data == text


def test_a_packed_page_that_is_cut_off_or_no_such_thing_is_refused() -> None:
    packed = gzip.compress(b"Acme won." * 100)
    with pytest.raises(SourceRefused, match="ends in the middle of what it packs"):
        fetched(lambda _: iter([PACKED + b"\r\n" + packed[:-9]]))
    with pytest.raises(SourceRefused, match="is packed wrongly"):
        fetched(lambda _: iter([PACKED + b"\r\n" + b"Acme won."]))


def test_a_circle_of_redirects_is_left_after_a_few() -> None:
    def answer(port: int) -> Iterator[bytes]:
        yield f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{port}/\r\nContent-Length: 0\r\n\r\n".encode()

    with serving(answer) as (port, taken):
        with pytest.raises(SourceRefused, match=rf"redirects more than {MAX_REDIRECTS} times"):
            fetch(f"http://127.0.0.1:{port}/", max_bytes=100, guard=outward(port))
        assert len(taken) == MAX_REDIRECTS + 1


def test_a_head_of_a_megabyte_is_not_waited_for() -> None:
    with pytest.raises(SourceRefused, match="could not be fetched"):
        fetched(endless(HEAD, b"X-Long: " + b"a" * 10_000 + b"\r\n"))
