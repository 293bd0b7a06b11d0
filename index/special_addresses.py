"""Addresses that are no machine of the public internet that publishes: nobody's article stands there.

Also those that the registries call reachable from everywhere: they serve protocols. Python's `is_global` is
that of the day when a Python was made: 3.11.7 takes 192.0.0.192 for public, which is a cloud's own.
"""

import ipaddress

# Source: IANA, "IPv4 Special-Purpose Address Registry" and "IPv4 Multicast Address Space Registry", 2025.
_V4 = """
    0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
    192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15
    198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
"""
# Source: IANA, "IPv6 Special-Purpose Address Registry", 2025, and RFC 3879, 4291. Those that wrap an IPv4
# address (::ffff:0:0/96, 64:ff9b::/96, 2002::/16) are left out: the wrapped one is looked at.
_V6 = """
    ::/128 ::1/128 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/23 2001:db8::/32 2620:4f:8000::/48 3fff::/20
    5f00::/16 fc00::/7 fe80::/10 fec0::/10 ff00::/8
"""
# Public by their numbers, and yet a cloud's own: Azure answers its machines there.
# Source: Microsoft, "What is IP address 168.63.129.16?".
_CLOUDS = "168.63.129.16/32"

SPECIAL_V4 = tuple(ipaddress.IPv4Network(one) for one in f"{_V4} {_CLOUDS}".split())
SPECIAL_V6 = tuple(ipaddress.IPv6Network(one) for one in _V6.split())


def is_special(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether `address` is one of these."""
    if isinstance(address, ipaddress.IPv4Address):
        return any(address in one for one in SPECIAL_V4)
    return any(address in one for one in SPECIAL_V6)
