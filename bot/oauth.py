"""Installing the app from a browser: to Slack with a state of ours, back with a code, and the token is sealed and kept.

The state is a word that only we can have made, ten minutes old at most, bound to the browser by a cookie and used once.
It is written down when it comes back and not before, so that nobody fills the database by asking for pages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote

import structlog
from slack_sdk import WebClient
from slack_sdk.oauth import AuthorizeUrlGenerator, OAuthStateUtils

from bot import oauth_pages as pages
from bot.bearer import Rate
from bot.deps import Deps
from bot.errors import SlackRefused
from bot.flows import installing
from bot.installations import Identity, who_am_i
from bot.messenger import Refused, TryLater
from bot.oauth_pages import Page
from bot.scopes import OPTIONAL, SCOPES
from bot.sealing import Seal
from bot.slack_client import build_client, slack_errors
from storage import installations
from storage.installations import Granted

log = structlog.get_logger(__name__)

INSTALL, REDIRECT = "/slack/install", "/slack/oauth_redirect"
STATE_LIVES: Final = timedelta(minutes=10)
PER_MINUTE: Final = 60  # pages of a process; each that comes back with a state costs Slack a call


@dataclass(frozen=True, slots=True)
class Leave:
    """Go to Slack, with the cookie that knows this browser again."""

    url: str
    cookie: str


class OAuth:
    """The two steps of an installation. `seconds` until the next may be asked for are told by `wait`."""

    def __init__(self, deps: Deps, seal: Seal, wake: Callable[[], None]) -> None:
        settings = deps.settings
        self._deps, self._seal, self._wake = deps, seal, wake
        self._secret = settings.slack_client_secret.get_secret_value() if settings.slack_client_secret else ""
        self._client = build_client(None, settings.slack_api_url)
        self._return = f"{settings.public_url}{REDIRECT}"
        self._cookies = OAuthStateUtils(expiration_seconds=int(STATE_LIVES.total_seconds()))
        self._rate = Rate(PER_MINUTE, deps.clock)
        self._to_slack = AuthorizeUrlGenerator(
            client_id=settings.slack_client_id,
            redirect_uri=quote(self._return, safe=""),
            scopes=sorted({*SCOPES, *OPTIONAL}),
            authorization_url=settings.slack_api_url.removesuffix("api/") + "oauth/v2/authorize",
        )

    @property
    def forget_cookie(self) -> str:
        return self._cookies.build_set_cookie_for_deletion()

    def wait(self) -> int:
        """0 when a page may be asked for now, else the seconds until then."""
        return self._rate.wait()

    def begin(self) -> Leave:
        """Where to send the browser."""
        state = self._seal.ticket(self._deps.clock.now())
        return Leave(self._to_slack.generate(state), self._cookies.build_set_cookie_for_new_state(state))

    def finish(self, query: Mapping[str, str], cookie: str) -> Page:
        """What came back from Slack. Every end is a page; only one of them stores something."""
        if error := query.get("error"):
            return pages.cancelled() if error == "access_denied" else pages.refused(error)
        state, code = query.get("state", ""), query.get("code", "")
        if not state or not self._cookies.is_valid_browser(state, {"cookie": [cookie]}):
            return pages.other_browser()
        if not self._used(state):
            return pages.stale()
        if not code:
            return pages.refused("no code")
        try:
            return self._installed(code)
        except (Refused, SlackRefused) as refused:
            log.warning("not_installed", reason=str(refused))
            return pages.refused(refused.code if isinstance(refused, Refused) else "the token does not work")
        except TryLater as later:
            log.warning("not_installed", reason=str(later))
            return pages.away()

    def _used(self, state: str) -> bool:
        """Whether the state is ours, fresh, and comes back for the first time."""
        now = self._deps.clock.now()
        if not self._seal.is_fresh(state, now, STATE_LIVES):
            return False
        digest = hashlib.sha256(state.encode()).hexdigest()
        with self._deps.db.write() as session:
            return installations.use_state(session, digest, now, kept=2 * STATE_LIVES)

    def _installed(self, code: str) -> Page:
        """Exchange the code and keep what it gave. Raises Refused, SlackRefused or TryLater."""
        settings = self._deps.settings
        with slack_errors("oauth.v2.access"):
            answer: Any = self._client.oauth_v2_access(
                client_id=settings.slack_client_id,
                client_secret=self._secret,
                code=code,
                redirect_uri=self._return,
            )
        token = str(answer.get("access_token") or "")
        client = build_client(token, settings.slack_api_url)
        if unwanted := _unwanted(answer, settings.ids("slack_teams")):
            _give_back(client)
            return unwanted
        here = who_am_i(client)
        granted = self._granted(answer, here, token)
        installing.install(self._deps, here, granted)
        self._wake()
        return pages.welcome(here.name, here.url, missing=sorted(set(SCOPES) - granted.scopes))

    def _granted(self, answer: Any, here: Identity, token: str) -> Granted:
        return Granted(
            here.name,
            here.url,
            str(answer.get("app_id") or ""),
            here.bot_user,
            here.bot_id,
            frozenset(filter(None, str(answer.get("scope") or "").split(","))),
            self._seal.seal(token, about=here.team),
            str((answer.get("authed_user") or {}).get("id") or ""),
            (answer.get("enterprise") or {}).get("id"),
        )


def _unwanted(answer: Any, allowed: frozenset[str]) -> Page | None:
    """Why this installation cannot be taken, if it cannot."""
    team = str((answer.get("team") or {}).get("id") or "")
    if answer.get("is_enterprise_install") or not team:
        return pages.whole_organisation()
    if answer.get("expires_in") or answer.get("token_type") != "bot":
        return pages.rotating()
    return pages.not_invited() if allowed and team not in allowed else None


def _give_back(client: WebClient) -> None:
    """A token that we may not keep: it must not live on with nobody knowing it."""
    try:
        with slack_errors("auth.revoke"):
            client.auth_revoke()
    except (Refused, TryLater) as error:
        log.warning("token_not_given_back", reason=str(error))
