"""Calls to an address that a setting names, by the rule of `addresses.py`.

A host is resolved once, every address it has is checked, and the connection goes to a checked one: a name that answers
differently a second later (DNS rebinding) leads nowhere. Redirects are not followed.

A proxy of the environment (HTTPS_PROXY) resolves names itself: then its own rules hold, and only what is written as an
address can be checked here.
"""

from __future__ import annotations

import socket
import ssl
import urllib.request
from collections.abc import Callable, Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx2

from integrations.addresses import allowed, literal, refusal
from integrations.tls import trusted

Resolve = Callable[[str, int], list[str]]


class AddressRefused(httpx2.ConnectError):
    """The host leads where we do not call: its sentence says which host, and what allows it."""


def client(
    url: str,
    *,
    private_hosts: Collection[str] = (),
    proxied: bool = True,
    resolve: Resolve | None = None,
    **more: Any,
) -> httpx2.Client:
    """A client for one configured address. `more` goes to httpx2.Client.

    Its requests raise httpx2.HTTPError, of which AddressRefused is one. `proxied` lets a proxy of the environment take
    them, and its certificates be trusted.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    private = allowed(host, private_hosts)
    proxy = _proxy(parts.scheme, host) if proxied and refusal(host, literal(host), private) is None else None
    if proxy is not None:
        return httpx2.Client(proxy=proxy, verify=trusted(), trust_env=False, follow_redirects=False, **more)
    pinned = PinnedTransport(private, resolve or addresses_of, verify=trusted(environment=proxied))
    return httpx2.Client(transport=pinned, trust_env=False, follow_redirects=False, **more)


def _proxy(scheme: str, host: str) -> str | None:
    found = urllib.request.getproxies()
    return None if urllib.request.proxy_bypass(host) else found.get(scheme) or found.get("all")


def addresses_of(host: str, port: int) -> list[str]:
    """Every address of a host. Raises AddressRefused where it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressRefused(f"{host} has no address") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class PinnedTransport(httpx2.HTTPTransport):
    """Connects to a checked address of the host, with the host's name in TLS and in the Host header."""

    def __init__(self, private: Collection[str], resolve: Resolve = addresses_of, *, verify: ssl.SSLContext) -> None:
        super().__init__(verify=verify)
        self._private, self._resolve = private, resolve

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """As the parent's. Raises AddressRefused, or the last address's ConnectError."""
        url = request.url
        addresses = self._resolve(url.host, url.port or (443 if url.scheme == "https" else 80))
        if problem := refusal(url.host, addresses, self._private):
            raise AddressRefused(problem)
        *others, last = addresses
        for address in others:
            try:
                return super().handle_request(_at(request, address))
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                continue  # nothing was sent: the next address is tried
        return super().handle_request(_at(request, last))


def _at(request: httpx2.Request, address: str) -> httpx2.Request:
    name: Mapping[str, Any] = {"sni_hostname": request.url.host}
    return httpx2.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, **name},
    )
