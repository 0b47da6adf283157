"""Whom outgoing connections trust."""

from __future__ import annotations

import ssl
from functools import cache

import httpx2


@cache
def trusted(*, environment: bool = True) -> ssl.SSLContext:
    """The certificates of this machine, or those that SSL_CERT_FILE and SSL_CERT_DIR name unless `environment` is false.

    Read once for all clients: reading them is most of the time that it takes to build one.
    """
    return httpx2.create_ssl_context(trust_env=environment)
