"""slack_sdk reads proxy settings and ignores NO_PROXY: whoever talks to a playground must do without them."""

from __future__ import annotations

from collections.abc import MutableMapping

PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


def remove_proxies(environ: MutableMapping[str, str]) -> list[str]:
    """Take the proxy variables out of an environment, before any client is built; returns the names removed."""
    return [name for name in PROXY_VARIABLES if environ.pop(name, None) is not None]
