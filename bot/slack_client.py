"""The one way to Slack's Web API: a client without hidden retries, and its errors in our words.

slack_sdk's own retry handlers sleep in the calling thread and may send a message twice; the queue retries instead.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.messenger import Refused, TokenDead, TryLater

TIMEOUT_SECONDS = 10
DOWN = frozenset(
    {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
)
#: Slack's words for a token that opens nothing, however often it is shown.
DEAD_TOKENS = frozenset({"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"})
ABOUT_THE_TOKEN = frozenset({"auth.test", "apps.connections.open"})  # whoever asks these wants to know
DEFAULT_WAIT = timedelta(seconds=30)


def build_client(token: SecretStr | str | None, api_url: str) -> WebClient:
    """A Web API client; for an address of this machine it ignores HTTP(S)_PROXY, which slack_sdk always obeys."""
    plain = token.get_secret_value() if isinstance(token, SecretStr) else token
    client = WebClient(token=plain, base_url=api_url, timeout=TIMEOUT_SECONDS, retry_handlers=[])
    if urlsplit(api_url).hostname in {"127.0.0.1", "localhost", "::1"}:
        client.proxy = None
    return client


@contextmanager
def slack_errors(method: str) -> Iterator[None]:
    """Turn what slack_sdk raises into TryLater (Slack is slow, limiting or away, or takes our token no more) or Refused
    (its own error code).
    """
    try:
        yield
    except SlackApiError as error:
        raise _translated(method, error) from error
    except (SlackClientError, http.client.HTTPException, OSError) as error:
        # OSError covers URLError, timeouts, resets and refused connections.
        raise TryLater(f"{method}: {type(error).__name__}") from error


def _translated(method: str, error: SlackApiError) -> TryLater | Refused:
    response: Any = error.response
    status = int(getattr(response, "status_code", 0) or 0)
    code = _code_of(response)
    if status == http.client.TOO_MANY_REQUESTS or code in {"ratelimited", "rate_limited"}:
        return TryLater(f"{method}: ratelimited", _retry_after(response))
    if status >= http.client.INTERNAL_SERVER_ERROR or code in DOWN or not code:
        return TryLater(f"{method}: {code or status}")
    if code in DEAD_TOKENS and method not in ABOUT_THE_TOKEN:
        return TokenDead(method, code)
    return Refused(code, _detail(response))


def _code_of(response: Any) -> str:
    data = getattr(response, "data", response)
    return str(data.get("error") or "") if isinstance(data, dict) else ""


def _retry_after(response: Any) -> timedelta:
    headers = {str(k).lower(): v for k, v in dict(getattr(response, "headers", None) or {}).items()}
    try:
        return timedelta(seconds=max(1, int(headers["retry-after"])))
    except (KeyError, TypeError, ValueError):
        return DEFAULT_WAIT


def _detail(response: Any) -> str:
    """What Slack adds to its code: the missing scope, or the messages about blocks."""
    data = getattr(response, "data", None)
    if not isinstance(data, dict):
        return ""
    if needed := data.get("needed"):
        return f"needed: {needed}"
    told = data.get("errors") or data.get("response_metadata", {}).get("messages") or ()
    return "; ".join(str(line) for line in told)[:300] if isinstance(told, list) else ""
