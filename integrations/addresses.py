"""Which addresses a setting may name: the one rule for events, trackers, helpdesks and the model.

A host leads to the open internet, or it is this machine and named as such, or the operator listed it as private
(PRIVATE_HOSTS). Nobody's choice leads to a link-local address or to where a cloud hands out its machine's credentials.
`outgoing.py` calls by it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
#: Where clouds answer their machines: beside link-local 169.254.169.254 these, one of which is a public address.
_METADATA: Final = frozenset(map(ipaddress.ip_address, ("fd00:ec2::254", "100.100.100.200", "168.63.129.16")))


def allowed(host: str, private_hosts: Collection[str]) -> frozenset[str]:
    """The hosts that may be in a private network: the listed ones, and this machine where the address names it."""
    return frozenset(one.lower() for one in private_hosts) | (THIS_MACHINE & {host.lower()})


def problem_of(url: str, private_hosts: Collection[str] = ()) -> str | None:
    """What is wrong with a configured address, None if nothing is: credentials and words of customers go there."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "it is no address"
    if parts.scheme not in {"https", "http"} or not host or "@" in parts.netloc:
        return "use an https:// address without a user name"
    if parts.fragment:
        return "use an address without #"
    if parts.scheme == "http" and host.lower() not in allowed(host, private_hosts):
        return f"use https://, or list {host} in PRIVATE_HOSTS if it is in your own network"
    return None


def refusal(host: str, addresses: Collection[str], private: Collection[str]) -> str | None:
    """Why a host with these addresses may not be called; None if every one of them may. `private` as of `allowed`."""
    for address in addresses:
        ip = _ip(address)
        if any(map(_never, (ip, *_wrapped(ip)))):
            return f"{host} is at {address}, where no service of yours or of a vendor can be"
        if not is_public(address) and host.lower() not in private:
            return f"{host} is in a private network; list it in PRIVATE_HOSTS to allow that"
    return None


def literal(host: str) -> list[str]:
    """The host itself where it is written as an address; nothing for a name."""
    try:
        _ip(host)
    except ValueError:
        return []
    return [host]


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet; IPv4 wrapped in IPv6 is judged by what it wraps."""
    ip = _ip(address)
    return all(one.is_global and not one.is_multicast and not _never(one) for one in (ip, *_wrapped(ip)))


def _never(ip: Address) -> bool:
    return ip.is_link_local or ip.is_unspecified or ip.is_multicast or ip in _METADATA


def _ip(address: str) -> Address:
    return ipaddress.ip_address(address.partition("%")[0])


def _wrapped(ip: Address) -> list[Address]:
    if isinstance(ip, ipaddress.IPv4Address):
        return []
    inner: list[Address | None] = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
    inner += [ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)] if ip in _NAT64 else []
    return [one for one in inner if one is not None]
