"""The short-lived rights that Slack hands out: trigger ids and response urls."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from playground.errors import SlackError

TRIGGER_SECONDS = 3.0
RESPONSE_SECONDS = 30 * 60
RESPONSE_USES = 5


@dataclass(slots=True)
class Trigger:
    """The right to open one view for one person, for a moment; `view_id` when it was born inside a view."""

    user: str
    born: float
    view_id: str | None = None
    used: bool = False


class Triggers:
    def __init__(self, clock: Callable[[], float], lifetime: float = TRIGGER_SECONDS) -> None:
        self._clock, self._lifetime = clock, lifetime
        self._triggers: dict[str, Trigger] = {}

    def issue(self, user: str, view_id: str | None = None) -> str:
        now = self._clock()
        trigger_id = f"{int(now)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._triggers[trigger_id] = Trigger(user, now, view_id)
        return trigger_id

    def exchange(self, trigger_id: str) -> Trigger:
        """Use a trigger up. Raises SlackError invalid_trigger_id, exchanged_trigger_id or expired_trigger_id."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._clock() - trigger.born > self._lifetime:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger


@dataclass(slots=True)
class ResponseUrl:
    """Where an answer to an interaction goes: 5 uses within 30 minutes.

    `ts` is the message that the interaction came from, `whisper` whether only `user` sees that message.
    """

    user: str
    channel: str
    born: float
    ts: str | None = None
    whisper: bool = False
    uses: int = 0


class ResponseUrls:
    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._urls: dict[str, ResponseUrl] = {}

    def issue(self, user: str, channel: str, ts: str | None = None, *, whisper: bool = False) -> str:
        key = secrets.token_urlsafe(18)
        self._urls[key] = ResponseUrl(user, channel, self._clock(), ts, whisper)
        return key

    def __contains__(self, key: str) -> bool:
        return key in self._urls

    def use(self, key: str) -> ResponseUrl:
        """Count one use. Raises SlackError (status 404) used_url or expired_url."""
        url = self._urls.get(key)
        if url is None or self._clock() - url.born > RESPONSE_SECONDS:
            raise SlackError("expired_url", status=404)
        if url.uses >= RESPONSE_USES:
            raise SlackError("used_url", status=404)
        url.uses += 1
        return url
