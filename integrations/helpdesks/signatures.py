"""Proof of who sent a delivery: HMACs compared in constant time, and how old they may be."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Final

from integrations.helpdesks.port import Forged, Headers

TOLERANCE: Final = timedelta(minutes=5)  # the value of the Standard Webhooks specification
_PREFIX: Final = "whsec_"
_MOST_SIGNATURES: Final = 16  # a sender that rotates its secret sends two


def standard_key(secret: str) -> bytes:
    """The key in a Standard Webhooks secret, "whsec_" and base64 of 24 to 64 bytes. Raises ValueError."""
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("the secret is whsec_ followed by base64") from error
    if not 24 <= len(key) <= 64:
        raise ValueError("the secret is whsec_ followed by base64 of 24 to 64 random bytes")
    return key


def standard(secret: str, headers: Headers, body: bytes, now: datetime) -> str:
    """Check a Standard Webhooks delivery; its message id. https://www.standardwebhooks.com, "v1" (HMAC-SHA256) only."""
    message, told = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message or len(message) > 256 or not told.isascii() or not told.isdigit() or len(told) > 12:
        raise Forged("webhook-id or webhook-timestamp is missing or malformed")
    fresh(datetime.fromtimestamp(int(told), UTC), now)
    signed = b".".join((message.encode("utf-8", "replace"), told.encode(), body))
    right = base64.b64encode(hmac.digest(standard_key(secret), signed, "sha256"))
    offered = headers.get("webhook-signature", "").split(" ")[:_MOST_SIGNATURES]
    if not any(same(right, value.removeprefix("v1,")) for value in offered if value.startswith("v1,")):
        raise Forged("no signature fits")
    return message


def fresh(told: datetime, now: datetime) -> None:
    """Raise Forged for a time further than the tolerance from now, past or future."""
    if abs(now - told) > TOLERANCE:
        raise Forged("signed too long ago, or in the future")


def hex_of_body(secret: str, offered: str, body: bytes, *, prefix: str, algorithm: str) -> str:
    """Check `prefix` + hex HMAC of the body, as GitHub and Intercom sign; the body's digest, which makes it once."""
    right = prefix + hmac.new(secret.encode(), body, algorithm).hexdigest()
    if not same(right.encode(), offered):
        raise Forged("the signature does not fit")
    return hashlib.sha256(body).hexdigest()


def same(right: bytes, offered: str) -> bool:
    """Compare in constant time; a header may hold anything."""
    return hmac.compare_digest(right, offered.encode("utf-8", "replace"))
