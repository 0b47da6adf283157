"""The Web API: one function a method, found by name."""

from __future__ import annotations

from typing import Any

from playground.errors import SlackError
from playground.slack import Slack
from playground.web_api import auth, chat, conversations, files, reactions, streams, users, views
from playground.web_api.registry import METHODS, Args

__all__ = ["METHODS", "answer", "authorize"]

#: The families, imported for the methods that they register.
FAMILIES = (auth, chat, conversations, files, reactions, streams, users, views)


def authorize(slack: Slack, method: str, token: str) -> None:
    """Raises SlackError for a missing, wrong, revoked or swapped token, and for a missing scope."""
    credentials = slack.credentials
    if method not in METHODS:
        raise SlackError("unknown_method", req_method=method)
    if not METHODS[method].tokens:
        return  # it brings other credentials
    if not token:
        raise SlackError("not_authed")
    if token in credentials.revoked:
        raise SlackError("token_revoked")
    if token not in (credentials.bot_token, credentials.app_token):
        raise SlackError("invalid_auth")
    kind = "app" if token == credentials.app_token else "bot"
    if kind not in METHODS[method].tokens:
        raise SlackError("not_allowed_token_type")
    if kind == "bot":
        slack.require_scopes(METHODS[method].scopes)


def answer(slack: Slack, method: str, args: dict[str, Any], token: str) -> dict[str, Any]:
    """The reply to an authorized call. Raises SlackError."""
    authorize(slack, method, token)
    with slack.workspace.lock:
        return {"ok": True, **METHODS[method].handler(slack, Args(args))}
