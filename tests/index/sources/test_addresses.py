"""Addresses fetched for somebody else: only public ones, where they were checked, at every redirect."""

import ipaddress
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from index.errors import SourceRefused
from index.records import Outcome
from index.sources.addresses import PUBLIC, Guard, is_public, resolve
from index.sources.fetch import fetch
from index.sources.load import load

HERE = ipaddress.ip_address("127.0.0.1")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254",
        "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1",
        "2002:7f00:1::", "2001::1", "2001:db8::1", "fe80::1", "fec0::1", "fc00::1", "fd12::1", "ff02::1", "4000::1",
    ],
)  # fmt: skip
def test_an_address_of_this_machine_or_of_a_private_network_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


# Source: IANA's registries of special-purpose addresses, all of their rows, as of 2025; and what clouds answer at.
REGISTRY = """
    0.0.0.0/8 0.0.0.0/32 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24
    192.0.0.0/29 192.0.0.8/32 192.0.0.9/32 192.0.0.10/32 192.0.0.170/32 192.0.0.171/32 192.0.2.0/24
    192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.88.99.2/32 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15
    198.51.100.0/24 203.0.113.0/24 240.0.0.0/4 255.255.255.255/32 224.0.0.0/4
    ::1/128 ::/128 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/23 2001::/32 2001:1::1/128 2001:1::2/128
    2001:1::3/128 2001:2::/48 2001:3::/32 2001:4:112::/48 2001:10::/28 2001:20::/28 2001:30::/28 2001:db8::/32
    2002::/16 2620:4f:8000::/48 3fff::/20 5f00::/16 fc00::/7 fe80::/10 ::ffff:0:0/104 64:ff9b::/104
    169.254.169.254/32 100.100.100.200/32 192.0.0.192/32 168.63.129.16/32 fd00:ec2::254/128
""".split()


