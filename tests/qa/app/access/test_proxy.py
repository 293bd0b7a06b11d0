"""From where a request comes: a named proxy is believed, and nobody else who says so."""

import asyncio

import pytest

from index.errors import SettingsError
from qa.app.access.exposure import read_proxies
from qa.app.access.proxy import Forwarded


def passed_on(proxies, client, **headers):
    """The request as it goes on: from where, how, and what it still says of that."""
    told = []

    async def app(scope, *_):
        told.append(scope)

    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "scheme": "http", "client": (client, 5), "headers": sent}
    asyncio.run(Forwarded(app, proxies=read_proxies(proxies))(scope, None, None))
    (found,) = told
    return found["client"][0], found["scheme"], [name.decode() for name, _ in found["headers"]]


def test_who_is_no_named_proxy_says_nothing_of_where_it_comes_from():
    said = {"x_forwarded_for": "203.0.113.9", "x_forwarded_proto": "https", "x_forwarded_host": "evil.example",
            "forwarded": "for=203.0.113.9", "x_real_ip": "203.0.113.9", "host": "whosays.example"}  # fmt: skip
    for proxies in ([], ["192.0.2.1"], ["10.0.0.0/8", "::1"]):
        assert passed_on(proxies, "127.0.0.1", **said) == ("127.0.0.1", "http", ["host"])


@pytest.mark.parametrize(
    ("listed", "believed"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("198.51.100.7, 203.0.113.9", "203.0.113.9"),  # what stands before it the sender may have written
        ("203.0.113.9, 10.1.2.3", "203.0.113.9"),  # by way of a second proxy
        ("10.1.2.3", "10.1.2.3"),
        ("203.0.113.9:4711", "203.0.113.9"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("unknown", "10.0.0.1"),
        ("203.0.113.9, <script>", "10.0.0.1"),
        ("", "10.0.0.1"),
    ],
)
def test_of_what_a_proxy_lists_the_last_that_is_no_proxy_is_believed(listed, believed):
    client, scheme, kept = passed_on(
        ["10.0.0.0/8"], "10.0.0.1", x_forwarded_for=listed, x_forwarded_proto="https"
    )
    assert (client, scheme) == (believed, "https")
    assert kept == ["x-forwarded-for", "x-forwarded-proto"]


def test_a_proxy_that_writes_another_scheme_than_of_the_web_is_not_heard():
    assert passed_on(["::1"], "::1", x_forwarded_proto="javascript")[1] == "http"


def test_what_is_no_address_is_no_proxy():
    with pytest.raises(SettingsError, match="The proxy 'nginx' is no address: give one"):
        read_proxies(["127.0.0.1", "nginx"])
