"""Deliveries that say that a version went out: our own format, or GitHub's `release` and `deployment_status` events.

    {"type": "release.published", "data": {"name": "4.2", "at": "2026-01-03T14:00:00Z"}}

Ours is signed as Standard Webhooks, GitHub's with X-Hub-Signature-256, both with the same secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from integrations.helpdesks import signatures
from integrations.helpdesks.loose import at, line, moment
from integrations.helpdesks.port import Forged, Headers, Nothing, Payload

_LONGEST: Final = 80
_PRODUCTION: Final = frozenset({"production", "prod", "live"})


@dataclass(frozen=True, slots=True)
class WentOut:
    """A version and when it went out."""

    name: str
    at: datetime


class ReleaseWebhook:
    """Whoever releases, by webhook."""

    def __init__(self, secret: str) -> None:
        signatures.standard_key(secret)
        self._secret = secret

    def verify(self, headers: Headers, body: bytes, now: datetime) -> None:
        """Check who sent it, before anything is parsed. Raises Forged."""
        if "x-hub-signature-256" in headers:
            offered = headers["x-hub-signature-256"]
            signatures.hex_of_body(self._secret, offered, body, prefix="sha256=", algorithm="sha256")
        elif "webhook-signature" in headers:
            signatures.standard(self._secret, headers, body, now)
        else:
            raise Forged("it is not signed")

    def read(self, headers: Headers, payload: Payload) -> WentOut | Nothing:
        """What a verified delivery says. Never raises, whatever the JSON holds."""
        if "x-github-event" in headers:
            return _github(headers["x-github-event"], payload)
        if line(payload, "type") != "release.published":
            return Nothing("type must be release.published")
        told = moment(payload, "data", "at") or moment(payload, "timestamp")
        return _went_out(line(payload, "data", "name"), told, "data.at")


def _github(event: str, payload: Payload) -> WentOut | Nothing:
    if event == "release":
        if line(payload, "action") not in {"published", "released"} or at(payload, "release", "draft") is True:
            return Nothing("only releases that are published count")
        told = moment(payload, "release", "published_at")
        return _went_out(line(payload, "release", "tag_name"), told, "release.published_at")
    if event == "deployment_status":
        where = line(payload, "deployment_status", "environment") or line(payload, "deployment", "environment")
        if line(payload, "deployment_status", "state") != "success" or where.lower() not in _PRODUCTION:
            return Nothing("only deployments that reached production count")
        named = line(payload, "deployment", "ref") or line(payload, "deployment", "sha")[:12]
        return _went_out(named, moment(payload, "deployment_status", "created_at"), "deployment_status.created_at")
    return Nothing(f"no use for {event[:40]}")


def _went_out(name: str, told: datetime | None, field: str) -> WentOut | Nothing:
    if not name or len(name) > _LONGEST:
        return Nothing(f"the name of the version is missing or longer than {_LONGEST} characters")
    if told is None:
        return Nothing(f"{field} must be a time with its zone, for example 2026-01-12T09:00:00Z")
    return WentOut(name, told)
