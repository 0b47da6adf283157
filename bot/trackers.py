"""Which tracker the settings connect: none, or one that is complete."""

from __future__ import annotations

from bot.errors import BadSettings
from bot.settings import Settings
from integrations.trackers.port import Tracker

_NEEDED = ("tracker_repository", "tracker_token")


def build_tracker(settings: Settings) -> Tracker | None:
    """The tracker of the settings. Raises BadSettings that names what is missing."""
    missing = [name.upper() for name in _NEEDED if not getattr(settings, name)]
    if settings.tracker_repository and settings.tracker_token is not None:
        from integrations.trackers.github import GitHub

        secret = settings.tracker_secret.get_secret_value() if settings.tracker_secret else None
        token = settings.tracker_token.get_secret_value()
        return GitHub(settings.tracker_repository, token, base_url=settings.tracker_api_url, secret=secret)
    if len(missing) < len(_NEEDED) or settings.tracker_secret is not None:
        raise BadSettings(problems=f"{', '.join(missing)}: needed with the rest of the tracker's settings")
    return None
