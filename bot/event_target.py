"""Where events go, if the settings say so."""

from __future__ import annotations

from bot.errors import BadSettings
from bot.settings import Settings
from integrations.events import EventTarget


def build_events(settings: Settings) -> EventTarget | None:
    """The endpoint of the settings, None without one. Raises BadSettings without its secret: unsigned events are not
    sent.
    """
    if not settings.events_url:
        return None
    if settings.events_secret is None:
        raise BadSettings(problems="EVENTS_SECRET: it is needed with EVENTS_URL, so that the receiver knows who sends")
    secret = settings.events_secret.get_secret_value()
    return EventTarget(settings.events_url, secret, private_hosts=settings.ids("private_hosts"))