@pytest.mark.parametrize("block", REGISTRY)
def test_no_address_of_a_special_purpose_is_public_whatever_python_says(block: str) -> None:
    network = ipaddress.ip_network(block)
    wrapping = block == "2002::/16"  # of which the first wraps 0.0.0.0, the last 255.255.255.255
    for address in (network[0], network[-1], *(() if wrapping else (network[network.num_addresses // 2],))):
        assert not is_public(address), address
        if isinstance(address, ipaddress.IPv4Address):
            assert not is_public(ipaddress.ip_address(f"::ffff:{address}"))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.215.14", "2606:2800:21f:cb07::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_an_address_on_the_internet_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


class _Handler(BaseHTTPRequestHandler):
    asked: list[tuple[str, str]] = []  # noqa: RUF012  # emptied by the fixture

    def do_GET(self) -> None:  # the name that http.server calls
        self.asked.append((self.path, self.headers["Host"]))
        where = self.path.partition("?to=")[2]
        self.send_response(302 if where else 200)
        if where:
            self.send_header("Location", where)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", "0" if where else "9")
        self.end_headers()
        if not where:
            self.wfile.write(b"Acme won.")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's name
        """Stays quiet."""


@pytest.fixture
def port() -> Iterator[int]:
    _Handler.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def outward(port: int, **names: list[str]) -> Guard:
    """A guard to which 127.0.0.1 is public, and nothing else; `names` stand for these addresses in turn."""
    given = {name.replace("_", "."): iter(found) for name, found in names.items()}

    def look_up(host: str) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
        return [ipaddress.ip_address(next(given[host]))] if host in given else list(resolve(host))

    return Guard(permitted=lambda address: address == HERE, ports=(port,), resolve=look_up)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"]
)
def test_whichever_way_loopback_is_written_nothing_is_sent_there(port: int, host: str) -> None:
    guard = Guard(ports=(port,))
    with pytest.raises(
        SourceRefused, match=r"which is not an address on the public internet|cannot be reached"
    ):
        fetch(f"http://{host}:{port}/", max_bytes=100, guard=guard)
    assert _Handler.asked == []


def test_load_refuses_an_inner_address_with_a_reason_when_asked_to_and_only_then(port: int) -> None:
    address = f"http://127.0.0.1:{port}/"
    (refused,) = load(address, public_only=True)
    assert isinstance(refused, Outcome)
    assert refused.reason.startswith(
        f"leads to port {port} of 127.0.0.1, and only ports 80 and 443 are fetched"
    )
    assert _Handler.asked == []
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("NO_PROXY", "127.0.0.1")
        (found,) = load(address)
    assert not isinstance(found, Outcome)


def test_a_reason_names_the_host_and_not_the_address_that_it_stands_for() -> None:
    guard = Guard(resolve=lambda host: [ipaddress.ip_address("10.1.2.3")])
    with pytest.raises(SourceRefused) as refusal:
        fetch("http://wiki.example/", max_bytes=100, guard=guard)
    assert "leads to wiki.example, which is not an address on the public internet" in str(refusal.value)
    assert "10.1.2.3" not in str(refusal.value)


def test_one_inner_address_among_public_ones_closes_the_host() -> None:
    both = [ipaddress.ip_address("8.8.8.8"), ipaddress.ip_address("192.168.0.1")]
    with pytest.raises(SourceRefused, match="not an address on the public internet"):
        Guard(resolve=lambda host: both).check("wiki.example", None)
    with pytest.raises(SourceRefused, match="not an address on the public internet"):
        Guard(resolve=lambda host: []).check("wiki.example", None)


def test_a_redirect_inside_is_refused_before_it_is_followed(port: int) -> None:
    start = f"http://127.0.0.1:{port}/?to=http://127.0.0.2:{port}/secret"
    with pytest.raises(SourceRefused, match=r"leads to 127\.0\.0\.2, which is not an address on the public"):
        fetch(start, max_bytes=100, guard=outward(port))
    assert [path for path, _ in _Handler.asked] == [start.partition(str(port))[2]]
    with pytest.raises(SourceRefused, match=r"not http\(s\) with a host"):
        fetch(f"http://127.0.0.1:{port}/?to=file:///etc/hostname", max_bytes=100, guard=outward(port))


def test_the_connection_goes_to_the_address_that_was_checked_under_the_host_s_own_name(port: int) -> None:
    """The name stands for another address the second time that it is looked up."""
    guard = outward(port, news_example=["127.0.0.1", "10.0.0.1"])
    fetched = fetch(f"http://news.example:{port}/page", max_bytes=100, guard=guard)
    assert (fetched.data, fetched.address) == (b"Acme won.", f"http://news.example:{port}/page")
    assert _Handler.asked == [("/page", f"news.example:{port}")]


def test_a_redirect_to_the_same_host_is_looked_up_and_checked_again(port: int) -> None:
    guard = outward(port, news_example=["127.0.0.1", "10.0.0.1"])
    with pytest.raises(SourceRefused, match=r"leads to news\.example, which is not an address"):
        fetch(f"http://news.example:{port}/?to=/page", max_bytes=100, guard=guard)
    assert len(_Handler.asked) == 1


def test_the_next_address_of_a_host_is_tried_when_the_first_does_not_answer(port: int) -> None:
    two = [ipaddress.ip_address("::1"), HERE]
    guard = Guard(permitted=lambda address: True, ports=(port,), resolve=lambda host: two)
    assert fetch(f"http://news.example:{port}/", max_bytes=100, guard=guard).data == b"Acme won."


def test_a_proxy_of_the_environment_is_not_asked(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert fetch(f"http://127.0.0.1:{port}/", max_bytes=100, guard=outward(port)).data == b"Acme won."


def test_a_host_that_is_not_there_and_an_address_that_is_none_are_told_as_such() -> None:
    def unknown(host: str) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
        raise OSError("Name or service not known")

    with pytest.raises(SourceRefused, match=r"cannot be reached \(Name or service not known\)"):
        fetch("http://nowhere.example/", max_bytes=100, guard=Guard(resolve=unknown))
    with pytest.raises(SourceRefused, match="leads to an address that is not"):
        fetch("http://", max_bytes=100, guard=PUBLIC)
