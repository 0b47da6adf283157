"""Installing the app by OAuth: the page where somebody allows it, codes that live ten minutes and work once."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from playground.errors import SlackError

if TYPE_CHECKING:
    from playground.slack import Slack

CODE_SECONDS = 600.0


@dataclass(slots=True)
class Grant:
    """What a person allowed, until the app exchanges the code for it."""

    slack: Slack
    user: str
    scopes: tuple[str, ...]
    redirect_uri: str
    born: float
    used: bool = False


class Grants:
    """The app's client credentials and the codes given out for them, over all workspaces."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.client_id, self.client_secret = "1111.2222", "playground-client-secret"
        self.redirect_urls: tuple[str, ...] = ()
        self.rotating = False
        self.organisation = False
        self._grants: dict[str, Grant] = {}

    def asked(self, query: Mapping[str, str]) -> tuple[str, ...]:
        """The scopes that an authorize address asks for. Raises SlackError for what Slack's page refuses to show."""
        if query.get("client_id") != self.client_id:
            raise SlackError("invalid_client_id", status=400)
        target = query.get("redirect_uri", "")
        allowed = any(target.startswith(url) for url in self.redirect_urls) if self.redirect_urls else True
        if not allowed or urlsplit(target).scheme not in {"http", "https"}:
            raise SlackError("bad_redirect_uri", status=400)
        scopes = tuple(filter(None, query.get("scope", "").replace(" ", ",").split(",")))
        if not scopes:
            raise SlackError("invalid_scope_requested", status=400)
        return scopes

    def allow(self, slack: Slack, user: str, query: Mapping[str, str]) -> str:
        """A person allows what an address asks for; where their browser is sent."""
        code = secrets.token_urlsafe(24)
        scopes = self.asked(query)
        self._grants[code] = Grant(slack, user, scopes, query["redirect_uri"], self._clock())
        return _back(query, code=code)

    def cancel(self, query: Mapping[str, str]) -> str:
        self.asked(query)
        return _back(query, error="access_denied")

    def exchange(self, client_id: str, client_secret: str, code: str, redirect_uri: str) -> dict[str, Any]:
        """The answer of oauth.v2.access. Raises SlackError in Slack's words."""
        if client_id != self.client_id:
            raise SlackError("invalid_client_id")
        if client_secret != self.client_secret:
            raise SlackError("bad_client_secret")
        grant = self._grants.get(code)
        if grant is None or self._clock() - grant.born > CODE_SECONDS:
            raise SlackError("invalid_code")
        if grant.used:
            raise SlackError("code_already_used")
        if redirect_uri != grant.redirect_uri:
            raise SlackError("bad_redirect_uri")
        grant.used = True
        return self._installed(grant)

    def _installed(self, grant: Grant) -> dict[str, Any]:
        slack = grant.slack
        slack.install(grant.scopes)
        workspace, credentials = slack.workspace, slack.credentials
        team = None if self.organisation else {"id": workspace.team_id, "name": workspace.name}
        rotation = {"expires_in": 43_200, "refresh_token": "xoxe-1-playground"} if self.rotating else {}
        return {
            "app_id": slack.app.id,
            "authed_user": {"id": grant.user},
            "scope": ",".join(credentials.scopes or grant.scopes),
            "token_type": "bot",
            "access_token": credentials.bot_token,
            "bot_user_id": slack.app.user_id,
            "team": team,
            "enterprise": {"id": "E0PLAYGRND", "name": "Playgrounds"} if self.organisation else None,
            "is_enterprise_install": self.organisation,
            **rotation,
        }


def query_of(url: str) -> dict[str, str]:
    """The arguments of an address."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def _back(query: Mapping[str, str], **told: str) -> str:
    target = query["redirect_uri"]
    state = {"state": query["state"]} if "state" in query else {}
    return f"{target}{'&' if urlsplit(target).query else '?'}{urlencode({**told, **state})}"


def page(app: str, scopes: tuple[str, ...], people: Mapping[str, str]) -> str:
    """What Slack shows before an app is installed; `people` are shown names by "team/user"."""
    choices = "".join(f'<option value="{escape(key)}">{escape(name)}</option>' for key, name in people.items())
    wanted = "".join(f"<li><code>{escape(scope)}</code></li>" for scope in scopes)
    return (
        f'<!doctype html><meta charset="utf-8"><title>{escape(app)}</title>'
        f"<h1>{escape(app)} wants to access a workspace</h1><ul>{wanted}</ul>"
        f'<form method="post"><label>As <select name="who">{choices}</select></label> '
        '<button name="answer" value="allow">Allow</button> <button name="answer" value="cancel">Cancel</button></form>'
    )
