"""The pages that end an installation: what happened, and what to do now. No scripts, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

HEADERS: Final = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
_STYLE: Final = "body{font:16px/1.5 system-ui,sans-serif;max-width:38em;margin:4em auto;padding:0 1em;color:#1d1c1d}"
_AGAIN: Final = '<a href="/slack/install">Install it again</a>.'


@dataclass(frozen=True, slots=True)
class Page:
    """A whole page and its HTTP status."""

    html: str
    status: int = 200


def _page(title: str, *paragraphs: str, status: int) -> Page:
    """`paragraphs` are HTML: whatever came from outside is escaped by who writes it in."""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    return Page(
        f'<!doctype html><html lang="en"><head>{head}</head><body><h1>{escape(title)}</h1>{body}</body>', status
    )


def welcome(team: str, url: str, *, missing: Sequence[str]) -> Page:
    """It is installed; what comes next, and what it may not do."""
    lacks = [
        f"Slack did not grant {escape(', '.join(missing))}. What needs it will not work: ask whoever manages the app to add "
        f"it under OAuth &amp; Permissions, then install it again."
    ]
    return _page(
        f"Ticket Intel is in {team}",
        "Type <code>/invite @Ticket Intel</code> in a support channel: it asks what the channel is for and reads nothing "
        "before you have chosen. If it was here before and was taken out, it has to be invited again; what was said "
        "meanwhile is then read.",
        "Alerts go to its administrators alone until one of them types "
        "<code>/ticket-intel settings alerts live</code>. If nobody was administrator here, you are.",
        *(lacks if missing else []),
        f'<a href="{escape(url)}">Back to Slack</a>' if url.startswith(("https://", "http://127.0.0.1")) else "",
        status=200,
    )


def cancelled() -> Page:
    return _page("Nothing was installed", f"You cancelled it in Slack. {_AGAIN}", status=200)


def refused(reason: str) -> Page:
    return _page("It was not installed", f"Slack said: {escape(reason[:80])}. {_AGAIN}", status=400)


def other_browser() -> Page:
    told = "This page belongs to an installation that was begun in another browser, or cookies are off here."
    return _page("It was not installed", f"{told} {_AGAIN}", status=400)


def stale() -> Page:
    told = "This installation was begun more than ten minutes ago, or was finished before."
    return _page("It was not installed", f"{told} {_AGAIN}", status=400)


def away() -> Page:
    return _page("It was not installed", f"Slack did not answer. Wait a minute. {_AGAIN}", status=503)


def whole_organisation() -> Page:
    told = "Ticket Intel is installed in one workspace at a time, not in a whole organisation. Choose one workspace."
    return _page("It was not installed", f"{told} {_AGAIN}", status=400)


def rotating() -> Page:
    told = (
        "The app gave out another kind of token than a lasting bot token. Token rotation must be off in its settings "
        "(<code>token_rotation_enabled: false</code> in the manifest)."
    )
    return _page("It was not installed", told, status=400)


def not_invited() -> Page:
    told = (
        "This workspace is not among those that may install it. Ask whoever runs Ticket Intel to add it to SLACK_TEAMS."
    )
    return _page("It was not installed", told, status=403)


def too_many(seconds: int) -> Page:
    told = f"Too many installations at once. Try again in {seconds} seconds."
    return _page("One moment", told, status=429)
