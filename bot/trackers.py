"""Which tracker the settings connect: none, or one that is complete; and where its documentation gaps go."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from bot.errors import BadSettings
from bot.settings import Settings
from integrations.trackers.port import Tracker

_NEEDED: Final = {
    "github": ("tracker_repository", "tracker_token"),
    "linear": ("tracker_team", "tracker_token"),
    "jira": ("tracker_site", "tracker_project", "tracker_email", "tracker_token"),
}
_PLACES: Final = {"github": "tracker_repository", "linear": "tracker_team", "jira": "tracker_project"}
_OTHERS: Final = (
    "tracker_repository",
    "tracker_team",
    "tracker_site",
    "tracker_docs",
    "tracker_token",
    "tracker_secret",
)
_SCOPED: Final = "api.atlassian.com"


def build_tracker(settings: Settings) -> Tracker | None:
    """The tracker of the settings. Raises BadSettings that names what is missing, or what would send the token to a
    host that is not the vendor's. Imports no client for none.
    """
    if settings.tracker == "none":
        if any(getattr(settings, name) for name in _OTHERS):
            raise BadSettings(problems="TRACKER: say which one: github, linear or jira")
        return None
    missing = [name.upper() for name in _NEEDED[settings.tracker] if not getattr(settings, name)]
    if missing:
        raise BadSettings(problems=f"{', '.join(missing)}: needed with TRACKER={settings.tracker}")
    assert settings.tracker_token is not None
    secret = settings.tracker_secret.get_secret_value() if settings.tracker_secret else None
    return _BUILD[settings.tracker](settings, settings.tracker_token.get_secret_value(), secret)


def build_docs_tracker(settings: Settings) -> Tracker | None:
    """The same tracker at the place of TRACKER_DOCS, None without one. Raises BadSettings."""
    if settings.tracker == "none" or not settings.tracker_docs:
        return None
    place = _PLACES[settings.tracker]
    if ("/" in settings.tracker_docs) != (settings.tracker == "github"):
        form = "owner/name" if settings.tracker == "github" else "the key alone, as DOCS in DOCS-12"
        raise BadSettings(problems=f"TRACKER_DOCS: use {form}, with TRACKER={settings.tracker}")
    if settings.tracker_docs.lower() == getattr(settings, place).lower():
        raise BadSettings(problems=f"TRACKER_DOCS: it is the same as {place.upper()}; name another or leave it empty")
    return build_tracker(settings.model_copy(update={place: settings.tracker_docs}))


def _github(settings: Settings, token: str, secret: str | None) -> Tracker:
    from integrations.trackers.github import URL, GitHub

    return GitHub(
        settings.tracker_repository,
        token,
        base_url=settings.tracker_api_url or URL,
        secret=secret,
        private_hosts=settings.ids("private_hosts"),
    )


def _linear(settings: Settings, token: str, secret: str | None) -> Tracker:
    from integrations.trackers.linear import URL, Linear

    if settings.tracker_api_url and not _on_this_machine(settings.tracker_api_url):
        raise BadSettings(problems="TRACKER_API_URL: Linear has one address; leave it empty")
    return Linear(settings.tracker_team, token, base_url=settings.tracker_api_url or URL, secret=secret)


def _jira(settings: Settings, token: str, secret: str | None) -> Tracker:
    from integrations.trackers.jira import Jira

    other = settings.tracker_api_url
    scoped = urlsplit(other).hostname == _SCOPED and urlsplit(other).path.startswith("/ex/jira/")
    if other and not scoped and not _on_this_machine(other):
        raise BadSettings(problems=f"TRACKER_API_URL: empty, or https://{_SCOPED}/ex/jira/CLOUD-ID for a scoped token")
    return Jira(
        settings.tracker_site,
        settings.tracker_project,
        settings.tracker_email,
        token,
        issue_type=settings.tracker_issue_type,
        base_url=other or None,
        secret=secret,
    )


_BUILD: Final = {"github": _github, "linear": _linear, "jira": _jira}


def _on_this_machine(url: str) -> bool:
    return urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"}
